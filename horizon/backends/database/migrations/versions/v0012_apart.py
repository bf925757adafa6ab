"""On MySQL and MariaDB, what only few jobs have stands in a table of its own, with the indexes over it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

WORD = sa.String(255)
HERE = ("mysql", "mariadb")
MOVED = {
    "due": ["due"],
    "queue_due": ["queue", "due"],
    "lot": ["lot", "state", "rank", "place", "n"],
    "fair": ["fair", "queue", "rank", "place"],
    "cause": ["cause", "n"],
    "unique": ["unique_key"],
}
"""Indexes of `horizon_live` until now."""
COLUMNS = ("state", "queue", "rank", "place", "due", "lot", "fair", "cause", "unique_key")
FILL = (
    f"INSERT INTO horizon_apart (job, {', '.join(f'its_{name}' for name in COLUMNS)}) SELECT n, {', '.join(f'`{name}`' for name in COLUMNS)} "
    "FROM horizon_live WHERE due IS NOT NULL OR lot IS NOT NULL OR fair IS NOT NULL OR cause IS NOT NULL OR unique_key IS NOT NULL"
)


def upgrade() -> None:
    """Add it; one that stopped half-way goes on, see `mysql/ddl.py`. Other databases have indexes over some of the rows."""
    if op.get_bind().dialect.name not in HERE:
        return
    op.create_table(
        "horizon_apart",
        sa.Column("job", sa.BigInteger(), primary_key=True, autoincrement=False, nullable=False),
        sa.Column("its_state", sa.SmallInteger(), nullable=False),
        sa.Column("its_queue", WORD, nullable=False),
        sa.Column("its_rank", sa.SmallInteger(), nullable=False),
        sa.Column("its_place", sa.BigInteger(), nullable=False),
        *(sa.Column(f"its_{name}", sa.BigInteger(), nullable=True) for name in ("due", "lot")),
        *(sa.Column(f"its_{name}", WORD, nullable=True) for name in ("fair", "cause", "unique_key")),
    )
    op.execute("DELETE FROM horizon_apart")
    op.execute(FILL)
    for name, columns in MOVED.items():
        own = ["job" if column == "n" else f"its_{column}" for column in columns]
        op.create_index(f"horizon_apart_{name}", "horizon_apart", own, unique=name == "unique")
    for name in _standing():
        op.drop_index(name, "horizon_live")


def downgrade() -> None:
    """The indexes again, and no second row."""
    if op.get_bind().dialect.name not in HERE:
        return
    for name, columns in MOVED.items():
        op.create_index(f"horizon_live_{name}", "horizon_live", columns, unique=name == "unique")
    op.drop_table("horizon_apart")


def _standing() -> list[str]:
    """Those of the moved ones that are there."""
    there = {one["name"] for one in sa.inspect(op.get_bind()).get_indexes("horizon_live")}
    return [name for name in (f"horizon_live_{moved}" for moved in MOVED) if name in there]
