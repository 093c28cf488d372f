"""Pushing one product: read it from the shop as it is now, find its listing, send what differs.

A known listing whose product changed costs one request, an unknown one two, an unchanged one none.
"""

from collections.abc import Sequence
from dataclasses import replace

from reverb_plugin.changes import Action, Outcome, Scope, product_deleted
from reverb_plugin.errors import AmbiguousError, FieldError, InvalidValueError, LockedListingError, NotFoundError
from reverb_plugin.host import Product
from reverb_plugin.reverb_api.models import Listing
from reverb_plugin.store.links import Link
from reverb_plugin.store.store import Settlement
from reverb_plugin.sync.attempt import Attempt
from reverb_plugin.sync.create import LOOK_AGAIN_SECONDS, create_listing, is_unanswered
from reverb_plugin.sync.decide import (
    DRAFT,
    ORDERED,
    SOLD_ON_REVERB,
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
    linked,
    owed_by,
    relevant_problems,
    without_sent,
)
from reverb_plugin.sync.exclusion import find_exclusion
from reverb_plugin.sync.fields import Group, fingerprint
from reverb_plugin.sync.look import Known, know_stock, look
from reverb_plugin.sync.payload import Payload, make_payload
from reverb_plugin.sync.tools import Tools, read_product
from reverb_plugin.sync.update import Target, update_listing
from reverb_plugin.sync.write import publish_check
from reverb_plugin.texts import counted

STOCK_FIELDS = ("inventory", "has_inventory")

RENAMING_SECONDS = 600.0
"""How long after its deletion a product that comes under another SKU counts as renamed."""


def push_product(tools: Tools, attempt: Attempt) -> Settlement:
    """Brings the listing of one SKU in step with its product."""
    return _Push(tools, attempt).run()


