"""Whether what a person starts on the page is sent: some process has to do it, and Reverb has to let it."""

from dataclasses import dataclass

from reverb_plugin.admin.desk import Desk
from reverb_plugin.store.store import QueueStatus
from reverb_plugin.sync.remote import decide_gate

BUSY_SECONDS, IDLE_SECONDS = 3, 15


@dataclass(frozen=True, slots=True)
class Sending:
    """``is_alive`` when some process sends; ``cause`` says what keeps it from sending, empty when nothing does."""

    is_alive: bool
    cause: str
    needs_a_person: bool


def find_sending(desk: Desk) -> Sending:
    """How sending stands now; two queries."""
    store = desk.store
    gate = decide_gate(store.get_remote_state(), desk.settings.token, desk.clock.now().timestamp())
    is_alive = desk.has_live_worker or store.find_sender() is not None
    return Sending(is_alive, gate.cause, gate.needs_a_person)


def refresh_seconds(queue: QueueStatus) -> int:
    """After how many seconds a page is looked at again: sooner while something is sent."""
    return BUSY_SECONDS if queue.pending + queue.leased else IDLE_SECONDS
