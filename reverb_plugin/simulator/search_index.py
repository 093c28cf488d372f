"""The lists and searches of Reverb: they see each listing as it was when the index last caught up with it."""

from collections.abc import Callable, Iterator
from decimal import Decimal, InvalidOperation

from reverb_plugin.simulator.catalogue import slugify
from reverb_plugin.simulator.listing import Listing
from reverb_plugin.simulator.problems import bad_parameter, not_a_choice

STATES = {
    "draft": "draft",
    "ended": "ended",
    "live": "live",
    "ordered": "ordered",
    "sold_out": "sold",
    "sold": "sold",
    "suspended": "suspended",
    "seller_unavailable": "seller_unavailable",
}
"""The word of the ``state`` filter, and the state slug it stands for: the two are not always the same."""


class SearchIndex:
    """Snapshots of listings by id and by exact SKU."""

    def __init__(self) -> None:
        self._snapshots: dict[int, Listing] = {}
        self._by_sku: dict[str, set[int]] = {}

    def put(self, listing: Listing) -> None:
        """See ``listing`` as it is now."""
        self.remove(listing.id)
        self._snapshots[listing.id] = listing.snapshot()
        if listing.sku:
            self._by_sku.setdefault(listing.sku, set()).add(listing.id)

    def remove(self, listing_id: int) -> None:
        """Forget a listing; unknown ones are no matter."""
        old = self._snapshots.pop(listing_id, None)
        if old and old.sku:
            ids = self._by_sku[old.sku]
            ids.discard(listing_id)
            if not ids:
                del self._by_sku[old.sku]

    def find(self, query: dict[str, str], *, vacation: bool = False) -> list[Listing]:
        """The listings that match every filter of ``query``, newest first; live ones unless it names a state.

        Raises RefusalError (400) for a state or a number that is none.
        """
        wanted = _read_state(query.get("state", "live"))
        tests = [make(query[name]) for name, make in FILTERS.items() if query.get(name)]
        return [
            listing
            for listing in self._candidates(query.get("sku"))
            if wanted in (None, seen_state(listing, vacation)) and all(test(listing) for test in tests)
        ]

    def _candidates(self, sku: str | None) -> Iterator[Listing]:
        ids = self._by_sku.get(sku, ()) if sku is not None else self._snapshots
        for listing_id in sorted(ids, reverse=True):
            yield self._snapshots[listing_id]


def seen_state(listing: Listing, vacation: bool) -> str:
    """The state a reader sees: while the shop is on vacation its live listings are unavailable."""
    return "seller_unavailable" if vacation and listing.state == "live" else listing.state


def _read_state(word: str) -> str | None:
    if word == "all":
        return None
    if word not in STATES:
        raise not_a_choice("state")
    return STATES[word]


Test = Callable[[Listing], bool]


def _words(value: str) -> Test:
    words = value.lower().split()

    def test(listing: Listing) -> bool:
        text = f"{listing.title} {listing.make} {listing.model} {listing.sku or ''}".lower()
        return all(word in text for word in words)

    return test


def _one_of(attribute: str) -> Callable[[str], Test]:
    def make(value: str) -> Test:
        wanted = {word.strip().lower() for word in value.split(",")}
        return lambda listing: getattr(listing, attribute).lower() in wanted

    return make


def _conditions(value: str) -> Test:
    wanted = {"brand-new" if word == "new" else word for word in value.split(",")}

    def test(listing: Listing) -> bool:
        slug = listing.condition.slug if listing.condition else ""
        used = slug not in ("", "brand-new", "b-stock")
        return "all" in wanted or slug in wanted or (used and "used" in wanted)

    return test


def _category(value: str) -> Test:
    return lambda listing: any(value in (row.uuid, slugify(row.name)) for row in listing.categories)


def _root_category(value: str) -> Test:
    return lambda listing: any(value == slugify(row.path[0]) for row in listing.categories)


def _price(name: str, *, least: bool) -> Callable[[str], Test]:
    def make(value: str) -> Test:
        try:
            bound = Decimal(value)
        except InvalidOperation:
            raise bad_parameter(name) from None

        def test(listing: Listing) -> bool:
            amount = listing.price.amount if listing.price else Decimal(0)
            return amount >= bound if least else amount <= bound

        return test

    return make


FILTERS: dict[str, Callable[[str], Test]] = {
    "query": _words,
    "make": _one_of("make"),
    "model": _one_of("model"),
    "finish": _one_of("finish"),
    "conditions": _conditions,
    "category": _category,
    "category_uuid": _category,
    "product_type": _root_category,
    "price_min": _price("price_min", least=True),
    "price_max": _price("price_max", least=False),
}
