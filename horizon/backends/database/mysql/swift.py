"""A turn in two ways to the server: what nearly every turn is, a handful of completed jobs settled and the next ones taken.

1. One trip settles, looks whether anything else is to be done first, and locks the next jobs of a queue.
2. What is out of the ordinary goes on from there by the steps of any other turn, in the same transaction.
3. One trip takes those jobs, adds the figures and commits.

During the first the server may work while jobs run here: whoever is killed meanwhile has committed nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, cast

from horizon.backends.database.chores import on_the_way
from horizon.backends.database.db import GLANCE, Db, Params, Row
from horizon.backends.database.kernel import gates, record
from horizon.backends.database.kernel.rows import COMPLETED, PENDING, PROCESSING
from horizon.backends.database.kernel.scope import Scope
from horizon.backends.database.mysql.apart import APART as SECOND
from horizon.backends.database.mysql.behind import behind
from horizon.backends.database.mysql.text import translated
from horizon.backends.database.mysql.values import listed, literal
from horizon.backends.database.mysql.writing import filled, with_list
from horizon.backends.database.plainly import NotPlain, closed
from horizon.backends.database.reservations import reservations_of
from horizon.backends.database.served import ServedStore
from horizon.backends.database.store import Moved
from horizon.backends.database.turn import Candidate, Chosen, hand_over, likely_queues, pick, reserve
from horizon.backends.values import Reservation, Turned, Want
from horizon.core.clock import Micros
from horizon.core.ids import token
from horizon.core.outcome import Outcome

if TYPE_CHECKING:
    from horizon.backends.database.mysql.driver import MySqlDb

ATTEND = "SELECT host, pid FROM horizon_session WHERE id = ? AND ended_at IS NULL LOCK IN SHARE MODE"
_BEGAN = "coalesce(l.reserved_at, ?) + v.started_after"
_HELD = f"token IN ({{in}}) AND state + 0 = {PROCESSING} AND hide_reason IS NULL AND lot + 0 IS NULL"
"""A run is settled whose token still holds, and of which nobody wants anything else."""
SETTLE = (
    record.COMPLETE.replace("v(n, started_at, wait, ", "v(n, started_after, ").replace(
        "v.started_at, v.wait, ", f"{_BEGAN}, greatest(0, {_BEGAN} - l.available_at), "
    )
    + f" WHERE {_HELD}"
)
"""The time of the turn is asked for three times."""
GO = f"DELETE FROM horizon_live WHERE n IN ({{in}}) AND {_HELD} RETURNING n, queue, name, reserved_at, available_at, {SECOND.marked}, group_n"
"""The same rows: what came in between shows in how many they are, or in a key that is taken, and undoes the turn."""
EDGES = "EXISTS (SELECT 1 FROM horizon_edge WHERE state = 0 AND parent IN ({in}))"
NEXT = (
    f"SELECT {record.READ_COLUMNS}, l.size, l.suspect, l.due, l.lot, l.place, l.unique_key, l.apart FROM (SELECT n, queue, tries, runs, round, "
    f"rank, max_tries, timeout, crashes, deadline, available_at, key_spent, size, suspect, due, lot, place, unique_key, {SECOND.marked} AS apart "
    f"FROM horizon_live WHERE state = {PENDING} AND queue = ? ORDER BY rank, place, n LIMIT ? /*skip*/) l CROSS JOIN horizon_job j ON j.n = l.n"
)
"""Jobs as their workers get them, and behind that what decides whether they may be next."""
N, NAME, QUEUE, TRIES, RUNS, RANK, MAX_TRIES, TIMEOUT = 0, 2, 3, 6, 7, 9, 10, 11
"""Where these stand in `record.READ_COLUMNS`."""
OWN = 7
"""Columns of `NEXT` behind those; the last of them:"""
APART = -1


@dataclass(frozen=True, kw_only=True, slots=True)
class Question:
    """What is asked in the first trip."""

    outcomes: Sequence[Outcome]
    """By number."""
    want: Want
    queue: str
    """From which is taken first."""
    waiting: Sequence[bytes]
    """What asks where else jobs wait; nothing where the queues are given."""
    now: Micros

    @property
    def refs(self) -> list[int]:
        """Numbers of what is settled."""
        return [one.ref for one in self.outcomes]  # type: ignore[misc]


@dataclass(kw_only=True, slots=True)
class Answer:
    """What came back."""

    worker: str | None
    """None where the session has ended."""
    gone: Sequence[Row]
    edges: bool
    inbox: bool
    soonest: Micros | None
    elsewhere: list[str]
    found: Sequence[Row]


def steps(
    store: ServedStore, db: MySqlDb, outcomes: Sequence[Outcome], want: Want, moved: Moved, *, ahead: bool = False
) -> Generator[None, None, Turned]:
    """The turn; it pauses where the first trip is under way, and notes groups of which something moved. Raises NotPlain; `ahead`: also
    where it could lie unheard for ever."""
    if not db.facts.mariadb or (ahead and not db.waits()):
        raise NotPlain
    scope = store.opened(db)
    asked = _question(store, scope, db, outcomes, want)
    db.ask(lambda: _first(asked))
    yield
    answer = _answer(asked, db.hear())
    try:
        _count_settled(scope, asked, answer.gone)
    except (TypeError, ValueError, AttributeError) as error:  # outcomes may hold anything: the other way says what is wrong
        raise NotPlain from error
    db.keep(behind(GO, [n for n, *_, apart, _ in answer.gone if apart]))
    soonest = answer.soonest
    if answer.edges or answer.inbox or (soonest is not None and soonest <= scope.now):
        if answer.edges:
            gates.follow(scope, dict.fromkeys(asked.refs, COMPLETED))
        soonest = on_the_way(store, scope)
        made = reserve(store, scope, want)
    else:
        made = _taken(store, scope, db, asked, answer)
    return closed(store, scope, want, settled=len(outcomes), made=made, soonest=soonest, moved=moved)


# the first trip -------------------------------------------------------------------------------------


def _question(store: ServedStore, scope: Scope, db: MySqlDb, outcomes: Sequence[Outcome], want: Want) -> Question:
    """Raises NotPlain where nobody knows where jobs may wait, or there is more than goes in one go."""
    if sum(len(one.result) for one in outcomes if isinstance(one.result, bytes)) > db.writer.batch // 2:
        raise NotPlain
    queue = next(iter(likely_queues(store, scope, want)), None)
    waiting = () if want.queues else db.waiting(store.chores.queues, but=queue)
    if queue is None or waiting is None:
        raise NotPlain
    return Question(
        outcomes=sorted(outcomes, key=lambda one: one.ref),  # type: ignore[arg-type, return-value]
        want=want,
        queue=queue,
        waiting=waiting,
        now=scope.now,
    )


def _first(asked: Question) -> list[bytes]:
    want, refs = asked.want, asked.refs
    statements = [filled(translated(ATTEND), (want.session,))]
    if refs:
        tokens = listed([one.token for one in asked.outcomes])
        rows = b",".join([b"(%b)" % listed((one.ref, one.started_after, one.runtime, one.memory_kb, one.result)) for one in asked.outcomes])
        now = literal(asked.now)
        statements += [translated(SETTLE).template % (rows, now, now, now, tokens), translated(GO).template % (listed(refs), tokens)]
    edges = translated(EDGES).template % listed(refs) if refs else b"0"
    statements.append(b",".join([translated(GLANCE).template, edges, *asked.waiting]))
    statements.append(filled(translated(NEXT), (asked.queue, want.count)))
    return statements


def _answer(asked: Question, answers: Sequence[Sequence[Row]]) -> Answer:
    rest = iter(answers)
    sessions = next(rest)
    gone: Sequence[Row] = ()
    if asked.outcomes:
        _inserted, gone = next(rest), next(rest)
    ((inbox, soonest, edges, *elsewhere),) = next(rest)
    worker = next((f"{host}:{pid}" for host, pid in sessions), None)
    return Answer(
        worker=worker,
        gone=gone,
        edges=bool(edges),
        inbox=bool(inbox),
        soonest=soonest,
        elsewhere=[name for name in elsewhere if name is not None],
        found=next(rest),
    )


def _count_settled(scope: Scope, asked: Question, gone: Sequence[Row]) -> None:
    """Raises NotPlain where not all of these could be settled just so."""
    if len(gone) < len(asked.outcomes):
        raise NotPlain
    said = {one.ref: one for one in asked.outcomes}
    for n, queue, name, reserved_at, available_at, _, _ in gone:
        started_at = (reserved_at or scope.now) + said[n].started_after
        scope.ledger.completed(queue, name, said[n], max(0, started_at - available_at))
    for group, times in Counter([row[-1] for row in gone]).items():
        if group is not None:
            scope.ledger.ended(group, COMPLETED, times)
    record.count(scope.ledger, [(queue, name, PROCESSING, COMPLETED) for _, queue, name, *_ in gone])


# taking ---------------------------------------------------------------------------------------------


def _taken(store: ServedStore, scope: Scope, db: MySqlDb, asked: Question, answer: Answer) -> list[Reservation]:
    """Jobs from the first queue, and from others where it has too few."""
    want = asked.want
    others = _others(store, scope, asked, answer)
    if answer.worker is None:
        return []
    found = sorted(map(_candidate, answer.found), key=lambda one: (one.rank, one.place, one.n))
    if any(one.suspect or one.lot is not None for one in found):
        return reserve(store, scope, want)
    picked = pick(found, count=want.count, max_bytes=want.max_bytes, busy=True)
    rest = others if len(picked) == len(found) < want.count else []
    made = _handed_over(scope, db, want, answer, picked, late=not rest) if picked else []
    if rest:
        left = max(1, want.max_bytes - sum(one.size for one in picked))
        made += reserve(store, scope, replace(want, count=want.count - len(picked), queues=tuple(rest), fair=False, max_bytes=left))
    return made


def _others(store: ServedStore, scope: Scope, asked: Question, answer: Answer) -> list[str]:
    """Where else to take from, in this worker's order."""
    if not asked.want.queues:
        store.chores.queues = sorted({*answer.elsewhere, *([asked.queue] if answer.found else [])})
    return [name for name in likely_queues(store, scope, asked.want) if name != asked.queue]


