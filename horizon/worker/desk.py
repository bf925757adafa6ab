"""Where a guardian keeps the questions that people have put about running jobs until it can answer them."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from horizon.core import clock
from horizon.core.stack import How, Stack
from horizon.worker.inquiry import Inquiry

if TYPE_CHECKING:
    from horizon.worker.child import Child
    from horizon.worker.page import Running

MOST = 20
"""Questions under way at a time; whoever asks for more has asked somebody else's worker to do nothing but answer."""


class Desk:
    """`answer` keeps what is known of a job's stack; False where the store did not answer, and it is tried again."""

    def __init__(self, answer: Callable[[str, Stack], bool]) -> None:
        self._answer = answer
        self._open: list[Inquiry] = []
        self._unkept: dict[str, Stack] = {}
        self._numbers = itertools.count(1)

    def ask(self, children: Sequence[Child], job: str) -> None:
        """Begin to find out what a job is doing."""
        found = _who_runs(children, job)
        if found is None:
            self._keep(job, Stack(by="", asked_at=0, how=How.ENDED))
        elif len(self._open) < MOST:
            self._open.append(Inquiry.begin(*found, next(self._numbers)))

    def look(self, children: Sequence[Child]) -> None:
        """Answer what can be answered by now."""
        for job, unkept in list(self._unkept.items()):
            self._keep(job, unkept)
        now = clock.boottime_ns()
        for one in list(self._open):
            gone = one.child not in children
            stack = Stack(by="", asked_at=0, how=How.ENDED, pid=one.child.pid) if gone else one.look(now)
            if stack is not None:
                self._open.remove(one)
                self._keep(one.job.job, stack)

    def _keep(self, job: str, stack: Stack) -> None:
        self._unkept.pop(job, None)
        if not self._answer(job, stack):
            self._unkept[job] = stack

    @property
    def busy(self) -> bool:
        """Whether somebody waits for an answer."""
        return bool(self._open or self._unkept)


def _who_runs(children: Sequence[Child], job: str) -> tuple[Child, Running] | None:
    """The executor that runs a job, and where."""
    return next(((child, running) for child in children for running in child.page.running() if running.job == job), None)
