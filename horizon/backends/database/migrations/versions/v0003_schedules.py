"""Schedules and their history."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

LONG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
BYTEWISE = sa.Text(collation="C")
WORD = sa.String(255).with_variant(BYTEWISE, "postgresql")
PROSE = sa.Text().with_variant(mysql.LONGTEXT(), "mysql", "mariadb")


def _col(name: str, kind: Any, *, key: bool = False, null: bool = False, auto: bool = False) -> sa.Column[Any]:
    numbered: dict[str, Any] = {"autoincrement": auto} if key else {}
    return sa.Column(name, kind, primary_key=key, nullable=null, **numbered)


def upgrade() -> None:
    """Add them."""
    op.create_table(
        "horizon_schedule",
        _col("name", WORD, key=True),
        _col("version", LONG),
        _col("next_at", LONG, null=True),
        _col("document", PROSE),
    )
    op.create_index("horizon_schedule_next", "horizon_schedule", ["next_at"])
    op.create_table(
        "horizon_schedule_run",
        _col("seq", LONG, key=True, auto=True),
        _col("schedule", WORD),
        _col("document", PROSE),
    )
    op.create_index("horizon_schedule_run_of", "horizon_schedule_run", ["schedule", "seq"])


def downgrade() -> None:
    """Remove them."""
    for name in ("schedule_run", "schedule"):
        op.drop_table(f"horizon_{name}")
