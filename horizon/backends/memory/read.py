"""read: one job, many, a page of a search, failures by cause, the oldest that wait."""

from __future__ import annotations

import base64
import binascii
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence

from horizon.backends.base import AHEAD
from horizon.backends.memory.kernel import lots
from horizon.backends.memory.kernel.store import Job, Store
from horizon.backends.memory.match import drives, narrows, tail
from horizon.backends.memory.show import record_of
from horizon.backends.spread import Seen, Spread, Tally, both_tallies, spread
from horizon.backends.unadmitted import unadmitted
from horizon.backends.values import Cause
from horizon.core.clock import Micros
from horizon.core.errors import InvalidCursor, InvalidFilter
from horizon.core.query import SCAN_LIMIT, JobQuery, Page
from horizon.core.record import Record
from horizon.core.states import JobState

MANY = 1_000
MOST_TAGS = 20
CAUSE_WINDOW = 5_000
Key = tuple[int, int]
"""Where a row stands in a list: (finish or 0, n), greater first."""


# by id ----------------------------------------------------------------------------------------------


def get(store: Store, id: str) -> Record | None:
    """See `Backend.get`."""
    job = store.jobs.get(id)
    if job is not None:
        return record_of(store, job, whole=True)
    waiting = store.inbox.get(id)
    return None if waiting is None else unadmitted(*waiting, connection=store.options.name)


def many(store: Store, ids: Sequence[str]) -> list[Record]:
    """See `Backend.many`. Raises InvalidFilter for more than 1,000 ids."""
    if len(ids) > MANY:
        raise InvalidFilter(f"at most {MANY} ids at once, got {len(ids)}")
    return [record_of(store, store.jobs[id]) for id in ids if id in store.jobs]


# searching ------------------------------------------------------------------------------------------


def check_query(store: Store, query: JobQuery) -> None:
    """Refuse what no index could answer. Raises InvalidFilter."""
    asks = (
        query.ids, query.states, query.queue, query.name, query.tag, query.user, query.group, query.cause, query.error, query.arg, query.text,
    )  # fmt: skip
    ranged = any(value is not None for value in (query.after, query.before, query.took_over, query.took_under))
    if (query.not_queue or query.not_name or query.not_tag) and not any(asks) and not ranged:
        raise InvalidFilter("a search that only leaves things out would look at everything; name a state, queue, class or tag as well")
    if query.tag is not None and query.tag.endswith("*"):
        tags = {tag for job in store.by_n.values() for tag in job.envelope.tags if tag.startswith(query.tag[:-1])}
        if len(tags) > MOST_TAGS:
            raise InvalidFilter(f"{query.tag} matches {len(tags)} different tags, more than {MOST_TAGS}; write more of the tag")


def matching(store: Store, query: JobQuery) -> Iterator[Job]:
    """Every match, newest push first; for acts, which have no cursor and no page."""
    return (job for job in reversed(tuple(store.by_n.values())) if drives(job, query) and narrows(job, query))


def find(store: Store, query: JobQuery) -> Page:
    """See `Backend.find`.

    A cursor stands for one row: forwards comes what is older than it, backwards it and what is newer.
    """
    check_query(store, query)
    by_finish = len(query.states) == 1 and query.states[0].terminal
    rows = sorted(((_key(job, by_finish), job) for job in store.by_n.values() if drives(job, query)), key=lambda row: row[0], reverse=True)
    if query.cursor is not None:
        at = _parse(query.cursor, by_finish)
        rows = [row for row in rows if (row[0] >= at if query.backwards else row[0] < at)]
    if query.backwards:
        rows.reverse()
    seen = rows[:SCAN_LIMIT] if query.narrowed else rows
    hits = [row for row in seen if narrows(row[1], query)]
    return _page(store, query, by_finish, hits, cut_off=rows[SCAN_LIMIT - 1][1] if len(rows) > len(seen) else None)


def _page(store: Store, query: JobQuery, by_finish: bool, hits: list[tuple[Key, Job]], *, cut_off: Job | None) -> Page:
    shown, rest = hits[: query.limit], hits[query.limit :]
    follows = None
    if rest:
        follows = _write(rest[0][0] if query.backwards else shown[-1][0], by_finish)
    items = [record_of(store, job) for _, job in shown]
    if query.backwards:
        items.reverse()
    total = _total(store, query)
    stopped = cut_off is not None and not rest
    return Page(
        items=items,
        next=follows,
        total=total,
        total_at_least=len(hits) if total is None else total,
        searched_back_to=_when(cut_off, by_finish) if cut_off is not None and stopped else None,
        cuts=() if query.backwards else _cuts([key for key, _ in shown], by_finish),
    )


def _cuts(keys: Sequence[Key], by_finish: bool) -> list[str]:
    """See `Page.cuts`."""
    return [_write(key, by_finish) for key in ((keys[0][0], keys[0][1] + 1), *keys)] if keys else []


