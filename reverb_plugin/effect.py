"""What a change of settings does to the listings, and to those still to be made: told before it is saved."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from reverb_plugin.changes import Scope
from reverb_plugin.clock import Clock
from reverb_plugin.glance import Glance
from reverb_plugin.host import Host, Product
from reverb_plugin.settings import Policy, Settings
from reverb_plugin.store.links import Link
from reverb_plugin.sync.decide import Create, Refuse, Skip, decide_create
from reverb_plugin.sync.exclusion import find_exclusion
from reverb_plugin.sync.fields import GROUP_OF, Fields, Group, policy_of
from reverb_plugin.sync.payload import make_payload
from reverb_plugin.sync.plan import readable

MOST_PRODUCTS = 10_000
MOST_SECONDS = 2.0
EXAMPLES = 3

SHOWN_FIELD: Mapping[Group, str] = {
    Group.PRICE: "price",
    Group.QUANTITY: "inventory",
    Group.CONDITION: "condition",
    Group.TITLE: "title",
}
"""Whose values can be shown in a few words."""


class EffectKind(StrEnum):
    """What happens to a product's listing; the grave ones come first."""

    ENDS = "ends"
    LEFT_ALONE = "left alone"
    NOT_MADE = "not made"
    FOLLOWS = "follows"
    CHANGES = "changes"
    TAKEN_UP = "taken up"
    MADE = "made"
    PUBLISHED = "published"
    DRAFTED = "drafted"
    MADE_OTHERWISE = "made otherwise"
    STAYS = "stays"


@dataclass(frozen=True, slots=True)
class Consequence:
    """What happens to one product; ``group`` are the fields it is about, ``old`` and ``new`` their values in words."""

    kind: EffectKind
    group: Group | None = None
    old: str = ""
    new: str = ""


@dataclass(frozen=True, slots=True)
class Example:
    """One product that is touched."""

    sku: str
    title: str
    old: str
    new: str


@dataclass(slots=True)
class Effect:
    """What happens to ``count`` products, with the first few of them."""

    kind: EffectKind
    group: Group | None
    count: int = 0
    examples: list[Example] = field(default_factory=list)

    def add(self, product: Product, consequence: Consequence) -> None:
        """One more product."""
        self.count += 1
        if len(self.examples) < EXAMPLES:
            self.examples.append(Example(product.sku, product.title, consequence.old, consequence.new))


@dataclass(frozen=True, slots=True)
class Foresight:
    """The effects on the ``seen`` products, the grave ones first; ``is_whole`` when those are all there are."""

    effects: tuple[Effect, ...]
    seen: int
    is_whole: bool


def foresee(
    host: Host,
    find_links: Callable[[Sequence[str]], Mapping[str, Link]],
    before: Settings,
    after: Settings,
    clock: Clock,
) -> Foresight:
    """What the change from ``before`` to ``after`` does, for as many products as can be looked at in two seconds.

    Raises:
        HostError: the shop cannot give its products.
        InvalidValueError: the shop holds a value that cannot be meant.
        StoreError: the database cannot be read.
    """
    glance = Glance(host, clock, most=MOST_PRODUCTS, seconds=MOST_SECONDS)
    effects: dict[tuple[EffectKind, Group | None], Effect] = {}
    for piece in glance.pieces():
        links = find_links([product.sku for product in piece])
        for product in piece:
            for each in consequences(product, links.get(product.sku), before, after):
                key = (each.kind, each.group)
                effects.setdefault(key, Effect(*key)).add(product, each)
    kinds, groups = list(EffectKind), [None, *Group]
    ordered = sorted(effects.values(), key=lambda effect: (kinds.index(effect.kind), groups.index(effect.group)))
    return Foresight(tuple(ordered), glance.seen, glance.is_whole)


def consequences(product: Product, link: Link | None, before: Settings, after: Settings) -> Iterator[Consequence]:
    """What the change does to one product, once it is saved or a mass sync runs. Pure."""
    if link is not None and link.deleted_at is not None:
        return
    was_excluded, is_excluded = find_exclusion(product, before), find_exclusion(product, after)
    if was_excluded is not None or is_excluded is not None:
        if was_excluded is None and is_excluded is not None:
            yield Consequence(EffectKind.LEFT_ALONE, new=is_excluded.message)
        elif is_excluded is None:
            yield Consequence(EffectKind.TAKEN_UP)
        return
    if link is not None and link.listing_id is not None:
        yield from _to_listing(product, link, before, after)
    else:
        yield from _to_creation(product, before, after)


def _to_listing(product: Product, link: Link, before: Settings, after: Settings) -> Iterator[Consequence]:
    shown = make_payload(product, before, link.condition_uuid).groups
    wanted = make_payload(product, after, link.condition_uuid).groups
    for group in Group:
        followed = policy_of(before, group) is Policy.ALWAYS
        follows = policy_of(after, group) is Policy.ALWAYS
        old, new = _text(group, shown[group]), _text(group, wanted[group])
        if follows and not followed and wanted[group]:
            yield Consequence(EffectKind.FOLLOWS, group, new=new)
        elif followed and not follows and shown[group]:
            yield Consequence(EffectKind.STAYS, group, old=old)
        elif follows and _said(shown[group]) != _said(wanted[group]):
            ends = group is Group.QUANTITY and wanted[group].get("inventory") == 0
            yield Consequence(EffectKind.ENDS if ends else EffectKind.CHANGES, group, old, new)


def _to_creation(product: Product, before: Settings, after: Settings) -> Iterator[Consequence]:
    old = decide_create(product, make_payload(product, before), before, Scope.ALL)
    new = decide_create(product, make_payload(product, after), after, Scope.ALL)
    match old, new:
        case Create(), Skip(message):
            yield Consequence(EffectKind.NOT_MADE, new=message)
        case Create(), Refuse(errors):
            yield Consequence(EffectKind.NOT_MADE, new="; ".join(map(str, errors)))
        case ((Skip() | Refuse()), Create()):
            yield Consequence(EffectKind.MADE)
        case Create(old_body), Create(new_body):
            yield from _to_new_listing(old_body, new_body)


def _to_new_listing(old: Fields, new: Fields) -> Iterator[Consequence]:
    if old["publish"] != new["publish"]:
        yield Consequence(EffectKind.PUBLISHED if new["publish"] else EffectKind.DRAFTED)
    for group in sorted(_groups_that_differ(old, new), key=list(Group).index):
        yield Consequence(EffectKind.MADE_OTHERWISE, group, _text(group, old), _text(group, new))


def _groups_that_differ(old: Fields, new: Fields) -> set[Group]:
    old, new = _said(old), _said(new)
    return {GROUP_OF[name] for name in old.keys() | new.keys() if name in GROUP_OF and old.get(name) != new.get(name)}


def _said(fields: Fields) -> Fields:
    """The fields such that equal ones mean the same: 799 and 799.00 are one price."""
    price = fields.get("price")
    return fields if price is None else fields | {"price": price | {"amount": Decimal(price["amount"])}}


def _text(group: Group, fields: Fields) -> str:
    name = SHOWN_FIELD.get(group)
    return readable(name, fields[name]) if name in fields and name is not None else ""
