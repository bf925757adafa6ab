"""Have the server count a table again that has grown far beyond what it believes.

A table that fills and is drained keeps its pages. Where it was counted (by an autovacuum) when it was nearly empty, the planner takes
every row of it to lie on pages of its own, until the next count: a row that is asked for by its number seems to cost the whole of the
primary key, so that it would rather walk another index from end to end, for each job of a turn.
"""

from __future__ import annotations

from horizon.backends.database.postgres.driver import PostgresDb

TABLES = ("job", "live", "done", "edge", "tag", "attempt", "log")
"""Those that may grow without end."""
SMALL = 1_000
"""Rows up to which a wrong plan costs next to nothing."""
BEYOND = 10
"""Times as many rows as the server believes: it counts by itself when a tenth has changed, a minute later at the earliest."""
BELIEVED = "c.reltuples / greatest(c.relpages, 1) * pg_relation_size(c.oid) / current_setting('block_size')::int"
"""How many rows the planner takes a table to have: as many to the page as were counted."""
MISJUDGED = (
    "SELECT c.relname FROM unnest(?::text[]) AS t(name) JOIN pg_class c ON c.oid = to_regclass(t.name) "
    f"WHERE c.reltuples >= 0 AND pg_stat_get_live_tuples(c.oid) > greatest({SMALL}, {BEYOND} * {BELIEVED})"
)
"""Those that were never counted (-1) are not misjudged: their rows are taken to lie as densely as they can."""


def recount(db: PostgresDb) -> list[str]:
    """Count those again of whose size the server has a wrong idea; returns their names.

    Nobody waits for it, and it waits for nobody: a table that is being counted, or changed, is left alone. A role that does not own
    the tables may not count them; the server says so in its log, and goes on.
    """
    names = [name for (name,) in db.all(MISJUDGED, (db.array([f"horizon_{name}" for name in TABLES]),))]
    for name in names:
        db.run(f"ANALYZE (SKIP_LOCKED) {name}")
    return names
