"""What the page shows: exchanges of an attempt, the days of the log in figures, and what is kept of Reverb's lists."""

import sqlalchemy as sa
from alembic.operations import Operations

revision = "0003"
down_revision = "0002"

COUNT_DAYS = """
INSERT INTO log_days (environment, day, outcome, attempts)
SELECT environment, substr(created_at, 1, 10), outcome, count(*) FROM sync_log GROUP BY 1, 2, 3
"""


def upgrade(op: Operations) -> None:
    """Makes the tables, and counts the days of the log there is."""
    op.create_table(
        "exchanges",
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("method", sa.String(length=10), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("request", sa.Text(), nullable=True),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("duration_seconds", sa.Float(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["entry_id"], ["sync_log.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("entry_id", "number"),
    )
    op.create_index("exchanges_size", "exchanges", ["entry_id", "size"], unique=False)
    op.create_table(
        "log_days",
        sa.Column("environment", sa.String(length=10), nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("outcome", sa.String(length=20), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("environment", "day", "outcome"),
    )
    op.execute(COUNT_DAYS)
    op.create_table(
        "cache",
        sa.Column("environment", sa.String(length=10), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("saved_at", sa.String(length=27), nullable=False),
        sa.PrimaryKeyConstraint("environment", "name"),
    )
    op.add_column("sync_log", sa.Column("product_title", sa.Text(), nullable=True))
    op.create_index("sync_log_kind", "sync_log", ["kind", "created_at", "id"], unique=False)
    op.create_index("sync_log_kind_outcome", "sync_log", ["kind", "outcome", "created_at", "id"], unique=False)
    op.create_index("run_rows_counts", "run_rows", ["run_id", "action", "state", "requests"], unique=False)
