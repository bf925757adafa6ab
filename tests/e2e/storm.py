"""Workers under random SIGKILL, SIGSTOP and SIGCONT while jobs of every temper are pushed; afterwards the sea is calm."""

from __future__ import annotations

import os
import random
import signal
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field

from horizon.core.errors import BackendUnavailable
from horizon.core.record import Record
from tests.e2e import chaos_app
from tests.e2e.worker_site import Site, Worker, soon

APP = "tests.e2e.chaos_app:create_app"


@dataclass(kw_only=True)
class Pushed:
    """What was acknowledged of one job, and what must become of it."""

    temper: str
    due: float = 0.0
    parent: str | None = None


@dataclass
class Storm:
    site: Site
    dice: random.Random
    fleet: tuple[tuple[str, ...], ...]
    """The flags of each worker."""
    lease: float
    pushed: dict[str, Pushed] = field(default_factory=dict)
    unsure: int = 0
    """Pushes that were not acknowledged: they may be there."""
    strikes: Counter[str] = field(default_factory=Counter)
    workers: list[Worker] = field(default_factory=list)
    asleep: list[tuple[float, int]] = field(default_factory=list)
    """When to wake which process."""

    def rage(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.man()
            self.push(self.dice.randint(2, 12))
            self.strike()
            self.wake()
            time.sleep(self.dice.uniform(0.05, 0.35))

    def calm(self) -> None:
        """Nobody sleeps any more, and everything ends."""
        self.wake(everybody=True)
        self.man()
        soon(lambda: all(record.state.terminal for record in self.site.all()))
        for worker in self.workers:
            worker.signal(signal.SIGTERM)
        for worker in self.workers:
            code = worker.ended()
            assert code == 0, f"a worker ended with {code}: {worker.said[-4000:]}"

    def man(self) -> None:
        """A worker for each set of flags; those that ended are replaced."""
        for place, flags in enumerate(self.fleet):
            if place == len(self.workers):
                self.workers.append(self.site.work(*flags, app=APP))
            elif self.workers[place].process.poll() is not None:
                self.workers[place] = self.site.work(*flags, app=APP)

    # pushing ---------------------------------------------------------------------------------------

    def push(self, count: int) -> None:
        with self.site.app.app_context():
            for _ in range(count):
                try:
                    self._push_one()
                except BackendUnavailable:
                    self.unsure += 1

    def _push_one(self) -> None:
        dice, temper = self.dice, self.dice.choices(("quick", "slow", "flaky", "hopeless", "suicidal", "only"), (12, 3, 3, 1, 0.3, 2))[0]
        job = self._job(temper)
        due, parent = 0.0, None
        if dice.random() < 0.15 and temper != "only":
            delay = dice.uniform(0.2, 2)
            due = time.time() + delay
            job = job.delay_until(delay)
        elif self.pushed and dice.random() < 0.15 and temper != "only":
            parent = dice.choice([id for id, other in self.pushed.items() if other.temper != "hopeless"] or [None])
            job = job.depends_on(parent) if parent else job
        id = job.dispatch()
        if id is not None:
            self.pushed[str(id)] = Pushed(temper=temper, due=due, parent=parent)

    def _job(self, temper: str) -> chaos_app.Tempered:
        dice = self.dice
        match temper:
            case "quick":
                return chaos_app.Quick(dice.randrange(1000))
            case "slow":
                return chaos_app.Slow(dice.uniform(0.02, 0.7))
            case "only":
                return chaos_app.Only(dice.randrange(4), dice.uniform(0, 0.3))
            case _:
                return {"flaky": chaos_app.Flaky, "hopeless": chaos_app.Hopeless, "suicidal": chaos_app.Suicidal}[temper]()

    # striking --------------------------------------------------------------------------------------

    def strike(self) -> None:
        what = self.dice.choices(("nothing", "kill executor", "stop executor", "kill guardian", "stop guardian"), (5, 4, 3, 1, 1))[0]
        victims = [w.pid for w in self.workers] if "guardian" in what else [pid for w in self.workers for pid in w.executors()]
        if what == "nothing" or not victims:
            return
        victim = self.dice.choice(sorted(victims))
        self.strikes[what] += 1
        with suppress(ProcessLookupError):
            if "kill" in what:
                os.kill(victim, signal.SIGKILL)
            else:
                os.kill(victim, signal.SIGSTOP)
                self.asleep.append((time.monotonic() + self.dice.choice((0.2, 0.6, self.lease * 1.4)), victim))
        for worker in self.workers:
            if worker.pid == victim and "kill" in what:
                worker.process.wait()

    def wake(self, *, everybody: bool = False) -> None:
        now, still = time.monotonic(), []
        for at, pid in self.asleep:
            if at > now and not everybody:
                still.append((at, pid))
                continue
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)
        self.asleep = still

    # what is left of it ----------------------------------------------------------------------------

    def records(self) -> dict[str, Record]:
        return {record.id: self.site.job(record.id) for record in self.site.all()}

    def lines(self) -> list[tuple[str, str, float]]:
        """(S or E, id, when) of every line, in the order in which they were written."""
        words = (line.split() for line in self.site.effects_file.read_text().splitlines())
        return [(word, id, float(at)) for word, id, at in words]
