"""A mass sync or drift check, step by step: read a page of listings, compare a piece of the catalogue, feed the outbox.

Each step is a short job of the lowest priority that queues itself again, so that a product saved meanwhile goes first,
a pause takes effect at once, and a killed process loses one step at the most.
"""

from dataclasses import replace

from reverb_plugin.changes import step_of_run
from reverb_plugin.settings import Edits, OrderMode
from reverb_plugin.store import runs
from reverb_plugin.store.run_store import Compared
from reverb_plugin.store.runs import Run
from reverb_plugin.store.store import Done, Settlement
from reverb_plugin.sync.attempt import Attempt
from reverb_plugin.sync.compare import compare_piece, kept, listing_of, row_values
from reverb_plugin.sync.drift import DriftKind, find_extra
from reverb_plugin.sync.plan import decide_brake, plan_leftover
from reverb_plugin.sync.tools import Tools

FEED_AGAIN_SECONDS = 1.0
LEFTOVERS_AT_ONCE = 500


def run_step(tools: Tools, attempt: Attempt) -> Settlement:
    """The next step of the run whose number is the job's key.

    The step behind it is a job of its own: what stood in the way of this one does not count against the next.
    """
    run = tools.store.runs.find(int(attempt.job.key))
    if run is None:
        return Settlement(Done(), None)
    match run.state:
        case runs.READING:
            _read_page(tools, run)
        case runs.COMPARING:
            _compare(tools, run)
        case runs.APPLYING:
            if tools.store.runs.feed(run.id):
                return Settlement(Done(), None, follow_up=step_of_run(run.id, FEED_AGAIN_SECONDS))
            tools.store.runs.change_state(run.id, runs.DONE)
            return Settlement(Done(), None)
        case _:
            return Settlement(Done(), None)
    return Settlement(Done(), None, follow_up=step_of_run(run.id))


def _read_page(tools: Tools, run: Run) -> None:
    page = tools.client.get_page(run.next_link)
    tools.store.runs.keep_page(run, [kept(listing) for listing in page.listings], page.next_link, page.total)


def _compare(tools: Tools, run: Run) -> None:
    """The next piece of the catalogue; behind the last one, the listings that belong to no product."""
    gap = (run.listings_total or 0) - tools.store.runs.count_listings(run.id)
    compared = replace(compare_piece(tools, run, asks=gap > 0), message=_about_gap(run, gap))
    _look_at_edits(tools, run, compared)
    if not compared.is_last:
        tools.store.runs.keep_compared(run, compared)
        return
    tools.store.runs.match(run.id, compared.matched)
    _keep_leftovers(tools, run)
    brake = None if run.kind == runs.DRIFT_CHECK else _brake(tools, run, compared)
    may_apply = run.apply_when_planned and (run.confirmed or brake is None)
    state = runs.APPLYING if may_apply else runs.PLANNED
    tools.store.runs.keep_compared(run, replace(compared, state=state, brake=brake))
    tools.store.runs.trim(tools.settings.log_retention_days)


def _look_at_edits(tools: Tools, run: Run, compared: Compared) -> None:
    """A drift check writes nothing on Reverb; what a person changed there goes to the shop, if that is wanted."""
    settings = tools.settings
    if run.kind != runs.DRIFT_CHECK or settings.orders is OrderMode.OFF or settings.reverb_edits is not Edits.TAKE:
        return
    for row in compared.rows:
        if row["action"] == DriftKind.QUANTITY:
            tools.store.orders.look_again(row["sku"])


def _about_gap(run: Run, gap: int) -> str:
    """Named once, when the comparison begins: what is found one by one makes it smaller."""
    if gap <= 0 or run.message:
        return ""
    total = run.listings_total or 0
    return f"Reverb says it has {total} listings but gave {total - gap}; the missing ones are looked up by SKU."


def _keep_leftovers(tools: Tools, run: Run) -> None:
    about = find_extra if run.kind == runs.DRIFT_CHECK else plan_leftover
    while leftovers := tools.store.runs.leftovers(run.id, LEFTOVERS_AT_ONCE):
        rows = [row_values(about(listing_of(each))) for each in leftovers]
        if not tools.store.runs.keep_leftovers(run, rows, [each.listing_id for each in leftovers]):
            return


def _brake(tools: Tools, run: Run, last: Compared) -> str | None:
    store = tools.store.runs
    usual = store.find_usual_products(run.kind)
    before = tools.store.count_links() if usual is None else usual
    grave = store.count_grave(run.id) + sum(row["is_grave"] for row in last.rows)
    products = run.products + last.products
    return decide_brake(grave, store.count_live(run.id), products, before, tools.settings.brake_percent)
