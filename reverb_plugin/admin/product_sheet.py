"""What the page of one product shows without asking Reverb: the shop's side, what is remembered, what can be done."""

from collections.abc import Sequence
from dataclasses import dataclass

from reverb_plugin.admin.desk import Desk
from reverb_plugin.admin.field_words import Change, FieldWords
from reverb_plugin.errors import PluginError
from reverb_plugin.host import Product
from reverb_plugin.store.runs import ROW_PLANNED, ROW_QUEUED, RunRow
from reverb_plugin.store.sku_store import SkuState
from reverb_plugin.store.sync_log import LogEntry, LogFilter
from reverb_plugin.sync.exclusion import Exclusion, find_exclusion, find_sku_exclusion, pattern_of
from reverb_plugin.sync.take import takeable
from reverb_plugin.sync.tools import read_product

HISTORY = 8
OWN_SOURCES = frozenset({"database", "default"})
EXCLUDE_SKUS = "exclude_skus"


@dataclass(frozen=True, slots=True)
class Trouble:
    """What did not work, and what to do next."""

    message: str
    hint: str


@dataclass(frozen=True, slots=True)
class Excluding:
    """Whether a rule leaves the product alone, and whether it can be excluded or taken up again here.

    ``elsewhere`` says where the list of excluded SKUs comes from, when it cannot be changed on the page.
    """

    exclusion: Exclusion | None
    can_exclude: bool
    can_include: bool
    elsewhere: str


@dataclass(frozen=True, slots=True)
class DriftRow:
    """A difference that the last drift check found; ``take`` is the quantity that the shop could take over."""

    row: RunRow
    differences: tuple[Change, ...]
    can_send: bool
    take: int | None
    is_waiting: bool


@dataclass(frozen=True, slots=True)
class Sheet:
    """Everything known of one SKU."""

    sku: str
    product: Product | None
    shop_trouble: Trouble | None
    state: SkuState
    excluding: Excluding
    history: Sequence[LogEntry]
    drift: tuple[DriftRow, ...]

    @property
    def is_known(self) -> bool:
        """Whether the shop or our memory knows the SKU."""
        return bool(self.product or self.shop_trouble or self.history or self.drift) or self.state != SkuState()


def make_sheet(desk: Desk, sku: str) -> Sheet:
    """The sheet of a SKU.

    Raises:
        StoreError: the database cannot be read.
    """
    product, trouble = _read_shop(desk, sku)
    return Sheet(
        sku,
        product,
        trouble,
        desk.store.skus.states([sku])[sku],
        _excluding(desk, sku, product),
        desk.store.log_page(LogFilter(sku=sku), limit=HISTORY),
        find_drift_rows(desk, sku),
    )


def find_drift_rows(desk: Desk, sku: str) -> tuple[DriftRow, ...]:
    """The differences of this SKU that the last check found and nobody has settled yet."""
    check = desk.drift.find_last_check()
    if check is None:
        return ()
    rows = desk.store.runs.rows(check.id, sku=sku)
    words = FieldWords(desk)
    return tuple(drift_row(desk, words, row) for row in rows if row.state in {ROW_PLANNED, ROW_QUEUED})


def drift_row(desk: Desk, words: FieldWords, row: RunRow) -> DriftRow:
    """The row with what can be done about it."""
    is_open = row.state == ROW_PLANNED
    take = takeable(row) if is_open and desk.drift.can_take else None
    return DriftRow(
        row, words.changes(row.differences), is_open and row.body is not None, take, row.state == ROW_QUEUED
    )


def _read_shop(desk: Desk, sku: str) -> tuple[Product | None, Trouble | None]:
    try:
        return read_product(desk.host, sku), None
    except PluginError as error:
        return None, Trouble(error.message, error.hint)


def _excluding(desk: Desk, sku: str, product: Product | None) -> Excluding:
    loaded = desk.configuration.load()
    settings, source = loaded.values, loaded.sources[EXCLUDE_SKUS]
    is_ours = source in OWN_SOURCES
    exclusion = find_sku_exclusion(sku, settings) if product is None else find_exclusion(product, settings)
    is_named = pattern_of(sku) in settings.exclude_skus
    return Excluding(
        exclusion,
        can_exclude=is_ours and find_sku_exclusion(sku, settings) is None,
        can_include=is_ours and is_named,
        elsewhere="" if is_ours else source,
    )
