"""`python -m horizon.worker.guardian`: what stands behind `horizon work`.

A guardian runs nobody's code: it imports neither the app nor Flask, click or SQLAlchemy, and has no threads, so nothing
a job does can stop it from doing its part:

1. keep the session's lease alive, and stop its executors in time where it cannot;
2. start executors, and replace those that ended;
3. end from outside what outlives its timeout or its cancellation, and settle what ran in an executor that died;
4. pass on what people want: pause, resume, cancel, drain, interrupt, restart.
"""

from __future__ import annotations

import os
import select
import signal
import socket
import sys
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from horizon import __version__
from horizon.backends.values import Renewed, SessionInfo, SessionReport
from horizon.core import clock, scaling
from horizon.core.errors import BackendUnavailable, HorizonError, InvalidOption
from horizon.core.stack import VERB
from horizon.worker import crowd, judge, lifeline
from horizon.worker.child import MOST_RECENT, Child
from horizon.worker.desk import Desk
from horizon.worker.ledger import Ledger
from horizon.worker.options import Options, parse
from horizon.worker.page import Command
from horizon.worker.plan import Plan, plan
from horizon.worker.resources import rss_kb
from horizon.worker.screen import counted, say
from horizon.worker.signals import STOPS, Signals
from horizon.worker.told import Told, ask
from horizon.worker.warden import Warden

LOOK_ASKED, LOOK_BUSY, LOOK_IDLE = 0.05, 0.2, 1.0
"""Seconds between two looks at the pages: while somebody waits for an answer, with jobs running, and without."""
OPENING = 10.0
"""Seconds for which a store that is busy at the start, because its tables are being made, say, is asked again."""


