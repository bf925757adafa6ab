"""The only code that enters or leaves a state.

Place, indexes, counters and the unique key of a job move with its state, in the same statements, and with nothing
else. Every function here takes whole groups, because one statement for fifty jobs costs little more than for one.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from horizon.backends.database.bulk import Bulk
from horizon.backends.database.db import Db, Row, change, fetch, insert
from horizon.backends.database.kernel import parked
from horizon.backends.database.kernel.endings import Facts, live_again
from horizon.backends.database.kernel.gauges import write_limits
from horizon.backends.database.kernel.ledger import Ledger
from horizon.backends.database.kernel.rows import (
    COMPLETED,
    HIDDEN,
    PENDING,
    PROCESSING,
    RETRYING,
    SCHEDULED,
    Done,
    Held,
    Live,
    columns,
    state_of,
)
from horizon.backends.database.kernel.turns import Stands
from horizon.backends.expiry import expires_at
from horizon.core import dead
from horizon.core.clock import Micros
from horizon.core.envelope import Envelope
from horizon.core.outcome import Failure, Kind
from horizon.core.states import check_move

WAITS_FOR_TIME = (SCHEDULED, RETRYING)
Places = Callable[[str, int, Stands], int]
"""(queue, rank, what else decides) -> the place of a job that enters `pending` now."""
Due = Callable[[Done], Micros | None]
"""When a job that is opened again is due."""
JOB_COLUMNS = (
    "n id name queue created_at pushed_at priority version max_tries timeout backoff retry_until max_crashes deadline tags owner tenant "
    "group_id unique_key unique_for until_processing weight hook code_version signature fair share expires limits payload"
)
INSERT_JOB = Bulk("horizon_job", JOB_COLUMNS, own="n id payload")
INSERT_LIVE = Bulk(
    "horizon_live",
    "n state queue name rank place due available_at size tries runs round crashes suspect alone key_spent unique_key unique_until "
    "deadline max_tries timeout last_token last_said group_n fair share expires lot",
    own="n size",
)
INSERT_LIVE_WHOLE = insert("horizon_live", columns(Live))
INSERT_ATTEMPT = insert(
    "horizon_attempt",
    "n run round started_at finished_at worker outcome memory_kb delay reason cause error_type error_message traceback",
)
KEEP_LAST_RUN = (
    "INSERT INTO horizon_attempt (n, run, round, started_at, finished_at, worker, outcome, memory_kb, delay, reason, cause, "
    "error_type, error_message, traceback) SELECT n, runs, round, started_at, finished_at, worker, outcome, memory_kb, NULL, reason, cause, "
    "error_type, error_message, traceback FROM horizon_done WHERE n IN ({in})"
)
"""The run with which a job ended stands in `done` alone, until another one may follow."""
INSERT_DONE = insert("horizon_done", columns(Done))
INSERT_TAG = insert("horizon_tag", "tag n")
Run = tuple[int, Micros, Micros, Micros, int | None, bytes | None]
"""(n, started_at, wait, runtime, memory_kb, result) of a run that completed."""
COMPLETE = (
    f"INSERT INTO horizon_done ({columns(Done)}) WITH v(n, started_at, wait, runtime, memory_kb, result) AS (VALUES {{rows}}) "
    f"SELECT l.n, {COMPLETED}, ?, NULL, l.queue, l.name, l.rank, l.group_n, NULL, l.key_spent, l.hide_reason, l.token, {int(Kind.COMPLETED)}, 1, "
    "l.available_at, v.started_at, v.wait, v.runtime, l.tries, l.runs, l.round, l.crashes, l.max_tries, l.timeout, v.memory_kb, "
    "l.worker, l.progress, l.note, 'completed', NULL, NULL, NULL, NULL, v.result, NULL FROM v CROSS JOIN horizon_live l ON l.n = v.n"
)
AWAITED = "state = 0"
"""Edges that are still open, see `gates`."""
DELETE_LIVE = "DELETE FROM horizon_live WHERE n IN ({in})"
DELETE_DONE = "DELETE FROM horizon_done WHERE n IN ({in})"
RESERVE = (
    f"UPDATE horizon_live SET state = {PROCESSING}, token = ? || n, session = ?, executor = ?, worker = ?, reserved_at = ?, alone = ?, "
    "tries = tries + 1, runs = runs + 1, progress = NULL, note = NULL, due = NULL, "
    "max_tries = coalesce(max_tries, ?), timeout = coalesce(timeout, ?) WHERE n IN ({in})"
)
"""dialect: MySQL spells `? || n` CONCAT(?, n)."""
READ_COLUMNS = (
    "l.n, j.id, j.name, l.queue, j.payload, j.version, l.tries, l.runs, l.round, l.rank, l.max_tries, l.timeout, j.backoff, "
    "j.retry_until, j.max_crashes, l.crashes, j.tags, j.owner, j.tenant, j.group_id, l.deadline, j.hook, j.code_version, j.signature, "
    "j.unique_key, j.created_at, l.available_at, j.until_processing, l.key_spent"
)
READ = f"SELECT {READ_COLUMNS} FROM horizon_live l JOIN horizon_job j ON j.n = l.n WHERE l.n IN ({{in}})"
"""A reserved job as its worker gets it."""
GO_ON = (
    "UPDATE horizon_live SET state = ?, place = ?, due = ?, available_at = ?, token = NULL, session = NULL, executor = NULL, "
    "worker = ?, reserved_at = NULL, alone = 0, tries = ?, runs = ?, crashes = ?, suspect = ?, last_token = ?, last_said = ?, "
    "started_at = ?, wait = ?, runtime = ?, memory_kb = ?, cause = ?, error_type = ?, error_message = ?, reason = ? WHERE n = ?"
)
SHIFT = "UPDATE horizon_live SET state = ?, place = ?, due = ?, available_at = ? WHERE n = ?"
RELABEL_LIVE = "UPDATE horizon_live SET queue = ?, rank = ?, place = ? WHERE n = ?"
RELABEL_DONE = "UPDATE horizon_done SET queue = ? WHERE n = ?"
RELABEL_JOB = "UPDATE horizon_job SET queue = ? WHERE n = ?"
HIDE = f"UPDATE horizon_done SET state = state + {HIDDEN}, hidden_at = ? WHERE n IN ({{in}})"
SHOW = f"UPDATE horizon_done SET state = state - {HIDDEN}, hidden_at = NULL, hide_reason = NULL WHERE n IN ({{in}})"
FACTS = "SELECT n, deadline, length(payload), unique_key, unique_for, fair, share, expires, limits FROM horizon_job WHERE n IN ({in})"
NAMES = "SELECT n, id, tags FROM horizon_job WHERE n IN ({in})"
FORGET_TAG = "DELETE FROM horizon_tag WHERE tag = ? AND n = ?"
DROPS = (
    "DELETE FROM horizon_attempt WHERE n IN ({in})",
    "DELETE FROM horizon_log WHERE n IN ({in})",
    "DELETE FROM horizon_edge WHERE parent IN ({in})",
    "DELETE FROM horizon_edge WHERE child IN ({in})",
    "DELETE FROM horizon_gate WHERE parent IN ({in})",
    "DELETE FROM horizon_done WHERE n IN ({in})",
    "DELETE FROM horizon_job WHERE n IN ({in})",
)
BURY = insert("horizon_tombstone", "id removed_at")


@dataclass(kw_only=True, slots=True)
class Birth:
    """A job about to be stored."""

    envelope: Envelope
    state: int
    place: int
    available_at: Micros
    tags: str | None
    n: int = 0
    unique_until: Micros | None = None
    group_n: int | None = None
    lot: int | None = None
    """Where it has limits."""

    @property
    def stored(self) -> tuple[int, int | None]:
        """(state, lot): one with limits is parked first."""
        return (SCHEDULED, -self.lot) if self.lot is not None and self.state == PENDING else (self.state, self.lot)


@dataclass(kw_only=True, slots=True)
class GoingOn:
    """An attempt ended and its job goes on: where it stands now."""

    live: Live
    state: int
    place: int
    available_at: Micros
    tries: int
    runs: int
    crashes: int
    suspect: bool
    said: tuple[str | None, int | None]
    started_at: Micros | None
    wait: Micros | None
    runtime: Micros | None
    memory_kb: int | None
    error: Failure | None
    reason: str | None
    worker: str | None
    attempt: tuple[object, ...] | None
    """Its row of history; None for one that never began."""


def born(db: Db, ledger: Ledger, births: Sequence[Birth], now: Micros) -> None:
    """Store new jobs, numbered in their order."""
    for number, birth in zip(db.numbers(len(births)), births, strict=True):
        birth.n = number
    INSERT_JOB.into(db, [_job_row(birth, now) for birth in births])
    INSERT_LIVE.into(db, [_born_row(birth) for birth in births])
    db.many(INSERT_TAG, [(tag, birth.n) for birth in births for tag in set(birth.envelope.tags)])
    for (queue, name, state), times in Counter((b.envelope.queue, b.envelope.name, b.state) for b in births).items():
        ledger.move(queue, name, None, state, times)
        ledger.of(queue, name).pushed += times
    parked.noted(ledger, [_entry(b) for b in births if b.lot is not None and b.state == PENDING])
    for group, times in Counter(birth.group_n for birth in births).items():
        ledger.joined(group, times)


def born_ended(db: Db, ledger: Ledger, birth: Birth, now: Micros, end: Callable[[int], Done]) -> None:
    """Store a job that ended before it could be admitted."""
    (birth.n,) = db.numbers(1)
    done = end(birth.n)
    INSERT_JOB.into(db, [_job_row(birth, now)])
    db.many(INSERT_TAG, [(tag, birth.n) for tag in set(birth.envelope.tags)])
    db.many(INSERT_DONE, [done])
    ledger.move(done.queue, done.name, None, done.state)
    ledger.of(done.queue, done.name).pushed += 1


def _entry(birth: Birth) -> parked.Entry:
    e, lot = birth.envelope, birth.lot or 0
    return birth.n, e.queue, e.name, lot, (-e.priority, birth.place, birth.n), birth.state


def _job_row(birth: Birth, now: Micros) -> tuple[object, ...]:
    e = birth.envelope
    return (
        birth.n, e.id, e.name, e.queue, now if e.created_at is None else e.created_at, now, e.priority, e.version, e.max_tries, e.timeout,
        e.backoff, e.retry_until, e.max_crashes, e.deadline, birth.tags, e.user, e.tenant, e.group, e.unique_key, e.unique_for,
        int(e.unique_until_processing), e.weight, int(e.hook), e.code_version, e.signature, *_turn(e), write_limits(e.limits), e.payload,
    )  # fmt: skip


def _turn(e: Envelope) -> tuple[str | None, int | None, int | None]:
    """What of its turn is kept, as nothing where it is what it is for nearly every job."""
    return e.fair, None if e.share == 1 else e.share, int(e.expires) or None


def _born_row(birth: Birth) -> tuple[object, ...]:
    e, (state, lot) = birth.envelope, birth.stored
    due = birth.available_at if birth.state in WAITS_FOR_TIME else expires_at(e) if birth.state == PENDING else None
    return (
        birth.n, state, e.queue, e.name, -e.priority, birth.place, due, birth.available_at, len(e.payload), e.tries, 0, e.round,
        e.crashes, 0, 0, 0, e.unique_key, birth.unique_until, e.deadline, e.max_tries, e.timeout, None, None, birth.group_n, *_turn(e), lot,
    )  # fmt: skip


def reserved(
    db: Db,
    ledger: Ledger,
    jobs: Sequence[tuple[int, str, str]],
    *,
    token: str,
    session: str,
    executor: int,
    worker: str,
    now: Micros,
    alone: bool,
    max_tries: int | None,
    timeout: Micros | None,
) -> list[Row]:
    """Hand pending jobs (n, queue, class) to one executor; the attempt's token is `token:n`. Returns them as `READ` says."""
    head = (token + ":", session, executor, worker, now, int(alone), max_tries, timeout)
    count(ledger, [(queue, name, PENDING, PROCESSING) for _, queue, name in jobs])
    return db.take(RESERVE, READ, [n for n, _, _ in jobs], head)


