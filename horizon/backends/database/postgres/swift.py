"""A turn in two ways to the server: what nearly every turn is, a handful of completed jobs settled and the next one taken.

1. One trip begins, settles, looks whether anything else is to be done first, and takes jobs where nothing is.
2. What is out of the ordinary goes on from there by the steps of any other turn, in the same transaction.
3. One trip adds the figures and commits.

Between the two the server may work while jobs run here: whoever is killed meanwhile has committed nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING

from horizon.backends.database.chores import next_due_of_all, on_the_way
from horizon.backends.database.db import Row
from horizon.backends.database.kernel import gates, holding, record
from horizon.backends.database.kernel.parking import conclude
from horizon.backends.database.kernel.rows import COMPLETED, PENDING, PROCESSING
from horizon.backends.database.kernel.scope import Scope
from horizon.backends.database.plainly import NotPlain, closed, may_hold_limits
from horizon.backends.database.postgres.late import Late, taken_last
from horizon.backends.database.postgres.text import settled, translated
from horizon.backends.database.postgres.words import OURS, SORT_ON
from horizon.backends.database.reservations import Reserved, reservations_of
from horizon.backends.database.served import ServedStore
from horizon.backends.database.store import Moved
from horizon.backends.database.turn import (
    QUEUES,
    choose,
    expected,
    foresee_from,
    foresee_next,
    likely_queues,
    reserve,
)
from horizon.backends.values import Reservation, Turned, Want
from horizon.core.clock import Micros
from horizon.core.ids import token
from horizon.core.outcome import Outcome

if TYPE_CHECKING:
    from horizon.backends.database.postgres.driver import PostgresDb
    from horizon.backends.database.postgres.line import Statement

UNHEARD = 10_000
"""Milliseconds for which a turn may lie unheard: behind a job that holds the interpreter nobody can hear it, and what it took
could run elsewhere. The server ends it then; whoever asked finds out, and asks again."""
ATTEND = (
    f"SELECT pg_advisory_xact_lock({OURS}, ?), set_config('idle_in_transaction_session_timeout', ?, true), "
    "set_config('enable_sort', 'off', true), set_config('plan_cache_mode', 'force_generic_plan', true) FROM horizon_session WHERE id = ? FOR KEY SHARE"
)
"""Without sorting, `TAKE` can only walk its index, whatever the server believes about how many jobs wait. And it is planned once: where
statistics make it believe that a plan for these values is better, planning takes longer than taking fifty jobs."""
GLIMPSE = (
    "SELECT EXISTS (SELECT 1 FROM horizon_edge WHERE state = 0 AND parent IN ({in})), EXISTS (SELECT 1 FROM horizon_inbox), "
    "(SELECT min(due) FROM horizon_live WHERE due IS NOT NULL), "
)
OF_ALL = f"(SELECT string_agg(queue, ' ') FROM ({QUEUES}) AS waiting)"
OF_THESE = (
    "(SELECT string_agg(q.name, ' ') FROM unnest(?::text[]) AS q(name) "
    f"WHERE EXISTS (SELECT 1 FROM horizon_live l WHERE l.state = {PENDING} AND l.queue = q.name))"
)
"""Names of queues hold no space."""
TAKE = (
    f"WITH c AS MATERIALIZED (SELECT n, ctid AS at, size, suspect, lot, place FROM horizon_live WHERE state = {PENDING} AND queue = ? "
    "AND (SELECT NOT EXISTS (SELECT 1 FROM horizon_edge WHERE state = 0 AND parent IN ({in})) AND NOT EXISTS (SELECT 1 FROM horizon_inbox) "
    "AND NOT EXISTS (SELECT 1 FROM horizon_live WHERE due IS NOT NULL AND due <= ?) "
    "AND NOT EXISTS (SELECT 1 FROM horizon_live WHERE session = ? AND executor = ? AND alone = 1)) "
    "ORDER BY rank, place, n LIMIT ? FOR UPDATE SKIP LOCKED), "
    "f AS MATERIALIZED (SELECT max(suspect) = 0 AND (sum(size) <= ? OR count(*) = 1) AND count(lot) = 0 AS fine FROM c) "
    f"UPDATE horizon_live l SET state = {PROCESSING}, token = ? || l.n, session = s.id, executor = ?, worker = s.host || ':' || s.pid, "
    "reserved_at = ?, alone = 0, tries = l.tries + 1, runs = l.runs + 1, progress = NULL, note = NULL, due = NULL, "
    "max_tries = coalesce(l.max_tries, ?), timeout = coalesce(l.timeout, ?) "
    "FROM f, c, horizon_session s, horizon_job j WHERE f.fine AND s.id = ? AND s.ended_at IS NULL AND l.ctid = c.at AND j.n = c.n "
    f"RETURNING {record.READ_COLUMNS}, c.place"
)
"""Takes the first jobs of a queue. None of them, where any is suspect or all together are too large, or where something else
comes first: who waits for what was just settled, the inbox, a job that is due, one that must run alone."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Question:
    """What is asked in the first trip."""

    outcomes: Sequence[Outcome]
    want: Want
    queues: Sequence[str]
    """In the order in which this worker takes from them; the first is taken from at once."""
    word: str
    now: Micros
    limited: bool = False
    """Whether some of what is settled may hold limits."""

    @property
    def refs(self) -> list[int]:
        """Numbers of what is settled."""
        return [one.ref for one in self.outcomes]  # type: ignore[misc]