class Guardian:
    """One worker."""

    def __init__(self, plan: Plan, ledger: Ledger, ears: Signals) -> None:
        self.plan, self.ledger, self.ears = plan, ledger, ears
        self.warden = Warden(plan, ledger)
        self.desk = Desk(lambda job, stack: self.ledger.tell(job, stack))
        self._said = set(plan.problems)
        self._renew_at = 0.0
        self._end_at: float | None = None
        """When its time is over (monotonic); None while nobody is ready to work, or where it has all the time."""

    def run(self) -> int:
        """Until everybody has gone home; returns the exit code."""
        self._open()
        while True:
            self._mind_signals()
            self.warden.reap()
            if self.warden.over():
                return self._leave()
            self._mind_limits()
            self._keep_lease()
            self.warden.watch()
            self.warden.trim()
            self.desk.look(self.warden.children)
            self.warden.fill()
            self._sleep()

    def _open(self) -> None:
        """Announce this worker, with some patience. Raises HorizonError."""
        until = clock.monotonic() + OPENING
        while True:
            try:
                return self.ledger.open()
            except BackendUnavailable:
                if clock.monotonic() >= until:
                    raise
                select.select((self.ears.fileno(),), (), (), LOOK_BUSY)
                if any(number in STOPS for number in self.ears.read()):
                    raise

    # signals and commands -------------------------------------------------------------------------

    def _mind_signals(self) -> None:
        for number in self.ears.read():
            if number in STOPS:
                self._stop()
            elif number == signal.SIGUSR2:
                self._obey("pause")
            elif number == signal.SIGCONT:
                self._obey("resume")
        if self.warden.given_up() and self.warden.command < Command.DRAIN:
            say("giving up: the app does not load")
            self._order(Command.DRAIN)

    def _mind_limits(self) -> None:
        """Go home after so many jobs, or so much time since somebody was ready to work."""
        if self.warden.command >= Command.DRAIN:
            return
        now, allowed = clock.monotonic(), self.plan.options.max_time
        if allowed and self._end_at is None and self.warden.ready():
            self._end_at = now + allowed
        if self.warden.enough():
            say(f"stopping after {counted(self.plan.max_jobs, 'job')}")
            self._order(Command.DRAIN)
        elif self._end_at is not None and now >= self._end_at:
            say(f"stopping after {allowed:g} s")
            self._order(Command.DRAIN)

    def _stop(self) -> None:
        """The first time finish what runs; the second, interrupt it; the third, do not wait for that."""
        if self.warden.command < Command.DRAIN:
            running = self.warden.running()
            say(f"stopping; waiting for {counted(running, 'job')} (a second signal interrupts)" if running else "stopping")
            self._order(Command.DRAIN)
        elif self.warden.command < Command.INTERRUPT:
            say("interrupting; running jobs go back to their queues")
            self._order(Command.INTERRUPT)
        else:
            self.warden.hurry()

    def _obey(self, word: str) -> None:
        """A command from the store, or a signal that means the same."""
        if self.warden.command >= Command.DRAIN:
            return
        if word == "stop":
            self._stop()
        elif word == "restart":
            say("replacing the executors, each after its job")
            self.warden.replace()
            self._renew_at = 0.0
        elif word == "pause" and self.warden.command is Command.RUN:
            say("paused")
            self._order(Command.PAUSE)
        elif word == "resume" and self.warden.command is Command.PAUSE:
            say("resumed")
            self._order(Command.RUN)

    def _scale(self, wanted: scaling.Scale | None) -> None:
        """Have so many executors from now on, within what this worker allows."""
        if self.warden.command >= Command.DRAIN:
            return
        self.warden.scale = wanted
        say(f"{counted(self.warden.size, 'process')} from now on{f', asked by {wanted.by}' if wanted else ', as it was started'}")
        self._renew_at = 0.0

    def _order(self, command: Command) -> None:
        self.warden.order(command)
        self._renew_at = 0.0  # the dashboard should know

    # the lease ------------------------------------------------------------------------------------

    def _keep_lease(self) -> None:
        if clock.monotonic() < self._renew_at:
            return
        lease, renewed = self.plan.limits.lease, self.ledger.renew(self._report())
        if renewed is None:
            self._renew_at = clock.monotonic() + min(1.0, lease / 15)
            return
        self._renew_at = clock.monotonic() + judge.renew_every(lease, attentive=self.warden.attentive())
        if renewed.alive:
            self.warden.grant()
            self._pass_on(renewed)
        else:
            self._start_afresh()

    def _pass_on(self, renewed: Renewed) -> None:
        for word in renewed.commands:
            if word.startswith(scaling.VERB):
                self._scale(scaling.heard(word))
            elif word.startswith(VERB):
                self.desk.ask(self.warden.children, word.removeprefix(VERB))
            else:
                self._obey(word)
        for token, reason in renewed.stops.items():
            self.warden.cancel(token, reason)

    def _start_afresh(self) -> None:
        """The store has given this session up, and its jobs to others: end what runs, begin again as somebody new."""
        self.warden.abandon("the worker had lost its lease")
        if self.ledger.reopen():
            say("the store had given this worker up and its jobs to others; starting afresh")
            self._renew_at = 0.0

    def _report(self) -> SessionReport:
        now, wall, children = clock.boottime_ns(), clock.now(), self.warden.children
        words = {Command.RUN: "running" if self.warden.ready() else "starting", Command.PAUSE: "paused"}
        return SessionReport(
            state=words.get(self.warden.command, "draining"),
            memory_kb=(rss_kb() or 0) + sum(rss_kb(child.pid) or 0 for child in children),
            executors=tuple(child.report(now, wall, MOST_RECENT // len(children)) for child in children),
            problems=self.warden.problems(),
            limits={**self.plan.limited, **({"scaled": scale.told} if (scale := self.warden.scale) else {})},
        )

    # time -----------------------------------------------------------------------------------------

    def _sleep(self) -> None:
        """Until a signal, a word from an executor, or the next thing that is due."""
        pipes = {child.pipe.fileno(): child for child in self.warden.children if child.hearing}
        until = self._renew_at - clock.monotonic()
        if self._end_at is not None and self.warden.command < Command.DRAIN:
            until = min(until, self._end_at - clock.monotonic())
        if self.warden.missing():
            until = min(until, max(0.05, self.warden.spawn_at - clock.monotonic()))
        look = LOOK_ASKED if self.desk.busy else LOOK_BUSY if self.warden.running() else LOOK_IDLE
        heard, _, _ = select.select((self.ears.fileno(), *pipes), (), (), max(0.0, min(until, look)))
        for fd in heard:
            if fd in pipes:
                self._hear(pipes[fd])

    def _hear(self, child: Child) -> None:
        child.hear()
        self._renew_at = 0.0  # it has become ready, or is gone: the dashboard should know
        for problem in child.problems:
            if problem not in self._said:
                say(problem)
                self._said.add(problem)

    def _leave(self) -> int:
        """Tell the store that nobody is left; if it does not answer in time, the lease says so."""
        until = self.ledger.renewed + judge.ns(self.plan.limits.lease)
        while not (self.ledger.settle() and self.ledger.close()) and clock.boottime_ns() < until:
            select.select((self.ears.fileno(),), (), (), 0.2)
            if any(number in STOPS for number in self.ears.read()):
                break
        say("stopped")
        return 1 if self.warden.given_up() else 0


def announce(plan: Plan, session: str) -> SessionInfo:
    """How this worker introduces itself to the store."""
    return SessionInfo(
        id=session,
        kind="worker",
        host=socket.gethostname(),
        pid=os.getpid(),
        queues=plan.queues,
        fair=plan.fair,
        processes=plan.processes,
        concurrency=plan.concurrency,
        code_version=plan.code_version,
        version=__version__,
    )


def greet(plan: Plan, told: Told) -> None:
    """What runs here, in a line or two."""
    queues = ", ".join(plan.queues) or "all queues"
    size = f"{counted(plan.processes, 'process')} with {counted(plan.concurrency, 'slot')}"
    say(f"worker {plan.worker} on {queues}: {size}, {told.location}")
    for sentence in (*told.warnings, *told.problems):
        say(sentence)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one worker; returns the exit code: 0 after a proper end, 1 where the app could not be loaded, 2 for flags that do not fit."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    options = parse(arguments)
    ears = Signals()
    ears.watch()
    if options.parent is not None:
        lifeline.die_with(options.parent)
    told = ask(options.app, ears, options.connection)
    if isinstance(told, int):
        return told
    if options.print_config:
        return _print_config(options, told)
    names = crowd.serving(options, told)
    if len(names) > 1:
        return crowd.run(options, names, arguments, ears)
    if names and options.connection is None and len(told.connections) > 1:
        options = replace(options, connection=names[0])
        told = ask(options.app, ears, options.connection)
        if isinstance(told, int):
            return told
    from horizon.backends import bare
    from horizon.backends.database import files

    files.make_none()  # whoever told us about the app has seen to the store
    try:
        made = plan(options, told)
    except InvalidOption as error:
        say(str(error))
        return crowd.WRONG_USAGE
    try:
        store = bare.connect(made.store)
        greet(made, told)
        return Guardian(made, Ledger(store, partial(announce, made), made.limits.lease), ears).run()
    except HorizonError as error:
        say(str(error))
        return 1


def _print_config(options: Options, told: Told) -> int:
    from horizon.worker import config

    try:
        config.show(plan(options, told), told)
    except InvalidOption as error:
        say(str(error))
        return crowd.WRONG_USAGE
    return 0


if __name__ == "__main__":
    sys.exit(main())
