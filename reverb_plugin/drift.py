"""Settling drift: sending what the shop has, or letting the shop take over what Reverb shows."""

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from reverb_plugin.errors import RunActiveError, RunNeedsConfirmationError, SettleError, UnavailableError
from reverb_plugin.guard import at_work_on
from reverb_plugin.host import Host, TakesQuantity
from reverb_plugin.settings import OrderMode, Settings

if TYPE_CHECKING:
    from reverb_plugin.reverb_api.models import Listing
    from reverb_plugin.store.run_store import RunStore
    from reverb_plugin.store.runs import Run, RunRow
    from reverb_plugin.store.store import Store

QUANTITY = "quantity"
PAGE = 500


class Drift:
    """The drift that the last check found.

    Args:
        store: gives what is remembered for the environment in force.
        settings: gives the settings in force.
        host: the shop; it can take over a quantity when it offers :class:`~reverb_plugin.host.TakesQuantity`.
        get_listing: asks Reverb for a listing by its id.
        started_by: how this process is named to people.
    """

    def __init__(
        self,
        store: "Callable[[], Store]",
        settings: Callable[[], Settings],
        host: Host,
        get_listing: "Callable[[str], Listing]",
        started_by: str,
    ) -> None:
        self._store = store
        self._settings = settings
        self._host = host
        self._get_listing = get_listing
        self._started_by = started_by

    def find_last_check(self) -> "Run | None":
        """The newest drift check that is complete."""
        return self._runs.find_last_check()

    def rows(self, *, kind: str | None = None, sku: str | None = None) -> "Iterator[RunRow]":
        """The differences that are not settled, of one kind or SKU or all."""
        check = self.find_last_check()
        after_id = 0
        while check is not None:
            page = self._runs.rows(check.id, action=kind, state="planned", sku=sku, after_id=after_id, limit=PAGE)
            yield from page
            if len(page) < PAGE:
                return
            after_id = page[-1].id

    def send(self, *, kind: str | None = None, sku: str | None = None, confirmed: bool = False) -> int:
        """Begins to send what the shop has, for all differences that can be sent; the number of the run.

        Raises:
            RunActiveError: a mass sync or drift check is under way.
            SettleError: there is nothing of this kind that can be sent.
            RunNeedsConfirmationError: the brake holds it.
        """
        rows = [row for row in self.rows(kind=kind, sku=sku) if row.body is not None]
        if not rows:
            raise SettleError("The last drift check found nothing of this kind that can be sent.")
        brake = self._find_brake(rows)
        if brake is not None and not confirmed:
            raise RunNeedsConfirmationError(brake)
        run_id = self._runs.start_settlement(self._started_by, _merge(rows), [row.id for row in rows])
        if run_id is None:
            raise RunActiveError
        return run_id

    def take(self, *, sku: str | None = None) -> int:
        """Lets the shop take over the quantities that Reverb shows; how many it were.

        What moved since the check, on either side, is left as it is.

        Raises:
            SettleError: the shop cannot take over a quantity.
            HostError: the shop failed to; the ones before are done.
            ReverbError: Reverb cannot be asked; the ones before are done.
        """
        from reverb_plugin.sync.take import NOT_ABLE  # noqa: PLC0415 - loads SQLAlchemy

        if not self.can_take:
            raise SettleError(NOT_ABLE)
        return sum(map(self._take, self.rows(kind=QUANTITY, sku=sku)))

    def take_later(self, *, sku: str | None = None) -> int:
        """Leaves it to the worker that the shop takes over the quantities; how many it will be.

        Raises:
            SettleError: the shop cannot take over a quantity, or none that was found follows from what Reverb shows.
        """
        from reverb_plugin.sync.take import NOT_ABLE, takeable  # noqa: PLC0415 - loads SQLAlchemy

        if not self.can_take:
            raise SettleError(NOT_ABLE)
        rows = [row for row in self.rows(kind=QUANTITY, sku=sku) if takeable(row) is not None]
        if not rows:
            raise SettleError("The last drift check found no quantity that the shop can take over.")
        self._runs.queue_rows_to_take([row.id for row in rows], [row.sku for row in rows])
        return len(rows)

    @property
    def can_take(self) -> bool:
        """Whether the shop can take over quantities."""
        return isinstance(self._host, TakesQuantity)

    def _take(self, row: "RunRow") -> bool:
        from reverb_plugin.sync.take import take_over, takeable, taken_words, without_quantity  # noqa: PLC0415

        if takeable(row) is None:
            return False
        with at_work_on(row.sku):
            is_taken = take_over(self._host, self._ask, row)
        if not is_taken:
            self._runs.settle_row(row.id, "moved", "It changed since the drift check.")
            return False
        _, inventory = (row.seen or {})["shown"]
        if self._settings().orders is not OrderMode.OFF and inventory is not None:
            self._store().orders.accept_shown(row.sku, inventory)
        link = self._store().find_link(row.sku)
        known = None if link is None else without_quantity(link)
        self._runs.settle_row(row.id, "done", taken_words(takeable(row)), known)
        return True

    def _ask(self, listing_id: str) -> "Listing":
        from reverb_plugin.sync.remote import NotNowError  # noqa: PLC0415 - loads SQLAlchemy

        try:
            return self._get_listing(listing_id)
        except NotNowError as error:
            raise UnavailableError(f"Reverb was not asked: {error.cause}.") from error

    def _find_brake(self, rows: "Sequence[RunRow]") -> str | None:
        from reverb_plugin.sync.plan import decide_brake  # noqa: PLC0415 - loads SQLAlchemy

        check = self.find_last_check()
        live = 0 if check is None else check.live_listings
        grave = len({row.sku for row in rows if row.is_grave})
        return decide_brake(grave, live, products=1, before=0, percent=self._settings().brake_percent)

    @property
    def _runs(self) -> "RunStore":
        return self._store().runs


def _merge(rows: "Sequence[RunRow]") -> list[dict[str, Any]]:
    """One row for each SKU: after the first request for a SKU the others would no longer fit."""
    merged: dict[str, dict[str, Any]] = {}
    for row in rows:
        values = {
            "sku": row.sku,
            "title": row.title,
            "action": "update" if row.listing_id else "create",
            "is_grave": row.is_grave,
            "listing_id": row.listing_id,
            "listing_url": row.listing_url,
            "differences": list(row.differences),
            "method": row.method,
            "path": row.path,
            "body": dict(row.body or {}),
            "requests": row.requests,
            "seen": dict(row.seen or {}),
            "message": "",
        }
        before = merged.setdefault(row.sku, values)
        if before is not values:
            _join(before, values)
    return list(merged.values())


def _join(row: dict[str, Any], other: dict[str, Any]) -> None:
    shared = bool(row["body"]) and bool(other["body"])  # one request sends both
    row["body"] |= other["body"]
    row["requests"] += other["requests"] - shared
    row["differences"] += other["differences"]
    row["is_grave"] |= other["is_grave"]
    row["method"], row["path"] = row["method"] or other["method"], row["path"] or other["path"]
    row["seen"]["photos"] = row["seen"]["photos"] or other["seen"]["photos"]
    row["seen"]["old"] = {**row["seen"]["old"], **other["seen"]["old"]}
