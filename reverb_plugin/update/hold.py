"""Nobody sends meanwhile: the right to send is taken, and kept until the end."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from reverb_plugin.clock import Clock
from reverb_plugin.errors import StoreError
from reverb_plugin.store.store import Store
from reverb_plugin.sync.owner import is_dead, make_owner
from reverb_plugin.sync.worker import HOUSEKEEPING_SECONDS, SENDER_SECONDS
from reverb_plugin.version import __version__

FINISH_SECONDS = HOUSEKEEPING_SECONDS + 5.0
"""How soon a sender learns that it may send no longer, and has mostly ended what is under way."""

LOOK_SECONDS = 0.1


@contextmanager
def held(store: Store, clock: Clock) -> Iterator[None]:
    """Takes the right to send from the process that has it and waits a while for what that has begun.

    A request that takes still longer is ended by that process as always; it does no harm.

    Raises:
        StoreError: the database cannot be used.
    """
    owner = make_owner()
    before = store.find_sender()
    store.seize_sender(owner, __version__, SENDER_SECONDS)
    over = threading.Event()
    keeper = threading.Thread(target=_keep, args=(store, owner, over), name="reverb-plugin-hold", daemon=True)
    keeper.start()
    try:
        if before is not None and not is_dead(before.owner):
            _wait_until_idle(store, clock)
        yield
    finally:
        over.set()
        keeper.join()
        with suppress(StoreError):  # then it runs out by itself
            store.give_up_sender(owner)


def _keep(store: Store, owner: str, over: threading.Event) -> None:
    while not over.wait(HOUSEKEEPING_SECONDS):
        with suppress(StoreError):
            store.claim_sender(owner, __version__, SENDER_SECONDS)


def _wait_until_idle(store: Store, clock: Clock) -> None:
    ends_at = clock.monotonic() + FINISH_SECONDS
    while clock.monotonic() < ends_at and store.queue_status().leased:
        clock.sleep(LOOK_SECONDS)
