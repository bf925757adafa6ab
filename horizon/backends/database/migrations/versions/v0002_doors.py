"""Users, API tokens, ended sign-ins and meters."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

LONG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
BYTEWISE = sa.Text(collation="C")
WORD = sa.String(255).with_variant(BYTEWISE, "postgresql")
PROSE = sa.Text().with_variant(mysql.LONGTEXT(), "mysql", "mariadb")


def _col(name: str, kind: Any, *, key: bool = False, null: bool = False) -> sa.Column[Any]:
    numbered: dict[str, Any] = {"autoincrement": False} if key else {}
    return sa.Column(name, kind, primary_key=key, nullable=null, **numbered)


def upgrade() -> None:
    """Add them."""
    op.create_table(
        "horizon_user",
        _col("name", WORD, key=True),
        _col("role", WORD),
        _col("password", PROSE),
        _col("stamp", WORD),
        _col("created_at", LONG),
        _col("seen_at", LONG, null=True),
    )
    op.create_table(
        "horizon_token",
        _col("id", WORD, key=True),
        _col("name", WORD),
        _col("role", WORD),
        _col("scope", PROSE, null=True),
        _col("digest", WORD),
        _col("created_by", PROSE),
        _col("created_at", LONG),
        _col("expires_at", LONG, null=True),
        _col("used_at", LONG, null=True),
    )
    op.create_table("horizon_signed_out", _col("id", WORD, key=True), _col("until", LONG))
    op.create_index("horizon_signed_out_until", "horizon_signed_out", ["until"])
    op.create_table("horizon_meter", _col("name", WORD, key=True), _col("taken", LONG), _col("until", LONG))
    op.create_index("horizon_meter_until", "horizon_meter", ["until"])


def downgrade() -> None:
    """Remove them, with all that is in them."""
    for name in ("meter", "signed_out", "token", "user"):
        op.drop_table(f"horizon_{name}")