def steps(
    store: ServedStore, db: PostgresDb, outcomes: Sequence[Outcome], want: Want, moved: Moved, late: Late | None = None
) -> Generator[None, None, Turned]:
    """The turn; it pauses where the first trip is under way, and notes groups of which something moved. Raises NotPlain."""
    scope = store.opened(db)
    asked = Question(
        outcomes=sorted(outcomes, key=lambda one: one.ref),  # type: ignore[arg-type, return-value]
        want=want,
        queues=likely_queues(store, scope, want),
        word=token(),
        now=scope.now,
        limited=any(map(may_hold_limits, outcomes)),
    )
    if asked.limited:
        _foresee(store, scope, asked)
    db.send(_first(db, asked))
    yield
    answers = db.hear()
    rows = iter(map(db.rows, answers[1:]))
    if outcomes:
        _count_settled(scope, asked.outcomes, next(rows))
    ((edges, waits, soonest, names),) = next(rows)
    taken = next(rows, [])
    extra = edges or waits or (soonest is not None and soonest <= scope.now)
    if extra and asked.limited:
        raise NotPlain  # jobs are locked for it, and whoever holds limits waits for none
    if extra:
        soonest = _out_of_the_ordinary(store, scope, asked.refs if edges else ())
    elif conclude(scope):
        soonest = next_due_of_all(scope.db)
    made = _reserved(scope, taken, asked)
    waiting = (names or "").split()
    if asked.limited:
        made += taken_last(scope, choose(store, scope, want), want, late)
    else:
        made += reserve(store, scope, want) if extra else _more(store, scope, asked, made, waiting)
    if not want.queues:
        store.chores.queues = waiting
    return closed(store, scope, want, settled=len(outcomes), made=made, soonest=soonest, moved=moved)


def _foresee(store: ServedStore, scope: Scope, asked: Question) -> None:
    """Let go with the first trip what is asked of limits and of jobs, where the settled ones hold limits that this process knows."""
    known = store.chores.lots
    holding.foresee(scope, [lot for lot in (known.pop(ref, None) for ref in asked.refs) if lot is not None])
    scope.db.foresee(expected(asked.want)[1:])
    foresee_from(scope, asked.want, asked.queues)


def _first(db: PostgresDb, asked: Question) -> list[Statement]:
    want, refs = asked.want, db.array(asked.refs)
    found: list[Statement] = [(translated(ATTEND), (db.key(want.session, want.executor), str(UNHEARD), want.session))]
    if asked.outcomes:
        rows = [(one.ref, one.token, one.started_after, one.runtime, one.memory_kb, one.result) for one in asked.outcomes]
        found.append(
            (settled(record.COMPLETE, limited=asked.limited), (*map(db.array, zip(*rows, strict=True)), asked.now, asked.now, asked.now))
        )
    found.append((_glimpse(bool(want.queues)), (refs, db.array(want.queues)) if want.queues else (refs,)))
    if asked.queues and not asked.limited:
        found.append(
            (
                translated(TAKE),
                (
                    asked.queues[0], refs, asked.now, want.session, want.executor, want.count, want.max_bytes, f"{asked.word}:",
                    want.executor, asked.now, want.default_max_tries, want.default_timeout, want.session,
                ),
            )
        )  # fmt: skip
    return found


@cache
def _glimpse(these: bool) -> str:
    return translated(GLIMPSE + (OF_THESE if these else OF_ALL))


def _count_settled(scope: Scope, outcomes: Sequence[Outcome], rows: Sequence[Row]) -> None:
    """Raises NotPlain where not all of these could be settled just so."""
    if len(rows) < len(outcomes):
        raise NotPlain
    said = {one.ref: one for one in outcomes}
    for n, queue, name, wait, _, lot in rows:
        scope.ledger.completed(queue, name, said[n], wait)
        if lot is not None:
            scope.ledger.lots.of(lot).started -= 1
    for group, times in Counter([row[4] for row in rows]).items():
        if group is not None:
            scope.ledger.ended(group, COMPLETED, times)
    record.count(scope.ledger, [(queue, name, PROCESSING, COMPLETED) for _, queue, name, *_ in rows])


def _out_of_the_ordinary(store: ServedStore, scope: Scope, followed: Sequence[int]) -> Micros | None:
    """See to what waited for these jobs, to the inbox, and to what is due; returns when the next job is due."""
    scope.db.run(SORT_ON)
    if followed:
        gates.follow(scope, dict.fromkeys(followed, COMPLETED))
    return on_the_way(store, scope)


def _reserved(scope: Scope, taken: list[Row], asked: Question) -> list[Reservation]:
    if not taken:
        return []
    taken.sort(key=lambda row: (row[9], row[-1], row[0]))  # rank, place, n
    record.count(scope.ledger, [(row[3], row[2], PENDING, PROCESSING) for row in taken])
    made = Reserved(word=asked.word, now=scope.now, alone=False)
    return reservations_of(scope, [row[:-1] for row in taken], [row[0] for row in taken], made)


def _more(store: ServedStore, scope: Scope, asked: Question, made: Sequence[Reservation], waiting: Sequence[str]) -> list[Reservation]:
    """From other queues, or where the first one had to be left alone."""
    first = [name for name in asked.queues if name in waiting]
    rest = [name for name in (*first, *(name for name in waiting if name not in first)) if not made or name != asked.queues[0]]
    if len(made) >= asked.want.count or not rest:
        return []
    scope.db.later(SORT_ON, [()])
    left = max(1, asked.want.max_bytes - sum(len(one.payload) for one in made))
    want = replace(asked.want, count=asked.want.count - len(made), queues=tuple(rest), fair=False, max_bytes=left)
    foresee_next(store, scope, want)
    return reserve(store, scope, want)
