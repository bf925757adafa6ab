"""The texts of this wing in PostgreSQL's words; each is translated once."""

from __future__ import annotations

import re
from functools import cache

from horizon.backends.database.kernel.rows import PROCESSING

BYTES = frozenset({"payload", "result", "data", "pairs"})
WORDS = frozenset(
    {
        "id", "name", "queue", "backoff", "tags", "owner", "tenant", "group_id", "unique_key", "code_version", "signature", "token", "session",
        "worker", "cancel_reason", "hide_reason", "last_token", "note", "cause", "error_type", "error_message", "reason", "outcome", "traceback",
        "lines", "tag", "kind", "host", "queues", "version", "report", "verb", "holder", "actor", "target", "detail", "origin", "envelope",
        "defined", "overrides", "paused_reason", "query", "params", "state", "reasons", "position", "runtime", "wait", "role", "password",
        "stamp", "scope", "digest", "created_by", "allow", "options", "first_job", "first_type", "first_message", "document",
        "schedule", "limits", "strategy", "marks", "names", "waits_for", "job", "fair", "changes", "hash",
        "body", "trace", "steps",
    }
)  # fmt: skip
"""Columns of text, wherever they occur; every other one is a number. See `NUMBERS` for names that are both."""
NUMBERS = {
    "horizon_job": frozenset({"version"}),
    "horizon_live": frozenset({"state", "runtime", "wait"}),
    "horizon_done": frozenset({"state", "runtime", "wait"}),
    "horizon_edge": frozenset({"state"}),
    "horizon_session": frozenset({"fair"}),
    "horizon_gate": frozenset({"kind"}),
    "horizon_group": frozenset({"kind", "state"}),
    "horizon_note": frozenset({"version"}),
    "horizon_schedule": frozenset({"version"}),
    "horizon_counter": frozenset({"state"}),
}
"""Per table the names of `WORDS` that are numbers there."""
_WAITING = r"SELECT min\(queue\) FROM horizon_live INDEXED BY horizon_live_oldest WHERE state = (\d+)"
MARKS = (
    # the least of an index, in words that leave only indexes in that order where sorting is switched off
    (_WAITING + " AND queue > q.queue", r"SELECT queue FROM horizon_live WHERE state = \1 AND queue > q.queue ORDER BY queue LIMIT 1"),
    (_WAITING, r"(SELECT queue FROM horizon_live WHERE state = \1 ORDER BY queue LIMIT 1)"),
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
STANDING = (
    "w AS MATERIALIZED (SELECT v.*, h.at FROM v, LATERAL "
    "(SELECT ctid AS at FROM horizon_live WHERE n BETWEEN v.n AND v.n ORDER BY n LIMIT 1) h)"
)
"""Where the row of each of `v` stands. In these words only the primary key can tell, as long as sorting is switched off. Said plainly
(`n = v.n`) the answer may be a walk of another index from end to end for each of them: where a table was counted when it was nearly
drained, the planner takes one row of it to lie on as many pages as all together."""
_INSERT = re.compile(r"INSERT INTO (\w+) \(([\w, ]+)\) VALUES \(\?(?:, \?)*\)")
_LEFT = re.compile(r"DELETE FROM (\w+) ")
_MOVES = re.compile(r"(?P<into>INSERT INTO .*?\)) WITH (?P<rows>v\(.*?\) AS \(VALUES \{rows\}\)) (?P<select>SELECT .*)")
_UPDATES = re.compile(r"UPDATE (?P<table>\w+) SET (?P<sets>.*) WHERE n IN \(\{in\}\)")
_READS = re.compile(r"SELECT (?P<columns>.*) FROM \w+ l JOIN (?P<other>\w+ j) ON (?P<on>j\.n = l\.n) WHERE .*")
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
def moved(insert: str, delete: str, follow: str) -> str:
    """A text with `{rows}` that reads from the table which the second text deletes from: rows are read as they go.

    It answers whether any of them has edges that fit the third.
    """
    left = _LEFT.search(delete)
    whole = _MOVES.fullmatch(insert)
    assert left, delete
    assert whole, insert
    table, rows, select = left.group(1), whole.group("rows"), whole.group("select")
    brought = ", ".join(f"v.{name} AS v_{name}" for name in rows.partition("(")[2].partition(")")[0].split(", "))
    going = f"l AS (DELETE FROM {table} USING v WHERE {table}.n = v.n RETURNING {table}.*, {brought})"
    select = select.replace(f"v CROSS JOIN {table} l ON l.n = v.n", "l").replace("v.", "l.v_")
    into, _, rest = poured(f"{whole.group('into')} WITH {rows} {select}").partition(" WITH ")
    end = rest.index(") SELECT") + 1
    answer = f"SELECT EXISTS (SELECT 1 FROM horizon_edge e WHERE e.{follow} AND e.parent IN (SELECT v.n FROM v))"
    return f"WITH {rest[:end]}, {going}, i AS ({into}{rest[end:]}) {answer}"


@cache
def settled(insert: str, *, limited: bool = False) -> str:
    """The same for runs (n, token, started_after, runtime, memory_kb, result) of which is not known yet who holds them.

    Only those go whose token still holds, and of which nobody wants anything else; it answers (n, queue, name, wait, group, lot) of each.
    Those with limits go only where it is said (`limited`).
    The time of the turn is asked for three times.
    """
    whole = _MOVES.fullmatch(insert)
    assert whole, insert
    rows = "v(n, token, started_after, runtime, memory_kb, result) AS (VALUES {rows})"
    began = "coalesce(horizon_live.reserved_at, ?::bigint) + w.started_after"
    going = (
        f"{STANDING}, l AS (DELETE FROM horizon_live USING w WHERE horizon_live.ctid = w.at AND horizon_live.token = w.token "
        f"AND horizon_live.state + 0 = {PROCESSING} AND horizon_live.hide_reason IS NULL {'' if limited else 'AND horizon_live.lot IS NULL '}RETURNING horizon_live.*, "
        f"{began} AS v_started_at, greatest(0, {began} - horizon_live.available_at) AS v_wait, "
        "w.runtime AS v_runtime, w.memory_kb AS v_memory_kb, w.result AS v_result)"
    )
    select = whole.group("select").replace("v CROSS JOIN horizon_live l ON l.n = v.n", "l").replace("v.", "l.v_")
    into, _, rest = poured(f"{whole.group('into')} WITH {rows} {select}").partition(" WITH ")
    end = rest.index(") SELECT") + 1
    return (
        f"WITH {rest[:end]}, {translated(going)}, i AS ({into}{rest[end:]}) SELECT l.n, l.queue, l.name, l.v_wait, l.group_n, l.lot FROM l"
    )


@cache
def taken(update: str, read: str) -> str:
    """An `UPDATE` by numbers that gives back what another text reads of them."""
    changes, columns = _UPDATES.fullmatch(update), _READS.fullmatch(read)
    assert changes, update
    assert columns, read
    sets = re.sub(
        r"(?<== coalesce\()(\w+)|(?<=\|\| )(n)\b|(?<== )(\w+)(?= \+ 1)", lambda found: f"l.{found.group()}", changes.group("sets")
    )
    return translated(
        f"UPDATE {changes.group('table')} l SET {sets} FROM {columns.group('other')} WHERE {columns.group('on')} AND l.n IN ({{in}}) "
        f"RETURNING {columns.group('columns')}"
    )


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
