"""The name of a process among those that may send: machine, process id, and something of its own."""

import os
import socket
from uuid import uuid4


def make_owner() -> str:
    """A name for this process."""
    return f"{socket.gethostname()}:{os.getpid()}:{uuid4().hex[:8]}"


def is_dead(owner: str) -> bool:
    """Whether it is sure that the process is no more; of another machine's nothing is sure."""
    machine, _, rest = owner.rpartition(":")[0].rpartition(":")
    if machine != socket.gethostname() or not rest.isdecimal():
        return False
    try:
        os.kill(int(rest), 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False  # it lives and belongs to another user
    return False