def went_on(db: Db, ledger: Ledger, moves: Sequence[GoingOn]) -> None:
    """Put jobs whose attempt ended back among those that wait."""
    db.many(INSERT_ATTEMPT, [move.attempt for move in moves if move.attempt is not None])
    db.many(GO_ON, [_going_row(move) for move in moves])
    count(ledger, [(move.live.queue, move.live.name, move.live.state, move.state) for move in moves])
    if limited := [move for move in moves if move.live.lot is not None]:
        for move in limited:
            ledger.lots.left(move.live, unbegun=move.attempt is None)
        parked.shifted(db, ledger, [(move.live, move.place) for move in limited if move.state == PENDING])


def _going_row(m: GoingOn) -> tuple[object, ...]:
    due = m.available_at if m.state in WAITS_FOR_TIME else m.live.expires_at
    error = (m.error.cause or None, m.error.type, m.error.message) if m.error else (None, None, None)
    return (
        m.state, m.place, due, m.available_at, m.worker, m.tries, m.runs, m.crashes, int(m.suspect), *m.said,
        m.started_at, m.wait, m.runtime, m.memory_kb, *error, m.reason, m.live.n,
    )  # fmt: skip


def shifted(db: Db, ledger: Ledger, jobs: Sequence[Live], state: int, moves: Sequence[tuple[int, Micros]]) -> None:
    """Move waiting jobs into another waiting state; each with its place and the time it is (or was) available from."""
    waits, limited = state in WAITS_FOR_TIME, any(job.lot is not None for job in jobs)
    if limited:
        parked.left(db, ledger, jobs)
    rows = [(state, place, at if waits else job.expires_at, at, job.n) for job, (place, at) in zip(jobs, moves, strict=True)]
    db.many(SHIFT, rows)
    count(ledger, [(job.queue, job.name, job.state, state) for job in jobs])
    if limited and state == PENDING:
        parked.shifted(db, ledger, [(job, place) for job, (place, _) in zip(jobs, moves, strict=True)])


