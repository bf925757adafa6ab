"""Groups of jobs, and to which of them a job belongs."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

LONG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
BYTEWISE = sa.Text(collation="C")
WORD = sa.String(255).with_variant(BYTEWISE, "postgresql")
ID = sa.String(36).with_variant(BYTEWISE, "postgresql")
SMALL = sa.SmallInteger()
PROSE = sa.Text().with_variant(mysql.LONGTEXT(), "mysql", "mariadb")


def _col(name: str, kind: Any, *, key: bool = False, null: bool = False, auto: bool = False) -> sa.Column[Any]:
    numbered: dict[str, Any] = {"autoincrement": auto} if key else {}
    return sa.Column(name, kind, primary_key=key, nullable=null, **numbered)


def _partial(name: str, table: str, *columns: str) -> None:
    """Over those rows only that have a value in the first of these columns."""
    where = sa.text(f"{columns[0]} IS NOT NULL")
    op.create_index(f"horizon_{name}", f"horizon_{table}", list(columns), sqlite_where=where, postgresql_where=where)


def upgrade() -> None:
    """Add them."""
    _group()
    op.create_table(
        "horizon_group_delta",
        _col("seq", LONG, key=True, auto=True),
        _col("group_n", LONG),
        *(_col(name, LONG) for name in ("total", "completed", "failed", "cancelled", "unneeded")),
        _col("failed_n", LONG, null=True),
    )
    op.create_index("horizon_group_delta_of", "horizon_group_delta", ["group_n", "seq"])
    for table in ("live", "done"):
        op.add_column(f"horizon_{table}", _col("group_n", LONG, null=True))
    _partial("job_group", "job", "group_id", "n")


def _group() -> None:
    op.create_table(
        "horizon_group",
        _col("n", LONG, key=True, auto=True),
        _col("id", ID),
        _col("kind", SMALL),
        _col("name", WORD),
        _col("parent", LONG, null=True),
        _col("state", SMALL),
        _col("allow", WORD, null=True),
        _col("allow_all", SMALL),
        *(_col(name, LONG) for name in ("total", "completed", "failed", "cancelled", "unneeded")),
        _col("needless", SMALL),
        *(_col(name, LONG) for name in ("generation", "created_at", "touched_at")),
        *(_col(name, LONG, null=True) for name in ("failed_at", "finished_at")),
        _col("told_at", LONG),
        _col("sweeping", LONG),
        _col("first_job", ID, null=True),
        *(_col(name, PROSE, null=True) for name in ("first_type", "first_message", "reason", "options")),
        *(_col(name, WORD, null=True) for name in ("owner", "tenant")),
    )
    op.create_index("horizon_group_id", "horizon_group", ["id"], unique=True)
    op.create_index("horizon_group_state", "horizon_group", ["state", "n"])
    op.create_index("horizon_group_name", "horizon_group", ["name", "n"])
    _partial("group_parent", "group", "parent", "n")


def downgrade() -> None:
    """Remove them, with all that is in them."""
    op.drop_index("horizon_job_group", "horizon_job")
    for table in ("done", "live"):
        op.drop_column(f"horizon_{table}", "group_n")
    for name in ("group_delta", "group"):
        op.drop_table(f"horizon_{name}")
