"""Changing a listing: fields in one request, photos by their ids, and stock even when a text is refused."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from reverb_plugin.changes import Action, Outcome
from reverb_plugin.errors import FieldError, LockedListingError, NotFoundError, RefusedError, ReverbError
from reverb_plugin.store.links import Link
from reverb_plugin.store.store import Settlement
from reverb_plugin.sync.attempt import Attempt
from reverb_plugin.sync.decide import (
    DRAFT,
    ENDED,
    LIVE,
    LOCKED_STATES,
    SOLD_ON_REVERB,
    Update,
    after_write,
    with_photos,
    without_sent,
)
from reverb_plugin.sync.fields import Fields, Group
from reverb_plugin.sync.photos import PhotoChange
from reverb_plugin.sync.tools import Tools
from reverb_plugin.sync.write import may_have_taken_effect, publish_check, write

PHOTO_FETCH_SECONDS = 30.0
PHOTO_FETCH_TRIES = 3
ESSENTIAL_GROUPS = frozenset({Group.QUANTITY, Group.PRICE})


@dataclass(frozen=True, slots=True)
class Target:
    """The listing to change: its link as it is remembered, where to send to, and the SKU it shall have.

    ``quantity`` is what the listing will show, None when that is not known.
    """

    link: Link
    address: str
    sku: str
    quantity: int | None
    holds_stock: bool

    @property
    def renamed(self) -> Fields:
        """The SKU as a field to send, when it is another than before."""
        return {} if self.link.sku == self.sku else {"sku": self.sku}


def update_listing(tools: Tools, attempt: Attempt, target: Target, decision: Update) -> Settlement:
    """Sends an update.

    Raises:
        ReverbError: as every write may.
    """
    return _Sending(tools, attempt, target).send(decision)


class _Sending:
    def __init__(self, tools: Tools, attempt: Attempt, target: Target) -> None:
        self._tools = tools
        self._client = tools.client
        self._attempt = attempt
        self._target = target
        self._link = target.link

    def send(self, decision: Update) -> Settlement:
        attempt = self._attempt
        attempt.action = Action.UPDATE
        if attempt.intends(decision.body | self._target.renamed):
            return attempt.refused_before()
        removals = self._find_removals(decision.photos)
        update = decision if removals is not None else replace(decision, photos=None)
        self._remove_images(removals or {})
        try:
            self._put(update, self._target.renamed)
        except RefusedError as error:
            return self._refused(update, error)
        if removals is None:
            message = "Reverb is still fetching photos; those that the shop took away are removed after that."
            return attempt.later(message, PHOTO_FETCH_SECONDS, code="photos-on-their-way", counts=True)
        return self._sent(update)

    def _sent(self, update: Update) -> Settlement:
        attempt, target = self._attempt, self._target
        state = attempt.link.state if attempt.link is not None else None
        if state == ENDED and update.body.get("inventory") == 0:
            return attempt.done(Outcome.ENDED, "The last one is gone; the listing has ended.")
        if target.quantity and state not in {LIVE, DRAFT} and not update.publish:
            attempt.notes.append(f"The listing is not for sale on Reverb ({state or 'unknown state'}).")
        sent = ", ".join([*sorted(update.groups), *(["photos"] if update.photos else []), *target.renamed])
        follow_up = publish_check(target.sku) if update.publish else None
        return attempt.done(Outcome.UPDATED, f"Sent {sent or 'publish'}.", follow_up=follow_up)

    def _put(self, update: Update, renamed: Fields) -> None:
        link, body = self._link, update.body | renamed
        if body:
            if self._attempt.moves is not None and "inventory" in body:
                self._tools.store.orders.note_showing(self._attempt.job.key, body["inventory"])
            try:
                written = write(
                    self._attempt, lambda fields: self._client.update_listing(self._target.address, fields), body
                )
            except ReverbError as error:
                if may_have_taken_effect(error):
                    self._attempt.keep(without_sent(link, body.keys()))
                raise
            link = after_write(link, body, written.listing)
            self._attempt.showed(body)
        if renamed:
            self._attempt.forget.append(link.sku)
            link = replace(link, sku=self._target.sku)
        if update.photos is not None:
            link = with_photos(link, update.photos.sources)
        paid = {*update.groups, *([Group.PHOTOS] if update.photos is not None else [])}
        self._attempt.keep(replace(link, owed=tuple(group for group in link.owed if group not in paid)))

    # Refused

    def _refused(self, update: Update, error: RefusedError) -> Settlement:
        if not self._is_locked():
            return self._send_essentials(update, error)
        if not self._target.quantity:
            return self._attempt.done(Outcome.SKIPPED, SOLD_ON_REVERB)
        raise LockedListingError(status=error.status, errors=error.errors, request_id=error.request_id) from error

    def _send_essentials(self, update: Update, error: RefusedError) -> Settlement:
        """A text that Reverb refuses must not hold back stock and price, or the shop oversells."""
        attempt, renamed = self._attempt, self._target.renamed
        essentials = {group: fields for group, fields in update.groups.items() if group in ESSENTIAL_GROUPS}
        rest = {group: fields for group, fields in update.groups.items() if group not in ESSENTIAL_GROUPS}
        if not essentials or not (rest or renamed or update.photos):
            raise error
        self._put(Update(essentials, update.publish, photos=None), {})
        attempt.intends(Update(rest, publish=False, photos=update.photos).body | renamed)
        attempt.status, attempt.request_id = error.status, error.request_id
        attempt.errors += error.errors
        names = " and ".join(sorted(essentials))
        return attempt.refused(f"{error.message} ({names} went through, the rest did not.)", code=error.code)

    def _is_locked(self) -> bool:
        """A refusal of a one-of-a-kind item often means that it was bought; its listing says so."""
        if self._target.holds_stock or self._link.listing_id is None:
            return False
        state = self._client.get_listing(self._link.listing_id).state
        if state in LOCKED_STATES:
            self._attempt.keep(replace(self._link, state=state))
        return state in LOCKED_STATES

    # Photos

    def _find_removals(self, change: PhotoChange | None) -> Mapping[str, str] | None:
        """The photos to remove, each with its image id; None while Reverb is still fetching some.

        Reverb does not say where an image came from: their order tells, once all that were sent are there.
        """
        if change is None or not change.removed:
            return {}
        known = self._link.photos
        images = self._client.get_images(str(self._link.listing_id))
        if len(images) == len(known):
            ids = {source: image.id for source, image in zip(known, images, strict=True)}
            return {source: ids[source] for source in change.removed}
        if len(images) < len(known) and self._attempt.job.attempts < PHOTO_FETCH_TRIES:
            return None
        problem = f"{len(change.removed)} photos that the shop took away have to be removed on Reverb by hand"
        self._attempt.errors.append(FieldError("photos", problem))
        return {}

    def _remove_images(self, removals: Mapping[str, str]) -> None:
        """Takes photos away one by one, and remembers each: the next request may fail."""
        for source, image_id in removals.items():
            self._remove_image(str(self._link.listing_id), image_id)
            photos = tuple(url for url in self._link.photos if url != source)
            self._link = replace(without_sent(self._link, {"photos"}), photos=photos)
            self._attempt.keep(self._link)

    def _remove_image(self, listing_id: str, image_id: str) -> None:
        try:
            self._client.delete_image(listing_id, image_id)
        except NotFoundError:
            return  # somebody else has taken it away
        except ReverbError as error:
            if not may_have_taken_effect(error) or self._has_image(listing_id, image_id):
                raise

    def _has_image(self, listing_id: str, image_id: str) -> bool:
        return any(image.id == image_id for image in self._client.get_images(listing_id))
