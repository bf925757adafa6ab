"""The audit log becomes a chain: what was changed, place and hash of each entry, and where the chain begins and ends."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

LONG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
BYTEWISE = sa.Text(collation="C")
WORD = sa.String(255).with_variant(BYTEWISE, "postgresql")
DIGEST = sa.String(64).with_variant(BYTEWISE, "postgresql")
PROSE = sa.Text().with_variant(mysql.LONGTEXT(), "mysql", "mariadb")
COLUMNS: tuple[tuple[str, Any], ...] = (("changes", PROSE), ("link", LONG), ("hash", DIGEST))


def upgrade() -> None:
    """Add them. What is there already is put into the chain by the first tick."""
    for name, kind in COLUMNS:
        op.add_column("horizon_audit", sa.Column(name, kind, nullable=True))
    op.create_index("horizon_audit_link", "horizon_audit", ["link", "seq"])
    op.create_table(
        "horizon_seal",
        sa.Column("name", WORD, primary_key=True, nullable=False),
        sa.Column("link", LONG, nullable=False),
        sa.Column("hash", DIGEST, nullable=False),
        sa.Column("at", LONG, nullable=False),
    )


def downgrade() -> None:
    """Remove them."""
    op.drop_table("horizon_seal")
    op.drop_index("horizon_audit_link", "horizon_audit")
    for name, _ in reversed(COLUMNS):
        op.drop_column("horizon_audit", name)
