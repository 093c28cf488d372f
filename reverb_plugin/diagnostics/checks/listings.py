"""The listings on Reverb: SKUs that are missing or used twice, and values that somebody else changes."""

from datetime import timedelta

from reverb_plugin.diagnostics.check import Check, known_problem, some
from reverb_plugin.diagnostics.checks.account import ACCEPTED
from reverb_plugin.diagnostics.finding import MootError, Verdict, failed, passed, warned
from reverb_plugin.diagnostics.scene import Scene
from reverb_plugin.store.runs import Run
from reverb_plugin.sync.drift import DriftKind
from reverb_plugin.sync.plan import PlanAction
from reverb_plugin.texts import counted

EDIT_DAYS = 7
OFTEN = 3


def _newest_plan(scene: Scene) -> Run | None:
    return next((run for run in scene.store.runs.newest(limit=5) if run.planned_at is not None), None)


def _planned(scene: Scene, *actions: str) -> int:
    """How many rows of the newest plan or check say so."""
    run = _newest_plan(scene)
    if run is None:
        return 0
    counts = scene.store.runs.row_counts(run.id)
    return sum(number for (action, _), number in counts.items() if action in actions)


def _known(scene: Scene) -> bool:
    """Whether the listings could be looked at now; what Reverb does not tell, the last plan may."""
    if scene.offline or scene.settings.token is None:
        if _newest_plan(scene) is None:
            raise MootError("the listings were not looked at")
        return False
    if scene.listings.trouble and not scene.listings.seen:
        raise MootError(scene.listings.trouble)
    return True


def _without_sku(scene: Scene) -> Verdict:
    found = scene.listings.without_sku if _known(scene) else []
    number = max(len(found), _planned(scene, PlanAction.WITHOUT_SKU) if not _is_whole(scene) else 0)
    if number:
        listings = counted(number, "listing on Reverb has", "listings on Reverb have")
        cause = f"{listings} no SKU, so that nobody can tell the product."
        which = f" (listing {some(found)})" if found else ""
        return warned(cause, f"Give them their SKU on Reverb{which}; until then they are never touched.")
    return passed("Each listing has a SKU.")


def _is_whole(scene: Scene) -> bool:
    return not scene.offline and scene.settings.token is not None and scene.listings.is_whole


def _twice(scene: Scene) -> Verdict:
    found = [sku for sku, number in scene.listings.skus.items() if number > 1] if _known(scene) else []
    number = 0 if _is_whole(scene) else _planned(scene, PlanAction.DUPLICATE, DriftKind.DUPLICATE_SKU)
    if found or number:
        which = some(found) if found else "the last plan names them"
        cause = f"{counted(max(len(found), number), 'SKU has', 'SKUs have')} several listings on Reverb: {which}."
        return warned(cause, "End all but one of each on Reverb: only one is kept in step, the others oversell.")
    return passed("No SKU has two listings.")


def _foreign(scene: Scene) -> Verdict:
    """A value that we set, and that is another one later although the shop's has stayed: somebody else writes it."""
    flips = scene.store.checks.flips()
    edits = [sku for sku, times in _edits(scene) if times >= OFTEN]
    shown = scene.listings.foreign if not scene.offline and scene.settings.token is not None else []
    step = "See on Reverb (API & Integrations) what else may change listings, and let only one program do it."
    if flips:
        first = flips[0]
        cause = (
            f"Values flip: {first.field} of {first.sku} was set to {first.wanted} and became {first.shown} again; "
            f"{counted(len(flips), 'such case', 'such cases')} in the last runs."
        )
        return failed(cause, step) if len(flips) >= OFTEN else warned(cause, step)
    if edits:
        cause = f"Quantities flip: somebody else changed those of {some(edits)} on Reverb again and again this week."
        return warned(cause, step)
    if shown:
        sku, now = shown[0]
        several = counted(len({sku for sku, _ in shown}), "listing shows", "listings show")
        cause = (
            f"{several} another value than was accepted from us: "
            f"{now.field} of {sku} is {now.old} instead of {now.new}."
        )
        return warned(cause, f"If nobody changed it by hand: {step[0].lower()}{step[1:]}")
    return passed("Nobody else seems to change the listings.")


def _edits(scene: Scene) -> list[tuple[str, int]]:
    return list(scene.store.checks.count_edits(scene.clock.now() - timedelta(days=EDIT_DAYS)))


CHECKS = (
    Check("without-sku", "SKUs on Reverb", _without_sku, ACCEPTED),
    Check("duplicate-sku-reverb", "SKUs used twice on Reverb", _twice, ACCEPTED),
    Check("overlapping-plugin", "Others who change listings", _foreign, ACCEPTED),
    Check(
        "drift",
        "Differences",
        known_problem(
            "drift",
            "The last drift check found nothing that is not settled.",
            "See them: `reverb-plugin drift --show`.",
        ),
    ),
)
