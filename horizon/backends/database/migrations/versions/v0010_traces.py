"""What an operation knows of the jobs it has acted on."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

PROSE = sa.Text().with_variant(mysql.LONGTEXT(), "mysql", "mariadb")


def upgrade() -> None:
    """Add it."""
    op.add_column("horizon_operation", sa.Column("trace", PROSE, nullable=True))


def downgrade() -> None:
    """Remove it."""
    op.drop_column("horizon_operation", "trace")
