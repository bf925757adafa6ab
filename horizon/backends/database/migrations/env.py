"""What Alembic runs: the migrations of `versions/` over the connection that `run.py` hands in."""

from __future__ import annotations

from alembic import context

from horizon.backends.database.tables import PREFIX, VERSION_TABLE, metadata


def ours(name: str | None, kind: str, parents: object) -> bool:
    """Whether a table is one of ours: a host's own tables stand beside them and are none of our business."""
    return kind != "table" or (name or "").startswith(PREFIX)


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table=VERSION_TABLE,
    include_name=ours,
)
if (adapt := context.config.attributes["connection"].info.get("horizon_adapt")) is not None:
    adapt(context.get_context().impl)  # a store in which each statement commits by itself
context.run_migrations()
