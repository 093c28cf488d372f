"""Orders on Reverb: whether they are read."""

from reverb_plugin.changes import Kind
from reverb_plugin.diagnostics.check import Check, Repair, known_problem
from reverb_plugin.diagnostics.checks.account import ACCEPTED
from reverb_plugin.diagnostics.finding import MootError, Verdict, failed, passed
from reverb_plugin.diagnostics.scene import Scene
from reverb_plugin.health import UNREAD_SECONDS
from reverb_plugin.settings import OrderMode
from reverb_plugin.texts import duration

CAUSES = (*ACCEPTED, "scopes-missing", "unreachable", "worker-thread")


def _unread(scene: Scene) -> Verdict:
    if scene.settings.orders is OrderMode.OFF:
        raise MootError("the setting orders is off")
    problem = scene.find_problem("orders-unread")
    if problem is not None:
        return failed(f"{problem.title}.", f"Have a worker run, and the orders read now. {problem.text}")
    trouble = scene.store.find_trouble(Kind.POLL_ORDERS, scene.store.environment)
    if trouble is not None and trouble.is_parked:
        return failed(f"Orders are not read any more: {trouble.message}.", "Put that right, then have it tried again.")
    poll = scene.store.orders.find_poll()
    if poll is not None and poll.last_began_at is not None:
        return passed("The orders are read.")
    first_at = poll.since_at if poll is not None else scene.store.checks.settings_saved_at()
    age = 0.0 if first_at is None else (scene.clock.now() - first_at).total_seconds()
    if age > UNREAD_SECONDS:
        said = f" ({trouble.message})" if trouble is not None else ""
        cause = f"The orders on Reverb were never read in {duration(age)}{said}."
        return failed(cause, "Have a worker run, and the orders read now.")
    return passed("The orders are about to be read.")


def _read_now(scene: Scene) -> str:
    scene.store.retry(scene.store.environment)
    scene.store.orders.ask_for_poll()
    return "The orders are read as soon as a worker runs."


CHECKS = (
    Check("orders-unread", "Reading of orders", _unread, CAUSES, Repair("Read them now", _read_now)),
    Check("orders-failing", "Work on orders", known_problem("orders-failing", "Nothing about an order fails."), CAUSES),
    Check(
        "orders-ask",
        "Orders that ask",
        known_problem(
            "orders-ask", "No order asks a person for something.", "See what each asks for: `reverb-plugin orders`."
        ),
    ),
)
