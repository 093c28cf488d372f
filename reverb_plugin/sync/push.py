"""Pushing one product: read it from the shop as it is now, find its listing, send what differs.

A known listing whose product changed costs one request, an unknown one two, an unchanged one none.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from reverb_plugin.changes import Action, Change, Kind, Outcome, Priority, Reason, Scope
from reverb_plugin.clock import Clock
from reverb_plugin.errors import (
    AmbiguousError,
    DuplicateSkuError,
    FieldError,
    HostError,
    InvalidValueError,
    LockedListingError,
    NotFoundError,
    RefusedError,
    ReverbError,
)
from reverb_plugin.host import Host, Product
from reverb_plugin.reverb_api.answer import OK_STATUSES
from reverb_plugin.reverb_api.client import ReverbClient
from reverb_plugin.reverb_api.models import Listing, Written
from reverb_plugin.settings import Settings
from reverb_plugin.store.links import Link
from reverb_plugin.store.store import Settlement, Store
from reverb_plugin.sync.attempt import Attempt
from reverb_plugin.sync.decide import (
    DRAFT,
    ENDED,
    LIVE,
    LOCKED_STATES,
    SOLD_ON_REVERB,
    Create,
    Locked,
    Refuse,
    Skip,
    Unchanged,
    Update,
    adopt,
    after_write,
    choose_listing,
    decide_create,
    decide_update,
    is_blocking,
    is_closed,
    relevant_problems,
    with_photos,
    without_sent,
)
from reverb_plugin.sync.fields import Fields, Group, fingerprint
from reverb_plugin.sync.payload import Payload, make_payload
from reverb_plugin.sync.photos import PhotoChange

UNANSWERED_CREATE_SECONDS = 60.0
"""How long a listing whose creation got no answer is looked for before it is made again: the lookup's index lags
behind by an unstated time, and Reverb itself refuses a second listing with the SKU."""

LOOK_AGAIN_SECONDS = 10.0
PUBLISH_CHECK_SECONDS = 5.0
PHOTO_FETCH_SECONDS = 30.0
PHOTO_FETCH_TRIES = 3
ESSENTIAL_GROUPS = frozenset({Group.QUANTITY, Group.PRICE})
SERVER_ERROR = 500

Write: TypeAlias = Callable[[Fields], Written]


@dataclass(frozen=True, slots=True)
class Tools:
    """What an attempt works with."""

    host: Host
    client: ReverbClient
    store: Store
    settings: Settings
    clock: Clock


def read_product(host: Host, sku: str) -> Product | None:
    """The product as the shop has it now.

    Raises:
        HostError: the adapter raised, or gave something else than the product asked for.
        InvalidValueError: the shop holds a value that cannot be meant.
    """
    try:
        product = host.find_product(sku)
    except InvalidValueError:
        raise
    except Exception as error:
        raise HostError(f"find_product({sku!r}) raised {type(error).__name__}: {error}") from error
    if product is not None and (not isinstance(product, Product) or product.sku != sku):
        raise HostError(f"find_product({sku!r}) gave {type(product).__name__} {getattr(product, 'sku', '')!r}")
    return product


def read_listing(client: ReverbClient, listing_id: str) -> Listing:
    """The listing as Reverb has it now.

    Raises:
        NotFoundError: it is gone. To anyone but its owner a draft is gone too, so a dead token is found out first.
    """
    try:
        return client.get_listing(listing_id)
    except NotFoundError:
        client.get_account()
        raise


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
        return self._push_known(product, replace(link, product_id=product.id or link.product_id))

    # A listing that is known

    def _push_known(self, product: Product, link: Link) -> Settlement:
        assert link.listing_id is not None  # noqa: S101 - the caller looked
        try:
            return self._update(product, link, link.listing_id)
        except NotFoundError:
            self._attempt.notes.append("The listing it had is gone from Reverb.")
            self._attempt.forget += [self._sku, link.sku]
            self._attempt.link = self._attempt.kept = None
            return self._push_unknown(product)

    def _update(self, product: Product, link: Link, target: str) -> Settlement:
        attempt = self._attempt
        payload = make_payload(product, self._settings, link.condition_uuid)
        attempt.notes += payload.notes
        decision = decide_update(payload, link, self._settings, attempt.job.scope)
        renamed: Fields = {} if link.sku == self._sku else {"sku": self._sku}
        problems = relevant_problems(payload, self._settings, creating=False)
        match decision:
            case Skip(message):
                return attempt.done(Outcome.SKIPPED, message)
            case Locked():
                raise LockedListingError
            case Unchanged() if not renamed:
                return self._nothing_to_send(link, problems)
            case Unchanged():
                decision = Update({}, publish=False, photos=None)
        if attempt.link != link and not renamed:
            attempt.keep(link)
        attempt.action = Action.UPDATE
        return self._send_update(link, target, decision, renamed, payload, problems)

    def _nothing_to_send(self, link: Link, problems: tuple[FieldError, ...]) -> Settlement:
        attempt = self._attempt
        attempt.errors += problems
        if attempt.link != link:
            attempt.keep(link)
        if any(map(is_blocking, problems)):
            return attempt.refused("Nothing could be sent.", code=InvalidValueError.code)
        return attempt.done(Outcome.UNCHANGED, "Reverb has all of this already.")

    def _send_update(
        self,
        link: Link,
        target: str,
        decision: Update,
        renamed: Fields,
        payload: Payload,
        problems: tuple[FieldError, ...],
    ) -> Settlement:
        attempt = self._attempt
        attempt.intent = fingerprint(decision.body | renamed)
        if attempt.intent == attempt.job.refused_fingerprint:
            return attempt.refused("The product has not changed since Reverb refused it.", code=RefusedError.code)
        attempt.errors += problems
        removals = self._find_removals(link, decision.photos)
        update = decision if removals is not None else replace(decision, photos=None)
        link = self._remove_images(link, removals or {})
        try:
            self._put(link, target, update, renamed)
        except RefusedError as error:
            if not self._is_locked(link, payload):
                return self._send_essentials(link, target, update, renamed, error)
            if not payload.quantity:
                return attempt.done(Outcome.SKIPPED, SOLD_ON_REVERB)
            raise LockedListingError(status=error.status, errors=error.errors, request_id=error.request_id) from error
        if removals is None:
            message = "Reverb is still fetching photos; those that the shop took away are removed after that."
            return attempt.later(message, PHOTO_FETCH_SECONDS, code="photos-on-their-way", counts=True)
        publishing = self._check_publish() if decision.publish else None
        state = attempt.link.state if attempt.link is not None else None
        if state == ENDED and update.body.get("inventory") == 0:
            return attempt.done(Outcome.ENDED, "The last one is gone; the listing has ended.")
        if payload.quantity and state not in {LIVE, DRAFT} and not decision.publish:
            attempt.notes.append(f"The listing is not for sale on Reverb ({state or 'unknown state'}).")
        sent = ", ".join([*sorted(update.groups), *(["photos"] if update.photos else []), *renamed])
        return attempt.done(Outcome.UPDATED, f"Sent {sent or 'publish'}.", follow_up=publishing)

    def _remove_images(self, link: Link, removals: Mapping[str, str]) -> Link:
        """Takes photos away one by one, and remembers each: the next request may fail."""
        for source, image_id in removals.items():
            self._remove_image(str(link.listing_id), image_id)
            photos = tuple(url for url in link.photos if url != source)
            link = replace(without_sent(link, {"photos"}), photos=photos)
            self._attempt.keep(link)
        return link

    def _remove_image(self, listing_id: str, image_id: str) -> None:
        try:
            self._tools.client.delete_image(listing_id, image_id)
        except NotFoundError:
            return  # somebody else has taken it away
        except ReverbError as error:
            if not _may_have_taken_effect(error) or self._has_image(listing_id, image_id):
                raise

    def _has_image(self, listing_id: str, image_id: str) -> bool:
        return any(image.id == image_id for image in self._tools.client.get_images(listing_id))

    def _put(self, link: Link, target: str, update: Update, renamed: Fields) -> None:
        body = update.body | renamed
        if body:
            try:
                written = self._write(lambda fields: self._tools.client.update_listing(target, fields), body)
            except ReverbError as error:
                if _may_have_taken_effect(error):
                    self._attempt.keep(without_sent(link, body.keys()))
                raise
            link = after_write(link, body, written.listing)
        if renamed:
            self._attempt.forget.append(link.sku)
            link = replace(link, sku=self._sku)
        if update.photos is not None:
            link = with_photos(link, update.photos.sources)
        self._attempt.keep(link)

    def _send_essentials(
        self, link: Link, target: str, update: Update, renamed: Fields, error: RefusedError
    ) -> Settlement:
        """A text that Reverb refuses must not hold back stock and price, or the shop oversells."""
        attempt = self._attempt
        essentials = {group: fields for group, fields in update.groups.items() if group in ESSENTIAL_GROUPS}
        rest = {group: fields for group, fields in update.groups.items() if group not in ESSENTIAL_GROUPS}
        if not essentials or not (rest or renamed or update.photos):
            raise error
        self._put(link, target, Update(essentials, update.publish, photos=None), {})
        attempt.intent = fingerprint(Update(rest, publish=False, photos=update.photos).body | renamed)
        attempt.status, attempt.request_id = error.status, error.request_id
        attempt.errors += error.errors
        names = " and ".join(sorted(essentials))
        return attempt.refused(f"{error.message} ({names} went through, the rest did not.)", code=error.code)

    def _is_locked(self, link: Link, payload: Payload) -> bool:
        """A refusal of a one-of-a-kind item often means that it was bought; its listing says so."""
        if payload.holds_stock or link.listing_id is None:
            return False
        state = self._tools.client.get_listing(link.listing_id).state
        if state in LOCKED_STATES:
            self._attempt.keep(replace(link, state=state))
        return state in LOCKED_STATES

    def _find_removals(self, link: Link, change: PhotoChange | None) -> Mapping[str, str] | None:
        """The photos to remove, each with its image id; None while Reverb is still fetching some.

        Reverb does not say where an image came from: their order tells, once all that were sent are there.
        """
        if change is None or not change.removed:
            return {}
        images = self._tools.client.get_images(str(link.listing_id))
        if len(images) == len(link.photos):
            ids = {source: image.id for source, image in zip(link.photos, images, strict=True)}
            return {source: ids[source] for source in change.removed}
        if len(images) < len(link.photos) and self._attempt.job.attempts < PHOTO_FETCH_TRIES:
            return None
        problem = f"{len(change.removed)} photos that the shop took away have to be removed on Reverb by hand"
        self._attempt.errors.append(FieldError("photos", problem))
        return {}

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
                return self._create(product, payload, decision)

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
        attempt.keep(adopt(self._sku, product.id, in_force, listing))
        attempt.notes.append("Linked to the listing with this SKU.")
        if count > 1:
            problem = f"{count} listings on Reverb have this SKU; {listing.web_url or listing.id} is kept in step"
            attempt.errors.append(FieldError("sku", problem))
        assert attempt.kept is not None  # noqa: S101 - kept just now
        return self._update(product, attempt.kept, listing.self_link or listing.id)

    def _create(self, product: Product, payload: Payload, decision: Create) -> Settlement:
        attempt, now = self._attempt, self._tools.clock.now()
        if attempt.create_sent_at is not None:
            waited = (now - attempt.create_sent_at).total_seconds()
            if 0 <= waited < UNANSWERED_CREATE_SECONDS:
                message = "The answer to an earlier try was lost; looking whether Reverb made the listing."
                return attempt.later(message, LOOK_AGAIN_SECONDS, code=AmbiguousError.code, counts=False)
        attempt.action = Action.CREATE
        attempt.notes += payload.notes
        attempt.errors += relevant_problems(payload, self._settings, creating=True)
        self._tools.store.note_create_sent(attempt.job)
        attempt.create_sent_at = now
        try:
            written = self._write(self._tools.client.create_listing, decision.body)
        except ReverbError as error:
            if not (_may_have_taken_effect(error) or isinstance(error, DuplicateSkuError)):
                attempt.create_sent_at = None
            raise
        attempt.create_sent_at = None
        new = Link(self._sku, product_id=product.id, publish_withheld=decision.publish_withheld)
        attempt.keep(after_write(new, decision.body, written.listing))
        if decision.body["publish"]:
            return attempt.done(Outcome.CREATED, "Made; Reverb is publishing it.", follow_up=self._check_publish())
        return attempt.done(Outcome.CREATED, "Made as a draft.")

    # Both

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

    def _write(self, write: Write, body: Fields) -> Written:
        """Sends ``body``; documentation shows ``upc_does_not_apply`` as text, clients send a boolean: try both."""
        try:
            written = write(body)
        except RefusedError as error:
            if body.get("upc_does_not_apply") is not True or all(e.field != "upc_does_not_apply" for e in error.errors):
                raise
            written = write(body | {"upc_does_not_apply": "true"})
        self._attempt.heard(written)
        return written

    def _check_publish(self) -> Change:
        return Change(
            Kind.CHECK_PUBLISH,
            self._sku,
            Reason.LISTING_PUBLISHED,
            Scope.ALL,
            Priority.SAVED,
            delay_seconds=PUBLISH_CHECK_SECONDS,
        )


def _may_have_taken_effect(error: ReverbError) -> bool:
    """A write that ended so may be done, wholly or in part, although Reverb did not say so."""
    return isinstance(error, AmbiguousError) or error.status == SERVER_ERROR or error.status in OK_STATUSES
