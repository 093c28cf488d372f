"""A listing as the simulated Reverb keeps it."""

import re
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal

from reverb_plugin.simulator.catalogue import Category, Condition, slugify
from reverb_plugin.simulator.wording import Money

State = Literal["draft", "live", "ended", "sold", "ordered", "suspended"]

PUBLISHED: frozenset[str] = frozenset({"live", "ended", "sold", "ordered", "suspended"})


@dataclass
class Photo:
    """One picture: the address it comes from, and whether Reverb has fetched it yet."""

    id: int
    source_url: str
    fetched: bool = False


@dataclass
class Listing:
    """One item of the shop.

    ``inventory`` and ``has_inventory`` are what the seller set; ``shown_inventory`` is what a reader sees.
    ``locked`` is True once a one-of-a-kind item was sold: such a listing never comes back.
    """

    id: int
    created_at: datetime
    title: str = ""
    make: str = ""
    model: str = ""
    finish: str = ""
    year: str = ""
    description: str = ""
    condition: Condition | None = None
    price: Money | None = None
    seller_cost: Money | None = None
    sku: str | None = None
    upc: str | None = None
    upc_does_not_apply: bool = False
    has_inventory: bool = False
    inventory: int = 1
    offers_enabled: bool = True
    categories: tuple[Category, ...] = ()
    shipping_profile_id: str | None = None
    shipping: dict[str, Any] | None = None
    location: dict[str, Any] | None = None
    videos: list[dict[str, Any]] = field(default_factory=list)
    handmade: bool = False
    sold_as_is: bool = False
    origin_country_code: str | None = None
    other: dict[str, Any] = field(default_factory=dict)
    photos: list[Photo] = field(default_factory=list)
    state: State = "draft"
    published_at: datetime | None = None
    locked: bool = False
    publishing: bool = False

    @property
    def slug(self) -> str:
        """Number and title, as in ``97305232-fender-stratocaster``; one that was not saved has no number."""
        return f"{self.id or ''}-{slugify(self.title)}"

    @property
    def one_of_a_kind(self) -> bool:
        """Whether it stands for exactly one piece: every condition but the three that hold stock."""
        return self.condition is None or self.condition.one_of_a_kind

    @property
    def shows_inventory(self) -> bool:
        """What a reader sees as ``has_inventory``."""
        return self.has_inventory and not self.one_of_a_kind

    @property
    def shown_inventory(self) -> int:
        """What a reader sees as ``inventory``: one-of-a-kind items count 1 while live and 0 otherwise."""
        if self.one_of_a_kind:
            return int(self.state == "live")
        return self.inventory

    @property
    def images(self) -> list[Photo]:
        """The photos Reverb has fetched so far, in order of display."""
        return [photo for photo in self.photos if photo.fetched]

    def snapshot(self) -> "Listing":
        """A copy that later changes of this listing do not touch."""
        return replace(self, photos=[replace(photo) for photo in self.photos])


def read_listing_id(id_or_slug: str) -> int | None:
    """The number in ``97305232`` or ``97305232-any-title``; None when there is none."""
    match = re.fullmatch(r"(\d{1,18})(-.*)?", id_or_slug)
    return int(match[1]) if match else None
