"""Shipments out of a CSV: ShipStation's exports, or plainly order, carrier and tracking number in three columns."""

import codecs
import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from reverb_plugin.errors import InvalidFileError, InvalidValueError
from reverb_plugin.host import Shipment

ORDER = ("order", "ordernumber", "orderno", "orderid", "ordernum", "shipmentordernumber", "reverbordernumber")
CARRIER = (
    "carrier",
    "shipmentcarrier",
    "carriername",
    "shippingcarrier",
    "provider",
    "shippingprovider",
    "carriercode",
)
TRACKING = ("tracking", "trackingnumber", "trackingno", "shipmenttrackingnumber", "trackingcode", "shippingcode")
SERVICE = ("service", "shipmentservice", "servicename")
_SHORTENED = re.compile(r"\d[.,]\d*E\+?\d+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class LineProblem:
    """A line that is no shipment, and why."""

    line: int
    problem: str


def read_shipments(path: Path) -> tuple[list[Shipment], list[LineProblem]]:
    """The shipments of a file, each once, and the lines that could not be taken.

    Columns are found by their names, whatever else there is; without names the first three are meant. Lines without a
    tracking number are passed over where a file has names: exports list what is not shipped yet.

    Raises:
        InvalidFileError: the file cannot be read, or has names but not these columns.
    """
    rows = _rows(path)
    columns = _find_columns(rows[0]) if rows else None
    found: dict[Shipment, None] = {}
    problems: list[LineProblem] = []
    for number, row in enumerate(rows, start=1):
        if not any(row) or (columns is not None and number == 1):
            continue
        try:
            shipment = _read(row, columns)
        except InvalidValueError as error:
            problems.append(LineProblem(number, error.message))
            continue
        if shipment is not None:
            found[shipment] = None
    return list(found), problems


def _rows(path: Path) -> list[list[str]]:
    try:
        text = _decode(path.read_bytes())
    except OSError as error:
        raise InvalidFileError(path, f"cannot be read: {error.strerror}") from error
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    try:
        return [[cell.strip() for cell in row] for row in csv.reader(io.StringIO(text), delimiter=delimiter)]
    except csv.Error as error:
        raise InvalidFileError(path, f"is no CSV: {error}") from error


def _decode(content: bytes) -> str:
    """Spreadsheets save in three ways."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return content.decode("utf-16", "replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")


def _find_columns(header: Sequence[str]) -> Mapping[str, int] | None:
    """Where the columns are; None when the first row holds a shipment and no names."""
    names = [re.sub(r"[^a-z]", "", cell.lower().replace("#", "number")) for cell in header]
    places = {}
    for column, words in (("order", ORDER), ("carrier", CARRIER), ("tracking", TRACKING), ("service", SERVICE)):
        place = next((names.index(word) for word in words if word in names), None)
        if place is not None:
            places[column] = place
    if not places:
        return None
    missing = [column for column in ("order", "tracking") if column not in places]
    if missing:
        raise InvalidValueError("columns", ", ".join(header), f"none of them is the {' or the '.join(missing)} number")
    return places


def _read(row: Sequence[str], columns: Mapping[str, int] | None) -> Shipment | None:
    if columns is None:
        order, carrier, tracking = (*row, "", "", "")[:3]
    else:
        order, tracking = _cell(row, columns["order"]), _cell(row, columns["tracking"])
        carrier = _cell(row, columns.get("carrier")) or _cell(row, columns.get("service")) or "Other"
        if not tracking:
            return None
    if _SHORTENED.fullmatch(tracking):
        raise InvalidValueError("tracking_number", tracking, "was shortened by a spreadsheet; export it as text")
    return Shipment(order.removeprefix("#"), carrier, tracking)


def _cell(row: Sequence[str], place: int | None) -> str:
    return row[place] if place is not None and place < len(row) else ""
