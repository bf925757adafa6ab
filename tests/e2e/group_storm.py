"""Workers under random SIGKILL while nested groups of every kind run, grow, fail, are cancelled and retried."""

from __future__ import annotations

import os
import random
import signal
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from time import monotonic, sleep
from typing import Any

from horizon import batch, chain, workflow
from horizon.backends.values import Verb
from horizon.core.errors import BackendUnavailable
from horizon.core.group import MAX_LIMIT, GroupQuery, GroupRecord
from horizon.core.query import JobQuery, Selection
from horizon.core.record import Record
from horizon.core.states import JobState
from tests.e2e import group_chaos_app as jobs
from tests.e2e.worker_site import Site, Worker, soon

APP = "tests.e2e.group_chaos_app:create_app"
CALLS = ("then", "catch", "finally_", "on_progress")


@dataclass
class GroupStorm:
    site: Site
    dice: random.Random
    fleet: tuple[tuple[str, ...], ...]
    """The flags of each worker."""
    jobs: int = 0
    groups: int = 0
    sent: list[str] = field(default_factory=list)
    """Outermost groups that were acknowledged."""
    detached: set[str] = field(default_factory=set)
    """Members that were retried although they had completed: to their groups they stay completed."""
    done: Counter[str] = field(default_factory=Counter)
    workers: list[Worker] = field(default_factory=list)

    def rage(self, jobs: int, seconds: float) -> None:
        """Dispatch so many jobs in groups, spread over these seconds, and strike meanwhile."""
        end, began = monotonic() + seconds, monotonic()
        while monotonic() < end:
            self.man()
            if self.jobs < jobs * (monotonic() - began) / seconds:
                self.dispatch()
            self.dice.choice((self.kill, self.kill, self.kill, self.cancel, self.retry, self.retry_job, self.forget))()
            sleep(self.dice.uniform(0.05, 0.3))

    def calm(self) -> None:
        """Nobody is killed any more, and everything ends."""
        self.man()
        soon(lambda: all(group.ended for group in self.all_groups()))
        soon(lambda: all(record.state.terminal for record in self.all_jobs()))
        for worker in self.workers:
            worker.signal(signal.SIGTERM)
        for worker in self.workers:
            assert worker.ended() == 0, worker.said

    def man(self) -> None:
        """A worker for each set of flags; those that ended are replaced."""
        for place, flags in enumerate(self.fleet):
            if place == len(self.workers):
                self.workers.append(self.site.work(*flags, app=APP))
            elif self.workers[place].process.poll() is not None:
                self.workers[place] = self.site.work(*flags, app=APP)

    def all_groups(self) -> list[GroupRecord]:
        found: list[GroupRecord] = []
        cursor = None
        while True:
            page = self.site.backend.groups.find(GroupQuery(limit=MAX_LIMIT, cursor=cursor))
            found += page.items
            cursor = page.next
            if cursor is None:
                return found

    def all_jobs(self) -> list[Record]:
        """Those that nobody needed, too."""
        found: list[Record] = []
        cursor = None
        while True:
            page = self.site.backend.find(JobQuery(limit=MAX_LIMIT, cursor=cursor, include_forgotten=True))
            found += page.items
            cursor = page.next
            if cursor is None:
                return found

    # what runs ---------------------------------------------------------------------------------------

    def dispatch(self) -> None:
        with self.site.app.app_context():
            made = self._form(0)
            try:
                self.sent.append(str(made.dispatch()))
            except BackendUnavailable:
                self.done["unanswered"] += 1

    def _form(self, depth: int) -> Any:
        dice, kind = self.dice, self.dice.choice((batch, chain, workflow))
        count = dice.randint(0 if depth else 1, 7)
        items = [self._form(depth + 1) if depth < 2 and dice.random() < 0.25 else self._job(kind) for _ in range(count)]
        made = self._graph(items) if kind is workflow else kind(items)
        if kind is batch:
            made.allow_failures(dice.choice((False, False, 1, 0.4, True)))
        self.groups += 1
        for what in CALLS:
            if dice.random() < 0.7:
                getattr(made, what)(jobs.Called(what, self.groups))
        return made.options(key=self.groups, calls=[callback.on.name for callback in made._callbacks])

    def _graph(self, items: list[Any]) -> Any:
        made, steps = workflow(), []
        for item in items:
            after = [step for step in steps if self.dice.random() < 0.3]
            steps.append(made.add(item, after=after, on=self.dice.choice(("completed", "completed", "completed", "failed", "any"))))
        return made

    def _job(self, kind: Any) -> jobs.Member:
        dice = self.dice
        self.jobs += 1
        again = dice.random() < 0.5
        own = {batch: jobs.Adds(dice.randint(1, 3), again), chain: dice.choice((jobs.Appends, jobs.Prepends))(again)}
        makes = (jobs.Fine, lambda: jobs.Fine(dice.uniform(0, 0.3)), jobs.Flaky, jobs.Fails, lambda: own.get(kind) or jobs.Fine())
        return dice.choices(makes, (10, 3, 3, 1, 2))[0]()

    # striking ----------------------------------------------------------------------------------------

    def kill(self) -> None:
        guardians = self.dice.random() < 0.2
        victims = [worker.pid for worker in self.workers] if guardians else [pid for worker in self.workers for pid in worker.executors()]
        if not victims:
            return
        victim = self.dice.choice(sorted(victims))
        with suppress(ProcessLookupError):
            os.kill(victim, signal.SIGKILL)
            self.done["killed"] += 1
        for worker in self.workers:
            if worker.pid == victim:
                worker.process.wait()

    def cancel(self) -> None:
        going = [group for group in self.all_groups() if not group.ended]
        if going and self.dice.random() < 0.3:
            self.site.backend.groups.cancel(self.dice.choice(going).id, reason="the storm")
            self.done["cancelled"] += 1

    def retry(self) -> None:
        """Everything that failed in one of the groups."""
        failed = [group for group in self.all_groups() if group.failed]
        if failed:
            query = JobQuery(group=self.dice.choice(failed).id, states=(JobState.FAILED,))
            self.done["retried"] += len(self.site.backend.act(Selection(query=query), Verb.RETRY).done)

    def retry_job(self) -> None:
        """Some member that was cancelled, or one that completed: that one runs for itself from now on."""
        state = self.dice.choice((JobState.CANCELLED, JobState.COMPLETED))
        for id in self._member(state):
            self.done["retried"] += len(self.site.backend.act(Selection(ids=(id,)), Verb.RETRY).done)
            if state is JobState.COMPLETED:
                self.detached.add(id)

    def forget(self) -> None:
        """Some member, whatever it is about to do."""
        for id in self._member(self.dice.choice(tuple(JobState))):
            self.done["forgotten"] += len(self.site.backend.act(Selection(ids=(id,)), Verb.FORGET).done)

    def _member(self, state: JobState) -> list[str]:
        """One in this state, if there is any."""
        page = self.site.backend.find(JobQuery(states=(state,), limit=50))
        found = [record.id for record in page.items if record.group is not None]
        return [self.dice.choice(found)] if found else []
