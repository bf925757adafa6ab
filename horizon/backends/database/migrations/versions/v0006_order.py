"""Keys that take turns, and jobs that do not outlive their deadline."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

LONG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
WORD = sa.String(255).with_variant(sa.Text(collation="C"), "postgresql")
COLUMNS: tuple[tuple[str, Any], ...] = (("fair", WORD), ("share", LONG), ("expires", sa.SmallInteger()))
TABLES = ("horizon_job", "horizon_live")


def upgrade() -> None:
    """Add them."""
    for table in TABLES:
        for name, kind in COLUMNS:
            op.add_column(table, sa.Column(name, kind, nullable=True))
    where = sa.text("fair IS NOT NULL AND place > 0")
    op.create_index("horizon_live_fair", "horizon_live", ["fair", "queue", "rank", "place"], sqlite_where=where, postgresql_where=where)


def downgrade() -> None:
    """Remove them."""
    op.drop_index("horizon_live_fair", "horizon_live")
    for table in reversed(TABLES):
        for name, _ in reversed(COLUMNS):
            op.drop_column(table, name)
