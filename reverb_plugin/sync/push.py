"""Pushing one product: read it from the shop as it is now, find its listing, send what differs.

A known listing whose product changed costs one request, an unknown one two, an unchanged one none.
"""

from collections.abc import Sequence
from dataclasses import replace

from reverb_plugin.changes import Action, Outcome, Scope
from reverb_plugin.errors import FieldError, InvalidValueError, LockedListingError, NotFoundError, RefusedError
from reverb_plugin.host import Product
from reverb_plugin.reverb_api.models import Listing
from reverb_plugin.store.links import Link
from reverb_plugin.store.store import Settlement
from reverb_plugin.sync.attempt import Attempt
from reverb_plugin.sync.create import create_listing
from reverb_plugin.sync.decide import (
    Create,
    Locked,
    Refuse,
    Skip,
    Unchanged,
    Update,
    adopt,
    choose_listing,
    decide_create,
    decide_update,
    is_blocking,
    is_closed,
    relevant_problems,
)
from reverb_plugin.sync.fields import fingerprint
from reverb_plugin.sync.payload import make_payload
from reverb_plugin.sync.tools import Tools, read_product
from reverb_plugin.sync.update import Target, update_listing


def push_product(tools: Tools, attempt: Attempt) -> Settlement:
    """Brings the listing of one SKU in step with its product."""
    return _Push(tools, attempt).run()


class _Push:
    def __init__(self, tools: Tools, attempt: Attempt) -> None:
        self._tools = tools
        self._attempt = attempt
        self._settings = tools.settings
        self._sku = attempt.job.key

    def run(self) -> Settlement:
        attempt = self._attempt
        attempt.link = self._tools.store.find_link(self._sku)
        product = attempt.product = read_product(self._tools.host, self._sku)
        if product is None:
            return attempt.done(Outcome.SKIPPED, "The shop has no product with this SKU.")
        if not product.sync:
            return attempt.done(Outcome.SKIPPED, "The shop says to leave this product alone.")
        link = attempt.link
        if link is not None and link.deleted_at is not None:
            if attempt.job.scope is Scope.STOCK:
                return attempt.done(Outcome.SKIPPED, "The product was deleted in the shop; save it to list it anew.")
            link = replace(link, deleted_at=None)
        if link is None or link.listing_id is None:
            link = self._renamed_link(product) or link
        if link is None or link.listing_id is None:
            return self._push_unknown(product)
        return self._push_known(product, replace(link, product_id=product.id or link.product_id), link.listing_id)

    def _renamed_link(self, product: Product) -> Link | None:
        """The link of the SKU this product had before, when the shop no longer has that SKU.

        The listing of an item that was bought stays behind: under its new SKU the product is another item.
        """
        if product.id is None:
            return None
        others = [
            link
            for link in self._tools.store.find_links_by_product(product.id)
            if link.sku != self._sku
            and link.listing_id
            and not is_closed(link)
            and read_product(self._tools.host, link.sku) is None
        ]
        others = [link for link in others if link.deleted_at is None] or others
        return replace(others[0], deleted_at=None) if len(others) == 1 else None

    # A listing that is known

    def _push_known(self, product: Product, link: Link, listing_id: str) -> Settlement:
        try:
            return self._update(product, link, listing_id)
        except NotFoundError:
            self._attempt.notes.append("The listing it had is gone from Reverb.")
            self._attempt.forget += [self._sku, link.sku]
            self._attempt.link = self._attempt.kept = None
            return self._push_unknown(product)

    def _update(self, product: Product, link: Link, address: str) -> Settlement:
        attempt = self._attempt
        payload = make_payload(product, self._settings, link.condition_uuid)
        attempt.notes += payload.notes
        target = Target(link, address, self._sku, payload.quantity, payload.holds_stock)
        decision = decide_update(payload, link, self._settings, attempt.job.scope)
        problems = relevant_problems(payload, self._settings, creating=False)
        match decision:
            case Skip(message):
                return attempt.done(Outcome.SKIPPED, message)
            case Locked():
                raise LockedListingError
            case Unchanged() if not target.renamed:
                return self._nothing_to_send(link, problems)
            case Unchanged():
                decision = Update({}, publish=False, photos=None)
        if attempt.link != link and not target.renamed:
            attempt.keep(link)
        attempt.errors += problems
        return update_listing(self._tools, attempt, target, decision)

    def _nothing_to_send(self, link: Link, problems: tuple[FieldError, ...]) -> Settlement:
        attempt = self._attempt
        attempt.errors += problems
        if attempt.link != link:
            attempt.keep(link)
        if any(map(is_blocking, problems)):
            return attempt.refused("Nothing could be sent.", code=InvalidValueError.code)
        return attempt.done(Outcome.UNCHANGED, "Reverb has all of this already.")

    # A listing that is not known

    def _push_unknown(self, product: Product) -> Settlement:
        attempt = self._attempt
        payload = make_payload(product, self._settings)
        decision = decide_create(self._sku, payload, self._settings, attempt.job.scope)
        if isinstance(decision, Create):
            attempt.intent = fingerprint(decision.body)
            if attempt.intent == attempt.job.refused_fingerprint:
                return attempt.refused("The product has not changed since Reverb refused it.", code=RefusedError.code)
        attempt.action = Action.LOOK_UP
        listings = self._find_listings()
        listing = choose_listing(listings)
        if listing is not None:
            return self._adopt(product, listing, len(listings))
        match decision:
            case Skip(message):
                return attempt.done(Outcome.SKIPPED, message)
            case Refuse(errors):
                attempt.errors += errors
                return attempt.refused("The product cannot be listed yet.", code=InvalidValueError.code)
            case Create():
                attempt.notes += payload.notes
                attempt.errors += relevant_problems(payload, self._settings, creating=True)
                return create_listing(self._tools, attempt, product, decision)

    def _find_listings(self) -> Sequence[Listing]:
        """The listings with the SKU; when one was deleted, the lookup may still show it, so each is looked at."""
        attempt = self._attempt
        listings = self._tools.client.find_listings(self._sku)
        if not attempt.forget and (attempt.link is None or attempt.link.deleted_at is None):
            return listings
        return [listing for listing in listings if self._exists(listing.id)]

    def _exists(self, listing_id: str) -> bool:
        try:
            self._tools.client.get_listing(listing_id)
        except NotFoundError:
            return False
        return True

    def _adopt(self, product: Product, listing: Listing, count: int) -> Settlement:
        attempt = self._attempt
        attempt.create_sent_at = None
        in_force = make_payload(product, self._settings, listing.condition_uuid)
        link = adopt(self._sku, product.id, in_force, listing)
        attempt.keep(link)
        attempt.notes.append("Linked to the listing with this SKU.")
        if count > 1:
            problem = f"{count} listings on Reverb have this SKU; {listing.web_url or listing.id} is kept in step"
            attempt.errors.append(FieldError("sku", problem))
        return self._update(product, link, listing.self_link or listing.id)
