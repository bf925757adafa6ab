"""The machine of the random test of groups: the same walk over a store and over the memory store, which must agree.

Groups in groups, jobs that wait for jobs and groups, failures, crashes, retries and cancels, in any order. What holds of every
group at every moment is asked of both.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, ClassVar, TypeVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from horizon.backends.base import Backend
from horizon.backends.values import Reservation, Verb, Verdict, VerdictKind
from horizon.core.clock import ManualClock
from horizon.core.envelope import Edge, Envelope, On
from horizon.core.errors import HorizonError
from horizon.core.group import GroupKind, NewGroup
from horizon.core.outcome import Kind
from tests.conformance.driver import Driver, envelope, open_store
from tests.conformance.grouping import callbacks_of, members, new, on, take

T = TypeVar("T")
ANY = st.integers(0, 10_000)
ENDS = st.sampled_from([Kind.COMPLETED, Kind.COMPLETED, Kind.COMPLETED, Kind.FAILED, Kind.CANCELLED, Kind.RETURNED])
LIVE = ("pending", "processing", "blocked", "scheduled", "retrying")
ONS = st.sampled_from([On.COMPLETED, On.COMPLETED, On.FAILED, On.ANY])


class GroupMachine(RuleBasedStateMachine):
    """Whatever is done is done to both stores."""

    kind: ClassVar[str] = "sqlite"

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="horizon-groups-"))
        self.clock = ManualClock()
        kinds = dict.fromkeys(("memory", self.kind))
        self.drives = [Driver(open_store(kind, self.folder, self.clock, extra={"synchronous": "NORMAL"}), self.clock) for kind in kinds]
        self.groups: list[NewGroup] = []
        self.members: list[str] = []
        self.callbacks: list[str] = []
        self.taken = 0
        self.running: dict[str, list[Reservation]] = {}

    def teardown(self) -> None:
        for drive in self.drives:
            drive.backend.close()
        shutil.rmtree(self.folder)

    # helpers --------------------------------------------------------------------------------------

    def each(self, do: Callable[[Driver], T]) -> list[T]:
        """On every store, the memory store first; then all see to what is due."""
        answers = [do(drive) for drive in self.drives]
        for drive in self.drives:
            drive.backend.tick()
        return answers

    def push(self, made: Sequence[Envelope], **more: Any) -> bool:
        """Whether it was taken, by all or by none."""

        def one(drive: Driver) -> str:
            try:
                return ",".join(answer.status for answer in drive.backend.push(made, **more))
            except HorizonError as error:
                return type(error).__name__

        answers = self.each(one)
        assert len(set(answers)) == 1, answers
        return not answers[0][:1].isupper()

    def state(self, id: str) -> str:
        return str(self.drives[0].state(id))

    def some(self, ids: Sequence[str], which: int, *states: str) -> str | None:
        fit = [id for id in ids if self.state(id) in states]
        return fit[which % len(fit)] if fit else None

    def group(self, which: int) -> NewGroup:
        return self.groups[which % len(self.groups)]

    # dispatching ----------------------------------------------------------------------------------

    @initialize()
    def begin(self) -> None:
        self.push_group(GroupKind.BATCH, 2, None, None, True, [], False)

    @rule(
        kind=st.sampled_from(list(GroupKind)),
        count=st.integers(0, 3),
        parent=st.none() | ANY,
        allow=st.sampled_from([None, 1, 0.5, True]),
        seal=st.booleans() | st.just(True),
        edges=st.lists(st.tuples(ANY, ANY, ONS, st.booleans()), max_size=3),
        tells=st.booleans(),
    )
    def push_group(self, kind, count, parent, allow, seal, edges, tells) -> None:
        inside = None if parent is None or not self.groups else self.group(parent).id
        group = new(kind, parent=inside, allow=None if allow is True else allow, allow_all=allow is True)
        made = members(group, count)
        for which, to, condition, of_group in edges if made else ():
            made[which % count].edges += self._edge(made[: which % count], to, condition, of_group)
        calls = [*callbacks_of(group), *([envelope(queue="told", edges=on(group, On.PROGRESS))] if tells else [])]
        if self.push([*made, *calls], groups=[group], seal=[group.id] if seal else []):
            self.groups.append(group)
            self.members += [one.id for one in made]
            self.callbacks += [one.id for one in calls]

    def _edge(self, earlier: Sequence[Envelope], to: int, condition: On, of_group: bool) -> tuple[Edge, ...]:
        if of_group and self.groups:
            return on(self.group(to), condition)
        known = [*(one.id for one in earlier), *self.members]
        return (Edge(job_id=known[to % len(known)], on=condition),) if known else ()

    @rule(which=ANY, count=st.integers(1, 2), seal=st.booleans())
    def add(self, which, count, seal) -> None:
        made = members(self.group(which), count)
        if self.push(made, seal=[self.group(which).id] if seal else []):
            self.members += [one.id for one in made]

    # working --------------------------------------------------------------------------------------

    def _take(self, id: str | None) -> None:
        if id is not None:
            self.taken += 1
            self.running[id] = self.each(lambda drive: take(drive, id, executor=self.taken))

    def _settle(self, id: str, kind: Kind) -> None:
        attempts = dict(zip(self.drives, self.running.pop(id), strict=True))
        if kind is Kind.FAILED:
            self.each(lambda drive: drive.fail(attempts[drive]))
        else:
            self.each(lambda drive: drive.settle(attempts[drive], kind))

    @rule(which=ANY, kind=ENDS)
    def work(self, which, kind) -> None:
        if id := self.some(self.members, which, "pending"):
            self._take(id)
            self._settle(id, kind)

    @rule(which=ANY)
    def begin_to_work(self, which) -> None:
        self._take(self.some([*self.members, *self.callbacks], which, "pending"))

    @precondition(lambda self: self.running)
    @rule(which=ANY, kind=ENDS)
    def end_work(self, which, kind) -> None:
        self._settle(list(self.running)[which % len(self.running)], kind)

    @rule(which=ANY)
    def call_back(self, which) -> None:
        if id := self.some(self.callbacks, which, "pending"):
            self._take(id)
            self._settle(id, Kind.COMPLETED)

    @precondition(lambda self: self.running)
    @rule(verdict=st.sampled_from([VerdictKind.CRASH, VerdictKind.TIMEOUT]))
    def crash(self, verdict) -> None:
        """The executor is gone, with everything that ran in it."""
        fate = Verdict(kind=verdict, only=False)
        held = {drive: [attempts[index].token for attempts in self.running.values()] for index, drive in enumerate(self.drives)}
        self.running.clear()
        self.each(lambda drive: drive.backend.sessions.bury("w", None, dict.fromkeys(held[drive], fate)))

    @rule(by=st.sampled_from([1, 2]))
    def advance(self, by) -> None:
        self.clock.advance(by)
        self.each(lambda drive: drive.backend.sessions.renew("w", 10**9))

    # people ---------------------------------------------------------------------------------------

    @rule(which=ANY)
    def cancel_job(self, which) -> None:
        if id := self.some(self.members, which, *LIVE):
            self.each(lambda drive: drive.act(Verb.CANCEL, id))

    @rule(which=ANY, states=st.sampled_from([("failed",), ("failed", "cancelled"), ("completed",)]))
    def retry_job(self, which, states) -> None:
        if id := self.some(self.members, which, *states):
            done = self.each(lambda drive: drive.act(Verb.RETRY, id).done)
            assert len(set(done)) == 1, done

    @rule(which=ANY)
    def cancel_group(self, which) -> None:
        id = self.group(which).id
        self.each(lambda drive: drive.backend.groups.cancel(id).state)

    @rule()
    def work_off(self) -> None:
        """Everything that can run does, and completes; then no sealed group is left that only waits for itself."""
        for id in list(self.running):
            self._settle(id, Kind.COMPLETED)
        for _ in range(200):
            id = self.some([*self.members, *self.callbacks], 0, "pending")
            if id is None:
                break
            self._take(id)
            self._settle(id, Kind.COMPLETED)

    # after every step -----------------------------------------------------------------------------

    @invariant()
    def figures_add_up(self) -> None:
        for drive in self.drives:
            assert dict(drive.backend.numbers.recount()) == {}
            for group in drive.backend.groups.many([one.id for one in self.groups]):
                assert group.pending + group.processing + group.completed + group.failed + group.cancelled == group.total
                assert group.pending >= 0
                assert not (group.ended and group.unfinished), group
                assert group.unfinished or not group.sealed or group.ended, group

    @invariant()
    def then_and_catch_ran_once_at_the_most(self) -> None:
        for id in self.callbacks:
            record = self.drives[0].get(id)
            if record.name.endswith(("Then", "Catch")):
                assert record.round == 0

    @invariant()
    def all_stores_agree(self) -> None:
        seen = [self._seen(drive.backend) for drive in self.drives]
        for other in seen[1:]:
            for known, found in zip(seen[0], other, strict=True):
                assert known == found

    def _seen(self, store: Backend) -> list[object]:
        groups = store.groups.many([one.id for one in self.groups])
        jobs = {record.id: record for record in store.many([*self.members, *self.callbacks])}
        return [
            *(
                (one.id, one.state, one.total, one.pending, one.processing, one.completed, one.failed, one.cancelled, one.generation,
                 one.failed_at, one.finished_at, one.reason, one.first_failure is None)
                for one in groups
            ),
            *((id, jobs[id].state, jobs[id].round, jobs[id].attempts, jobs[id].cancel_requested) for id in (*self.members, *self.callbacks)),
        ]  # fmt: skip
