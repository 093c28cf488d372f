"""One attempt at a job: what it has learnt so far, and how that becomes a settlement."""

from dataclasses import dataclass, field, replace
from datetime import datetime

from reverb_plugin.changes import Action, Change, Kind, Outcome
from reverb_plugin.errors import FieldError, NotAllowedError, PluginError, RefusedError, ReverbError
from reverb_plugin.host import Product
from reverb_plugin.reverb_api.models import Written
from reverb_plugin.store import runs
from reverb_plugin.store.links import Link
from reverb_plugin.store.outbox import Job
from reverb_plugin.store.run_store import RowResult
from reverb_plugin.store.runs import RunRow
from reverb_plugin.store.stock import StockShown
from reverb_plugin.store.store import Done, Later, Park, Settlement
from reverb_plugin.store.sync_log import LogEntry
from reverb_plugin.sync.fields import Fields, fingerprint

MOVED = "changed-since-preview"
SET_ASIDE = "set-aside"
ROW_STATES = {MOVED: runs.ROW_MOVED, SET_ASIDE: runs.ROW_ASIDE}


@dataclass(slots=True)
class Attempt:
    """The attempt while it runs.

    ``link`` is what is known of the listing, ``kept`` what is to be remembered of it, ``forget`` the SKUs whose links
    no longer hold. ``create_sent_at`` is since when a listing may exist that we got no answer about. ``intent`` is
    the fingerprint of what is being sent. ``product_is_gone`` when the shop has deleted the product. ``row`` is the
    row of a mass sync that is being applied: such an attempt leaves no job behind that waits for a person, because
    the plan tells what became of it. ``about`` is the SKU where the job's key is none, ``page`` the page on Reverb
    where it is no listing's. ``shown`` is what Reverb now shows of the stock, once that is followed (``moves``).
    """

    job: Job
    environment: str
    started_at: datetime
    action: Action = Action.READ_SHOP
    product: Product | None = None
    link: Link | None = None
    kept: Link | None = None
    forget: list[str] = field(default_factory=list)
    errors: list[FieldError] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    status: int | None = None
    request_id: str | None = None
    create_sent_at: datetime | None = None
    intent: str | None = None
    product_is_gone: bool = False
    row: RunRow | None = None
    about: str | None = None
    page: str | None = None
    shown: StockShown | None = None
    moves: int | None = None

    def keep(self, link: Link) -> None:
        """From now on this is what is known of the listing, however the attempt ends."""
        self.link = self.kept = link

    def intends(self, body: Fields) -> bool:
        """Notes what is about to be sent; whether Reverb has refused exactly that before, in this environment."""
        self.intent = fingerprint([self.environment, body])
        return self.intent == self.job.refused_fingerprint

    def refused_before(self) -> Settlement:
        """Nothing is sent: it would only be refused again."""
        return self.refused("The product has not changed since Reverb refused it.", code=RefusedError.code)

    def showed(self, fields: Fields) -> None:
        """Notes the quantity that Reverb has accepted."""
        if self.moves is not None and "inventory" in fields:
            self.shown = StockShown(self.job.key, fields["inventory"], self.moves)

    def heard(self, written: Written) -> None:
        """Remembers what Reverb said to a write; its warnings are shown, because silence is not success."""
        self.status, self.request_id = written.status, written.request_id
        self.errors += [FieldError(None, warning) for warning in written.warnings]

    def done(self, outcome: Outcome, message: str, *, follow_up: Change | None = None) -> Settlement:
        """The job is finished."""
        code = "left-out" if self.errors else None
        return self._settlement(Done(), outcome, message, code=code, follow_up=follow_up)

    def moved(self, message: str = "It changed since the preview.") -> Settlement:
        """The row of the plan no longer fits what it was made from; nothing is sent."""
        return self._settlement(Done(), Outcome.SKIPPED, message, code=MOVED)

    def refused(self, message: str, *, code: str) -> Settlement:
        """The job waits until the product changes or a person tries again."""
        return self._settlement(Park(self.intent), Outcome.REFUSED, message, code=code)

    def later(self, message: str, delay_seconds: float, *, code: str, counts: bool) -> Settlement:
        """The job is tried again."""
        return self._settlement(Later(delay_seconds, counts), Outcome.DEFERRED, message, code=code)

    def failed(self, error: PluginError, then: Later | Park) -> Settlement:
        """The attempt ended with an error."""
        message = error.message
        if isinstance(error, ReverbError):
            self.status, self.request_id = error.status, error.request_id
            self.errors += list(error.errors)
        if isinstance(error, NotAllowedError):
            message = f"{message} See {error.page_url}"
        if isinstance(then, Park) and isinstance(error, RefusedError):
            then = Park(self.intent)
        outcome = Outcome.REFUSED if isinstance(then, Park) else Outcome.DEFERRED
        return self._settlement(then, outcome, message, code=error.code)

    def _settlement(
        self,
        then: Done | Later | Park,
        outcome: Outcome,
        message: str,
        *,
        code: str | None,
        follow_up: Change | None = None,
    ) -> Settlement:
        link, product = self.link, self.product
        is_step = self.job.kind is Kind.RUN_STEP
        has_no_sku = is_step or self.job.kind is Kind.POLL_ORDERS
        entry = LogEntry(
            created_at=self.started_at,
            environment=self.environment,
            kind=self.job.kind,
            action=self.action,
            outcome=outcome,
            reason=self.job.reason,
            sku=self.about or ("" if has_no_sku else self.job.key),
            message=" ".join([*([f"Run {self.job.key}:"] if is_step else []), message, *self.notes]),
            product_id=product.id if product else (link.product_id if link else None),
            product_url=product.url if product else None,
            product_title=product.title if product else None,
            listing_id=link.listing_id if link else None,
            listing_url=self.page or (link.web_url if link else None),
            code=code,
            errors=tuple(self.errors),
            http_status=self.status,
            request_id=self.request_id,
            attempt=self.job.attempts + 1,
        )
        settlement = Settlement(
            then,
            entry,
            self.kept,
            tuple(self.forget),
            follow_up,
            self.create_sent_at,
            self.product_is_gone,
            shown=self.shown,
        )
        return settlement if self.row is None else self._with_row(settlement, self.row, entry)

    @staticmethod
    def _with_row(settlement: Settlement, row: RunRow, entry: LogEntry) -> Settlement:
        message = " ".join([entry.message, "; ".join(map(str, entry.errors))]).strip()
        if isinstance(settlement.next, Later):
            return replace(settlement, row=RowResult(row.id, runs.ROW_QUEUED, message))
        state = ROW_STATES.get(entry.code or "") or (
            runs.ROW_FAILED if entry.outcome == Outcome.REFUSED else runs.ROW_DONE
        )
        return replace(settlement, next=Done(), row=RowResult(row.id, state, message))