def _total(store: Store, query: JobQuery) -> int | None:
    """What the counters know; None where the search asks for more than a state, a queue and a class."""
    if query != JobQuery(
        states=query.states, queue=query.queue, name=query.name, cursor=query.cursor, limit=query.limit, backwards=query.backwards
    ):
        return None
    return sum(
        times
        for (queue, name, state), times in store.counters.items()
        if (not query.states or state in query.states) and query.queue in (None, queue) and query.name in (None, name, tail(name))
    )


def _key(job: Job, by_finish: bool) -> Key:
    return ((job.finished_at or 0) if by_finish else 0, job.n)


def _when(job: Job, by_finish: bool) -> Micros:
    return (job.finished_at if by_finish else None) or job.pushed_at


def _write(key: Key, by_finish: bool) -> str:
    return base64.urlsafe_b64encode(f"{'f' if by_finish else 'p'}.{key[0]}.{key[1]}".encode()).decode().rstrip("=")


def _parse(cursor: str, by_finish: bool) -> Key:
    try:
        order, finished, n = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True).decode().split(".")
        key = (int(finished), int(n))
    except (ValueError, binascii.Error):
        raise InvalidCursor(f"{cursor!r} is not a cursor of this list; start from its first page") from None
    if order != ("f" if by_finish else "p"):
        raise InvalidCursor("this cursor belongs to a list in another order; start from the first page")
    return key


# summaries ------------------------------------------------------------------------------------------


def causes(store: Store, since: Micros, limit: int) -> list[Cause]:
    """See `Backend.causes`."""
    groups: dict[str, list[Job]] = {}
    for job in _latest_failed(store, since):
        if job.error is not None:
            groups.setdefault(job.error.cause, []).append(job)
    found = [_cause(cause, jobs) for cause, jobs in groups.items()]
    return sorted(found, key=lambda cause: (-cause.count, -cause.last_at, cause.cause))[:limit]


def _latest_failed(store: Store, since: Micros) -> list[Job]:
    failed = [job for job in store.by_n.values() if job.state is JobState.FAILED and job.visible and (job.finished_at or 0) >= since]
    failed.sort(key=lambda job: (job.finished_at or 0, job.n), reverse=True)
    return failed[:CAUSE_WINDOW]


def spread_of(store: Store, since: Micros, until: Micros, spans: int) -> Mapping[str, Spread]:
    """See `Backend.spread`."""
    each = max(1, (until - since) // spans)
    return spread(
        (
            Seen(job.error.cause, ((job.finished_at or 0) - since) // each, job.worker, job.envelope.code_version, job.name, job.queue, 1)
            for job in _latest_failed(store, since)
            if job.error is not None
        ),
        spans,
    )


def tally(store: Store, causes: Sequence[str]) -> Mapping[str, Tally]:
    """See `Backend.tally`."""
    found: dict[str, Tally] = {}
    for job in store.by_n.values():
        cause = job.error.cause if job.error is not None and job.state is JobState.FAILED and job.visible else None
        if cause in causes and cause is not None:
            here = Tally(count=1, first_at=job.finished_at or 0, last_at=job.finished_at or 0)
            found[cause] = both_tallies(found[cause], here) if cause in found else here
    return found


def ahead(store: Store, record: Record) -> int | None:
    """See `Backend.ahead`."""
    job = store.by_n.get(record.n)
    if job is None or not (job.parked or job.state is JobState.PENDING):
        return None
    waiting = store.lots[lots.lot_of(job)].parked if job.parked else store.ready.get(job.queue, [])
    return min(AHEAD, bisect_left(waiting, (-job.priority, job.place, job.n)))


def _cause(cause: str, jobs: list[Job]) -> Cause:
    """Failures of one origin, newest first; the newest lends its words."""
    newest, oldest = jobs[0], jobs[-1]
    error = newest.error
    return Cause(
        cause=cause,
        type=error.type if error else "",
        message=error.message if error else "",
        name=newest.name,
        count=len(jobs),
        first_at=oldest.finished_at or 0,
        last_at=newest.finished_at or 0,
    )


def oldest(store: Store, queues: Sequence[str] | None) -> dict[str, Micros]:
    """See `Backend.oldest`."""
    names = store.ready if queues is None else queues
    return {name: min(store.by_n[n].available_at for _, _, n in store.ready[name]) for name in names if store.ready.get(name)}


def remaining(store: Store, queues: Sequence[str]) -> int:
    """See `Backend.remaining`."""
    live = sum(
        times
        for (queue, _, state), times in store.counters.items()
        if state in (JobState.PENDING, JobState.PROCESSING) and (not queues or queue in queues)
    )
    return live + sum(not queues or envelope.queue in queues for envelope, _ in store.inbox.values())