class _Push:
    def __init__(self, tools: Tools, attempt: Attempt) -> None:
        self._tools = tools
        self._attempt = attempt
        self._settings = tools.settings
        self._sku = attempt.job.key
        self._known: Known | None = None

    def run(self) -> Settlement:
        attempt = self._attempt
        attempt.link = self._tools.store.find_link(self._sku)
        self._know_stock()
        product = attempt.product = read_product(self._tools.host, self._sku)
        if product is None:
            return self._nothing_in_shop()
        exclusion = find_exclusion(product, self._settings)
        if exclusion is not None:
            return attempt.done(Outcome.SKIPPED, exclusion.message)
        product = self._without_sold(product)
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

    def _know_stock(self) -> None:
        """Before the shop is read: what leaves its stock in between is subtracted twice, never forgotten."""
        known = self._known = know_stock(self._tools, self._sku)
        if known is not None:
            self._attempt.moves = known.row.moves

    def _without_sold(self, product: Product) -> Product:
        known = self._known
        if known is None or not known.sold or not product.quantity:
            return product
        self._attempt.notes.append(f"{counted(known.sold, 'more is', 'more are')} sold on Reverb.")
        return replace(product, quantity=max(0, product.quantity - known.sold))

    def _nothing_in_shop(self) -> Settlement:
        """A listing that was being made when the product was deleted, and whose answer was lost, must not stay."""
        attempt = self._attempt
        message = "The shop has no product with this SKU."
        if attempt.create_sent_at is None:
            return attempt.done(Outcome.SKIPPED, message)
        attempt.action = Action.LOOK_UP
        listing = choose_listing(self._tools.client.find_listings(self._sku))
        if listing is None and is_unanswered(self._tools, attempt):
            return attempt.later(message, LOOK_AGAIN_SECONDS, code=AmbiguousError.code, counts=False)
        attempt.create_sent_at = None
        if listing is None:
            return attempt.done(Outcome.SKIPPED, message)
        buried_at = attempt.link.deleted_at if attempt.link is not None else None
        attempt.keep(replace(linked(self._sku, listing), deleted_at=buried_at))
        follow_up = None if buried_at is None else product_deleted(self._sku)
        return attempt.done(Outcome.SKIPPED, message, follow_up=follow_up)

    def _renamed_link(self, product: Product) -> Link | None:
        """The link of the SKU this product had before, when the shop no longer has that SKU.

        A shop may give the id of a deleted product, or of a variant, to another one: the title has to be the same,
        and a listing that ended with its product is only taken up when that was just now, as some shops rename by
        deleting. The listing of an item that was bought stays behind.
        """
        if product.id is None:
            return None
        others = [
            link
            for link in self._tools.store.find_links_by_product(product.id)
            if link.sku != self._sku
            and link.listing_id
            and not is_closed(link)
            and self._is_same_product(link, product)
            and read_product(self._tools.host, link.sku) is None
        ]
        others = [link for link in others if link.deleted_at is None] or others
        return replace(others[0], deleted_at=None) if len(others) == 1 else None

    def _is_same_product(self, link: Link, product: Product) -> bool:
        if link.sent.get("title", fingerprint(product.title)) != fingerprint(product.title):
            return False
        now = self._tools.clock.now()
        return link.deleted_at is None or (now - link.deleted_at).total_seconds() < RENAMING_SECONDS

    # A listing that is known

    def _push_known(self, product: Product, link: Link, listing_id: str) -> Settlement:
        try:
            return self._update(product, link, listing_id)
        except NotFoundError:
            self._begin_anew("The listing it had is gone from Reverb.", link)
            return self._push_unknown(product)

    def _begin_anew(self, note: str, link: Link) -> None:
        attempt = self._attempt
        attempt.notes, attempt.errors = [note], []
        attempt.forget += [self._sku, link.sku]
        attempt.link = attempt.kept = None

    def _update(self, product: Product, link: Link, address: str) -> Settlement:
        attempt = self._attempt
        payload = make_payload(product, self._settings, link.condition_uuid)
        attempt.notes += payload.notes
        link = self._opened(link)
        if self._is_sold(link, payload):
            attempt.keep(replace(link, state=ORDERED))
            return attempt.done(Outcome.SKIPPED, SOLD_ON_REVERB)
        target = Target(link, address, self._sku, payload.quantity, payload.holds_stock)
        decision = decide_update(payload, link, self._settings, attempt.job.scope)
        if isinstance(decision, Update):
            looked = self._look(link, decision, payload)
            if isinstance(looked, Settlement):
                return looked
            if looked is not decision:
                link = attempt.kept or link
                target, decision = replace(target, link=link), looked if looked.is_needed else Unchanged()
        problems = relevant_problems(payload, self._settings, link)
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

    def _is_sold(self, link: Link, payload: Payload) -> bool:
        """A one-of-a-kind listing that was bought takes no changes; asking Reverb would only be refused."""
        if self._known is None or payload.holds_stock or payload.quantity != 0 or link.listing_id is None:
            return False
        return self._tools.store.orders.is_sold(link.listing_id)

    def _opened(self, link: Link) -> Link:
        is_open = self._known is not None and self._known.row.is_open
        return without_sent(link, STOCK_FIELDS) if is_open else link

    def _look(self, link: Link, decision: Update, payload: Payload) -> Update | Settlement:
        """Only at stock: a one-of-a-kind item is there or it is not."""
        if self._known is None or not payload.holds_stock or Group.QUANTITY not in decision.groups:
            return decision
        return look(self._tools, self._attempt, link, decision, self._known)

    def _nothing_to_send(self, link: Link, problems: tuple[FieldError, ...]) -> Settlement:
        attempt = self._attempt
        attempt.errors += problems
        if attempt.link != link:
            attempt.keep(link)
        if any(map(is_blocking, problems)):
            return attempt.refused("Nothing could be sent.", code=InvalidValueError.code)
        told = "Nothing new could be sent." if problems else "Reverb has all of this already."
        return attempt.done(Outcome.UNCHANGED, told)

    # A listing that is not known

    def _push_unknown(self, product: Product) -> Settlement:
        attempt = self._attempt
        payload = make_payload(product, self._settings)
        decision = decide_create(product, payload, self._settings, attempt.job.scope)
        if isinstance(decision, Create) and attempt.intends(decision.body):
            return attempt.refused_before()
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
                problems = relevant_problems(payload, self._settings, None)
                attempt.errors += problems
                return create_listing(self._tools, attempt, product, decision, owed_by(problems))

    def _find_listings(self) -> Sequence[Listing]:
        """The listings with the SKU.

        The lookup may still show one that was deleted, or that has another SKU by now: where that can be, it is
        looked at.
        """
        attempt = self._attempt
        listings = self._tools.client.find_listings(self._sku)
        was_deleted = bool(attempt.forget) or (attempt.link is not None and attempt.link.deleted_at is not None)
        return [
            listing
            for listing in listings
            if not (was_deleted or self._tools.store.is_linked(listing.id)) or self._still_has_sku(listing.id)
        ]

    def _still_has_sku(self, listing_id: str) -> bool:
        try:
            return self._tools.client.get_listing(listing_id).sku == self._sku
        except NotFoundError:
            return False

    def _adopt(self, product: Product, listing: Listing, count: int) -> Settlement:
        attempt = self._attempt
        was_lost, attempt.create_sent_at = attempt.create_sent_at is not None, None
        in_force = make_payload(product, self._settings, listing.condition_uuid)
        link = adopt(self._sku, product.id, in_force, listing)
        is_unpublished = was_lost and self._settings.auto_publish and listing.state == DRAFT
        if is_unpublished:
            link = replace(link, publish_withheld=not in_force.quantity)
        attempt.keep(link)
        attempt.notes.append("Linked to the listing with this SKU.")
        if count > 1:
            problem = f"{count} listings on Reverb have this SKU; {listing.web_url or listing.id} is kept in step"
            attempt.errors.append(FieldError("sku", problem))
        settlement = self._update(product, link, listing.self_link or listing.id)
        if is_unpublished and in_force.quantity and settlement.follow_up is None:
            return replace(settlement, follow_up=publish_check(self._sku))
        return settlement
