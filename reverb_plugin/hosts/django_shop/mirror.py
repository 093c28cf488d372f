"""What the plugin itself does in the shop must not be told to the plugin as news from the shop."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

_mirror = threading.local()


@contextmanager
def mirroring() -> Iterator[None]:
    """Meanwhile this thread repeats in the shop what happened on Reverb."""
    before, _mirror.is_on = is_mirroring(), True
    try:
        yield
    finally:
        _mirror.is_on = before


def is_mirroring() -> bool:
    """Whether what happens in this thread happened on Reverb before."""
    return getattr(_mirror, "is_on", False)