def ended(db: Db, ledger: Ledger, jobs: Sequence[Live], ends: Sequence[Done]) -> None:
    """End live jobs: each becomes the terminal record that stands beside it."""
    change(db, DELETE_LIVE, [job.n for job in jobs])
    db.many(INSERT_DONE, [tuple(end) for end in ends])  # drivers bind plain tuples faster than their subclasses
    count(ledger, [(job.queue, job.name, job.state, end.state) for job, end in zip(jobs, ends, strict=True)])
    _carried(db, ledger, [(job.queue, end.queue, end) for job, end in zip(jobs, ends, strict=True) if job.queue != end.queue])
    for job, end in zip(jobs, ends, strict=True):
        ledger.lots.left(job, unbegun=not end.ran)
        if end.group_n is not None:
            ledger.ended(end.group_n, end.state, 1, end.n)


def _carried(db: Db, ledger: Ledger, changes: Sequence[tuple[str, str, Done | Live]]) -> None:
    """Note that records stand in another queue than before: (before, now, the record as it is)."""
    db.many(RELABEL_JOB, [(after, row.n) for _, after, row in changes])
    for before, after, row in changes:
        ledger.move(before, row.name, row.state, None)
        ledger.move(after, row.name, None, row.state)


def completed(db: Db, ledger: Ledger, jobs: Sequence[Held], runs: Sequence[Run], now: Micros) -> bool:
    """`ended` for running jobs that completed: what stays as it was is copied inside the store.

    False where certainly no job waits for any of them.
    """
    count(ledger, [(job.queue, job.name, job.state, COMPLETED) for job in jobs])
    for group, times in Counter(job.group_n for job in jobs).items():
        if group is not None:
            ledger.ended(group, COMPLETED, times)
    for job in jobs:
        ledger.lots.left(job)
    db.foresee(ledger.lots.expected)
    return db.move(COMPLETE, DELETE_LIVE, AWAITED, runs, (now,))


