"""Which index drives a search.

Counters know how many jobs there are per queue, class and state, and a short look into an index how many carry a tag;
from that follows how many rows each index would have to be walked for one page, and the shortest walk is taken. Every
other condition is asked of the rows on the way.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from horizon.backends.database.db import CHUNK, Db
from horizon.backends.database.kernel.rows import CANCELLED, HIDDEN, NEEDLESS
from horizon.backends.database.match import is_named
from horizon.backends.database.numbers import Counts, counts_of
from horizon.core.errors import InvalidFilter
from horizon.core.query import JobQuery
from horizon.core.states import JobState

MOST_TAGS = 20
PROBE = 5_000
"""How far an index without a counter is looked into to learn how long it is."""
UNKNOWN = 200_000
"""What is assumed of one that is longer."""
NEXT_TAG = "SELECT min(tag) FROM horizon_tag WHERE tag {than} ? AND tag < ?"
COUNT_TAG = "SELECT count(*) FROM (SELECT 1 FROM horizon_tag WHERE tag = ? LIMIT ?) AS found"
COUNT_OWNER = "SELECT count(*) FROM (SELECT 1 FROM horizon_job WHERE owner = ? LIMIT ?) AS found"
COUNT_CAUSE = "SELECT count(*) FROM (SELECT 1 FROM horizon_done WHERE cause = ? LIMIT ?) AS found"

NEWEST = "SELECT coalesce(max(n), 0) FROM horizon_job"
PUSHED_FROM = "SELECT n, pushed_at FROM horizon_job WHERE n >= ? ORDER BY n LIMIT 1"

JOB = "horizon_job j {index}"
ALL_ROWS = "NOT INDEXED"
REST = " LEFT JOIN horizon_live l ON l.n = j.n LEFT JOIN horizon_done d ON d.n = j.n"
DONE = "horizon_done d {index} CROSS JOIN horizon_job j ON j.n = d.n"
LIVE = "horizon_live l {index} CROSS JOIN horizon_job j ON j.n = l.n LEFT JOIN horizon_done d ON d.n = j.n"
DONE_ONLY = DONE + " LEFT JOIN horizon_live l ON l.n = j.n"
TAG = "horizon_tag t CROSS JOIN horizon_job j ON j.n = t.n"
"""dialect: INDEXED BY, NOT INDEXED and CROSS JOIN tell SQLite, which keeps no statistics, where to begin; others are
left to their planner and get a plain JOIN."""

Condition = tuple[str, tuple[object, ...]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Stream:
    """One walk along an index: where it starts from, which conditions the index itself answers, its number's column."""

    source: str
    conditions: tuple[Condition, ...] = ()
    n: str = "j.n"


