"""What the words of a plan and of a drift check mean, for people; in the order in which they are shown."""

from collections.abc import Mapping
from types import MappingProxyType

from reverb_plugin.sync.drift import DriftKind
from reverb_plugin.sync.plan import PlanAction

ACTIONS: Mapping[str, str] = MappingProxyType(
    {
        PlanAction.END: "live on Reverb, and the shop has none left",
        PlanAction.UPDATE: "differs in a field that is kept in step",
        PlanAction.CREATE: "not on Reverb yet",
        PlanAction.UNCHANGED: "Reverb shows what the shop has",
        PlanAction.REFUSED: "cannot be sent as it is",
        PlanAction.NEAR_MISS: "Reverb has the SKU with other capitals or blanks",
        PlanAction.DUPLICATE: "one more listing of a SKU that has one",
        PlanAction.SKIPPED: "left alone, for the reason that is told",
        PlanAction.EXCLUDED: "left alone by a rule of yours",
        PlanAction.NOT_IN_SHOP: "on Reverb only; never touched",
        PlanAction.WITHOUT_SKU: "on Reverb only, without a SKU; never touched",
    }
)

KINDS: Mapping[str, str] = MappingProxyType(
    {
        DriftKind.QUANTITY: "another number on Reverb",
        DriftKind.PRICE: "another price on Reverb",
        DriftKind.TEXT: "title, description, make, category and the like",
        DriftKind.CONDITION: "another condition on Reverb",
        DriftKind.PHOTOS: "another list of photos",
        DriftKind.STATE: "in stock, but not live on Reverb",
        DriftKind.MISSING: "not on Reverb",
        DriftKind.STALE_LINK: "was on Reverb, and is gone there",
        DriftKind.EXTRA: "on Reverb only; never touched",
        DriftKind.DUPLICATE_SKU: "one more listing of a SKU that has one",
        DriftKind.LOCKED: "sold on Reverb; the listing cannot change any more",
    }
)
