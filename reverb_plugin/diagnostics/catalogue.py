"""What the shop's products are like, seen once by all checks that ask about products."""

from collections import Counter
from dataclasses import dataclass, field

from reverb_plugin.clock import Clock
from reverb_plugin.errors import HostError, InvalidValueError
from reverb_plugin.glance import Glance
from reverb_plugin.host import Host, Product
from reverb_plugin.settings import Policy, Settings
from reverb_plugin.sync.exclusion import find_exclusion
from reverb_plugin.sync.fields import Group
from reverb_plugin.sync.payload import make_payload
from reverb_plugin.sync.photos import usable_photos
from reverb_plugin.sync.plan import near_sku

MOST_PRODUCTS = 10_000
MOST_SECONDS = 4.0
MOST_NAMED = 5


@dataclass(slots=True)
class Catalogue:
    """Counts over the ``seen`` products; ``is_whole`` when those are all. Lists hold the first few SKUs.

    ``trouble`` is what ended the look before its time, behind the SKU ``last``; ``exclusion`` is why the first of those
    that are ``excluded`` is left alone.
    """

    seen: int = 0
    is_whole: bool = False
    trouble: HostError | InvalidValueError | None = None
    last: str = ""
    first: list[Product] = field(default_factory=list)
    excluded: int = 0
    exclusion: str = ""
    conditions: Counter[str] = field(default_factory=Counter)
    categories: Counter[str] = field(default_factory=Counter)
    without_price: list[str] = field(default_factory=list)
    prices: Counter[str] = field(default_factory=Counter)
    without_quantity: list[str] = field(default_factory=list)
    currencies: Counter[str] = field(default_factory=Counter)
    hidden_photos: Counter[str] = field(default_factory=Counter)
    without_photo: list[str] = field(default_factory=list)
    many_of_a_kind: list[str] = field(default_factory=list)
    repeated: list[str] = field(default_factory=list)
    alike: list[tuple[str, str]] = field(default_factory=list)
    out_of_order: tuple[str, str] | None = None


def look_at_products(host: Host, settings: Settings, clock: Clock) -> Catalogue:
    """Looks at products until all were seen, or it takes too long; what the shop does wrong is part of the answer."""
    found = Catalogue()
    glance = Glance(host, clock, most=MOST_PRODUCTS, seconds=MOST_SECONDS)
    skus, alike = set[str](), dict[str, str]()
    try:
        for product in glance.products():
            if product.sku in skus:
                found.repeated.append(product.sku)
                continue
            if product.sku < found.last and found.out_of_order is None:
                found.out_of_order = found.last, product.sku
            if (other := alike.setdefault(near_sku(product.sku), product.sku)) != product.sku:
                found.alike.append((other, product.sku))
            skus.add(product.sku)
            found.last = product.sku
            if len(found.first) < MOST_NAMED:
                found.first.append(product)
            exclusion = find_exclusion(product, settings)
            if exclusion is None:
                _judge(found, product, settings)
            else:
                found.excluded += 1
                found.exclusion = found.exclusion or exclusion.message
    except (HostError, InvalidValueError) as error:
        found.trouble = error
    found.seen, found.is_whole = glance.seen, glance.is_whole
    return found


def _judge(found: Catalogue, product: Product, settings: Settings) -> None:
    """What keeps this product from being listed as the shop means it."""
    payload = make_payload(product, settings)
    for problem in payload.problems:
        match problem.field:
            case Group.CONDITION:
                found.conditions[product.condition or settings.default_condition] += 1
            case Group.PRICE:
                found.without_price.append(product.sku)
                found.prices[problem.message] += 1
            case Group.CATEGORIES:
                found.categories[problem.message.partition(" is no category")[0]] += 1
    if product.quantity is None and settings.policy_quantity is not Policy.NEVER:
        found.without_quantity.append(product.sku)
    if payload.groups[Group.PRICE] and settings.policy_price is not Policy.NEVER:
        found.currencies[product.currency] += 1
    usable, hidden = usable_photos(product.photos)
    for complaint in hidden:
        found.hidden_photos[complaint.message] += 1
    if hidden and not usable:
        found.without_photo.append(product.sku)
    if payload.groups[Group.CONDITION] and not payload.holds_stock and (product.quantity or 0) > 1:
        found.many_of_a_kind.append(product.sku)