@dataclass(frozen=True, kw_only=True, slots=True)
class Option:
    """One way to answer a search."""

    streams: tuple[Stream, ...]
    size: int
    """About how many rows its indexes hold."""
    sorts: bool = False
    """They do not come in the order of the list: all of them are read and sorted."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Ask:
    """A search with what had to be looked up for it."""

    query: JobQuery
    by_finish: bool
    counts: Counts
    names: tuple[str, ...] | None
    """Registered names that are meant; None: any."""
    tags: tuple[str, ...] | None
    codes: tuple[int, ...]
    """States that are meant, as stored; none: all."""

    def known(self) -> int:
        """What the counters know of states, queue and class."""
        return self.size(queue=self.query.queue, names=self.names, states=self.query.states)

    def size(self, *, queue: str | None = None, names: Sequence[str] | None = None, states: Sequence[JobState] = ()) -> int:
        """How many visible jobs fit, from the counters."""
        codes = {state.code for state in states}
        return sum(
            n
            for (its_queue, name, state), n in self.counts.items()
            if queue in (None, its_queue) and (names is None or name in names) and (not codes or state in codes)
        )


def ask(db: Db, query: JobQuery, *, by_finish: bool) -> Ask:
    """Look up what a search means by its names and tags."""
    counts = counts_of(db)
    known = sorted({name for _, name, _ in counts})
    return Ask(
        query=query,
        by_finish=by_finish,
        counts=counts,
        names=None if query.name is None else tuple(name for name in known if is_named(name, query.name)),
        tags=None if query.tag is None else tuple(tags_of(db, query.tag)),
        codes=tuple(code for state in query.states for code in _codes(state, query.include_forgotten)),
    )


def _codes(state: JobState, forgotten: bool) -> Iterator[int]:
    yield state.code
    if forgotten and state.terminal:
        yield state.code + HIDDEN
        if state.code == CANCELLED:
            yield from (state.code + NEEDLESS, state.code + NEEDLESS + HIDDEN)


def check_query(db: Db, query: JobQuery) -> None:
    """Refuse what no index could answer. Raises InvalidFilter."""
    asks = (query.ids, query.states, query.queue, query.name, query.tag, query.user, query.cause, query.error, query.arg, query.text)
    ranged = any(value is not None for value in (query.after, query.before, query.took_over, query.took_under))
    if (query.not_queue or query.not_name or query.not_tag) and not any(asks) and not ranged:
        raise InvalidFilter("a search that only leaves things out would look at everything; name a state, queue, class or tag as well")
    if query.tag is not None and len(tags_of(db, query.tag)) > MOST_TAGS:
        raise InvalidFilter(f"{query.tag} matches more than {MOST_TAGS} different tags; write more of the tag")


def tags_of(db: Db, wanted: str) -> list[str]:
    """The stored tags that are meant, at most one more than may be; one step of the index each."""
    if not wanted.endswith("*"):
        return [wanted]
    prefix, end = wanted[:-1], wanted[:-1] + chr(0x10FFFF)
    found: list[str] = []
    (tag,) = db.one(NEXT_TAG.format(than=">="), (prefix, end)) or (None,)
    while tag is not None and len(found) <= MOST_TAGS:
        found.append(tag)
        (tag,) = db.one(NEXT_TAG.format(than=">"), (tag, end)) or (None,)
    return found


def is_by_finish(query: JobQuery) -> bool:
    """Whether its list is in the order of ends."""
    return len(query.states) == 1 and query.states[0].terminal


def first_pushed(db: Db, at: int) -> int:
    """The number from which jobs were pushed at or after this time: found by halves, since numbers grow with time."""
    low, high = 0, int(db.all(NEWEST)[0][0]) + 1
    while low < high:
        middle = (low + high) // 2
        row = db.one(PUSHED_FROM, (middle,))
        if row is None or row[1] >= at:
            high = middle
        else:
            low = int(row[0]) + 1
    return low


# the ways there are ---------------------------------------------------------------------------------


def cheapest(db: Db, asked: Ask, page: int) -> Option | None:
    """The way on which the fewest rows are walked for a page, if what matches is spread evenly; None: nothing matches."""
    if asked.names == () or asked.tags == ():
        return None
    options = list(_options(db, asked))
    matches = min(option.size for option in options)
    if not asked.query.include_forgotten:
        matches = min(matches, asked.known())
        if asked.known() == 0:
            return None

    def cost(option: Option) -> float:
        return option.size if option.sorts or matches <= page else option.size * page / matches

    return min(options, key=cost)


def _options(db: Db, asked: Ask) -> Iterator[Option]:
    query = asked.query
    if query.ids:
        pieces = [tuple(query.ids[start : start + CHUNK]) for start in range(0, len(query.ids), CHUNK)]
        streams = [_job("horizon_job_id", (f"j.id IN ({','.join('?' * len(piece))})", piece)) for piece in pieces]
        yield Option(streams=tuple(streams), size=len(query.ids), sorts=True)
        return
    yield from _by_end(db, asked) if asked.by_finish else _by_push(db, asked)
    if asked.tags is not None:
        size = sum(_probe(db, COUNT_TAG, tag) for tag in asked.tags)
        tagged = tuple(Stream(source=TAG + REST, conditions=(("t.tag = ?", (tag,)),), n="t.n") for tag in asked.tags)
        yield Option(streams=tagged, size=size, sorts=asked.by_finish)
    if query.user is not None:
        owned = _job("horizon_job_owner", ("j.owner = ?", (query.user,)))
        yield Option(streams=(owned,), size=_probe(db, COUNT_OWNER, query.user), sorts=asked.by_finish)


def _by_end(db: Db, asked: Ask) -> Iterator[Option]:
    """Walks in the order of ends, one per stored form of the state."""
    query = asked.query

    def streams(index: str, *conditions: Condition) -> tuple[Stream, ...]:
        return tuple(_done(index, *conditions, ("d.state = ?", (code,))) for code in asked.codes)

    yield Option(streams=streams("horizon_done_list"), size=asked.size(states=query.states))
    if query.queue is not None:
        size = asked.size(queue=query.queue, states=query.states)
        yield Option(streams=streams("horizon_done_queue", ("d.queue = ?", (query.queue,))), size=size)
    if asked.names is not None:
        walks = [stream for name in asked.names for stream in streams("horizon_done_name", ("d.name = ?", (name,)))]
        yield Option(streams=tuple(walks), size=asked.size(names=asked.names, states=query.states))
    if query.cause is not None:
        caused = streams("horizon_done_cause", ("d.cause = ?", (query.cause,)))
        yield Option(streams=caused, size=_probe(db, COUNT_CAUSE, query.cause))


def _by_push(db: Db, asked: Ask) -> Iterator[Option]:
    """Walks in push order; lists of ended jobs, which are not in that order, are worth it where they are short."""
    query = asked.query
    yield Option(streams=(_job(None),), size=asked.size())
    if query.queue is not None:
        yield Option(streams=(_job("horizon_job_queue", ("j.queue = ?", (query.queue,))),), size=asked.size(queue=query.queue))
    if asked.names is not None:
        walks = [_job("horizon_job_name", ("j.name = ?", (name,))) for name in asked.names]
        yield Option(streams=tuple(walks), size=asked.size(names=asked.names))
    if query.states:
        live = tuple(_live("horizon_live_list", ("l.state = ?", (state.code,))) for state in query.states if not state.terminal)
        ended = tuple(_done("horizon_done_list", ("d.state = ?", (code,))) for code in asked.codes if code > len(JobState) or _ends(code))
        yield Option(streams=live + ended, size=asked.size(states=query.states), sorts=bool(ended))
    if query.cause is not None:
        ended = (_done("horizon_done_cause", ("d.cause = ?", (query.cause,))),)
        live = (_live("horizon_live_cause", ("l.cause = ?", (query.cause,))),)
        yield Option(streams=ended + live, size=_probe(db, COUNT_CAUSE, query.cause), sorts=True)


def _ends(code: int) -> bool:
    return any(state.code == code and state.terminal for state in JobState)


def _job(index: str | None, *conditions: Condition) -> Stream:
    return Stream(source=JOB.format(index=f"INDEXED BY {index}" if index else ALL_ROWS) + REST, conditions=conditions)


def _live(index: str, *conditions: Condition) -> Stream:
    return Stream(source=LIVE.format(index=f"INDEXED BY {index}"), conditions=conditions, n="l.n")


def _done(index: str, *conditions: Condition) -> Stream:
    return Stream(source=DONE_ONLY.format(index=f"INDEXED BY {index}"), conditions=conditions, n="d.n")


def _probe(db: Db, sql: str, value: str) -> int:
    ((found,),) = db.all(sql, (value, PROBE))
    return int(found) if found < PROBE else UNKNOWN
