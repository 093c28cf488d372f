"""The hooks: whether the shop calls them, when it does, and whether what they said was kept."""

from reverb_plugin.changes import Reason, Scope
from reverb_plugin.diagnostics.check import Check
from reverb_plugin.diagnostics.finding import MootError, Verdict, failed, passed, warned
from reverb_plugin.diagnostics.scene import Scene
from reverb_plugin.errors import HostError, InvalidValueError
from reverb_plugin.settings import OrderMode, get_info
from reverb_plugin.store.store import TOO_EARLY
from reverb_plugin.store.sync_log import LogEntry
from reverb_plugin.sync.decide import Create, Update, decide_create, decide_update
from reverb_plugin.sync.exclusion import find_exclusion
from reverb_plugin.sync.fields import Group
from reverb_plugin.sync.look import Known
from reverb_plugin.sync.payload import make_payload
from reverb_plugin.sync.tools import read_product
from reverb_plugin.texts import DAY, counted, duration

HOOK_REASONS = (
    Reason.PRODUCT_SAVED, Reason.PRODUCT_DELETED, Reason.ORDER_PLACED, Reason.ORDER_CANCELLED, Reason.REFUND,
    Reason.SHIPMENT,
)  # fmt: skip
PUSHED = (Reason.PRODUCT_SAVED, Reason.ORDER_PLACED, Reason.ORDER_CANCELLED, Reason.REFUND)
MOST_READ = 40
AFTER_COMMIT = "Call the hooks after the shop's own commit (Django: transaction.on_commit)."


def _silent(scene: Scene) -> Verdict:
    if scene.store.checks.has_reason(HOOK_REASONS):
        return passed("The shop has called hooks.")
    if scene.is_product_file or (not scene.has_host and scene.store.checks.has_reason({Reason.BY_HAND})):
        raise MootError("the products are pushed, from a file or by hand")
    first_at = scene.store.first_logged_at()
    age = 0.0 if first_at is None else (scene.clock.now() - first_at).total_seconds()
    if not age and not scene.facts.links:
        raise MootError("nothing has been sent yet")
    drifted = scene.facts.drifted
    told = f", and {counted(drifted, 'difference')} to the shop came about unnoticed" if drifted else ""
    cause = f"The shop has never called a hook, as far as {duration(age)} of log tell{told}."
    step = "Call on_product_saved, on_order_placed and the others from the shop's code; docs/hosts.md shows where."
    return failed(cause, step) if drifted else warned(cause, step)


def _early(scene: Scene) -> Verdict:
    """Seen by the hook itself, or by its traces: the last that was told of a product is not what the shop has now."""
    # Hooks do not ask which environment is in force: they note under the default's name.
    seen = scene.other_store(get_info("environment").default).find_cached(TOO_EARLY)
    if seen is not None and (scene.clock.now() - seen.saved_at).total_seconds() < DAY:
        cause = f"A hook was called inside an open transaction ({seen.content}): others still see the old product."
        return failed(cause, AFTER_COMMIT)
    scene.host  # noqa: B018 - without a shop nothing can be compared
    stale = [row.sku for row in _told(scene) if _is_behind(scene, row)]
    if stale:
        cause = (
            f"{counted(len(stale), 'product')} changed after the last hook was heard ({stale[0]}): the hook is called "
            "before the shop's commit, or not for each change."
        )
        return warned(cause, AFTER_COMMIT)
    return passed("What was sent after a hook is what the shop has.")


def _told(scene: Scene) -> list[LogEntry]:
    """What was sent because of a hook, and stands; a setting that was saved since changes what would be sent."""
    saved_at = scene.store.checks.settings_saved_at()
    waiting = set(scene.store.waiting_skus())
    rows = scene.store.checks.told_skus(PUSHED, MOST_READ)
    return [row for row in rows if row.sku not in waiting and (saved_at is None or row.created_at > saved_at)]


def _is_behind(scene: Scene, row: LogEntry) -> bool:
    settings, scope = scene.settings, Scope.ALL if row.reason == Reason.PRODUCT_SAVED else Scope.STOCK
    try:
        product = read_product(scene.host, row.sku)
    except (HostError, InvalidValueError):
        return False
    if product is None or find_exclusion(product, settings) is not None:
        return False
    link = scene.store.find_link(row.sku)
    if link is not None and link.deleted_at is not None:
        return False
    if link is None or link.listing_id is None:
        return isinstance(decide_create(product, make_payload(product, settings), settings, scope), Create)
    decision = decide_update(make_payload(product, settings, link.condition_uuid), link, settings, scope)
    if not isinstance(decision, Update):
        return False
    return bool(decision.groups.keys() - ({Group.QUANTITY} if _is_moving(scene, row.sku) else set()))


def _is_moving(scene: Scene, sku: str) -> bool:
    """Orders move the quantity on both sides, one after the other."""
    return scene.settings.orders is not OrderMode.OFF and Known(*scene.store.orders.get_stock(sku)).may_differ


def _held(scene: Scene) -> Verdict:
    if scene.process is None:
        raise MootError("only the shop's own process knows")
    if scene.process.held:
        changes = counted(scene.process.held, "change is", "changes are")
        cause = f"{changes} held in memory only, because the database could not be written."
        return failed(cause, "Put the database right before the process ends: then they are written by themselves.")
    return passed("No change is held in memory.")


CHECKS = (
    Check("changes-held", "Changes in memory", _held),
    Check("hooks-early", "Hooks after the commit", _early, ("host-contract",)),
    Check("hooks-silent", "Hooks called", _silent),
)
