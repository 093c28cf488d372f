"""Orders on Reverb: whether they are read."""

from reverb_plugin.changes import Kind
from reverb_plugin.diagnostics.check import Check, Repair
from reverb_plugin.diagnostics.checks.account import ACCEPTED
from reverb_plugin.diagnostics.finding import MootError, Verdict, failed, passed
from reverb_plugin.diagnostics.scene import Scene
from reverb_plugin.settings import OrderMode
from reverb_plugin.texts import DAY, duration

CAUSES = (*ACCEPTED, "scopes-missing", "unreachable", "worker-thread")


def _unread(scene: Scene) -> Verdict:
    if scene.settings.orders is OrderMode.OFF:
        raise MootError("the setting orders is off")
    trouble = scene.store.find_trouble(Kind.POLL_ORDERS, scene.store.environment)
    if trouble is not None and trouble.is_parked:
        return failed(f"Orders are not read any more: {trouble.message}.", "Put that right, then have it tried again.")
    poll = scene.store.orders.find_poll()
    last_at = poll.last_began_at if poll is not None else None
    first_at = last_at or (poll.since_at if poll is not None else None) or scene.store.checks.settings_saved_at()
    age = 0.0 if first_at is None else (scene.clock.now() - first_at).total_seconds()
    if age > DAY:
        said = f" ({trouble.message})" if trouble is not None else ""
        last = "never" if last_at is None else f"not for {duration(age)}"
        return failed(f"The orders on Reverb were {last} read{said}.", "Have a worker run, and the orders read now.")
    return passed("The orders are read." if last_at is not None else "The orders are about to be read.")


def _read_now(scene: Scene) -> str:
    scene.store.retry(scene.store.environment)
    scene.store.orders.ask_for_poll()
    return "The orders are read as soon as a worker runs."


CHECKS = (Check("orders-unread", "Reading of orders", _unread, CAUSES, Repair("Read them now", _read_now)),)
