"""Which index drives a search.

Counters know how many jobs there are per queue, class and state, and a short look into an index how many carry a tag;
from that follows how many rows each index would have to be walked for one page, and the shortest walk is taken. Every
other condition is asked of the rows on the way.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass

from horizon.backends.database.db import CHUNK, Db
from horizon.backends.database.kernel.rows import CANCELLED, HIDDEN, NEEDLESS
from horizon.backends.database.match import is_named
from horizon.backends.database.numbers import Sizes, sizes_of
from horizon.core.errors import InvalidFilter
from horizon.core.query import JobQuery
from horizon.core.states import BY_CODE, JobState

MOST_TAGS = 20
PROBE = 5_000
"""How far an index without a counter is looked into to learn how long it is."""
UNKNOWN = 200_000
"""What is assumed of one that is longer."""
NEXT_TAG = "SELECT min(tag) FROM horizon_tag WHERE tag {than} ? AND tag < ?"
CARRIED = {
    "tag": "SELECT count(*) FROM (SELECT 1 FROM horizon_tag WHERE tag = ? LIMIT ?) AS found",
    "user": "SELECT count(*) FROM (SELECT 1 FROM horizon_job WHERE owner = ? LIMIT ?) AS found",
    "group": "SELECT count(*) FROM (SELECT 1 FROM horizon_job WHERE group_id = ? LIMIT ?) AS found",
    "cause": "SELECT count(*) FROM (SELECT 1 FROM horizon_done WHERE cause = ? LIMIT ?) AS found",
}

NEWEST = "SELECT coalesce(max(n), 0) FROM horizon_job"
PUSHED_FROM = "SELECT n, pushed_at FROM horizon_job WHERE n >= ? ORDER BY n LIMIT 1"

Condition = tuple[str, tuple[object, ...]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Stream:
    """One walk along an index."""

    source: str
    """The table, and the index by name for SQLite, which keeps no statistics; others are left to their planner."""
    alias: str
    """j, l, d or t: which table that is."""
    conditions: tuple[Condition, ...] = ()
    """What the index itself answers, in columns of its table."""
    answers: frozenset[str] = frozenset()
    """Which parts of the search that is."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Option:
    """One way to answer a search."""

    streams: tuple[Stream, ...]
    size: int | str
    """How many rows its indexes hold: what the counters say, or what has to be looked up in them (see `CARRIED`)."""
    sorts: bool = False
    """They do not come in the order of the list: all of them are read and sorted."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Ask:
    """A search with what had to be looked up for it."""

    query: JobQuery
    by_finish: bool
    sizes: Sizes
    names: tuple[str, ...] | None
    """Registered names that are meant; None: any."""
    tags: tuple[str, ...] | None
    codes: tuple[int, ...]
    """States that are meant, as stored; none: all."""

    def known(self) -> int:
        """What the counters know of states, queue and class."""
        return self.size(queue=True, name=True, states=self.query.states)

    def size(self, *, queue: bool = False, name: bool = False, states: Sequence[JobState] = ()) -> int:
        """How many visible jobs fit this part of the search, from the counters."""
        codes = {state.code for state in states}
        return sum(
            n
            for (its_queue, its_name, state), n in self.sizes.items()
            if (its_queue or not queue) and (self.names is None or not name or its_name in self.names) and (not codes or state in codes)
        )


def ask(db: Db, query: JobQuery, *, by_finish: bool) -> Ask:
    """Look up what a search means by its names and tags. Raises InvalidFilter for what no index could answer."""
    _check(query)
    sizes = sizes_of(db, query.queue, query.name)
    return Ask(
        query=query,
        by_finish=by_finish,
        sizes=sizes,
        names=None if query.name is None else tuple(sorted({name for _, name, _ in sizes if is_named(name, query.name)})),
        tags=None if query.tag is None else _tags(db, query.tag),
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
    _check(query)
    if query.tag is not None:
        _tags(db, query.tag)


def _check(query: JobQuery) -> None:
    asks = (
        query.ids, query.states, query.queue, query.name, query.tag, query.user, query.group, query.cause, query.error, query.arg, query.text,
    )  # fmt: skip
    ranged = any(value is not None for value in (query.after, query.before, query.took_over, query.took_under))
    if (query.not_queue or query.not_name or query.not_tag) and not any(asks) and not ranged:
        raise InvalidFilter("a search that only leaves things out would look at everything; name a state, queue, class or tag as well")


def _tags(db: Db, wanted: str) -> tuple[str, ...]:
    """The stored tags that are meant; one step of the index each."""
    if not wanted.endswith("*"):
        return (wanted,)
    prefix, end = wanted[:-1], wanted[:-1] + chr(0x10FFFF)
    found: list[str] = []
    (tag,) = db.one(NEXT_TAG.format(than=">="), (prefix, end)) or (None,)
    while tag is not None:
        if len(found) == MOST_TAGS:
            raise InvalidFilter(f"{wanted} matches more than {MOST_TAGS} different tags; write more of the tag")
        found.append(tag)
        (tag,) = db.one(NEXT_TAG.format(than=">"), (tag, end)) or (None,)
    return tuple(found)


def is_by_finish(query: JobQuery) -> bool:
    """Whether its list is in the order of ends."""
    return len(query.states) == 1 and query.states[0].terminal


def is_ended(code: int) -> bool:
    """Whether a state, as stored, is that of a job that ended."""
    return BY_CODE[code % HIDDEN].terminal


def first_pushed(db: Db, at: int) -> int:
    """The number from which jobs were pushed at or after this time."""
    return first_at(db, at, NEWEST, PUSHED_FROM)


def first_at(db: Db, at: int, newest: str, rows_from: str) -> int:
    """The number from which rows were made at or after this time: found by halves, since numbers grow with time.

    `newest` reads the highest number; `rows_from` the number and the time of the first row from a number on."""
    low, high = 0, int(db.all(newest)[0][0]) + 1
    while low < high:
        middle = (low + high) // 2
        row = db.one(rows_from, (middle,))
        if row is None or row[1] >= at:
            high = middle
        else:
            low = int(row[0]) + 1
    return low


# the ways there are ---------------------------------------------------------------------------------


def cheapest(db: Db, asked: Ask, page: int) -> Option | None:
    """The way on which the fewest rows are walked for a page, if what matches is spread evenly; None: nothing matches.

    Who asks for one group or for ids is shown what is there: counters say which way is short, and are not trusted with more.
    """
    query = asked.query
    if asked.names == () or asked.tags == () or (asked.known() == 0 and not (query.include_forgotten or query.group or query.ids)):
        return None
    options = list(_options(asked))
    if len(options) == 1:
        return options[0]
    carried = {kind: _carried(db, asked, kind) for kind in CARRIED}
    matches = max(1.0, _matches(asked, carried))

    def cost(option: Option) -> float:
        size = carried[option.size] if isinstance(option.size, str) else option.size
        return size if option.sorts else min(size, size * page / matches)

    return min(options, key=cost)


def _carried(db: Db, asked: Ask, kind: str) -> int:
    """About how many jobs carry the tags, the user, the group or the cause of a search, which no counter counts: a short look into the index."""
    query = asked.query
    values: Sequence[str] = {
        "tag": asked.tags or (),
        "user": (query.user,) if query.user else (),
        "group": (query.group,) if query.group else (),
        "cause": (query.cause,) if query.cause else (),
    }[kind]
    found = 0
    for value in values:
        ((some,),) = db.all(CARRIED[kind], (value, PROBE // len(values)))
        found += int(some) if some < PROBE // len(values) else UNKNOWN // len(values)
    return found


def _matches(asked: Ask, carried: Mapping[str, int]) -> float:
    """How many jobs fit the whole search, as if its parts had nothing to do with each other."""
    found, every = float(asked.known()), max(1, asked.size())
    of_states = max(1, asked.size(states=asked.query.states))  # hardly a job that did not fail has a cause
    query = asked.query
    parts = ((asked.tags, "tag", every), (query.user, "user", every), (query.group, "group", every), (query.cause, "cause", of_states))
    for given, kind, of in parts:
        if given is not None:
            found *= min(1.0, carried[kind] / of)
    return found


def _options(asked: Ask) -> Iterator[Option]:
    query = asked.query
    if query.ids:
        pieces = [tuple(query.ids[start : start + CHUNK]) for start in range(0, len(query.ids), CHUNK)]
        streams = [_job("horizon_job_id", (f"id IN ({','.join('?' * len(piece))})", piece)) for piece in pieces]
        yield Option(streams=tuple(streams), size=len(query.ids), sorts=True)
        return
    yield from _by_end(asked) if asked.by_finish else _by_push(asked)
    if asked.tags is not None:
        tagged = tuple(
            Stream(source="horizon_tag", alias="t", conditions=(("tag = ?", (tag,)),), answers=frozenset({"tag"})) for tag in asked.tags
        )
        yield Option(streams=tagged, size="tag", sorts=asked.by_finish)
    if query.user is not None:
        owned = _job("horizon_job_owner", ("owner = ?", (query.user,)), answers={"user"})
        yield Option(streams=(owned,), size="user", sorts=asked.by_finish)
    if query.group is not None:
        members = _job("horizon_job_group", ("group_id = ?", (query.group,)), answers={"group"})
        yield Option(streams=(members,), size="group", sorts=asked.by_finish)


def _by_end(asked: Ask) -> Iterator[Option]:
    """Walks in the order of ends, one per stored form of the state."""
    query = asked.query

    def streams(index: str, answers: str, *conditions: Condition) -> tuple[Stream, ...]:
        return tuple(_done(index, *conditions, ("state = ?", (code,)), answers={"state", answers}) for code in asked.codes)

    yield Option(streams=streams("horizon_done_list", ""), size=asked.size(states=query.states))
    if query.queue is not None:
        size = asked.size(queue=True, states=query.states)
        yield Option(streams=streams("horizon_done_queue", "queue", ("queue = ?", (query.queue,))), size=size)
    if asked.names is not None:
        walks = [stream for name in asked.names for stream in streams("horizon_done_name", "name", ("name = ?", (name,)))]
        yield Option(streams=tuple(walks), size=asked.size(name=True, states=query.states))
    if query.cause is not None:
        yield Option(streams=streams("horizon_done_cause", "cause", ("cause = ?", (query.cause,))), size="cause")


def _by_push(asked: Ask) -> Iterator[Option]:
    """Walks in push order; lists of ended jobs, which are not in that order, are worth it where they are short."""
    query = asked.query
    if (
        query.queue is None and asked.names is None and asked.tags is None and query.user is None and query.group is None
    ):  # each of them is a part of all
        yield Option(streams=(_job(None),), size=asked.size())
    if query.queue is not None:
        queued = _job("horizon_job_queue", ("queue = ?", (query.queue,)), answers={"queue"})
        yield Option(streams=(queued,), size=asked.size(queue=True))
    if asked.names is not None:
        walks = [_job("horizon_job_name", ("name = ?", (name,)), answers={"name"}) for name in asked.names]
        yield Option(streams=tuple(walks), size=asked.size(name=True))
    if query.states:
        live = tuple(
            _live("horizon_live_list", ("state = ?", (state.code,)), answers={"state"}) for state in query.states if not state.terminal
        )
        ended = tuple(_done("horizon_done_list", ("state = ?", (code,)), answers={"state"}) for code in asked.codes if is_ended(code))
        yield Option(streams=live + ended, size=asked.size(states=query.states), sorts=bool(ended))
    if query.cause is not None:
        ended = (_done("horizon_done_cause", ("cause = ?", (query.cause,)), answers={"cause"}),)
        live = (_live("horizon_live_cause", ("cause = ?", (query.cause,)), answers={"cause"}),)
        yield Option(streams=ended + live, size="cause", sorts=True)


def _job(index: str | None, *conditions: Condition, answers: Set[str] = frozenset()) -> Stream:
    source = f"horizon_job {f'INDEXED BY {index}' if index else 'NOT INDEXED'}"
    return Stream(source=source, alias="j", conditions=conditions, answers=frozenset(answers))


def _live(index: str, *conditions: Condition, answers: Set[str]) -> Stream:
    return Stream(source=f"horizon_live INDEXED BY {index}", alias="l", conditions=conditions, answers=frozenset(answers))


def _done(index: str, *conditions: Condition, answers: Set[str]) -> Stream:
    return Stream(source=f"horizon_done INDEXED BY {index}", alias="d", conditions=conditions, answers=frozenset(answers))
