"""The tables of groups; see `tables.py`."""

from __future__ import annotations

from horizon.backends.database.columns import Id, Long, Prose, Small, Word, col, index, partial, table

group = table(
    "group",
    col("n", Long, key=True, auto=True),
    col("id", Id),
    col("kind", Small),
    col("name", Word),
    col("parent", Long, null=True),
    col("state", Small),
    col("allow", Word, null=True),
    col("allow_all", Small),
    col("total", Long),
    col("completed", Long),
    col("failed", Long),
    col("cancelled", Long),
    col("unneeded", Long),
    col("needless", Small),
    col("generation", Long),
    col("created_at", Long),
    col("touched_at", Long),
    col("failed_at", Long, null=True),
    col("finished_at", Long, null=True),
    col("told_at", Long),
    col("sweeping", Long),
    col("first_job", Id, null=True),
    col("first_type", Prose, null=True),
    col("first_message", Prose, null=True),
    col("reason", Prose, null=True),
    col("options", Prose, null=True),
    col("owner", Word, null=True),
    col("tenant", Word, null=True),
    index("group_id", "id", unique=True),
    index("group_state", "state", "n"),
    index("group_name", "name", "n"),
    partial("group_parent", "parent", "n", where="parent IS NOT NULL"),
)

group_delta = table(
    "group_delta",
    col("seq", Long, key=True, auto=True),
    col("group_n", Long),
    col("total", Long),
    col("completed", Long),
    col("failed", Long),
    col("cancelled", Long),
    col("unneeded", Long),
    col("failed_n", Long, null=True),
    index("group_delta_of", "group_n", "seq"),
)
