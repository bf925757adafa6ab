"""Eight of everybody at the same time: no job twice, none lost, every figure adds up, nothing stuck."""

from __future__ import annotations

import contextlib
import random
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial

import pytest

from horizon.backends.database.backend import DatabaseBackend
from horizon.backends.values import ActParams, QueueSettings, SessionInfo, Verb, Want
from horizon.core.clock import MINUTE, SECOND
from horizon.core.envelope import Edge, Envelope, On
from horizon.core.errors import QueueFull
from horizon.core.outcome import Answer, Kind
from horizon.core.query import JobQuery, Selection
from tests.backends.database.postgres.conftest import Opener
from tests.conformance.driver import envelope, error, outcome

MANY = 8


def at_once(acts: list[Callable[[], object]]) -> list[object]:
    """Run these on threads that start together; what they returned, or raises what one of them raised."""
    gate = threading.Barrier(len(acts))
    said: list[object] = [None] * len(acts)
    failures: list[BaseException] = []

    def run(number: int, act: Callable[[], object]) -> None:
        try:
            gate.wait(30)
            said[number] = act()
        except BaseException as problem:
            failures.append(problem)

    threads = [threading.Thread(target=run, args=(number, act), daemon=True) for number, act in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert not any(thread.is_alive() for thread in threads), "somebody is stuck"
    if failures:
        raise failures[0]
    return said


def open_session(store: DatabaseBackend, name: str) -> None:
    store.sessions.open(SessionInfo(id=name, kind="worker", host="host", pid=1), 3600 * SECOND)


def drained(store: DatabaseBackend, session: str) -> None:
    """Run everything that can still be run."""
    while got := store.turn([], Want(session=session, executor=9, count=50)).reservations:
        store.turn([outcome(one, Kind.COMPLETED) for one in got])


def counts(store: DatabaseBackend) -> dict[str, int]:
    found: Counter[str] = Counter()
    for row in store.numbers.counts():
        found.update({str(state): n for state, n in row.counts.items() if n})
    return dict(found)


def statuses(store: DatabaseBackend, made: Sequence[Envelope]) -> list[str]:
    return [answer.status.value for answer in store.push(made)]


class Crowd:
    """Somebody who pushes, works and meddles, without any order."""

    def __init__(self, store: DatabaseBackend, number: int) -> None:
        self.store, self.session, self.dice = store, f"s{number}", random.Random(number)
        self.pushed: list[str] = []
        self.tokens: list[tuple[str, int, str]] = []
        self.completed = 0
        open_session(store, self.session)

    def live(self) -> None:
        for _ in range(40):
            self.dice.choice([self.push, self.push, self.work, self.work, self.work, self.meddle, self.keep_house])()

    def push(self) -> None:
        queue = self.dice.choice("ab")
        parents = self.dice.sample(self.pushed[-6:], min(2, len(self.pushed[-6:]))) if self.dice.random() < 0.3 else []
        edges = tuple(Edge(job_id=id, on=On.ANY) for id in parents)
        key = self.dice.choice([None, None, "k", "l"])
        made = [envelope(queue=queue, unique_key=key, edges=edges, tags=("t",)), *(envelope(queue=queue) for _ in range(5))]
        self.pushed += [answer.id for answer in self.store.push(made) if answer.status == "created"]

    def work(self) -> None:
        want = Want(session=self.session, executor=0, count=self.dice.randint(1, 9), queues=self.dice.choice([(), ("a", "b"), ("b",)]))
        got = self.store.turn([], want).reservations
        self.tokens += [(one.id, one.run, one.token) for one in got]
        kinds = [self.dice.choice([Kind.COMPLETED] * 6 + [Kind.FAILED, Kind.RETRY, Kind.RETURNED]) for _ in got]
        said = [
            outcome(one, kind, error=error() if kind in (Kind.FAILED, Kind.RETRY) else None) for one, kind in zip(got, kinds, strict=True)
        ]
        answers = self.store.turn(said).answers
        assert list(answers) == [Answer.OK] * len(got), "somebody else had this job"
        self.completed += kinds.count(Kind.COMPLETED)

    def meddle(self) -> None:
        if not self.pushed:
            return
        ids = tuple(self.dice.sample(self.pushed, min(4, len(self.pushed))))
        verb = self.dice.choice([Verb.CANCEL, Verb.RETRY, Verb.PRIORITIZE, Verb.MOVE, Verb.FORGET, Verb.RESTORE])
        self.store.act(Selection(ids=ids), verb, ActParams(priority=self.dice.randint(0, 5), queue="b"))

    def keep_house(self) -> None:
        self.store.tick()
        self.store.sessions.renew(self.session, 3600 * SECOND)
        self.store.numbers.counts()


@pytest.mark.parametrize("round", range(2))
def test_whatever_many_do_at_once_no_job_is_lost_or_run_twice_and_every_figure_adds_up(opened: Opener, round: int) -> None:
    crowd = [Crowd(opened(), number + 100 * round) for number in range(MANY)]
    at_once([one.live for one in crowd])
    store = crowd[0].store
    drained(store, "s" + str(100 * round))
    everything = [id for one in crowd for id in one.pushed]
    assert sum(store.get(id) is None for id in everything) == 0
    runs = Counter((id, run) for one in crowd for id, run, _ in one.tokens)
    repeated = [key for key, times in runs.items() if times > 1]
    assert all(_handed_back(store, *key) for key in repeated), "two had the same run of a job"
    assert store.numbers.recount() == {}
    left = counts(store)
    assert {state for state in left if state not in ("completed", "failed", "cancelled")} == set(), left
    samples = store.numbers.samples(store.now() - 60 * MINUTE)
    assert sum(one.pushed for one in samples) == len(everything)
    store.tick()
    assert store.numbers.recount() == {}


def _handed_back(store: DatabaseBackend, id: str, run: int) -> bool:
    """A run that was returned is counted again; only then may its number appear twice."""
    record = store.get(id)
    return record is not None and len([one for one in record.history if one.number == run]) <= 1


def test_the_last_two_that_a_job_waits_for_end_at_the_same_moment(opened: Opener) -> None:
    first, second = opened(), opened()
    for store, name in ((first, "x"), (second, "y")):
        open_session(store, name)
    for _ in range(25):
        parents = [envelope(queue="p"), envelope(queue="p")]
        child = envelope(queue="c", edges=tuple(Edge(job_id=one.id, on=On.COMPLETED) for one in parents))
        first.push([*parents, child])
        (one,) = first.turn([], Want(session="x", executor=0, count=1, queues=("p",))).reservations
        (two,) = second.turn([], Want(session="y", executor=0, count=1, queues=("p",))).reservations
        at_once([lambda one=one: first.turn([outcome(one, Kind.COMPLETED)]), lambda two=two: second.turn([outcome(two, Kind.COMPLETED)])])  # type: ignore[misc]
        record = first.get(child.id)
        assert record is not None
        assert record.state == "pending"


def test_a_job_pushed_while_the_one_it_waits_for_ends_is_not_forgotten(opened: Opener) -> None:
    first, second = opened(), opened()
    open_session(first, "x")
    for _ in range(25):
        parent = envelope(queue="p")
        first.push([parent])
        (got,) = first.turn([], Want(session="x", executor=0, count=1, queues=("p",))).reservations
        child = envelope(queue="c", edges=(Edge(job_id=parent.id, on=On.ANY),))
        at_once([lambda got=got: first.turn([outcome(got, Kind.COMPLETED)]), lambda child=child: second.push([child])])  # type: ignore[misc]
        first.tick()  # one that was opened by whoever read the clock first is due a moment later
        record = first.get(child.id)
        assert record is not None
        assert record.state == "pending"


def test_one_cause_is_retried_while_another_one_fails(opened: Opener) -> None:
    """Whoever comes second, the dependant is either blocked by a job that still runs, or cancelled: never left over."""
    first, second = opened(), opened()
    open_session(first, "x")
    for _ in range(25):
        retried, failing = envelope(queue="p"), envelope(queue="q")
        child = envelope(queue="c", edges=tuple(Edge(job_id=one.id, on=On.COMPLETED) for one in (retried, failing)))
        first.push([retried, failing, child])
        (one,) = first.turn([], Want(session="x", executor=0, count=1, queues=("p",))).reservations
        first.turn([outcome(one, Kind.FAILED, error=error())])
        (two,) = first.turn([], Want(session="x", executor=0, count=1, queues=("q",))).reservations
        at_once(
            [
                lambda two=two: first.turn([outcome(two, Kind.FAILED, error=error())]),  # type: ignore[misc]
                lambda id=retried.id: second.act(Selection(ids=(id,)), Verb.RETRY),  # type: ignore[misc]
            ]
        )
        record = first.get(child.id)
        assert record is not None
        assert record.state == "cancelled", record.waits_for
        first.act(Selection(ids=(retried.id,)), Verb.CANCEL)


def test_the_same_push_sent_eight_times_at_once_makes_one_job(opened: Opener) -> None:
    stores = [opened() for _ in range(MANY)]
    for _ in range(5):
        made = [envelope(), envelope(unique_key="u", tags=("x",))]
        answers = at_once([partial(statuses, store, made) for store in stores])
        assert sorted(map(str, answers)) == sorted(map(str, [["created", "created"]] + [["exists", "exists"]] * (MANY - 1)))
        stores[0].act(Selection(ids=tuple(one.id for one in made)), Verb.CANCEL)


def test_of_eight_jobs_with_one_key_one_is_made_and_the_others_are_told_which(opened: Opener) -> None:
    stores = [opened() for _ in range(MANY)]
    for number in range(5):
        answers = at_once([lambda store=store, number=number: store.push([envelope(unique_key=f"k{number}")])[0] for store in stores])  # type: ignore[misc]
        created = [answer.id for answer in answers if answer.status == "created"]  # type: ignore[attr-defined]
        assert len(created) == 1
        assert {answer.holder for answer in answers if answer.status == "duplicate"} == set(created)  # type: ignore[attr-defined]
    assert stores[0].numbers.recount() == {}


def test_a_queue_with_room_for_so_many_never_takes_one_more(opened: Opener) -> None:
    stores = [opened() for _ in range(MANY)]
    stores[0].queues.define([QueueSettings(name="small", max_jobs=30)])

    def fill(store: DatabaseBackend) -> int:
        taken = 0
        for _ in range(6):
            with contextlib.suppress(QueueFull):
                taken += len(store.push([envelope(queue="small")]))
        return taken

    taken = at_once([lambda store=store: fill(store) for store in stores])  # type: ignore[misc]
    assert sum(taken) == 30  # type: ignore[arg-type]


def test_folding_and_counting_at_once_never_loses_an_increment(opened: Opener) -> None:
    stores = [opened() for _ in range(MANY)]
    seen: list[int] = []

    def push(store: DatabaseBackend) -> None:
        for _ in range(25):
            store.push([envelope()])
            seen.append(sum(counts(store).values()))

    def fold(store: DatabaseBackend) -> None:
        for _ in range(40):
            store.tick()

    at_once([lambda store=store, number=number: (fold if number % 4 == 0 else push)(store) for number, store in enumerate(stores)])  # type: ignore[misc]
    assert counts(stores[0]) == {"pending": 25 * 6}
    assert stores[0].numbers.recount() == {}
    assert sum(one.pushed for one in stores[0].numbers.samples(stores[0].now() - 60 * MINUTE)) == 25 * 6


def test_a_meter_never_grants_more_than_there_is(opened: Opener) -> None:
    stores = [opened() for _ in range(MANY)]
    granted = at_once([lambda store=store: sum(store.meters.take("m", 40, 600 * SECOND).granted for _ in range(10)) for store in stores])  # type: ignore[misc]
    assert sum(granted) == 40  # type: ignore[arg-type]


def test_two_leaders_are_never_chosen(opened: Opener) -> None:
    stores = [opened() for _ in range(MANY)]
    leases = at_once(
        [lambda store=store, number=number: store.locks.acquire("leader", f"h{number}", 60 * SECOND) for number, store in enumerate(stores)]
    )  # type: ignore[misc]
    assert len([lease for lease in leases if lease is not None]) == 1


def test_the_version_moves_with_every_change_in_whatever_order_they_are_committed(opened: Opener) -> None:
    store = opened()
    slow = opened()._access
    before = store.version()

    def late(db) -> None:
        db.run("INSERT INTO horizon_delta (at, queue, name, s1, s2, s3, s4, s5, s6, s7, s8, pushed, completed, failed, cancelled, retried, memory_kb)"
               " VALUES (1, '', '', 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)")  # fmt: skip
        store.push([envelope()])
        seen.append(store.version())

    seen: list[int] = []
    slow.write(late)
    assert before < seen[0] < store.version()
    between = store.version()
    store.tick()
    assert store.version() >= between


def test_what_an_executor_was_doing_when_it_was_buried_is_found(opened: Opener) -> None:
    """Its last transaction can be committed after it was killed; the guardian waits for that."""
    store, guardian = opened(), opened()
    open_session(store, "w")
    store.push([envelope() for _ in range(3)])
    buried: list[int] = []

    def slow_turn(db) -> None:
        db.attend("w", 0)
        db.run(
            "UPDATE horizon_live SET state = 2, token = 'x:' || n, session = 'w', executor = 0, reserved_at = 1, tries = 1, runs = 1 WHERE state = 1"
        )
        thread.start()
        thread.join(0.3)
        assert thread.is_alive(), "it did not wait"

    thread = threading.Thread(target=lambda: buried.append(guardian.sessions.bury("w", 0, {})), daemon=True)
    store._access.write(slow_turn)
    thread.join(30)
    assert buried == [3]
    assert len(store.find(JobQuery()).items) == 3
