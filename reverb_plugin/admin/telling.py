"""Effects in sentences."""

from dataclasses import dataclass

from reverb_plugin.admin.sections import LABELS
from reverb_plugin.effect import Effect, EffectKind, Example, Foresight
from reverb_plugin.sync.fields import Group

GRAVE = frozenset({EffectKind.ENDS, EffectKind.LEFT_ALONE, EffectKind.NOT_MADE})

WITHOUT_GROUP = {
    EffectKind.ENDS: ("1 listing goes to 0 and ends.", "{count} listings go to 0 and end."),
    EffectKind.LEFT_ALONE: (
        "1 product is left alone from then on; its listing stays as it is.",
        "{count} products are left alone from then on; their listings stay as they are.",
    ),
    EffectKind.NOT_MADE: (
        "1 product gets no listing any more that would get one now.",
        "{count} products get no listing any more that would get one now.",
    ),
    EffectKind.TAKEN_UP: (
        "1 product that was left alone is kept in step.",
        "{count} products that were left alone are kept in step.",
    ),
    EffectKind.MADE: (
        "1 product that gets no listing now can get one.",
        "{count} products that get no listing now can get one.",
    ),
    EffectKind.PUBLISHED: (
        "1 product that has no listing yet is published at once when it is listed.",
        "{count} products that have no listing yet are published at once when they are listed.",
    ),
    EffectKind.DRAFTED: (
        "1 product that has no listing yet is listed as a draft.",
        "{count} products that have no listing yet are listed as drafts.",
    ),
}
WITH_GROUP = {
    EffectKind.FOLLOWS: "The {group} of {listings} {are} sent always; what was edited on Reverb is overwritten.",
    EffectKind.CHANGES: "The {group} of {listings} {changes}.",
    EffectKind.STAYS: "The {group} of {listings} no longer {follows} the shop.",
}
SEVERAL = frozenset({Group.MAKE_MODEL, Group.CATEGORIES, Group.PHOTOS, Group.OFFERS})


@dataclass(frozen=True, slots=True)
class ToldEffect:
    """An effect as the page shows it."""

    sentence: str
    is_grave: bool
    examples: tuple[Example, ...]


def tell(effect: Effect) -> ToldEffect:
    """The effect in one sentence."""
    return ToldEffect(_sentence(effect), effect.kind in GRAVE, tuple(effect.examples))


def _sentence(effect: Effect) -> str:
    if effect.kind in WITHOUT_GROUP or effect.group is None:
        one, many = WITHOUT_GROUP[effect.kind]
        return one if effect.count == 1 else many.format(count=f"{effect.count:,}")
    return _with_group(effect, effect.group)


def _with_group(effect: Effect, group: Group) -> str:
    name = LABELS[f"policy_{group}"]
    name = name if group is Group.UPC else name.lower()
    several = group in SEVERAL
    if effect.kind is EffectKind.MADE_OTHERWISE:
        are = "product that has no listing yet is" if effect.count == 1 else "products that have no listing yet are"
        return f"{effect.count:,} {are} listed with {'other' if several else 'another'} {name}."
    return WITH_GROUP[effect.kind].format(
        group=name,
        listings="1 listing" if effect.count == 1 else f"{effect.count:,} listings",
        are="are" if several else "is",
        changes="change" if several else "changes",
        follows="follow" if several else "follows",
    )


def tell_reach(foresight: Foresight) -> str:
    """Of how many products the effects are told."""
    products = "1 product" if foresight.seen == 1 else f"{foresight.seen:,} products"
    if foresight.is_whole:
        return f"All {products} of the shop were looked at." if foresight.seen else "The shop has no products."
    return f"The first {products} by SKU were looked at; the shop has more."
