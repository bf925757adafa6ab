"""Walking an index: window by window, and of each row whether it fits the rest of the search.

A window is so many rows of one index, in the order of the list, and nothing else; whatever the index does not answer is
asked of exactly these rows, by their keys. So no statement looks at more rows than a window has, whatever a planner
thinks of the conditions, and how far a search looked is known.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from heapq import merge
from operator import itemgetter
from typing import Any, NamedTuple

from horizon.backends.database.db import Db
from horizon.backends.database.kernel.rows import HIDDEN
from horizon.backends.database.match import Candidate
from horizon.backends.database.plan import Ask, Condition, Option, Stream, first_pushed, is_by_finish, is_ended
from horizon.core.clock import Micros

LARGEST = 2_500
"""Rows of one window."""
TABLES = {"j": "horizon_job", "l": "horizon_live", "d": "horizon_done"}
OF_JOB = {"id", "name", "queue", "tags", "payload"}
"""What a candidate has from the unchanging part of a job; the rest is from where it stands or how it ended."""
TAGGED = "EXISTS (SELECT 1 FROM horizon_tag t2 WHERE t2.n = k.n AND {among})"
_key = itemgetter(0, 1)


class Key(NamedTuple):
    """Where a row stands in a list, greater first: (when it ended, or 0 in push order; number)."""

    at: Micros
    n: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Start:
    """Where a walk begins: forwards with what is older than the key, backwards with it and what is newer."""

    key: Key | None = None
    backwards: bool = False


class Seen(NamedTuple):
    """A row that was looked at."""

    key: Key
    fits: bool
    """Everything that an index somewhere could answer."""
    told: Sequence[Any]
    """What a candidate is made of, where that was asked for."""


def walk(db: Db, asked: Ask, option: Option, start: Start, first: int, wanted: frozenset[str] = frozenset()) -> Iterator[Seen]:
    """The rows of a way, in the order of the list. `first`: rows of the first window; `wanted`: what candidates need."""
    bounds = _bounds(db, asked)
    alike = {stream.alias: [one for one in option.streams if one.alias == stream.alias] for stream in option.streams}
    walks = [_rows(db, asked, Window(asked, streams, bounds, wanted), option, start, first) for streams in alike.values()]
    rows = walks[0] if len(walks) == 1 else merge(*walks, key=_key, reverse=not start.backwards)
    return (Seen(Key(row[0], row[1]), bool(row[2]), row[3:]) for row in _once(rows))


def _once(rows: Iterator[Any]) -> Iterator[Any]:
    """Without the repetitions of a job that several streams lead to."""
    last = None
    for row in rows:
        if (key := row[:2]) != last:
            last = key
            yield row


def _rows(db: Db, asked: Ask, window: Window, option: Option, start: Start, size: int) -> Iterator[Any]:
    """The rows of streams along one table. What comes in another order is read as a whole, which `cheapest` saw to be little."""
    if option.sorts:
        rows = sorted(db.all(*window.whole()), key=_key, reverse=not start.backwards)
        yield from (row for row in rows if row[2] and (start.key is None or _is_ahead(row, start)))
        return
    key, inclusive = start.key, start.backwards
    while True:
        rows = sorted(db.all(*window.read(key, start.backwards, inclusive, size)), key=_key, reverse=not start.backwards)
        yield from rows
        if len(rows) < size:
            return
        key, inclusive, size = Key(*rows[-1][:2]), False, max(size, min(4 * size, LARGEST))


def _is_ahead(row: Any, start: Start) -> bool:
    assert start.key is not None
    return (row[0], row[1]) >= start.key if start.backwards else (row[0], row[1]) < start.key


@dataclass(slots=True)
class Parts:
    """What a statement is put together from."""

    columns: set[str] = field(default_factory=set)
    """Of the table that is walked."""
    joins: set[str] = field(default_factory=set)
    """Other tables that are looked into."""


class Window:
    """The statements of streams along one table that answer the same parts of the search."""

    def __init__(self, asked: Ask, streams: Sequence[Stream], bounds: Sequence[Condition], wanted: frozenset[str]) -> None:
        self._asked, self._streams, self._stream = asked, streams, streams[0]
        self._parts = Parts()
        self._at = self._time()
        self._rest = list(self._conditions())
        self._told = [self._candidate(name) if name in wanted else "NULL" for name in Candidate._fields] if wanted else []
        self._inner = [*((f"n {text}", values) for text, values in bounds), *self._ends()]

    def read(self, key: Key | None, backwards: bool, inclusive: bool, size: int) -> tuple[str, tuple[object, ...]]:
        """The next window behind a key."""
        way = "ASC" if backwards else "DESC"
        order = f"finished_at {way}, n {way}" if self._asked.by_finish else f"n {way}"
        return self._statement([*self._inner, *self._from(key, backwards, inclusive)], f" ORDER BY {order} LIMIT ?", (size,))

    def whole(self) -> tuple[str, tuple[object, ...]]:
        """Every row."""
        return self._statement(self._inner, "", ())

    def _statement(self, inner: Sequence[Condition], tail: str, size: tuple[object, ...]) -> tuple[str, tuple[object, ...]]:
        parts = self._parts
        if not (self._rest or self._told or parts.joins) and len(self._streams) == 1:
            return self._arm(self._stream, f"{self._at.removeprefix('k.')}, n, 1", inner, tail, size)
        own = ", ".join(sorted({"n", *parts.columns}))
        arms = [self._arm(stream, own, inner, tail, size) for stream in self._streams]
        walked, values = arms[0]
        if len(arms) > 1:  # each of them gives a window, and of these the first rows are one
            walked = " UNION ALL ".join(f"SELECT {own} FROM ({text}) AS u{at}" for at, (text, _) in enumerate(arms)) + tail
            values = (*(value for _, given in arms for value in given), *size)
        fits = f"CASE WHEN {' AND '.join(text for text, _ in self._rest)} THEN 1 ELSE 0 END" if self._rest else "1"
        joins = "".join(f" LEFT JOIN {TABLES[alias]} {alias} ON {alias}.n = k.n" for alias in sorted(parts.joins, reverse=True))
        told = "".join(f", {text}" for text in self._told)
        return f"SELECT {self._at}, k.n, {fits}{told} FROM ({walked}) AS k{joins}", (*_values(self._rest), *values)

    def _arm(
        self, stream: Stream, columns: str, inner: Sequence[Condition], tail: str, size: tuple[object, ...]
    ) -> tuple[str, tuple[object, ...]]:
        every = [*stream.conditions, *inner]
        where = " AND ".join(text for text, _ in every) or "1 = 1"
        return f"SELECT {columns} FROM {stream.source} WHERE {where}{tail}", (*_values(every), *size)

    def _column(self, alias: str, name: str) -> str:
        if self._stream.alias == alias:
            self._parts.columns.add(name)
            return f"k.{name}"
        self._parts.joins.add(alias)
        return f"{alias}.{name}"

    def _either(self, name: str) -> str:
        """A column that live and ended jobs both have."""
        sides = self._sides()
        return self._column(sides, name) if len(sides) == 1 else f"coalesce({self._column('l', name)}, {self._column('d', name)})"

    def _sides(self) -> str:
        """Where the jobs of this stream that may fit are: in `live`, in `done`, or in either."""
        if self._stream.alias in ("l", "d"):
            return self._stream.alias
        codes = self._asked.codes
        return "ld" if not codes else "".join(("l" if not all(map(is_ended, codes)) else "", "d" if any(map(is_ended, codes)) else ""))

    def _time(self) -> str:
        if not self._asked.by_finish:
            return "0"
        found = self._column("d", "finished_at")
        return found if self._stream.alias == "d" else f"coalesce({found}, 0)"

    def _conditions(self) -> Iterator[Condition]:
        """Everything asked for that this stream's own index does not answer."""
        asked, query, answers = self._asked, self._asked.query, self._stream.answers
        if "state" not in answers:
            if asked.codes:
                yield _among(self._either("state"), asked.codes)
            elif not query.include_forgotten and self._stream.alias != "l":
                state = self._column("d", "state")
                yield (f"({state} IS NULL OR {state} < ?)", (HIDDEN,))
        if query.queue is not None and "queue" not in answers:
            yield (f"{self._column('j', 'queue')} = ?", (query.queue,))
        if asked.names is not None and "name" not in answers:
            yield _among(self._column("j", "name"), asked.names)
        if query.user is not None and "user" not in answers:
            yield (f"{self._column('j', 'owner')} = ?", (query.user,))
        if query.group is not None and "group" not in answers:
            yield (f"{self._column('j', 'group_id')} = ?", (query.group,))
        if query.cause is not None and "cause" not in answers:
            yield (f"{self._either('cause')} = ?", (query.cause,))
        yield from self._times()
        if asked.tags is not None and "tag" not in answers:
            text, values = _among("t2.tag", asked.tags)
            yield (TAGGED.format(among=text), values)

    def _times(self) -> Iterator[Condition]:
        """Times are those of the end in a list in that order, else those of the push."""
        # of the search, not of the walk: an act walks in push order, and means the jobs that the list shows
        ends = is_by_finish(self._asked.query)
        if not (ends and self._stream.alias == "d"):
            for than, at in _range(self._asked):
                yield (f"{self._column(*(('d', 'finished_at') if ends else ('j', 'pushed_at')))} {than} ?", (at,))

    def _ends(self) -> Iterator[Condition]:
        """The range of a search by the time of the end, along an index that has it."""
        if is_by_finish(self._asked.query) and self._stream.alias == "d":
            yield from ((f"finished_at {than} ?", (at,)) for than, at in _range(self._asked))

    def _candidate(self, name: str) -> str:
        if name == "n":
            return "k.n"
        if name in OF_JOB:
            return self._column("j", name)
        if name == "reason":
            live = [self._column("l", "reason")] if "l" in self._sides() else []
            ended = [self._column("d", "hide_reason"), self._column("d", "reason")] if "d" in self._sides() else []
            return f"coalesce({', '.join([*live, *ended, 'NULL'])})"
        return self._either(name)

    def _from(self, key: Key | None, backwards: bool, inclusive: bool) -> list[Condition]:
        """Where a window begins."""
        if key is None:
            return []
        than = (">" if backwards else "<") + ("=" if inclusive else "")
        if self._asked.by_finish:
            return [(f"(finished_at, n) {than} (?, ?)", (key.at, key.n))]
        return [(f"n {than} ?", (key.n,))]


def _values(conditions: Sequence[Condition]) -> tuple[object, ...]:
    return tuple(value for _, values in conditions for value in values)


def _among(column: str, values: Sequence[object]) -> Condition:
    return (f"{column} IN ({','.join('?' * len(values))})", tuple(values))


def _range(asked: Ask) -> list[tuple[str, Micros]]:
    bounds = ((">=", asked.query.after), ("<", asked.query.before))
    return [(than, at) for than, at in bounds if at is not None]


def _bounds(db: Db, asked: Ask) -> list[Condition]:
    """A range of push times as a range of numbers too, so that a walk in push order begins and ends where it matters."""
    query = asked.query
    if is_by_finish(query):
        return []
    found: list[Condition] = []
    if query.after is not None:
        found.append((">= ?", (first_pushed(db, query.after - db.disorder),)))
    if query.before is not None:
        found.append(("< ?", (first_pushed(db, query.before + db.disorder),)))
    return found
