"""How far the orders of an environment were read."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection, select
from sqlalchemy.dialects.sqlite import insert

from reverb_plugin.store.schema import order_polls

OVERLAP = timedelta(hours=2)
"""How far behind the watermark is read again: an order may become visible later than a younger one."""

MEASURING = timedelta(hours=1)
"""Pages that are read so much later than the first move no watermark: the overlap must cover what changed on that."""

OFF_AGAIN = timedelta(minutes=10)
"""How exactly is remembered when orders were last seen to be off."""

CREDIBLE = timedelta(hours=1)
"""A time further in the future is no measure for how far was read."""


@dataclass(frozen=True, slots=True)
class OrderPoll:
    """How far was read.

    All changes up to ``watermark_at`` are stored. ``began_at`` and ``next_link`` belong to the poll under way, whose
    newest change so far is ``newest_at``; ``last_began_at`` is when the last complete one began. Orders from before
    ``since_at`` are left alone. ``off_at`` is when orders were last seen to be off, since the last poll;
    ``forgotten_at`` is up to when orders may have been forgotten. The watermark is in Reverb's time, the others are in
    ours.
    """

    since_at: datetime
    watermark_at: datetime
    began_at: datetime | None = None
    next_link: str | None = None
    newest_at: datetime | None = None
    last_began_at: datetime | None = None
    refunds_read_at: datetime | None = None
    off_at: datetime | None = None
    forgotten_at: datetime | None = None

    @property
    def from_at(self) -> datetime:
        """From when on changes have to be asked for; those of known orders, too, when orders were off in between."""
        overlapped = self.watermark_at - OVERLAP
        return overlapped if self.watermark_at < self.since_at else max(self.since_at, overlapped)

    @property
    def counts_from(self) -> datetime:
        """An order that was bought before, and has moved nothing, is left alone."""
        return self.since_at if self.forgotten_at is None else max(self.since_at, self.forgotten_at)

    def begun(self, now: datetime, since_at: datetime | None) -> "OrderPoll":
        """The poll under way, or a new one; ``since_at`` is the first day when a person has named one."""
        poll = self
        if self.off_at is not None:
            poll = replace(self, since_at=max(self.since_at, self.off_at), off_at=None, began_at=None)
        if since_at is not None and since_at != poll.since_at:
            watermark = min(poll.watermark_at, since_at) if since_at < self.since_at else poll.watermark_at
            poll = replace(poll, since_at=since_at, watermark_at=watermark, began_at=None)
        if poll.began_at is not None and poll.began_at <= now:
            return poll
        return replace(poll, began_at=now, next_link=None, newest_at=None)

    def turned_off(self, now: datetime) -> "OrderPoll":
        """Orders are off; the same again when that was remembered a moment ago."""
        is_fresh = self.off_at is not None and timedelta() <= now - self.off_at < OFF_AGAIN
        return self if is_fresh else replace(self, off_at=now)

    def forgets(self, before: datetime) -> datetime:
        """Up to when orders may be forgotten: never one that is still to be read."""
        return min(before, self.watermark_at - OVERLAP)

    def read(self, changed_at: list[datetime], next_link: str | None, now: datetime) -> "OrderPoll":
        """After a page whose orders changed at these times; the watermark moves with the last page only."""
        is_measure = self.began_at is not None and now - self.began_at <= MEASURING
        credible = [moment for moment in changed_at if is_measure and moment <= now + CREDIBLE]
        newest = max([self.newest_at, *credible] if self.newest_at is not None else credible, default=None)
        if next_link is not None:
            return replace(self, next_link=next_link, newest_at=newest)
        watermark = self.watermark_at if newest is None else max(self.watermark_at, newest)
        return replace(
            self, watermark_at=watermark, began_at=None, next_link=None, newest_at=None, last_began_at=self.began_at
        )


_COLUMNS = tuple(OrderPoll.__dataclass_fields__)
_new = insert(order_polls)
_SAVE = _new.on_conflict_do_update(
    index_elements=["environment"], set_={name: _new.excluded[name] for name in _COLUMNS}
)


def find(connection: Connection, environment: str) -> OrderPoll | None:
    """How far was read; None before the first poll."""
    row = connection.execute(select(order_polls).where(order_polls.c.environment == environment)).one_or_none()
    return None if row is None else OrderPoll(**{name: getattr(row, name) for name in _COLUMNS})


def save(connection: Connection, environment: str, poll: OrderPoll) -> None:
    """Remembers how far was read."""
    connection.execute(_SAVE, {"environment": environment} | {name: getattr(poll, name) for name in _COLUMNS})
