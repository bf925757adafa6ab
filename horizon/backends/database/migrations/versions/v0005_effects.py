"""Effects that shall not take place twice; locks are found by when they expired."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

LONG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
BYTEWISE = sa.Text(collation="C")
WORD = sa.String(255).with_variant(BYTEWISE, "postgresql")
ID = sa.String(36).with_variant(BYTEWISE, "postgresql")
BYTES = sa.LargeBinary().with_variant(mysql.LONGBLOB(), "mysql", "mariadb")


def _col(name: str, kind: Any, *, key: bool = False, null: bool = False, auto: bool = False) -> sa.Column[Any]:
    numbered: dict[str, Any] = {"autoincrement": auto} if key else {}
    return sa.Column(name, kind, primary_key=key, nullable=null, **numbered)


def upgrade() -> None:
    """Add them."""
    op.create_table(
        "horizon_effect",
        _col("seq", LONG, key=True, auto=True),
        _col("name", WORD),
        _col("job", ID),
        _col("at", LONG),
        _col("data", BYTES, null=True),
    )
    op.create_index("horizon_effect_name", "horizon_effect", ["name", "seq"])
    op.create_index("horizon_effect_at", "horizon_effect", ["at"])
    op.create_index("horizon_lock_over", "horizon_lock", ["expires_at"])


def downgrade() -> None:
    """Remove them, with all that is in them."""
    op.drop_index("horizon_lock_over", "horizon_lock")
    op.drop_table("horizon_effect")