def count(ledger: Ledger, moves: Sequence[tuple[str, str, int, int]]) -> None:
    """Note (queue, class, old state, new state) of moved jobs, each kind of move once. Raises InvalidTransition."""
    for (queue, name, old, new), times in Counter(moves).items():
        check_move(state_of(old), state_of(new))
        ledger.move(queue, name, old, new, times)


def reopened(
    db: Db,
    ledger: Ledger,
    ends: Sequence[Done],
    state: int,
    now: Micros,
    *,
    place: Places | None = None,
    at: Due | None = None,
    new_round: bool = True,
    anew: bool = False,
    tries: int = 0,
) -> None:
    """Open ended jobs again: blocked as they were, or (with `place`) waiting, each due `at` its time, in a new round, with
    so many tries used up. `anew`: blocked, and in a new round all the same."""
    if not ends:
        return
    facts = {n: Facts._make(row) for n, *row in fetch(db, FACTS, [end.n for end in ends])}
    lives = []
    for end in ends:
        due = at(end) if at is not None and state in WAITS_FOR_TIME else None
        available_at = (end.available_at or now) if place is None else now if due is None else due
        where = 0 if place is None or state != PENDING else place(dead.own(end.queue), end.rank, facts[end.n])
        lives.append(
            live_again(
                end,
                facts[end.n],
                state=state,
                place=where,
                available_at=available_at,
                due=due,
                now=now,
                new_round=anew or (new_round and place is not None),
                tries=tries,
            )
        )
    lots = parked.lots_for(db, ledger, [(live.queue, facts[live.n].limits) for live in lives], now)
    lives = [live if lot is None else live._replace(lot=lot) for live, lot in zip(lives, lots, strict=True)]
    change(db, KEEP_LAST_RUN, [end.n for end in ends if end.ran])
    change(db, DELETE_DONE, [end.n for end in ends])
    db.many(INSERT_LIVE_WHOLE, lives)
    count(ledger, [(end.queue, end.name, end.state, state) for end in ends])
    _carried(db, ledger, [(end.queue, live.queue, live) for end, live in zip(ends, lives, strict=True) if end.queue != live.queue])
    if state == PENDING:
        parked.shifted(db, ledger, [(live, live.place) for live in lives if live.lot is not None])
    for end in ends:
        if end.group_n is not None:
            ledger.ended(end.group_n, end.state, -1)


