"""The name of a process among those that may send: machine, process id, and something of its own."""

import os
import socket
from pathlib import Path
from uuid import uuid4


def make_owner() -> str:
    """A name for this process."""
    return f"{socket.gethostname()}:{os.getpid()}:{uuid4().hex[:8]}"


def is_dead(owner: str) -> bool:
    """Whether it is sure that the process is no more; of another machine's nothing is sure."""
    pid = pid_of(owner)
    return pid is not None and not is_running(pid)


def pid_of(owner: str) -> int | None:
    """The process's number; None when it is one of another machine."""
    machine, _, rest = owner.rpartition(":")[0].rpartition(":")
    return int(rest) if machine == socket.gethostname() and rest.isdecimal() else None


def is_stopped(pid: int) -> bool:
    """Whether the process does nothing until it is told to go on, as far as the operating system tells."""
    try:
        words = Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()
    except OSError:
        return False
    return words[0] in {"T", "t"}


def is_running(pid: int) -> bool:
    """Whether there is a process of this number on this machine."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True  # it belongs to another user
    return True
