"""One executor as its guardian sees it: a process in a group of its own, a page, and a pipe."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping

from horizon.core import clock
from horizon.core.clock import Micros
from horizon.worker import signals
from horizon.worker.gauge import Gauge
from horizon.worker.judge import Step
from horizon.worker.orders import Orders
from horizon.worker.page import COMMAND, DOOMED, ENDING, FENCE_AT, JOBS, PHASE, START_UNTIL, Command, Ending, Page, Phase
from horizon.worker.stack_line import StackLine
from horizon.worker.tally import Tally

MOST_RECENT = 20
"""Jobs begun lately that a worker tells of, beside the last of each executor."""
SAID_BYTES = 65_536
"""Most that is kept of what an executor says; a job that writes into its pipe cannot fill its guardian's memory."""


class Child:
    """Started with `start`; what its page says is valid until `close`, also after its death."""

    def __init__(self, orders: Orders) -> None:
        self.orders = orders
        self.number = orders.number
        self.page = Page.create(orders.concurrency)
        self.born, self.born_at = clock.boottime_ns(), clock.now()
        self.before = 0
        """Jobs that those before it at its place had started; counted only where the worker may start so many."""
        self.step = Step.WAIT
        self.doom: str | None = None
        """Why the guardian ends it; None: it does not."""
        self.cancelled: dict[str, int] = {}
        """Token to when it was asked to stop, nanoseconds since boot."""
        self.recalled: set[object] = set()
        """For what unstarted jobs have been taken back: slot and mark of a stuck attempt, or a token that lay too long."""
        self.lying: tuple[str, int] = ("", 0)
        """The next job it should start, and since when it has been the next one, nanoseconds since boot."""
        self.problems: tuple[str, ...] = ()
        self.code_version: str | None = None
        self.keys: list[str] | None = None
        self.classes = ""
        """Under what the store keeps which classes it knows."""
        """Fingerprints of its keys, nothing more: the keys themselves never leave it."""
        """Of the code it loaded, which may be newer than what the guardian was started with."""
        self.left_at = 0
        """When it was first seen to have ended, nanoseconds since boot."""
        self.gauge: Gauge | None = None
        self._recent: dict[str, tuple[int, Mapping[str, object]]] = {}
        """Jobs that it began lately, by id, as they were seen at its reports: when, nanoseconds since boot, and as each is told."""
        self.hearing = True
        self.stacks = StackLine()
        self.pipe, self._theirs = socket.socketpair()
        self._said = b""

    def start(self, app: str | None, tally: Tally | None) -> None:
        """Run it as a new process: own session, so that a terminal's Ctrl-C does not reach it; dies with the guardian.

        Raises OSError where the system has no room for another process.
        """
        theirs = self._theirs
        command = [sys.executable, "-m", "horizon.cli.executor", "--guardian", str(os.getpid())]
        command += ["--page", str(self.page.fd), "--pipe", str(theirs.fileno())]
        if app:
            command += ["--app", app]
        command += ["--stacks", ",".join(map(str, self.stacks.fds))]
        fds = [self.page.fd, theirs.fileno(), *self.stacks.fds]
        if tally is not None:
            command += ["--tally", str(tally.fd)]
            fds.append(tally.fd)
        self.pipe.sendall(self.orders.encode())  # before there is anybody who could die without having read it
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, pass_fds=fds, start_new_session=True)
        self.pid = self.process.pid
        self.gauge = Gauge(self.pid)
        theirs.close()
        self.stacks.handed_over()
        self.pipe.setblocking(False)

    # telling it ------------------------------------------------------------------------------------

    def command(self, command: Command) -> None:
        """Say what is wanted; the latest word counts, but an end once ordered stays ordered."""
        if command > self.page.words[COMMAND] or self.page.words[COMMAND] < Command.DRAIN:
            self.page.words[COMMAND] = command
            self.ring()

    def lease(self, start_until: int, fence_at: int) -> None:
        """Say how long it may start jobs, and live."""
        self.page.words[START_UNTIL], self.page.words[FENCE_AT] = start_until, fence_at

    def cancel(self, token: str, reason: str) -> bool:
        """Ask the attempt with this token to stop, once; False where it does not run here."""
        for job in self.page.running():
            if job.token == token:
                if token not in self.cancelled:
                    self.cancelled[token] = clock.boottime_ns()
                    self.page.stop(job.slot, token, reason)
                    self.ring()
                return True
        return False

    def ring(self) -> None:
        """Have it look at its page."""
        with contextlib.suppress(BlockingIOError, BrokenPipeError, ConnectionResetError):  # it has rings waiting, or is gone
            self.pipe.send(b"!")

    def end(self, step: Step, reason: str) -> None:
        """TERM or KILL its whole group, each once; what runs there is judged by its page afterwards."""
        if step <= self.step:
            return
        self.step, self.doom = step, self.doom or reason
        self.page.words[DOOMED] = 1
        signals.group(self.pid, signal.SIGTERM if step is Step.TERM else signal.SIGKILL)

    # what it says ----------------------------------------------------------------------------------

    def hear(self) -> None:
        """Read the one line that it says once it is ready. Whatever else comes (from a job, then) is not listened to."""
        try:
            piece = self.pipe.recv(SAID_BYTES)
        except BlockingIOError:
            return
        except OSError:
            piece = b""
        self._said += piece
        line, whole, _ = self._said.partition(b"\n")
        self.hearing = bool(piece) and not whole and len(self._said) < SAID_BYTES
        if whole:
            with contextlib.suppress(ValueError, KeyError, TypeError):
                said = json.loads(line)
                self.problems = tuple(map(str, said["problems"]))
                self.classes = str(said.get("classes") or "")[:40]
                self.keys = None if said.get("keys") is None else list(map(str, said["keys"]))
                self.code_version = None if said.get("code_version") is None else str(said["code_version"])

    @property
    def phase(self) -> Phase:
        """How far it has come."""
        return Phase(self.page.words[PHASE])

    @property
    def ending(self) -> Ending:
        """Why it ended by itself, if it did."""
        return Ending(self.page.words[ENDING])

    def gone(self) -> int | None:
        """Its exit code once it has died (negative: the signal); what it left behind in its group is killed first."""
        if os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
            return None
        signals.group(self.pid, signal.SIGKILL)  # before it is reaped: until then the number cannot be anybody else's
        return self.process.wait()

    def report(self, now: int, wall: Micros, recent: int = MOST_RECENT) -> Mapping[str, object]:
        """For the dashboard; with so many of the jobs that it began lately."""
        jobs = [{"slot": job.slot, "job": job.job, "since": wall - (now - job.started) // 1000} for job in self.page.running()]
        return {
            "number": self.number,
            "pid": self.pid,
            "phase": self.phase.name.lower(),
            "leaves": self.page.words[COMMAND] >= Command.DRAIN,
            "code_version": self.code_version,
            "keys": self.keys,
            "classes": self.classes,
            "jobs": self.page.words[JOBS],
            "slots": jobs,
            "started_at": self.born_at,
            "last": next(iter(lately := self._lately(now, wall)), None),
            "recent": lately[1 : recent + 1],
            **self._takes(now),
        }

    def _lately(self, now: int, wall: Micros) -> list[Mapping[str, object]]:
        """The jobs that it began last, the latest first, which may have ended; each is said in the same words every time."""
        for started, job in self.page.latest():
            if self._recent.get(job, (0,))[0] != started:
                self._recent[job] = (started, {"job": job, "at": wall - (now - started) // 1000})
        kept = sorted(self._recent.items(), key=lambda one: -one[1][0])[: MOST_RECENT + 1]
        self._recent = dict(kept)
        return [told for _, (_, told) in kept]

    def _takes(self, now: int) -> Mapping[str, object]:
        """Memory and processor."""
        gauge = self.gauge
        if gauge is None:
            return {"memory_kb": None}
        gauge.look(now)
        return {"memory_kb": gauge.memory_kb, "cpu": gauge.cpu, "memory": list(gauge.trend), "memory_step": gauge.step}

    def close(self) -> None:
        """Let go of page and pipe."""
        self._theirs.close()
        self.stacks.close()
        self.pipe.close()
        self.page.close()
