"""`horizon work` for several connections: one guardian for each, and this process, which only looks after them.

A store that hangs makes its own guardian wait and no other; one that is down is tried again, while the rest work on.
"""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
from collections.abc import Sequence

from horizon.core import clock
from horizon.worker.options import Options
from horizon.worker.screen import say
from horizon.worker.signals import STOPS, WATCHED, Signals
from horizon.worker.told import Told

LONGEST = 30.0
"""Seconds between two tries to start a guardian that ends at once, at the most."""
LONG = 60.0
"""Seconds a guardian must have worked for the next try to be an early one again."""
WRONG_USAGE = 2


def serving(options: Options, told: Told) -> tuple[str, ...]:
    """The connections on which there may be jobs for these flags, in order. Pure."""
    if options.connection is not None:
        return (options.connection,)
    if not options.queues:
        return told.connections
    wanted = {home for queue in options.queues for home in told.homes(queue)}
    return tuple(name for name in told.connections if name in wanted)


def run(options: Options, names: Sequence[str], arguments: Sequence[str], ears: Signals) -> int:
    """Work for each of these connections until told to stop, or until all have done what they were to do; the exit code."""
    if options.once or options.max_jobs:
        say(
            f"--once and --max-jobs count jobs, and each of the connections {', '.join(names)} has a worker of its own here; "
            "name one of them with --connection"
        )
        return WRONG_USAGE
    finite = options.stop_when_empty or bool(options.max_time)
    crowd = [Member(name, arguments, finite) for name in names]
    say(f"a worker for each of {len(names)} connections: {', '.join(names)}")
    stopping = False
    while True:
        for number in ears.read():
            stopping = stopping or number in STOPS
            for member in crowd:
                member.pass_on(number)
        for member in crowd:
            member.look(stopping)
        if all(member.over for member in crowd):
            return max(member.code for member in crowd)
        select.select((ears.fileno(),), (), (), min(member.patience() for member in crowd))


class Member:
    """The guardian of one connection."""

    def __init__(self, name: str, arguments: Sequence[str], finite: bool) -> None:
        self.name, self._arguments, self._finite = name, list(arguments), finite
        self.over, self.code = False, 0
        self._process: subprocess.Popen[bytes] | None = None
        self._started = self._again_at = 0.0
        self._failures = 0

    def look(self, stopping: bool) -> None:
        """Start it where it should run and does not; see whether it has ended."""
        if self._process is None:
            if stopping:
                self.over = True
            elif not self.over and clock.monotonic() >= self._again_at:
                self._start()
            return
        code = self._process.poll()
        if code is None:
            return
        self._process, self.code = None, abs(code)
        self.over = stopping or code == 0 or code == WRONG_USAGE or self._finite
        if not self.over:
            self._later()

    def pass_on(self, number: int) -> None:
        """Hand on a signal that was sent to the worker as a whole."""
        if self._process is not None and number != signal.SIGCHLD and self._process.poll() is None:
            self._process.send_signal(number)

    def patience(self) -> float:
        """Seconds until it has to be looked at again; a signal, the end of a guardian among them, comes sooner."""
        return max(0.0, self._again_at - clock.monotonic()) if self._process is None and not self.over else LONGEST

    def _start(self) -> None:
        command = [sys.executable, "-m", "horizon.worker.guardian", *self._arguments]
        command += ["--connection", self.name, "--parent", str(os.getpid())]
        before = signal.pthread_sigmask(signal.SIG_BLOCK, WATCHED)  # it inherits that: what is passed on waits until it listens
        try:
            # a group of its own: what a terminal sends to all of a group would count twice, once from us
            self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, process_group=0)
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
        self._started = clock.monotonic()

    def _later(self) -> None:
        worked = clock.monotonic() - self._started
        self._failures = 1 if worked > LONG else self._failures + 1
        delay = min(LONGEST, 2.0 ** (self._failures - 1))
        self._again_at = clock.monotonic() + delay
        say(f"the worker for the connection {self.name} has ended with {self.code}; another one starts in {delay:g} s")
