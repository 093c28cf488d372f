"""The tables as they are in the newest version; the migrations lead there and a test compares the two."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    literal_column,
)

HEAD = "0004"
"""The version this code reads and writes."""


class UtcTime(TypeDecorator[datetime]):
    """An aware time in UTC, kept as text that sorts as the times do and that a person can read."""

    impl = String(27)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> str | None:  # noqa: ARG002, D102
        return None if value is None else utc_text(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:  # noqa: ARG002, D102
        return None if value is None else datetime.fromisoformat(value)


def utc_text(moment: datetime) -> str:
    """``moment`` as the tables keep it; raises ValueError for a time without a zone."""
    if moment.tzinfo is None:
        raise ValueError("a time without a zone")
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


metadata = MetaData()

outbox = Table(
    "outbox",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("kind", String(20), nullable=False),
    Column("key", Text, nullable=False),
    Column("scope", String(10), nullable=False),
    Column("reason", String(40), nullable=False),
    Column("priority", Integer, nullable=False),
    Column("state", String(10), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("available_at", UtcTime, nullable=False),
    Column("lease_id", String(64)),
    Column("leased_revision", Integer),
    Column("leased_until", UtcTime),
    Column("create_sent_at", UtcTime),
    Column("refused_fingerprint", String(64)),
    Column("error_code", String(40)),
    Column("error_message", Text),
    Column("created_at", UtcTime, nullable=False),
    UniqueConstraint("kind", "key", name="outbox_kind_key"),
    Index("outbox_due", "state", "priority", "available_at", "id"),
    Index("outbox_key_state", "key", "state"),
)

links = Table(
    "links",
    metadata,
    Column("environment", String(10), primary_key=True),
    Column("sku", Text, primary_key=True),
    Column("listing_id", Text),
    Column("product_id", Text),
    Column("state", String(20)),
    Column("condition_uuid", String(36)),
    Column("web_url", Text),
    Column("sent", JSON, nullable=False),
    Column("photos", JSON, nullable=False),
    Column("ended_by_us", Boolean, nullable=False),
    Column("publish_withheld", Boolean, nullable=False),
    Column("owed", JSON, nullable=False),
    Column("deleted_at", UtcTime),
    Index("links_product", "environment", "product_id"),
    Index("links_listing", "environment", "listing_id"),
)

sync_log = Table(
    "sync_log",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("created_at", UtcTime, nullable=False),
    Column("environment", String(10), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("action", String(20), nullable=False),
    Column("outcome", String(20), nullable=False),
    Column("reason", String(40), nullable=False),
    Column("sku", Text, nullable=False),
    Column("product_id", Text),
    Column("product_url", Text),
    Column("listing_id", Text),
    Column("listing_url", Text),
    Column("code", String(40)),
    Column("message", Text, nullable=False),
    Column("errors", JSON, nullable=False),
    Column("http_status", Integer),
    Column("request_id", Text),
    Column("requests", Integer, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("duration_seconds", Float, nullable=False),
    Column("product_title", Text),
    Index("sync_log_time", "created_at", "id"),
    Index("sync_log_sku", "sku", "created_at", "id"),
    Index("sync_log_outcome", "outcome", "created_at", "id"),
    Index("sync_log_kind", "kind", "created_at", "id"),
    Index("sync_log_kind_outcome", "kind", "outcome", "created_at", "id"),
)

exchanges = Table(
    "exchanges",
    metadata,
    Column("entry_id", Integer, ForeignKey("sync_log.id", ondelete="CASCADE"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("method", String(10), nullable=False),
    Column("path", Text, nullable=False),
    Column("request", Text),
    Column("status", Integer),
    Column("answer", Text, nullable=False),
    Column("duration_seconds", Float, nullable=False),
    Column("size", Integer, nullable=False),
    Index("exchanges_size", "entry_id", "size"),
)

log_days = Table(
    "log_days",
    metadata,
    Column("environment", String(10), primary_key=True),
    Column("day", String(10), primary_key=True),
    Column("outcome", String(20), primary_key=True),
    Column("attempts", Integer, nullable=False),
)

cache = Table(
    "cache",
    metadata,
    Column("environment", String(10), primary_key=True),
    Column("name", String(40), primary_key=True),
    Column("content", JSON, nullable=False),
    Column("saved_at", UtcTime, nullable=False),
)

settings = Table(
    "settings",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("value", Text, nullable=False),
    Column("saved_at", UtcTime, nullable=False),
)

sender = Table(
    "sender",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("owner", String(120), nullable=False),
    Column("version", String(40), nullable=False),
    Column("started_at", UtcTime, nullable=False),
    Column("leased_until", UtcTime, nullable=False),
)

remote_state = Table(
    "remote_state",
    metadata,
    Column("environment", String(10), primary_key=True),
    Column("next_at", Float, nullable=False),
    Column("interval_seconds", Float, nullable=False),
    Column("blocked_until", Float, nullable=False),
    Column("refusals", Integer, nullable=False),
    Column("failures", Integer, nullable=False),
    Column("open_until", Float, nullable=False),
    Column("cause", Text, nullable=False),
    Column("probing", Boolean, nullable=False),
    Column("refused_token", String(64)),
    Column("refused_at", UtcTime),
)

shipments = Table(
    "shipments",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("order_id", Text, nullable=False),
    Column("carrier", Text, nullable=False),
    Column("tracking_number", Text, nullable=False),
    Column("recorded_at", UtcTime, nullable=False),
    Column("state", String(10), nullable=False, server_default="waiting"),
    Column("provider", Text),
    Column("message", Text, nullable=False, server_default=""),
    Column("ended_at", UtcTime),
    UniqueConstraint("order_id", "carrier", "tracking_number", name="shipments_once"),
    Index("shipments_state", "state", "id"),
)

orders = Table(
    "orders",
    metadata,
    Column("environment", String(10), primary_key=True),
    Column("number", Text, primary_key=True),
    Column("status", String(40), nullable=False),
    Column("bundle_id", Text, nullable=False),
    Column("listing_id", Text, nullable=False),
    Column("sku", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("quantity", Integer, nullable=False),
    Column("money", JSON, nullable=False),
    Column("local_pickup", Boolean, nullable=False),
    Column("shipping_provider", Text, nullable=False),
    Column("tracking_number", Text, nullable=False),
    Column("links", JSON, nullable=False),
    Column("buyer_name", Text),
    Column("ship_to", Text),
    Column("created_at", UtcTime),
    Column("paid_at", UtcTime),
    Column("updated_at", UtcTime),
    Column("seen_at", UtcTime, nullable=False),
    Column("off_seen_at", UtcTime),
    Column("fingerprint", String(64), nullable=False),
    Column("is_old", Boolean, nullable=False),
    Column("way", String(10), nullable=False),
    Column("due", Integer, nullable=False),
    Column("taken", Integer, nullable=False),
    Column("short", Integer, nullable=False),
    Column("returned", Integer, nullable=False),
    Column("moving", Integer, nullable=False),
    Column("restock", Integer),
    Column("host_order_id", Text),
    Column("told", String(64)),
    Column("is_off_in_shop", Boolean, nullable=False),
    Column("refund_asked", Boolean, nullable=False),
    Column("note", Text, nullable=False),
    Index("orders_sku", "environment", "sku"),
    Index("orders_listing", "environment", "listing_id"),
    Index("orders_host", "environment", "host_order_id"),
    Index("orders_created", "environment", "created_at", "number"),
    Index("orders_bundle", "environment", "bundle_id"),
)

order_polls = Table(
    "order_polls",
    metadata,
    Column("environment", String(10), primary_key=True),
    Column("since_at", UtcTime, nullable=False),
    Column("watermark_at", UtcTime, nullable=False),
    Column("began_at", UtcTime),
    Column("next_link", Text),
    Column("newest_at", UtcTime),
    Column("last_began_at", UtcTime),
    Column("refunds_read_at", UtcTime),
    Column("off_at", UtcTime),
    Column("forgotten_at", UtcTime),
)

stock = Table(
    "stock",
    metadata,
    Column("environment", String(10), primary_key=True),
    Column("sku", Text, primary_key=True),
    Column("moves", Integer, nullable=False),
    Column("moves_sent", Integer, nullable=False),
    Column("shown", Integer),
    Column("shown_at", UtcTime),
    Column("showing", Integer),
    Column("odd_at", UtcTime),
    Column("edited", Integer, nullable=False),
    Column("editing", Integer, nullable=False),
    Column("intent_key", String(32)),
    Column("intent_before", Integer),
    Column("intent_after", Integer),
)

ACTIVE_RUN_STATES = ("reading", "comparing", "applying", "paused")

runs = Table(
    "runs",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("environment", String(10), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("state", String(20), nullable=False),
    Column("started_by", Text, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("planned_at", UtcTime),
    Column("applied_at", UtcTime),
    Column("finished_at", UtcTime),
    Column("apply_when_planned", Boolean, nullable=False),
    Column("confirmed", Boolean, nullable=False),
    Column("next_link", Text),
    Column("listings_total", Integer),
    Column("after_sku", Text),
    Column("live_listings", Integer, nullable=False),
    Column("unchanged", Integer, nullable=False),
    Column("products", Integer, nullable=False),
    Column("brake", Text),
    Column("message", Text, nullable=False),
)
# The database itself sees to it that there is one active run at a time.
Index(
    "runs_one_at_a_time",
    runs.c.environment,
    unique=True,
    sqlite_where=runs.c.state.in_([literal_column(f"'{state}'") for state in ACTIVE_RUN_STATES]),
)

run_listings = Table(
    "run_listings",
    metadata,
    Column("run_id", Integer, primary_key=True),
    Column("listing_id", Text, primary_key=True),
    Column("sku", Text, nullable=False),
    Column("near_sku", Text, nullable=False),
    Column("listing", JSON, nullable=False),
    Column("is_live", Boolean, nullable=False),
    Column("matched", Boolean, nullable=False),
    Index("run_listings_near_sku", "run_id", "near_sku"),
)

run_rows = Table(
    "run_rows",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("run_id", Integer, nullable=False),
    Column("sku", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("action", String(20), nullable=False),
    Column("is_grave", Boolean, nullable=False),
    Column("state", String(20), nullable=False),
    Column("begun", Integer, nullable=False),
    Column("tried", Boolean, nullable=False),
    Column("requests", Integer, nullable=False),
    Column("listing_id", Text),
    Column("listing_url", Text),
    Column("differences", JSON, nullable=False),
    Column("method", String(4)),
    Column("path", Text),
    Column("body", JSON(none_as_null=True)),
    Column("seen", JSON(none_as_null=True)),
    Column("message", Text, nullable=False),
    Index("run_rows_sku", "run_id", "sku"),
    Index("run_rows_state", "run_id", "state", "id"),
    Index("run_rows_action", "run_id", "action", "id"),
    Index("run_rows_counts", "run_id", "action", "state", "requests"),
)
