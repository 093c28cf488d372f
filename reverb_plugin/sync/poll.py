"""Reading the orders that changed on Reverb, page by page; a quiet look costs one request."""

from datetime import timedelta

from reverb_plugin.changes import Action, orders_changed
from reverb_plugin.errors import NotFoundError, OrderError, RefusedError, UnexpectedLinkError
from reverb_plugin.settings import OrderMode
from reverb_plugin.store.store import Done, Settlement
from reverb_plugin.sync.attempt import Attempt
from reverb_plugin.sync.order_rules import first_day, make_rules, row_of
from reverb_plugin.sync.recording import find_skew
from reverb_plugin.sync.tools import Tools

REFUNDS_SECONDS = 3600.0
QUIET_REFUNDS_SECONDS = 86_400.0
"""How often the requests for money back are read, while orders change and while they do not."""


def poll_orders(tools: Tools, attempt: Attempt) -> Settlement:
    """Reads the next page of what changed; behind the last one, now and then, who wants money back."""
    attempt.action = Action.POLL
    if tools.settings.orders is OrderMode.OFF or attempt.job.key != tools.store.environment:
        return Settlement(Done(), None)
    store = tools.store.orders
    poll = store.begin_poll(first_day(tools.settings), find_skew(tools.store))
    try:
        page = tools.client.get_order_page(min(poll.from_at, tools.clock.now()), poll.next_link)
    except (NotFoundError, RefusedError, UnexpectedLinkError) as error:
        if poll.next_link is None:
            raise
        store.restart_poll()
        message = f"The next page of orders cannot be read ({error.message}). Another look begins at the first."
        raise OrderError(message) from error
    rules = make_rules(tools.host, tools.settings, poll.counts_from)
    next_link = page.next_link if page.next_link != poll.next_link else None  # a page that leads to itself is the last
    store.keep_page(poll, list(map(row_of, page.orders)), next_link, rules.merge)
    if next_link is not None:  # a job of its own: what went wrong with this page does not count for the next
        return Settlement(Done(), None, follow_up=orders_changed(attempt.job.key))
    _read_refund_requests(tools, REFUNDS_SECONDS if page.orders else QUIET_REFUNDS_SECONDS)
    if tools.settings.orders is OrderMode.SHIPMENTS:
        tools.store.queue_shipments()
    return Settlement(Done(), None)


def _read_refund_requests(tools: Tools, every_seconds: float) -> None:
    """They need a person's answer, not ours. With no order at all nobody can want money back."""
    poll = tools.store.orders.find_poll()
    last_at = None if poll is None else poll.refunds_read_at
    if last_at is not None and last_at + timedelta(seconds=every_seconds) > tools.clock.now():
        return
    if not tools.store.orders.page(limit=1):
        return
    requests = tools.client.get_open_refund_requests()
    tools.store.orders.keep_refund_requests(request.order_number for request in requests)
