"""The simulated Reverb's memory of listings, and everything that can happen to them."""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from itertools import count
from typing import Any

from reverb_plugin.clock import Clock
from reverb_plugin.simulator.agenda import Agenda
from reverb_plugin.simulator.behaviour import Behaviour
from reverb_plugin.simulator.catalogue import CATALOGUE
from reverb_plugin.simulator.listing import PUBLISHED, Listing, Photo, State
from reverb_plugin.simulator.listing_rules import (
    Changes,
    can_be_fetched,
    find_errors,
    find_missing,
    find_warnings,
    try_on,
)
from reverb_plugin.simulator.problems import InvalidListingError, not_found, refuse
from reverb_plugin.simulator.search_index import SearchIndex
from reverb_plugin.simulator.shop import Shop
from reverb_plugin.simulator.wording import Money

FIRST_LISTING_ID = 97_400_001
FIRST_IMAGE_ID = 11_111_111

Announce = Callable[[str, Listing], None]


class World:
    """The shop's listings, the index over them, and what is still going to happen.

    Not thread-safe by itself: whoever calls holds the lock of `Reverb`. ``announce`` is called with a
    webhook topic and the listing when one goes live or changes its state or stock.
    """

    def __init__(self, clock: Clock, behaviour: Behaviour, announce: Announce) -> None:
        self.clock = clock
        self.behaviour = behaviour
        self.announce = announce
        self.shop = Shop()
        self.agenda = Agenda()
        self.index = SearchIndex()
        self.listings: dict[int, Listing] = {}
        self._ids_of_sku: dict[str, set[int]] = {}
        self._listing_ids = count(FIRST_LISTING_ID)
        self._image_ids = count(FIRST_IMAGE_ID)

    def now(self) -> datetime:
        """The time by this world's clock."""
        return self.clock.now()

    def settle(self) -> None:
        """Let everything happen that is due by now."""
        self.agenda.run_due(self.clock.monotonic())

    # Reading

    def get_listing(self, listing_id: int | None) -> Listing:
        """The listing as it is this moment; a RefusalError (404) when there is none."""
        listing = self.listings.get(listing_id) if listing_id is not None else None
        if listing is None:
            raise not_found()
        return listing

    def listings_of_sku(self, sku: str) -> list[Listing]:
        """All listings with exactly this SKU, oldest first."""
        return [self.listings[listing_id] for listing_id in sorted(self._ids_of_sku.get(sku, ()))]

    # What the seller does

    def create_listing(self, changes: Changes, photos: list[str], *, publish: bool) -> tuple[Listing, list[str]]:
        """A new draft, and the warnings about it; with ``publish`` it goes live a little later.

        Raises InvalidListingError for field errors, RefusalError (403) when the account may not publish.
        """
        draft = try_on(Listing(id=0, created_at=self.now()), changes)
        errors = self._errors_of(draft, sku_is_new=True)
        if publish:
            errors = find_missing(draft) | errors
        if errors:
            raise InvalidListingError(draft, errors)
        if publish:
            self._check_account()
        draft.id = next(self._listing_ids)
        self._remember(draft)
        warnings = self._take_photos(draft, photos, in_place=False)
        return draft, warnings + self._finish(draft, publish)

    def update_listing(
        self, listing: Listing, changes: Changes, photos: list[str] | None, *, in_place: bool, publish: bool
    ) -> list[str]:
        """Change the named fields; returns the warnings. ``in_place`` puts the photos into the order given.

        Raises InvalidListingError for field errors, RefusalError (422) for a locked listing or one that cannot
        be published.
        """
        if listing.locked:
            raise refuse(422, "This listing has been sold and can no longer be changed.", errors={})
        copy = try_on(listing, changes)
        if publish and copy.one_of_a_kind and "inventory" not in changes:
            copy.inventory = 1
        if errors := self._errors_of(copy, sku_is_new=copy.sku != listing.sku):
            raise InvalidListingError(copy, errors)
        if publish and listing.state != "live":
            self._check_account()
            if missing := find_missing(copy):
                raise refuse(422, "This listing cannot be published yet.", errors=missing)
        self._adopt(listing, copy)
        warnings = self._take_photos(listing, photos, in_place=in_place) if photos is not None else []
        if "inventory" in changes:
            self._follow_stock(listing)
        return warnings + self._finish(listing, publish)

    def end_listing(self, listing: Listing, reason: str) -> None:
        """Take a live listing down; anything else is a RefusalError (422)."""
        if listing.state != "live":
            raise refuse(422, "This listing cannot be ended.")
        listing.locked = reason == "reverb_sale" and listing.one_of_a_kind
        self._move(listing, "ended")

    def delete_listing(self, listing: Listing) -> None:
        """Delete a draft; a listing that was ever published is a RefusalError (400)."""
        if listing.state in PUBLISHED:
            raise refuse(400, "Only drafts can be deleted")
        del self.listings[listing.id]
        self._forget_sku(listing)
        self._later("index", self.behaviour.index_lag_seconds, lambda: self.index.remove(listing.id))

    def delete_image(self, listing: Listing, image_id: str) -> None:
        """Remove one fetched photo; an unknown id is a RefusalError (404)."""
        image = next((image for image in listing.images if str(image.id) == image_id), None)
        if image is None:
            raise not_found()
        listing.photos.remove(image)
        self.reindex(listing)

    # What buyers and Reverb do

    def take_stock(self, listing: Listing, quantity: int) -> None:
        """An order takes pieces away: stock counts down, a one-of-a-kind item is locked for good."""
        if listing.one_of_a_kind:
            listing.locked = True
            self._move(listing, "ordered")
        else:
            listing.inventory -= quantity
            self._follow_stock(listing)
            self._changed(listing)

    def return_stock(self, listing: Listing, quantity: int) -> None:
        """A cancelled order gives its pieces back; a one-of-a-kind item stays locked."""
        if not listing.one_of_a_kind:
            listing.inventory += quantity
            self._follow_stock(listing)
            self._changed(listing)

    def add_listing(self, changes: Changes, photos: list[str], state: State) -> Listing:
        """Put a listing there without any rule, also a second one of the same SKU; index and photos at once."""
        listing = try_on(Listing(id=next(self._listing_ids), created_at=self.now()), changes)
        listing.state = state
        listing.locked = state == "ordered"
        listing.published_at = self.now() if state in PUBLISHED else None
        if state == "sold":
            listing.inventory = 0
        listing.photos = [Photo(next(self._image_ids), url, can_be_fetched(url)) for url in photos]
        self._remember(listing)
        self.index.put(listing)
        return listing

    def reindex(self, listing: Listing) -> None:
        """Have the index see the listing as it will be once the lag has passed."""

        def put() -> None:
            if listing.id in self.listings:
                self.index.put(listing)

        self._later("index", self.behaviour.index_lag_seconds, put)

    # Inside

    def _later(self, kind: Any, delay_seconds: float, action: Callable[[], None]) -> None:
        """At once means before the next request: the answer to this one still shows how things were."""
        self.agenda.add(self.clock.monotonic() + delay_seconds, kind, action)

    def _check_account(self) -> None:
        if not self.behaviour.account_ready:
            raise refuse(403, "Please verify your account before publishing.")

    def _errors_of(self, listing: Listing, *, sku_is_new: bool) -> dict[str, list[str]]:
        errors = find_errors(listing, self.behaviour.stock_conditions_approved)
        if sku_is_new and listing.sku in self._ids_of_sku:
            taken = f"You already have a listing with the SKU {listing.sku}. Please use a unique SKU."
            errors.setdefault("sku", []).append(taken)
        profile = listing.shipping_profile_id
        if profile and profile not in self.shop.shipping_profiles:
            errors["shipping_profile_id"] = ["is invalid"]
        return errors

    def _remember(self, listing: Listing) -> None:
        self.listings[listing.id] = listing
        if listing.sku:
            self._ids_of_sku.setdefault(listing.sku, set()).add(listing.id)

    def _forget_sku(self, listing: Listing) -> None:
        ids = self._ids_of_sku.get(listing.sku or "", set())
        ids.discard(listing.id)
        if listing.sku and not ids:
            self._ids_of_sku.pop(listing.sku, None)

    def _adopt(self, listing: Listing, copy: Listing) -> None:
        photos = listing.photos
        self._forget_sku(listing)
        for name, value in vars(copy).items():
            setattr(listing, name, value)
        listing.photos = photos
        self._remember(listing)

    def _follow_stock(self, listing: Listing) -> None:
        """0 ends a listing; above 0 the conditions that hold stock come back by themselves."""
        if listing.state == "live" and listing.inventory < 1:
            self._move(listing, "ended" if listing.one_of_a_kind else "sold")
        elif listing.state == "sold" and listing.inventory > 0 and not listing.one_of_a_kind:
            self._move(listing, "live")
        elif listing.state == "live":
            self.announce("listings/update", listing)

    def _finish(self, listing: Listing, publish: bool) -> list[str]:
        """Index the change and, if asked for, start publishing; returns what stands in the way."""
        warnings = find_warnings(listing, publish)
        self.reindex(listing)
        if publish and not warnings and listing.state != "live":
            listing.publishing = True
            self._later("publish", self.behaviour.publish_delay_seconds, lambda: self._go_live(listing))
        return warnings

    def _go_live(self, listing: Listing) -> None:
        wanted, listing.publishing = listing.publishing, False
        stands = listing.id in self.listings and not listing.locked and listing.inventory > 0
        if wanted and stands and self.behaviour.publish_succeeds:
            listing.published_at = self.now()
            self._move(listing, "live")
            self.announce("listings/publish", listing)

    def _move(self, listing: Listing, state: State) -> None:
        listing.state = state
        self._changed(listing)

    def _changed(self, listing: Listing) -> None:
        self.reindex(listing)
        self.announce("listings/update", listing)

    def _take_photos(self, listing: Listing, urls: list[str], *, in_place: bool) -> list[str]:
        """Add the pictures that are new; with ``in_place`` also bring all into the order given.

        Reverb knows a picture by the address it was first sent with. Nothing is ever removed here.
        """
        known = {photo.source_url: photo for photo in listing.photos}
        for url in urls:
            if url not in known:
                known[url] = Photo(next(self._image_ids), url)
                self._fetch_later(listing, known[url])
        listing.photos = list(known.values())
        if in_place:
            places = {url: place for place, url in enumerate(urls)}
            listing.photos.sort(key=lambda photo: places.get(photo.source_url, len(places)))
        return [f"Photo could not be fetched: {url}" for url in urls if not can_be_fetched(url)]

    def _fetch_later(self, listing: Listing, photo: Photo) -> None:
        def fetch() -> None:
            photo.fetched = True
            self.reindex(listing)

        if can_be_fetched(photo.source_url):
            self._later("photo", self.behaviour.photo_delay_seconds, fetch)


def seed_fields(fields: dict[str, Any]) -> dict[str, Any]:
    """The defaults of a listing that is put there by hand, as a request body; a condition may go by its name."""
    body: dict[str, Any] = {
        "title": "Fender Stratocaster",
        "condition": "Excellent",
        "price": "100.00",
        "categories": [{"uuid": next(iter(CATALOGUE.categories))}],
        "upc_does_not_apply": True,
        "has_inventory": fields.get("inventory", 1) != 1,
        **fields,
    }
    if isinstance(body["price"], str | int | float):
        body["price"] = {"amount": str(body["price"]), "currency": "USD"}
    return body


def default_rate(listing: Listing) -> Money:
    """What shipping costs a buyer when nothing else is said: the first rate, or a plain 35."""
    if listing.shipping and listing.shipping["rates"]:
        rate = listing.shipping["rates"][0][1]
        return rate if isinstance(rate, Money) else Money(Decimal(0), "USD")
    return Money(Decimal("35.00"), listing.price.currency if listing.price else "USD")
