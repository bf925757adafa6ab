"""turn: settle what ended, reserve what comes next, in one commit."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import NamedTuple

from horizon.backends.database import limited
from horizon.backends.database.chores import next_due_of_all, on_the_way
from horizon.backends.database.db import GLANCE, Db, Question, Row
from horizon.backends.database.draw import in_drawn_order
from horizon.backends.database.kernel import record
from horizon.backends.database.kernel.parking import conclude
from horizon.backends.database.kernel.rows import PENDING
from horizon.backends.database.kernel.scope import Scope
from horizon.backends.database.kernel.settle import Settled, settle, settle_carefully
from horizon.backends.database.reservations import Reserved, reservations_of
from horizon.backends.database.store import Store
from horizon.backends.values import Reservation, Turned, Want
from horizon.core.clock import Micros
from horizon.core.errors import InvalidInput
from horizon.core.ids import token
from horizon.core.outcome import Outcome

MINE = (
    "SELECT s.host, s.pid, count(l.n), coalesce(max(l.alone), 0) FROM horizon_session s "
    "LEFT JOIN horizon_live l ON l.session = s.id AND l.executor = ? WHERE s.id = ? AND s.ended_at IS NULL GROUP BY s.host, s.pid"
)
"""A session that has not ended, and what one executor of it holds."""
NEXT = (
    f"SELECT n, size, suspect, name, queue, due, lot, rank, place, unique_key FROM horizon_live WHERE state = {PENDING} AND queue = ? "
    "ORDER BY rank, place, n LIMIT ? /*skip*/"
)
ABOVE = "AND rank <= ? ORDER BY"
NEXT_PLAIN = NEXT.replace("ORDER BY", "AND lot IS NULL ORDER BY")
"""Whoever has no limits."""
_PENDING_ROWS = f"horizon_live INDEXED BY horizon_live_oldest WHERE state = {PENDING}"
QUEUES = (
    f"WITH RECURSIVE q(queue) AS (SELECT min(queue) FROM {_PENDING_ROWS} UNION ALL "
    f"SELECT (SELECT min(queue) FROM {_PENDING_ROWS} AND queue > q.queue) FROM q WHERE q.queue IS NOT NULL) "
    "SELECT queue FROM q WHERE queue IS NOT NULL"
)
"""One step of an index per queue, however many jobs wait."""
QUEUE_DUE = "SELECT min(due) FROM horizon_live WHERE due IS NOT NULL AND queue = ?"
DUE_QUEUES = (
    "WITH RECURSIVE q(queue) AS (SELECT min(queue) FROM horizon_live WHERE due IS NOT NULL UNION ALL "
    "SELECT (SELECT min(queue) FROM horizon_live WHERE due IS NOT NULL AND queue > q.queue) FROM q WHERE q.queue IS NOT NULL) "
    "SELECT queue FROM q WHERE queue IS NOT NULL"
)


Settle = Callable[[Scope, Sequence[Outcome]], Settled]


class Candidate(NamedTuple):
    """A pending job that may be next."""

    n: int
    size: int
    suspect: int
    name: str
    queue: str
    due: Micros | None
    """When it expires."""
    lot: int | None = None
    rank: int = 0
    place: int = 0
    unique_key: str | None = None


class Chosen(NamedTuple):
    """What is handed out, and how it is told."""

    picked: list[Candidate]
    word: str
    worker: str

    def made(self, now: Micros) -> Reserved:
        """What its reservations share."""
        return Reserved(word=self.word, now=now, alone=bool(self.picked[0].suspect))


def turn(store: Store, outcomes: Sequence[Outcome], want: Want | None) -> Turned:
    """See `Backend.turn`. An outcome that the store refuses undoes the turn, which is then done again, with care."""
    try:
        plainly = store.turn_plainly(outcomes, want)
        return plainly or store.politely(lambda: _act(store, outcomes, want, settle))
    except InvalidInput:
        return _act(store, outcomes, want, settle_carefully)


def _act(store: Store, outcomes: Sequence[Outcome], want: Want | None, settling: Settle) -> Turned:
    turned, moved = store.acted(lambda scope: _turn(store, scope, outcomes, want, settling))
    store.see_to(moved, busy=is_busy(turned, want))
    return turned


def is_busy(turned: Turned, want: Want | None) -> bool:
    """Whether a worker got all that it wanted, so that it comes again as soon as it can."""
    return want is not None and len(turned.reservations) == want.count > 0


def _turn(store: Store, scope: Scope, outcomes: Sequence[Outcome], want: Want | None, settling: Settle) -> Turned:
    """Settling comes first: an expired session that still speaks is listened to."""
    if want is not None and want.count > 0:
        scope.db.attend(want.session, want.executor)
    scope.ledger.lots.expected = [*expected(want), *_expected_jobs(store, scope, want)]
    settled = settling(scope, outcomes)
    soonest = on_the_way(store, scope)
    made = [] if want is None else reserve(store, scope, want)
    if conclude(scope):
        soonest = next_due_of_all(scope.db)
    return Turned(
        answers=settled.answers,
        reservations=made,
        next_due=next_due(store, scope.db, () if want is None else want.queues, scope.now, soonest),
        now=scope.now,
        refused=settled.refused,
    )


def reserve(store: Store, scope: Scope, want: Want) -> list[Reservation]:
    """Hand out jobs."""
    chosen = choose(store, scope, want)
    if chosen is None:
        return []
    taken = hand_over(scope, want, chosen)
    return reservations_of(scope, taken, [one.n for one in chosen.picked], chosen.made(scope.now))


def choose(store: Store, scope: Scope, want: Want) -> Chosen | None:
    """What to hand out: nothing to a session the store has given up, nothing beside a job that must run alone."""
    mine = scope.db.one(MINE, (want.executor, want.session)) if want.count > 0 else None
    if mine is None:
        return None
    host, pid, held, alone = mine
    picked = [] if alone else _picked(store, scope, want, busy=held > 0)
    store.chores.took(want.session, want.executor, alone=bool(alone) or any(one.suspect for one in picked))
    if not picked:
        return None
    lots = {one.n: one.lot for one in picked if one.lot is not None}
    store.chores.knows(lots)
    return Chosen(picked, token() + (limited.MARK if lots else ""), f"{host}:{pid}")


def _picked(store: Store, scope: Scope, want: Want, *, busy: bool) -> list[Candidate]:
    """What may start now; what comes up and finds no room in its limits is parked, and the next ones are looked at."""
    got: list[Candidate] = []
    passed: frozenset[int] = frozenset()
    wide = want
    for _ in range(limited.ROUNDS):
        found = [one for one in _candidates(store, scope, wide) if one.n not in passed]
        if not found:
            return got
        allowed = limited.within(found, _left(want, got))
        if not allowed:
            break
        more = pick(allowed, count=want.count, max_bytes=want.max_bytes, busy=busy, behind=got)[len(got) :]
        fine, not_now = limited.ask(scope, more, found)
        got += fine
        if len(fine) == len(more):
            return got
        passed |= not_now | {one.n for one in fine}
        wide = replace(want, count=max(want.count, limited.WIDE))
    return got or pick(_candidates(store, scope, want, NEXT_PLAIN), count=want.count, max_bytes=want.max_bytes, busy=busy)


def _left(want: Want, got: Sequence[Candidate]) -> int | None:
    """How many more with limits may be handed out."""
    return None if want.limited is None else want.limited - sum(one.lot is not None for one in got)


def pick(candidates: Sequence[Candidate], *, count: int, max_bytes: int, busy: bool, behind: Sequence[Candidate] = ()) -> list[Candidate]:
    """The next jobs in order, `behind` these. A suspect is taken alone; one that cannot be, yet, ends the picking: it must not starve."""
    picked = list(behind)
    size = sum(one.size for one in picked)
    for one in candidates:
        if len(picked) == count:
            break
        if one.suspect:
            return picked if picked or busy else [one]
        size += one.size
        if picked and size > max_bytes:
            break
        picked.append(one)
    return picked


def expected(want: Want | None) -> list[Question]:
    """What is asked behind the end of jobs with limits."""
    asked = [Question(GLANCE)]
    if want is not None and want.count > 0:
        asked += [Question(MINE, (want.executor, want.session)), *([] if want.queues else [Question(QUEUES, ordered=True)])]
    return asked


def _expected_jobs(store: Store, scope: Scope, want: Want | None) -> list[Question]:
    if want is None or not want.count > 0:
        return []
    return [_next(NEXT, name, want, want.count) for name in likely_queues(store, scope, want)[:1]]


def likely_queues(store: Store, scope: Scope, want: Want) -> list[str]:
    """Where to take from, as `_names`; of all queues those are known that had jobs the last time."""
    return _in_order(store, scope, want, want.queues or store.chores.queues)


def foresee_next(store: Store, scope: Scope, want: Want) -> None:
    """Let the first question for jobs go with what is asked before it."""
    if want.count > 0:
        foresee_from(scope, want, _names(store, scope, want))


def foresee_from(scope: Scope, want: Want, queues: Sequence[str]) -> None:
    """The same where the queues are known."""
    scope.db.foresee([_next(NEXT, name, want, want.count) for name in queues[:1]])


def _names(store: Store, scope: Scope, want: Want) -> list[str]:
    """Of queues, in the order in which this worker takes from them."""
    if not want.queues:
        store.chores.queues = [name for (name,) in scope.db.walk(QUEUES)]
    return likely_queues(store, scope, want)


def _in_order(store: Store, scope: Scope, want: Want, queues: Sequence[str]) -> list[str]:
    page = store.book.read(scope.db)
    paused = page.paused(scope.now)
    names = [name for name in dict.fromkeys(queues) if name not in paused]
    if want.fair or not want.queues:
        names = in_drawn_order([(name, page.weights.get(name, 1)) for name in names], want.draw)
    return names


def _next(sql: str, queue: str, want: Want, count: int) -> Question:
    least = () if want.floor is None else (-want.floor,)
    return Question(sql.replace("ORDER BY", ABOVE) if least else sql, (queue, *least, count), ordered=True)


def _candidates(store: Store, scope: Scope, want: Want, next: str = NEXT) -> list[Candidate]:
    """Pending jobs in the order in which this worker should run them; paused queues are passed over, and what has expired."""
    found: list[Candidate] = []
    for name in _names(store, scope, want):
        if len(found) >= want.count:
            break
        asked = _next(next, name, want, want.count - len(found))
        found += [Candidate(*row) for row in scope.db.walk(asked.sql, asked.params)]
    return [one for one in found if one.due is None or one.due > scope.now]


def hand_over(scope: Scope, want: Want, chosen: Chosen) -> list[Row]:
    """Reserve these."""
    return record.reserved(
        scope.db,
        scope.ledger,
        [(one.n, one.queue, one.name) for one in chosen.picked],
        token=chosen.word,
        session=want.session,
        executor=want.executor,
        worker=chosen.worker,
        now=scope.now,
        alone=bool(chosen.picked[0].suspect),
        max_tries=want.default_max_tries,
        timeout=want.default_timeout,
    )


def next_due(store: Store, db: Db, queues: Sequence[str], now: Micros, soonest: Micros | None) -> Micros | None:
    """When the next waiting job of these queues (none given: of any) is due; paused queues do not count.

    `soonest` is when the next one of any queue is.
    """
    if soonest is None:
        return None
    paused = store.book.read(db).paused(now)
    if not queues and not paused:
        return soonest
    names = queues or [name for (name,) in db.all(DUE_QUEUES)]
    dues = [db.all(QUEUE_DUE, (name,))[0][0] for name in names if name not in paused]
    return min((due for due in dues if due is not None), default=None)