def _candidate(row: Row) -> Candidate:
    size, suspect, due, lot, place, unique_key, _ = row[-OWN:]
    return Candidate(row[N], size, suspect, row[NAME], row[QUEUE], due, lot, row[RANK], place, unique_key)


def _handed_over(scope: Scope, db: MySqlDb, want: Want, answer: Answer, picked: Sequence[Candidate], *, late: bool) -> list[Reservation]:
    """Reserve these; with the commit (`late`) where nothing is asked any more that depends on it."""
    chosen = Chosen(list(picked), token(), answer.worker or "")
    taking = replace(scope, db=cast(Db, AtLast(db, answer.found, want))) if late else scope
    return reservations_of(scope, hand_over(taking, want, chosen), [one.n for one in picked], chosen.made(scope.now))


class AtLast:
    """Takes jobs with the commit, of which is known already what they will be then."""

    def __init__(self, db: MySqlDb, found: Sequence[Row], want: Want) -> None:
        self._db, self._found, self._want = db, found, want

    def take(self, update: str, read: str, values: Sequence[object], head: Params) -> list[Row]:
        """See `Db.take`."""
        wanted = set(values)
        taken = [row for row in self._found if row[N] in wanted]
        self._db.keep([with_list(translated(update), values, head, ()), *behind(update, [row[N] for row in taken if row[APART]])])
        return [self._reserved(row) for row in taken]

    def _reserved(self, row: Row) -> Row:
        """As `record.RESERVE` leaves it."""
        most, timeout = row[MAX_TRIES], row[TIMEOUT]
        changed = (
            self._want.default_max_tries if most is None else most,
            self._want.default_timeout if timeout is None else timeout,
        )
        return (*row[:TRIES], row[TRIES] + 1, row[RUNS] + 1, *row[RUNS + 1 : MAX_TRIES], *changed, *row[TIMEOUT + 1 : -OWN])
