"""The texts of this wing in PostgreSQL's words; each is translated once."""

from __future__ import annotations

import re
from functools import cache

BYTES = frozenset({"payload", "result"})
WORDS = frozenset(
    {
        "id", "name", "queue", "backoff", "tags", "owner", "tenant", "group_id", "unique_key", "code_version", "signature", "token", "session",
        "worker", "cancel_reason", "hide_reason", "last_token", "note", "cause", "error_type", "error_message", "reason", "outcome", "traceback",
        "lines", "tag", "kind", "host", "queues", "version", "report", "verb", "holder", "actor", "target", "detail", "origin", "envelope",
        "defined", "overrides", "paused_reason", "query", "params", "state", "reasons", "position", "runtime", "wait", "role", "password",
        "stamp", "scope", "digest", "created_by",
    }
)  # fmt: skip
"""Columns of text, wherever they occur; every other one is a number. See `NUMBERS` for names that are both."""
NUMBERS = {
    "horizon_job": frozenset({"version"}),
    "horizon_live": frozenset({"state", "runtime", "wait"}),
    "horizon_done": frozenset({"state", "runtime", "wait"}),
    "horizon_edge": frozenset({"state"}),
    "horizon_gate": frozenset({"kind"}),
    "horizon_counter": frozenset({"state"}),
}
"""Per table the names of `WORDS` that are numbers there."""
MARKS = (
    (r"INDEXED BY \w+ ?", ""),
    (r"NOT INDEXED ?", ""),
    (r"CROSS JOIN", "JOIN"),
    (r"/\*hold (\w+)\*/", r"ORDER BY \1 FOR NO KEY UPDATE"),
    (r"/\*hold\*/", "FOR NO KEY UPDATE"),
    (r"/\*share (\w+)\*/", r"ORDER BY \1.n FOR SHARE OF \1"),
    (r"/\*skip (\w+)\*/", r"FOR UPDATE OF \1 SKIP LOCKED"),
    (r"/\*skip\*/", "FOR UPDATE SKIP LOCKED"),
    (r"/\*end\*/", "FOR UPDATE SKIP LOCKED"),
)
_INSERT = re.compile(r"INSERT INTO (\w+) \(([\w, ]+)\) VALUES \(\?(?:, \?)*\)")
_TABLE = re.compile(r"INSERT INTO (\w+)")
_ROWS = re.compile(r"\bv\(([\w, ]+)\) AS \(VALUES \{rows\}\)")


@cache
def translated(sql: str) -> str:
    """A text with this driver's parameters, without what only SQLite's planner wants to hear, and with locks."""
    sql = sql.replace("%", "%%")
    for pattern, words in MARKS:
        sql = re.sub(pattern, words, sql)
    return sql.replace("IN ({in})", "= ANY(?)").replace("?", "%s")


@cache
def poured(sql: str) -> str:
    """A text with `{rows}`: one array per column."""
    table = _TABLE.match(sql)
    assert table, sql

    def columns(found: re.Match[str]) -> str:
        names = found.group(1).split(", ")
        return f"v({', '.join(names)}) AS (SELECT * FROM unnest({_arrays(table.group(1), names)}))"

    return translated(_ROWS.sub(columns, sql))


@cache
def inserted(sql: str) -> str | None:
    """An `INSERT` of one row, for any number of them: one array per column. None for any other text."""
    found = _INSERT.fullmatch(sql)
    if found is None:
        return None
    table, names = found.group(1), found.group(2).split(", ")
    return translated(f"INSERT INTO {table} ({found.group(2)}) SELECT * FROM unnest({_arrays(table, names)})")


def _arrays(table: str, names: list[str]) -> str:
    return ", ".join(f"?::{kind_of(table, name)}[]" for name in names)


def kind_of(table: str, name: str) -> str:
    """The type in which values of a column are sent."""
    if name in BYTES:
        return "bytea"
    return "text" if name in WORDS and name not in NUMBERS.get(table, ()) else "bigint"
