"""What holds jobs back until there is room, and which jobs it holds back."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

LONG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
BYTEWISE = sa.Text(collation="C")
WORD = sa.String(255).with_variant(BYTEWISE, "postgresql")
PROSE = sa.Text().with_variant(mysql.LONGTEXT(), "mysql", "mariadb")


def _col(name: str, kind: Any, *, key: bool = False, null: bool = False, auto: bool = False) -> sa.Column[Any]:
    numbered: dict[str, Any] = {"autoincrement": auto} if key else {}
    return sa.Column(name, kind, primary_key=key, nullable=null, **numbered)


def _partial(name: str, table: str, *columns: str, where: str) -> None:
    """Over those rows only that have a value in this column."""
    condition = sa.text(f"{where} IS NOT NULL")
    op.create_index(f"horizon_{name}", f"horizon_{table}", list(columns), sqlite_where=condition, postgresql_where=condition)


def upgrade() -> None:
    """Add them."""
    op.create_table(
        "horizon_limit",
        _col("name", WORD, key=True),
        *(_col(name, LONG) for name in ("most", "per")),
        _col("strategy", WORD),
        _col("running", LONG),
        _col("marks", PROSE),
        *(_col(name, LONG) for name in ("lots", "crowd")),
        _col("idle_at", LONG, null=True),
    )
    op.create_index("horizon_limit_crowd", "horizon_limit", ["crowd", "name"])
    _partial("limit_idle", "limit", "idle_at", where="idle_at")
    op.create_table(
        "horizon_lot",
        _col("n", LONG, key=True, auto=True),
        *(_col(name, WORD) for name in ("id", "queue")),
        _col("names", PROSE),
        *(_col(name, LONG) for name in ("stands", "parked", "rank", "place")),
        _col("waits_for", WORD, null=True),
        *(_col(name, LONG, null=True) for name in ("watch", "idle_at")),
    )
    op.create_index("horizon_lot_id", "horizon_lot", ["id"], unique=True)
    _partial("lot_waits", "lot", "waits_for", "queue", "rank", "place", "n", where="waits_for")
    _partial("lot_watch", "lot", "waits_for", "watch", where="watch")
    _partial("lot_idle", "lot", "idle_at", where="idle_at")
    op.add_column("horizon_job", _col("limits", PROSE, null=True))
    op.add_column("horizon_live", _col("lot", LONG, null=True))
    _partial("live_lot", "live", "lot", "state", "rank", "place", "n", where="lot")


def downgrade() -> None:
    """Remove them, with all that is in them. Parked jobs are due at once: without limits there is room for all."""
    op.execute("UPDATE horizon_live SET due = available_at WHERE lot < 0")
    op.drop_index("horizon_live_lot", "horizon_live")
    op.drop_column("horizon_live", "lot")
    op.drop_column("horizon_job", "limits")
    for name in ("lot", "limit"):
        op.drop_table(f"horizon_{name}")
