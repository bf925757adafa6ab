"""Sums of stretches of time that are over."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

LONG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
PROSE = sa.Text().with_variant(mysql.LONGTEXT(), "mysql", "mariadb")
BYTES = sa.LargeBinary().with_variant(mysql.LONGBLOB(), "mysql", "mariadb")


def upgrade() -> None:
    """Add them; they are written from the samples that are there."""
    op.create_table(
        "horizon_rollup",
        sa.Column("span", LONG, primary_key=True, autoincrement=False, nullable=False),
        sa.Column("at", LONG, primary_key=True, autoincrement=False, nullable=False),
        sa.Column("steps", PROSE, nullable=False),
        sa.Column("pairs", BYTES, nullable=False),
    )


def downgrade() -> None:
    """Remove them: samples still tell what happened."""
    op.drop_table("horizon_rollup")
