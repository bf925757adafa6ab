"""On MySQL and MariaDB, whom and what only few jobs belong to stands in a table of its own, with the indexes over it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

HERE = ("mysql", "mariadb")
MOVED = {"owner": "owner", "group": "group_id"}
"""Indexes of `horizon_job` until now, and of which column, beside the number."""
FILL = (
    "INSERT INTO horizon_belongs (job, its_owner, its_group_id) SELECT n, owner, group_id FROM horizon_job "
    "WHERE owner IS NOT NULL OR group_id IS NOT NULL"
)


def upgrade() -> None:
    """Add it; one that stopped half-way goes on, see `mysql/ddl.py`. Other databases have indexes over some of the rows."""
    if op.get_bind().dialect.name not in HERE:
        return
    op.create_table(
        "horizon_belongs",
        sa.Column("job", sa.BigInteger(), primary_key=True, autoincrement=False, nullable=False),
        sa.Column("its_owner", sa.String(255), nullable=True),
        sa.Column("its_group_id", sa.String(36), nullable=True),
    )
    op.execute("DELETE FROM horizon_belongs")
    op.execute(FILL)
    for name, column in MOVED.items():
        op.create_index(f"horizon_belongs_{name}", "horizon_belongs", [f"its_{column}", "job"])
    for name in _standing():
        op.drop_index(name, "horizon_job")


def downgrade() -> None:
    """The indexes again, and no second row."""
    if op.get_bind().dialect.name not in HERE:
        return
    for name, column in MOVED.items():
        op.create_index(f"horizon_job_{name}", "horizon_job", [column, "n"])
    op.drop_table("horizon_belongs")


def _standing() -> list[str]:
    """Those of the moved ones that are there."""
    there = {one["name"] for one in sa.inspect(op.get_bind()).get_indexes("horizon_job")}
    return [name for name in (f"horizon_job_{moved}" for moved in MOVED) if name in there]
