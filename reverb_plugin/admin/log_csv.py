"""The sync log as a CSV, made while it is sent: a log of any length takes no memory."""

import csv
import io
from collections.abc import Iterable, Iterator

from reverb_plugin.errors import StoreError
from reverb_plugin.store.sync_log import LogEntry

BYTE_ORDER_MARK = "\ufeff"
"""Without it Excel takes UTF-8 for something else."""

FORMULA_BEGINS = ("=", "+", "-", "@", "\t", "\r", "\n")
HEADINGS = (
    "Date and time (UTC)",
    "Item",
    "Item in the shop",
    "SKU",
    "Listing",
    "Status",
    "Message",
    "Error details",
    "Code",
    "Kind",
    "Action",
    "Reason",
    "Environment",
    "HTTP status",
    "Request id",
    "Requests",
    "Attempt",
    "Seconds",
)


def write_csv(entries: Iterable[LogEntry]) -> Iterator[str]:
    """The lines, the headings first. When the database fails in between, the last line says so."""
    yield BYTE_ORDER_MARK + _line(HEADINGS)
    try:
        for entry in entries:
            yield _line(_cells(entry))
    except StoreError as error:
        yield _line([f"The export is not complete: {error.message}"])


def _cells(entry: LogEntry) -> tuple[object, ...]:
    return (
        f"{entry.created_at:%Y-%m-%d %H:%M:%S}",
        entry.product_title,
        entry.product_url,
        entry.sku,
        entry.listing_url or entry.listing_id,
        entry.outcome,
        entry.message,
        "; ".join(map(str, entry.errors)),
        entry.code,
        entry.kind,
        entry.action,
        entry.reason,
        entry.environment,
        entry.http_status,
        entry.request_id,
        entry.requests,
        entry.attempt,
        f"{entry.duration_seconds:.3f}",
    )


def _line(cells: Iterable[object]) -> str:
    line = io.StringIO()
    csv.writer(line).writerow([_harmless(cell) for cell in cells])
    return line.getvalue()


def _harmless(cell: object) -> object:
    """A spreadsheet runs a cell that begins like a formula; with an apostrophe in front it is text."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA_BEGINS) else cell
