"""Notes: small texts by kind and name."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

LONG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
BYTEWISE = sa.Text(collation="C")
WORD = sa.String(255).with_variant(BYTEWISE, "postgresql")
PROSE = sa.Text().with_variant(mysql.LONGTEXT(), "mysql", "mariadb")


def _col(name: str, kind: Any, *, key: bool = False, null: bool = False) -> sa.Column[Any]:
    return sa.Column(name, kind, primary_key=key, nullable=null)


def upgrade() -> None:
    """Add them."""
    op.create_table(
        "horizon_note",
        _col("kind", WORD, key=True),
        _col("name", WORD, key=True),
        _col("body", PROSE),
        _col("version", LONG),
        _col("at", LONG),
        _col("until", LONG, null=True),
    )
    op.create_index("horizon_note_over", "horizon_note", ["until"])


def downgrade() -> None:
    """Remove them, with all that is in them."""
    op.drop_table("horizon_note")
