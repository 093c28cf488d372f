"""Orders on Reverb, how far they were read, and the stock that both sides move."""

import sqlalchemy as sa
from alembic.operations import Operations

revision = "0004"
down_revision = "0003"


def upgrade(op: Operations) -> None:
    """Makes the tables of orders and lets shipments tell what became of them."""
    _extend_shipments(op)
    _make_orders(op)
    op.create_table(
        "order_polls",
        sa.Column("environment", sa.String(length=10), nullable=False),
        sa.Column("since_at", sa.String(length=27), nullable=False),
        sa.Column("watermark_at", sa.String(length=27), nullable=False),
        sa.Column("began_at", sa.String(length=27), nullable=True),
        sa.Column("next_link", sa.Text(), nullable=True),
        sa.Column("newest_at", sa.String(length=27), nullable=True),
        sa.Column("last_began_at", sa.String(length=27), nullable=True),
        sa.Column("refunds_read_at", sa.String(length=27), nullable=True),
        sa.Column("off_at", sa.String(length=27), nullable=True),
        sa.Column("forgotten_at", sa.String(length=27), nullable=True),
        sa.PrimaryKeyConstraint("environment"),
    )
    op.create_table(
        "stock",
        sa.Column("environment", sa.String(length=10), nullable=False),
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("moves", sa.Integer(), nullable=False),
        sa.Column("moves_sent", sa.Integer(), nullable=False),
        sa.Column("shown", sa.Integer(), nullable=True),
        sa.Column("shown_at", sa.String(length=27), nullable=True),
        sa.Column("showing", sa.Integer(), nullable=True),
        sa.Column("odd_at", sa.String(length=27), nullable=True),
        sa.Column("edited", sa.Integer(), nullable=False),
        sa.Column("editing", sa.Integer(), nullable=False),
        sa.Column("intent_key", sa.String(length=32), nullable=True),
        sa.Column("intent_before", sa.Integer(), nullable=True),
        sa.Column("intent_after", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("environment", "sku"),
    )


def _extend_shipments(op: Operations) -> None:
    # SQLite writes added columns where they would stand in a new table only when the table is made anew.
    op.rename_table("shipments", "old_shipments")
    op.create_table(
        "shipments",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("order_id", sa.Text(), nullable=False),
        sa.Column("carrier", sa.Text(), nullable=False),
        sa.Column("tracking_number", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.String(length=27), nullable=False),
        sa.Column("state", sa.String(length=10), server_default="waiting", nullable=False),
        sa.Column("provider", sa.Text(), nullable=True),
        sa.Column("message", sa.Text(), server_default="", nullable=False),
        sa.Column("ended_at", sa.String(length=27), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("order_id", "carrier", "tracking_number", name="shipments_once"),
    )
    op.create_index("shipments_state", "shipments", ["state", "id"], unique=False)
    op.execute(
        "INSERT INTO shipments (id, order_id, carrier, tracking_number, recorded_at)"
        " SELECT id, order_id, carrier, tracking_number, recorded_at FROM old_shipments"
    )
    op.drop_table("old_shipments")


def _make_orders(op: Operations) -> None:
    op.create_table(
        "orders",
        sa.Column("environment", sa.String(length=10), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("status", sa.String(length=40), nullable=False),
        sa.Column("bundle_id", sa.Text(), nullable=False),
        sa.Column("listing_id", sa.Text(), nullable=False),
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("money", sa.JSON(), nullable=False),
        sa.Column("local_pickup", sa.Boolean(), nullable=False),
        sa.Column("shipping_provider", sa.Text(), nullable=False),
        sa.Column("tracking_number", sa.Text(), nullable=False),
        sa.Column("links", sa.JSON(), nullable=False),
        sa.Column("buyer_name", sa.Text(), nullable=True),
        sa.Column("ship_to", sa.Text(), nullable=True),
        sa.Column("created_at", sa.String(length=27), nullable=True),
        sa.Column("paid_at", sa.String(length=27), nullable=True),
        sa.Column("updated_at", sa.String(length=27), nullable=True),
        sa.Column("seen_at", sa.String(length=27), nullable=False),
        sa.Column("off_seen_at", sa.String(length=27), nullable=True),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("is_old", sa.Boolean(), nullable=False),
        sa.Column("way", sa.String(length=10), nullable=False),
        sa.Column("due", sa.Integer(), nullable=False),
        sa.Column("taken", sa.Integer(), nullable=False),
        sa.Column("short", sa.Integer(), nullable=False),
        sa.Column("returned", sa.Integer(), nullable=False),
        sa.Column("moving", sa.Integer(), nullable=False),
        sa.Column("restock", sa.Integer(), nullable=True),
        sa.Column("host_order_id", sa.Text(), nullable=True),
        sa.Column("told", sa.String(length=64), nullable=True),
        sa.Column("is_off_in_shop", sa.Boolean(), nullable=False),
        sa.Column("refund_asked", sa.Boolean(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("environment", "number"),
    )
    op.create_index("orders_sku", "orders", ["environment", "sku"], unique=False)
    op.create_index("orders_listing", "orders", ["environment", "listing_id"], unique=False)
    op.create_index("orders_host", "orders", ["environment", "host_order_id"], unique=False)
    op.create_index("orders_created", "orders", ["environment", "created_at", "number"], unique=False)
    op.create_index("orders_bundle", "orders", ["environment", "bundle_id"], unique=False)
