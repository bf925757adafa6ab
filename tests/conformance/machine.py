"""The machine of the stateful test: random walks over a store and its model, side by side."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from horizon.backends.values import ActParams, Reservation, Verb, Verdict, VerdictKind, Want
from horizon.core.clock import ManualClock
from horizon.core.envelope import Edge, Envelope
from horizon.core.errors import UnknownDependency
from horizon.core.outcome import Answer, Kind
from horizon.core.query import Selection
from tests.conformance.driver import ENDS, LEASE, Driver, check_left, envelope, open_store, outcome
from tests.conformance.ends_rules import EndRules
from tests.conformance.limits_model import lot
from tests.conformance.limits_rules import LIMITED, LimitRules, is_parked
from tests.conformance.model import ENDED, Model, Row, seconds
from tests.conformance.turns_model import FAIR, check_turns
from tests.conformance.turns_rules import TurnRules

QUEUES = ("a", "b")
KEYS = ("k", "l")
SESSIONS = ("w", "v")
STRIDES = (5, 5, 4, 1, 1, 1)
"""Seconds, past a lease: large ones while nobody misses it yet, small ones around its end; `advance` has every size at any time."""
ANY = st.integers(0, 10_000)
"""Which of however many there are: taken modulo their number."""
DELAYS = st.sampled_from([0, 0, 2, 9])
EDGES = st.lists(st.tuples(ANY, st.sampled_from(ENDS)), max_size=2)
SKETCHES = st.tuples(
    st.sampled_from(QUEUES),
    st.sampled_from([0, 0, 5]),
    DELAYS,
    st.sampled_from([None, *KEYS]),
    st.sampled_from([None, 2]),
    st.booleans(),
    st.just([]) | EDGES,
    LIMITED,
)
"""A job to be: queue, priority, delay, unique key, how long the key holds, whether only until it starts, whom it waits for, its limits."""


class StoreMachine(LimitRules, TurnRules, EndRules, RuleBasedStateMachine):
    """Pushes, turns, outcomes with any token ever issued, crashes, expiries and people, in any order."""

    kind: ClassVar[str] = "memory"

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="horizon-conformance-"))
        self.clock = ManualClock()
        self.store = open_store(self.kind, self.folder, self.clock, extra={"synchronous": "NORMAL"})
        self.drive = Driver(self.store, self.clock)
        self.drive.open("v")
        self.define_dead_letters()
        self.model = Model()
        self.issued: dict[str, Reservation] = {}

    def teardown(self) -> None:
        self.store.close()
        check_left(self.kind)
        shutil.rmtree(self.folder)

    def pick(self, which: int) -> Row:
        """One of the jobs."""
        return list(self.model.jobs.values())[which % len(self.model.jobs)]

    def parent(self, which: int) -> Row:
        """One to wait for: mostly one that has not ended, since others are refused or met already."""
        live = [job for job in self.model.jobs.values() if job["state"] not in ENDED]
        return live[which % len(live)] if live and which % 4 else self.pick(which)

    # dispatching ----------------------------------------------------------------------------------

    @initialize(jobs=st.lists(SKETCHES, min_size=1, max_size=5))
    def begin(self, jobs) -> None:
        self.push(jobs)

    @rule(jobs=st.lists(SKETCHES, min_size=1, max_size=3))
    def push(self, jobs) -> None:
        for job in jobs:
            self._push_one(*job)

    def _push_one(self, queue, priority, delay, key, unique_for, until_processing, parents, limits) -> None:
        edges = {self.parent(which)["id"]: on for which, on in parents} if self.model.jobs else {}
        made = envelope(
            queue=queue,
            priority=priority,
            delay=seconds(delay),
            unique_key=key,
            unique_for=None if unique_for is None else seconds(unique_for),
            unique_until_processing=until_processing,
            edges=tuple(Edge(job_id=id, on=on) for id, on in edges.items()),
            limits=self.model.gauges.words(limits) if self.limited else (),
        )
        if self.model.holder(key, self.clock()) is None and self.model.refuses(made):
            assert self._is_refused(made), "a job that would wait for ever was taken"
            return
        (answer,) = self.store.push([made])
        assert (answer.status, answer.holder) == self.model.push(made, self.clock())

    @rule(key=st.sampled_from(KEYS), until_processing=st.booleans())
    def push_with_a_key(self, key, until_processing) -> None:
        """And nothing else, so that it runs soon."""
        made = envelope(queue="a", priority=5, unique_key=key, unique_until_processing=until_processing)
        (answer,) = self.store.push([made])
        assert (answer.status, answer.holder) == self.model.push(made, self.clock())

    @rule(queue=st.sampled_from(QUEUES), on=st.sampled_from(ENDS))
    def push_a_fan_in(self, queue, on) -> None:
        """Three jobs in one push; the first waits for the two others."""
        parents = [envelope(queue=queue) for _ in range(2)]
        child = envelope(queue=queue, edges=tuple(Edge(job_id=parent.id, on=on) for parent in parents))
        answers = self.store.push([child, *parents])
        for made in (*parents, child):
            assert self.model.push(made, self.clock()) == ("created", None)
        assert [answer.status for answer in answers] == ["created"] * 3

    def _is_refused(self, made: Envelope) -> bool:
        try:
            self.store.push([made])
        except UnknownDependency:
            return True
        return False

    @precondition(lambda self: self.model.jobs)
    @rule(which=ANY)
    def push_again(self, which) -> None:
        """The same id, then a new job with the same key."""
        known = self.pick(which)["envelope"]
        (answer,) = self.store.push([known])
        assert answer.status == "exists"
        alike = envelope(
            queue=known.queue, fair=known.fair, unique_key=known.unique_key, unique_until_processing=known.unique_until_processing
        )
        (answer,) = self.store.push([alike])
        assert (answer.status, answer.holder) == self.model.push(alike, self.clock())

    # time -----------------------------------------------------------------------------------------

    @rule(by=st.sampled_from([0, 1, 3, 5]), ticks=st.booleans())
    def advance(self, by, ticks) -> None:
        self.clock.advance(by)
        for session in SESSIONS:
            assert self.store.sessions.renew(session, LEASE).alive
        if ticks:
            self._tick()
            self.nobody_is_parked_for_nothing(lambda queue: queue in self.model.paused)

    def _tick(self) -> None:
        expiring = any(job["envelope"].expires for job in self.model.jobs.values())
        told, promoted = self.store.tick().promoted, self.model.promote(self.clock())
        assert told == promoted or expiring
        if expiring:
            self.store.tick()
        self.learn_what_expired()
        self.nothing_expired_still_waits()
        self.say_again_what_was_forgotten()

    # working --------------------------------------------------------------------------------------

    @rule(
        session=st.sampled_from(SESSIONS),
        executor=st.integers(0, 1),
        count=st.integers(1, 4),
        queues=st.sampled_from([(), ("a",), ("b", "a"), ("f",), ("a", "f")]),
        draw=st.sampled_from([0.0, 0.4, 0.9]),
        floor=st.sampled_from([None, None, None, 5]),
    )
    def reserve(self, session, executor, count, queues, draw, floor=None) -> None:
        want = Want(session=session, executor=executor, count=count, queues=queues, draw=draw, floor=floor)
        got = self.store.turn([], want).reservations
        self.model.promote(self.clock())
        self.learn_what_expired()
        self._check_reserved(got, want)
        for one in got:
            assert one.token not in self.model.tokens
            job = self.model.jobs[one.id]
            self.model.reserve(one.id, one.token, session, executor, self.clock())
            self.issued[one.token] = one
            assert (one.attempt, one.round, one.crashes, one.alone) == (job["tries"], job["round"], job["crashes"], job["alone"])
        if not got:
            self._check_barred(want)

    def _check_barred(self, want: Want) -> None:
        """Nothing was handed out, so whatever waits there waits for a limit; or somebody among them has to be alone."""
        free = self._free(want)
        if any(job["alone"] for job in self.model.held(want.session, want.executor)) or any(job["suspect"] for job in free):
            return
        for job in free:
            assert self.model.gauges.room(job, self.clock()) == 0, f"{job['id']} has room and was not handed out"

    def _free(self, want: Want) -> list[Row]:
        """Jobs that this worker may get, if their limits have room."""
        names = want.queues or (*QUEUES, FAIR)
        waiting = [
            job for job in self.model.jobs.values() if job["state"] == "pending" and job["queue"] in names and not self.has_expired(job)
        ]
        least = -100 if want.floor is None else want.floor
        return [job for job in waiting if job["queue"] not in self.model.paused and job["priority"] >= least]

    def _check_reserved(self, got: list[Reservation], want: Want) -> None:
        """The right jobs in the right number; order is looked at where the contract fixes it."""
        free = self._free(want)
        ids = [one.id for one in got]
        assert len(set(ids)) == len(ids)
        assert {*ids} <= {job["id"] for job in free}
        busy = self.model.held(want.session, want.executor)
        if any(job["alone"] for job in busy):
            assert not got
        elif any(job["suspect"] for job in free):
            suspects = [id for id in ids if self.model.jobs[id]["suspect"]]
            assert not suspects or (len(ids) == 1 and not busy)
        else:
            assert min(want.count, sum(not job["envelope"].limits for job in free)) <= len(ids) <= want.count
            self._check_order([self.model.jobs[id] for id in ids], [job for job in free if job["id"] not in ids], want)

    @staticmethod
    def _check_order(taken: list[Row], left: list[Row], want: Want) -> None:
        check_turns(taken, left)
        for job in taken:
            for other in left:
                if job["queue"] != other["queue"]:
                    assert (
                        other["envelope"].limits or not want.queues or want.queues.index(job["queue"]) < want.queues.index(other["queue"])
                    )
                    continue
                if other["envelope"].limits and lot(job) != lot(other):
                    continue  # it may have had no room
                assert job["priority"] >= other["priority"]
                if job["priority"] == other["priority"] and None not in (job["order"], other["order"]):
                    assert job["order"] <= other["order"]

    @precondition(lambda self: self.issued)
    @rule(which=ANY, kind=st.sampled_from(list(Kind)), delay=DELAYS, started=st.booleans())
    def settle(self, which, kind, delay, started) -> None:
        """With any token ever issued, however old."""
        self._settle(list(self.issued.values())[which % len(self.issued)], kind, delay, started)

    @precondition(lambda self: self._stale())
    @rule(which=ANY, kind=st.sampled_from(list(Kind)), delay=DELAYS)
    def settle_late(self, which, kind, delay) -> None:
        """With a token whose job is in the hands of somebody else by now."""
        stale = self._stale()
        self._settle(stale[which % len(stale)], kind, delay, started=True)

    def _stale(self) -> list[Reservation]:
        running = {job["id"]: job["token"] for job in self.model.jobs.values() if job["state"] == "processing"}
        return [one for token, one in self.issued.items() if running.get(one.id, token) != token]

    @rule(session=st.sampled_from(SESSIONS), ends=st.lists(st.tuples(st.sampled_from(list(Kind)), DELAYS), min_size=1, max_size=5))
    def work(self, session, ends) -> None:
        """Reserve one and settle it, again and again, as most workers do most of the time."""
        for kind, delay in ends:
            before = set(self.issued)
            self.reserve(session, 0, 1, (), 0.5)
            for token in set(self.issued) - before:
                self._settle(self.issued[token], kind, delay, started=True)

    def _settle(self, one: Reservation, kind: Kind, delay: int, started: bool) -> None:
        started = started or kind is not Kind.RETURNED
        (answer,) = self.store.turn([outcome(one, kind, delay=delay, started=started)]).answers
        assert answer in self.model.answers(one.token, kind)
        if answer is Answer.OK:
            self.model.settle(one.token, kind, seconds(delay), self.clock(), started=started)
        self.model.promote(self.clock())
        self.learn_what_expired()
        history = self.drive.get(one.id).history
        assert len([attempt for attempt in history if attempt.outcome != "running"]) == self.model.jobs[one.id]["trace"]

    @rule(session=st.sampled_from(SESSIONS))
    def renew(self, session) -> None:
        renewed = self.store.sessions.renew(session, LEASE)
        assert renewed.alive
        assert set(renewed.stops) == {job["token"] for job in self.model.held(session) if job["cancel"] is not None}
        assert set(renewed.paused_queues) == self.model.paused

    # dying ----------------------------------------------------------------------------------------

    @rule(
        session=st.sampled_from(SESSIONS),
        executor=st.sampled_from([None, 0, 1]),
        verdict=st.sampled_from([None, *VerdictKind]),
        delay=st.sampled_from([None, 0, 4]),
    )
    def bury(self, session, executor, verdict, delay) -> None:
        held = self.model.held(session, executor)
        only = len(held) == 1
        wait = None if delay is None else seconds(delay)
        fates = {} if verdict is None else {job["token"]: Verdict(kind=verdict, delay=wait, only=only) for job in held}
        assert self.store.sessions.bury(session, executor, fates) == len(held)
        for job in held:
            self.model.bury(job, verdict, self.clock(), delay=wait, only=only)
            if verdict is VerdictKind.TIMEOUT and not only:
                job["place"] = None  # which of them enters first is not said

    @rule(session=st.sampled_from(SESSIONS))
    def expire(self, session) -> None:
        """One worker is not heard of for longer than its lease; the other one goes on; then a new one takes its name."""
        (other,) = {*SESSIONS} - {session}
        reaped = False
        for by in STRIDES:
            self.clock.advance(by)
            assert self.store.sessions.renew(other, LEASE).alive
            self._tick()
            if not reaped and self.drive.backend.sessions.held(session) == [] and self.model.held(session):
                reaped = True
                for job in self.model.held(session):
                    self.model.bury(job, VerdictKind.CRASH, self.clock(), only=False)
        assert not self.store.sessions.renew(session, LEASE).alive
        assert self.model.held(session) == []
        self.drive.open(session)

    @rule(session=st.sampled_from(SESSIONS))
    def close(self, session) -> None:
        self.store.sessions.close(session)
        for job in self.model.held(session):
            self.model.bury(job, None, self.clock())
        self.drive.open(session)

    # people ---------------------------------------------------------------------------------------

    @precondition(lambda self: self.model.jobs)
    @rule(
        which=ANY,
        verb=st.sampled_from(list(Verb)),
        later=st.sampled_from([0, 4]),
        priority=st.sampled_from([0, 5]),
        queue=st.sampled_from(QUEUES),
    )
    def act(self, which, verb, later, priority, queue) -> None:
        self._act(self.pick(which)["id"], verb, later, priority, queue)

    def _act(self, id: str, verb: Verb, later: int, priority: int, queue: str) -> None:
        at = self.clock() + seconds(later)
        acted = self.store.act(Selection(ids=(id,)), verb, ActParams(at=at, priority=priority, queue=queue))
        expected = self.model.act(verb, id, self.clock(), at=at, priority=priority, queue=queue)
        assert acted.done == ((id,) if expected else ()), acted.skipped
        assert len(acted.skipped) == (not expected)

    @precondition(lambda self: self._running())
    @rule(which=ANY, verb=st.sampled_from([Verb.CANCEL, Verb.FORGET]))
    def stop_a_running_job(self, which, verb) -> None:
        running = self._running()
        self._act(running[which % len(running)], verb, 0, 0, "a")

    def _running(self) -> list[str]:
        return [id for id, job in self.model.jobs.items() if job["state"] == "processing"]

    @precondition(lambda self: self._causes())
    @rule(which=ANY)
    def retry_a_cause(self, which) -> None:
        """Of what it has cancelled."""
        causes = self._causes()
        self._act(causes[which % len(causes)], Verb.RETRY, 0, 0, "a")

    def _causes(self) -> list[str]:
        """Ended jobs that cancelled others."""
        blamed = {parent for job in self.model.jobs.values() if job["blamed"] for parent in job["waits"]}
        return [id for id in self.model.jobs if id in blamed and self.model.jobs[id]["state"] in ENDED]

    @rule(queue=st.sampled_from(QUEUES))
    def pause_or_resume(self, queue) -> None:
        if queue in self.model.paused:
            self.store.queues.resume(queue)
            self.model.paused.discard(queue)
            return
        running = sum(job["state"] == "processing" and job["queue"] == queue for job in self.model.jobs.values())
        assert self.store.queues.pause(queue) == running
        self.model.paused.add(queue)

    # after every step -----------------------------------------------------------------------------

    @invariant()
    def every_record_and_every_counter_is_as_the_model_says(self) -> None:
        shown = {record.id: record for record in self.store.many(list(self.model.jobs))}
        for id, job in self.model.jobs.items():
            record = shown[id]
            assert is_parked(job, record) or record.state == job["state"], f"{id}: {record.state}, not {job['state']}"
            assert (record.attempts, record.round, record.crashes) == (job["tries"], job["round"], job["crashes"])
            assert (record.queue, record.priority, record.forgotten) == (job["queue"], job["priority"], job["hidden"])
            assert record.cancel_requested == (job["cancel"] is not None)
        counted = {(row.queue, str(state)): n for row in self.store.numbers.counts() for state, n in row.counts.items() if n}
        assert counted == self.model.counts(lambda job: is_parked(job, shown[job["id"]]))
        assert dict(self.store.numbers.recount()) == {}

    @invariant()
    def every_key_is_held_by_whom_the_model_says(self) -> None:
        for key in KEYS:
            if holder := self.model.holder(key, self.clock()):
                (answer,) = self.store.push([envelope(unique_key=key)])
                assert (answer.status, answer.holder) == ("duplicate", holder)
