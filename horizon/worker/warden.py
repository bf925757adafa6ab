"""The guardian's executors: started, looked after, ended from outside where that is needed, and buried."""

from __future__ import annotations

from itertools import count

from horizon.core import clock
from horizon.core.scaling import Scale
from horizon.worker import judge
from horizon.worker.child import Child
from horizon.worker.judge import Limits, Step
from horizon.worker.ledger import RECALL_MOMENT, Ledger
from horizon.worker.page import ASKED, COMMAND, JOBS, RECALL, Command, Ending, Phase
from horizon.worker.plan import Plan
from horizon.worker.screen import counted, say
from horizon.worker.tally import Tally

LEAVE = 5.0
"""Seconds an executor that holds nothing any more may take to leave."""
GIVE_UP = 3
"""With `--once` or `--stop-when-empty`: failed attempts to load the app before the worker itself fails."""


class Warden:
    """As many executors as were planned, less those that ended for good."""

    def __init__(self, plan: Plan, ledger: Ledger) -> None:
        self.plan, self.ledger = plan, ledger
        self.limits: Limits = plan.limits
        self.children: list[Child] = []
        self.command = Command.RUN
        self.scale: Scale | None = None
        """What somebody wants for now; None: as many as were planned."""
        self.finished = 0
        """Executors that ended for good."""
        self.boot_problem = ""
        self.tally = Tally.create(plan.processes, plan.max_jobs) if plan.max_jobs else None
        """Where the worker may start only so many jobs."""
        self.spawn_at = 0.0
        """Not before this (monotonic) is another one started."""
        self._interrupted_at = 0
        self._boot_failures = 0
        self._last = 0

    # what is wanted of all of them -----------------------------------------------------------------

    def order(self, command: Command) -> None:
        """Say it to everybody, those who come later included."""
        self.command = command
        if command is Command.INTERRUPT:
            self._interrupted_at = self._interrupted_at or clock.boottime_ns()
        for child in self.children:
            child.command(command)

    def hurry(self) -> None:
        """Do not wait any longer for those who were interrupted."""
        self._interrupted_at = 1

    def replace(self) -> None:
        """Let everybody finish what runs and make room for a successor."""
        for child in self.children:
            child.command(Command.DRAIN)

    def abandon(self, reason: str) -> None:
        """Kill everybody."""
        for child in self.children:
            child.end(Step.KILL, reason)

    def grant(self) -> None:
        """Tell everybody how long the lease is good for."""
        for child in self.children:
            self._grant(child)

    def _grant(self, child: Child) -> None:
        renewed, lease = self.ledger.renewed, self.limits.lease
        child.lease(judge.start_until(renewed, lease), judge.fence_at(renewed, lease))

    def cancel(self, token: str, reason: str) -> None:
        """Ask whoever runs this attempt to stop it."""
        any(child.cancel(token, reason) for child in self.children)

    # what is known of them -------------------------------------------------------------------------

    def over(self) -> bool:
        """Whether nobody is left and nobody will come."""
        return not self.children and (self.command >= Command.DRAIN or not self.wanted())

    @property
    def size(self) -> int:
        """How many executors there are meant to be."""
        if self.scale is None:
            return self.plan.processes
        return max(1, min(self.scale.to, self.plan.most_processes))

    def wanted(self) -> int:
        """How many executors there should be."""
        return 0 if self._all_started() else self.size - self.finished

    def missing(self) -> int:
        """How many executors there should be more."""
        return max(0, self.wanted() - len(self.children))

    def enough(self) -> bool:
        """Whether the worker has run all the jobs that it may. One that is counted as started is not on its page at once: sent
        home just then, it would not start."""
        if self.tally is None:
            return False
        starts = self.tally.starts()  # once: a start that is taken back between two looks would be all started and all ended
        return sum(starts) >= self.tally.most and all(
            child.before + child.page.words[JOBS] >= starts[child.orders.place] for child in self.children
        )

    def _all_started(self) -> bool:
        return self.tally is not None and not self.tally.left()

    def running(self) -> int:
        """Jobs running now."""
        return sum(len(child.page.running()) for child in self.children)

    def problems(self) -> tuple[str, ...]:
        """What those who are ready found wrong; before anybody is, what was found when the app was asked."""
        ready = [child.problems for child in self.children if child.phase is Phase.READY]
        found = [problem for problems in ready or [self.plan.problems] for problem in problems]
        return tuple(dict.fromkeys([*found, self.boot_problem] if self.boot_problem else found))

    def attentive(self) -> bool:
        """Whether somebody may be waiting for an answer; see `judge.renew_every`."""
        now = clock.boottime_ns()
        return self.command is not Command.RUN or any(judge.stuck(now, child.page.running()) for child in self.children)

    def ready(self) -> bool:
        """Whether anybody can run jobs yet."""
        return any(child.phase is Phase.READY for child in self.children)

    # the dead --------------------------------------------------------------------------------------

    def reap(self) -> None:
        """Bury those who are gone."""
        for child in list(self.children):
            code = child.gone()
            if code is not None:
                self.children.remove(child)
                self._bury(child, code)
                child.close()
        self.ledger.settle()

    def _bury(self, child: Child, code: int) -> None:
        killed, died = child.doom, judge.how_it_ended(code)
        if child.ending is Ending.FENCED:
            killed = killed or "the worker had lost touch with the store"
        jobs = child.page.running()
        if self.tally is not None:
            self.tally.correct(child.orders.place, child.before + child.page.words[JOBS] + len(jobs))
        if child.orders.session == self.ledger.session:
            verdicts = judge.verdicts(clock.boottime_ns(), jobs, child.cancelled, self.limits, killed=killed, died=died)
            ended = [token for token in child.page.begun() if token not in verdicts]
            verdicts |= judge.unheard(ended, alone=not jobs, killed=killed, died=died)
            self.ledger.bury(child.number, verdicts)
        if child.phase is Phase.ENDED and child.ending is Ending.DONE:
            self.finished += 1
        if child.phase is Phase.BOOTING:
            self._boot_failed(f"an executor ended while it loaded the app ({killed or died}); its output says why")
        elif child.phase is not Phase.ENDED or code:
            say(f"executor {child.pid} is gone: {killed or died}")

    def _boot_failed(self, why: str) -> None:
        if self.command >= Command.DRAIN:
            return
        self._boot_failures += 1
        delay = judge.boot_delay(self._boot_failures)
        self.spawn_at = clock.monotonic() + delay
        self.boot_problem = why
        say(f"{self.boot_problem}; trying again in {delay:g} s")

    def given_up(self) -> bool:
        """Whether a worker that should end by itself never will, because the app does not load."""
        return self.plan.finite and self._boot_failures >= GIVE_UP

    # the living ------------------------------------------------------------------------------------

    def watch(self) -> None:
        """End what is late; take back what waits behind something that is stuck."""
        now = clock.boottime_ns()
        lease = judge.lease_step(now, self.ledger.renewed, self.limits.lease)
        for child in self.children:
            if lease:
                child.end(lease, "the worker had lost touch with the store")
            if self._interrupted_at and now - self._interrupted_at >= judge.ns(self.limits.grace):
                child.end(Step.KILL, "the worker was stopped")
            if child.phase is Phase.READY:
                self._watch_jobs(child, now)
            else:
                self._watch_edges(child, now)

    def _watch_jobs(self, child: Child, now: int) -> None:
        self._boot_failures, self.boot_problem = 0, ""
        jobs = child.page.running()
        step = judge.late_step(now, jobs, child.cancelled, self.limits)
        if step:
            child.end(step, "a job beside it did not stop and its process was killed")
        child.cancelled = {job.token: child.cancelled[job.token] for job in jobs if job.token in child.cancelled}
        unstarted = child.page.unstarted()
        if unstarted[:1] != [child.lying[0]]:
            child.lying = (unstarted[0] if unstarted else "", now)
        causes: set[object] = {(job.slot, job.mark) for job in jobs if judge.stuck(now, [job])}
        if judge.lies(now, *child.lying):
            causes.add(child.lying[0])
        if (unstarted or child.page.words[ASKED]) and causes - child.recalled:
            self._recall(child, causes)

    def _recall(self, child: Child, causes: set[object]) -> None:
        """Take back what waits unstarted in a process in which nobody does anything about it.

        Only what was there before the recall: what an executor that has answered it reserves afterwards, it may start.
        """
        asked, unheard = self._unheard(child)
        before = set(child.page.unstarted())
        child.page.words[RECALL] += 1
        clock.sleep(RECALL_MOMENT)
        tokens = before.intersection(child.page.unstarted()) - {job.token for job in child.page.running()}
        if child.page.words[ASKED] == asked:
            tokens |= unheard  # whoever reads the answer from now on meets the recall, and starts none of them
        if self.ledger.take_back(child.number, tokens):
            child.recalled = causes

    def _unheard(self, child: Child) -> tuple[int, set[str]]:
        """The question whose answer an executor has not read, and tokens that the store has handed out in it."""
        asked = child.page.words[ASKED]
        if not asked:
            return 0, set()
        held = self.ledger.held(child.number)
        return asked, held - {*child.page.begun(), *child.page.unstarted(), *(job.token for job in child.page.running())}

    def _watch_edges(self, child: Child, now: int) -> None:
        """It should become ready in time, and be gone soon after its end."""
        if child.phase is Phase.BOOTING and now - child.born > judge.ns(self.limits.boot_timeout):
            child.end(Step.KILL, f"it took longer than {self.limits.boot_timeout:g} s to load the app")
        if child.phase is Phase.ENDED:
            child.left_at = child.left_at or now
            if now - child.left_at > judge.ns(LEAVE):
                child.end(Step.KILL, "it had ended and did not leave")

    def trim(self) -> None:
        """Let those go who are too many, the latest first, each after what it runs."""
        if self.scale is not None and not self.scale.holds(clock.now()):
            say(f"back to {counted(self.plan.processes, 'process')}")
            self.scale = None
        staying = [child for child in self.children if child.page.words[COMMAND] < Command.DRAIN and child.phase is not Phase.ENDED]
        over = len(staying) - (self.size - self.finished) if self.command < Command.DRAIN else 0
        for child in sorted(staying, key=lambda one: -one.orders.place)[: max(0, over)]:
            child.command(Command.DRAIN)

    def fill(self) -> None:
        """Start who is missing, unless the lease is too far gone or the last ones could not load the app just now."""
        if self.command >= Command.DRAIN or clock.monotonic() < self.spawn_at:
            return
        if judge.lease_step(clock.boottime_ns(), self.ledger.renewed, self.limits.lease):
            return
        for _ in range(self.missing()):
            self._last += 1
            try:
                self.children.append(self._started())
            except OSError as error:
                self._boot_failed(f"no process could be started: {error}")
                return

    def _started(self) -> Child:
        """One more executor. Raises OSError where the system has no room for it."""
        taken = {child.orders.place for child in self.children}
        place = next(place for place in count() if place not in taken)
        child = Child(self.plan.orders(self.ledger.session, self._last, place))
        child.before = self.tally.at(place) if self.tally is not None else 0
        self._grant(child)
        child.page.words[COMMAND] = self.command
        try:
            child.start(self.plan.app, self.tally)
        except OSError:
            child.close()
            raise
        return child
