"""What a visitor wants to see of the sync log, read from the address and written back into it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import MAXYEAR, UTC, date, datetime, time, timedelta

from werkzeug.datastructures import MultiDict

from reverb_plugin.changes import Kind, Outcome
from reverb_plugin.store.sync_log import Cursor, LogFilter

KINDS: Mapping[str, str] = {
    Kind.PUSH_PRODUCT: "Product pushed",
    Kind.APPLY_ROW: "Mass sync",
    Kind.END_LISTING: "Listing ended",
    Kind.CHECK_PUBLISH: "Publishing checked",
    Kind.TAKE_QUANTITY: "Quantity taken over",
    Kind.RUN_STEP: "Step of a mass sync",
    Kind.POLL_ORDERS: "Orders looked for",
    Kind.IMPORT_ORDER: "Order placed in the shop",
    Kind.MOVE_STOCK: "Stock moved in the shop",
    Kind.SHIP_ORDER: "Parcel told to Reverb",
}
"""The kinds of attempts in words, as they are chosen from."""

OUTCOMES: Mapping[str, str] = {outcome: outcome.capitalize() for outcome in Outcome}
LONGEST_SKU = 300
LONGEST_ID = 18


@dataclass(frozen=True, slots=True)
class Wanted:
    """The filter as it was entered, text by text; ``since`` and ``until`` are days of UTC, both included.

    ``errors`` are what cannot be meant, by field.
    """

    sku: str = ""
    outcome: str = ""
    kind: str = ""
    since: str = ""
    until: str = ""
    errors: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_open(self) -> bool:
        """Nothing is left out."""
        return not any(self.query().values())

    def query(self) -> dict[str, str | None]:
        """The values for the address; what was not entered is left out."""
        return {each.name: getattr(self, each.name) or None for each in fields(self) if each.name != "errors"}

    def chosen(self) -> LogFilter:
        """The rows that are meant; what cannot be meant does not count."""
        since, until = _day(self.since), _day(self.until)
        return LogFilter(
            sku=self.sku or None,
            outcome=self.outcome or None,
            kind=self.kind or None,
            since=since,
            until=None if until is None else until + timedelta(days=1),
        )


def read_wanted(args: MultiDict[str, str]) -> Wanted:
    """The filter out of an address; an outcome or a kind that is none is passed over."""
    wanted = Wanted(
        sku=args.get("sku", "").strip()[:LONGEST_SKU],
        outcome=_known(args.get("outcome"), OUTCOMES),
        kind=_known(args.get("kind"), KINDS),
        since=args.get("since", "").strip(),
        until=args.get("until", "").strip(),
    )
    errors = {
        name: "Enter a day such as 2026-01-31."
        for name in ("since", "until")
        if (text := getattr(wanted, name)) and _day(text) is None
    }
    if not errors and wanted.since and wanted.until and wanted.since > wanted.until:
        errors["until"] = "This day is before the first one."
    return replace(wanted, errors=errors)


def placed(chosen: LogFilter, args: MultiDict[str, str]) -> LogFilter:
    """The rows next to the place that the address names."""
    before, after = read_cursor(args.get("before")), read_cursor(args.get("after"))
    return replace(chosen, before=before, after=None if before else after)


def write_cursor(cursor: Cursor | None) -> str | None:
    """A place in the log, for an address."""
    if cursor is None:
        return None
    moment, row_id = cursor
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}_{row_id}"


def read_cursor(text: str | None) -> Cursor | None:
    """The place in the log; None for anything that is none."""
    moment_text, _, id_text = (text or "").rpartition("_")
    if not id_text.isdecimal() or len(id_text) > LONGEST_ID:
        return None
    try:
        moment = datetime.fromisoformat(moment_text)
        return None if moment.tzinfo is None else (moment.astimezone(UTC), int(id_text))
    except (ValueError, OverflowError):  # such as the first hour of the year 1, east of Greenwich
        return None


def _known(text: str | None, words: Mapping[str, str]) -> str:
    return text if text is not None and text in words else ""


def _day(text: str) -> datetime | None:
    """The day; None for what is none, and in the year 9999, whose last day has no next one."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    is_plain = text == day.isoformat() and day.year < MAXYEAR
    return datetime.combine(day, time(), UTC) if is_plain else None