def hidden(db: Db, ledger: Ledger, ends: Sequence[Done], now: Micros) -> None:
    """Take terminal records out of counters and lists; `tick` removes them when nobody can want them back."""
    change(db, HIDE, [end.n for end in ends], before=(now,))
    for end in ends:
        ledger.move(end.queue, end.name, end.state, None)


def shown(db: Db, ledger: Ledger, ends: Sequence[Done]) -> None:
    """Undo `hidden`."""
    change(db, SHOW, [end.n for end in ends])
    for end in ends:
        ledger.move(end.queue, end.name, None, end.state - HIDDEN)


def removed(db: Db, ledger: Ledger, ends: Sequence[Done], now: Micros) -> None:
    """Drop terminal records; their ids are remembered for a while, so that a late resend does not bring them back."""
    if not ends:
        return
    ns = [end.n for end in ends]
    facts = fetch(db, NAMES, ns)
    db.many(FORGET_TAG, [(tag, n) for n, _, tags in facts if tags for tag in set(json.loads(tags))])
    for sql in DROPS:
        change(db, sql, ns)
    db.many(BURY, [(id, now) for _, id, _ in facts])
    for end in ends:
        ledger.move(end.queue, end.name, end.state, None)


def relabelled(db: Db, ledger: Ledger, jobs: Sequence[Live | Done], labels: Sequence[tuple[str, int, int]], now: Micros) -> None:
    """Change queue, rank and place of jobs that stay in their state."""
    limited = [(job, label) for job, label in zip(jobs, labels, strict=True) if isinstance(job, Live) and job.lot is not None]
    parked.left(db, ledger, [job for job, _ in limited if job.waits_for_turn])
    rows = [(*label, job.n) for job, label in zip(jobs, labels, strict=True)]
    db.many(RELABEL_LIVE, [row for job, row in zip(jobs, rows, strict=True) if isinstance(job, Live)])
    db.many(RELABEL_DONE, [(queue, n) for job, (queue, _, _, n) in zip(jobs, rows, strict=True) if isinstance(job, Done)])
    _carried(db, ledger, [(job.queue, queue, job) for job, (queue, _, _) in zip(jobs, labels, strict=True) if job.queue != queue])
    parked.relabelled(db, ledger, limited, now)
