"""The texts of this wing in the words of MySQL and MariaDB; each is translated once."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import cache
from itertools import compress, count
from typing import NamedTuple

from horizon.backends.database.mysql import apart, belongs

RESERVED = re.compile(r"\b(lines|rank|condition)\b")
"""Columns of ours that are words of theirs."""
_QUEUES = re.compile(
    r"WITH RECURSIVE q\(queue\) AS \(SELECT min\(queue\) FROM horizon_live INDEXED BY horizon_live_oldest WHERE state = 1 .*"
)
_TAGGED = re.compile(r"EXISTS \((SELECT 1 FROM horizon_tag t2 WHERE t2\.n = k\.n AND t2\.tag) IN \((\?(?:,\?)*)\)\)")


def _one_by_one(found: re.Match[str]) -> str:
    """Several tags together are sought by the tag alone, one tag by its whole key."""
    one = f"EXISTS ({found.group(1)} = ?)"
    return f"({' OR '.join([one] * found.group(2).count('?'))})"


WAITING = b"queues in which jobs wait"
"""Is asked for by steps.py."""
MARKS: tuple[tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]], ...] = (
    (_QUEUES, WAITING.decode()),
    (_TAGGED, _one_by_one),
    *apart.READS,
    *belongs.READS,
    # finds the least of an index at once
    (re.compile(r"SELECT min\(tag\) (FROM horizon_tag WHERE tag >=? \? AND tag < \?)"), r"SELECT tag \1 ORDER BY tag LIMIT 1"),
    (re.compile(r"FROM horizon_live (?=WHERE state = 1 AND queue = \? (?:AND lot IS NULL )?(?:AND `?rank`? <= \? )?(?:ORDER BY `?rank|LIMIT))"), "FROM horizon_live FORCE INDEX (horizon_live_take) "),
    (re.compile(r"FROM horizon_live (?=WHERE session = \?)"), "FROM horizon_live FORCE INDEX (horizon_live_session) "),
    (re.compile(r"LEFT JOIN horizon_live l (?=ON l\.session = )"), "LEFT JOIN horizon_live l FORCE INDEX (horizon_live_session) "),
    (re.compile(r"INDEXED BY (\w+)"), r"FORCE INDEX (\1)"),
    (re.compile(r"NOT INDEXED"), "FORCE INDEX (PRIMARY)"),
    (re.compile(r"CROSS JOIN"), "STRAIGHT_JOIN"),
    (re.compile(r"/\*hold (\w+)\*/"), r"ORDER BY \1 FOR UPDATE"),
    (re.compile(r"/\*hold\*/"), "FOR UPDATE"),
    (re.compile(r"/\*share (\w+)\*/"), r"ORDER BY \1.n LOCK IN SHARE MODE"),
    (re.compile(r"/\*(?:skip(?: \w+)?|end)\*/"), "FOR UPDATE SKIP LOCKED"),
    (re.compile(r"^RELEASE "), "RELEASE SAVEPOINT "),
    (re.compile(r" / \?"), " DIV ?"),
)  # fmt: skip
_PAIR = re.compile(r"\(([\w.]+), ([\w.]+)\) ([<>])(=?) \(\?, \?\)")
_SHARED = re.compile(
    r"INSERT INTO (\w+) \(([\w, ]+)\) WITH v\(([\w, ]+)\) AS \(VALUES \{rows\}\) SELECT [^()]* FROM v WHERE \w+ IS NOT NULL"
)
_SINGLE = re.compile(r"INSERT INTO (\w+) \(([\w, ]+)\) VALUES \(\?(?:, \?)*\)")


class Text(NamedTuple):
    """A statement with a hole for each parameter."""

    template: bytes
    """Holes are `%b`."""
    order: tuple[int, ...] | None = None
    """Which parameter goes into which hole; None: each into its own."""


@cache
def translated(sql: str) -> Text:
    """A text in their words; where it has `{in}` or `{rows}`, there is one hole for all of the list."""
    words, order = _spelt(sql)
    return Text(re.sub(r"\{in\}|\{rows\}|\?", "%b", words.replace("%", "%%")).encode(), order)


class Insert(NamedTuple):
    """An `INSERT` of rows."""

    table: bytes
    columns: tuple[bytes, ...]

    def head(self, filled: Sequence[bool]) -> bytes:
        """What comes before rows in which only these columns stand; the others have nothing in any of them."""
        return b"INSERT INTO %b (%b) VALUES " % (self.table, b",".join(compress(self.columns, filled)))


@cache
def inserted(sql: str) -> Insert | None:
    """An `INSERT` of one row, for any number of them. None for any other text."""
    return _insert(_SINGLE.fullmatch(sql))


@cache
def shared(sql: str) -> Insert | None:
    """The same for an `INSERT` of rows that agree in the columns named last. None for any other text."""
    return _insert(_SHARED.fullmatch(sql))


def _insert(found: re.Match[str] | None) -> Insert | None:
    if found is None:
        return None
    return Insert(found.group(1).encode(), tuple(_spelt(name)[0].encode() for name in found.group(2).split(", ")))


def _spelt(sql: str) -> tuple[str, tuple[int, ...] | None]:
    for pattern, words in MARKS:
        sql = pattern.sub(words, sql)
    sql = RESERVED.sub(r"`\1`", sql)
    return _paired(sql) if _PAIR.search(sql) else (sql, None)


def _paired(sql: str) -> tuple[str, tuple[int, ...]]:
    """`(a, b) < (?, ?)` in a form for which they use an index: `a <= ? AND (a < ? OR b < ?)`."""
    holes: list[int] = []
    numbers = count()
    made, end = [], 0
    for found in _PAIR.finditer(sql):
        before = sql[end : found.start()]
        holes += [next(numbers) for _ in range(before.count("?"))]
        first, second = next(numbers), next(numbers)
        holes += [first, first, second]
        a, b, than, equal = found.groups()
        made += [before, f"{a} {than}= ? AND ({a} {than} ? OR {b} {than}{equal} ?)"]
        end = found.end()
    rest = sql[end:]
    holes += [next(numbers) for _ in range(rest.count("?"))]
    return "".join(made) + rest, tuple(holes)
