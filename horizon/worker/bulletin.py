"""What running jobs say about themselves, progress and log lines, on its way to the store.

Whoever takes news from a job owes them to the store before the attempt's outcome, which carries only the rest: the store hears
nothing of an attempt that has ended. So an outcome waits for the report that is under way, and takes with it what was not taken.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from horizon.backends.values import ProgressReport
from horizon.core.outcome import Outcome

if TYPE_CHECKING:
    from horizon.jobs.prepared import Prepared

log = logging.getLogger("horizon.worker")

UNSENT = 50
"""Reports kept for a store that does not answer."""
Owed = list[tuple[str, ProgressReport]]
"""Token and report."""


class Bulletin:
    """Of one executor: one thread sends, those that work complete their outcomes."""

    def __init__(self, report: Callable[[Sequence[ProgressReport]], object]) -> None:
        """`report` tells the store, and raises where it does not answer."""
        self._report = report
        self._told = threading.Condition()
        self._owes = False
        """Whether anything may be under way or unsent: asked after every job, in place of the lock."""
        self._going: frozenset[str] = frozenset()
        """Tokens of those whose news are being taken and sent."""
        self._unsent: Owed = []

    def send(self, running: Sequence[Prepared]) -> None:
        """Take what these jobs have to tell, and tell it to the store; what it does not take is sent again the next time."""
        with self._told:
            owed, self._unsent = self._unsent, []
            self._going = frozenset([*(token for token, _ in owed), *(prepared.reservation.token for prepared in running)])
            self._owes = True  # before anything is taken: who ends from here on looks closer
        try:
            for prepared in running:
                if (news := prepared.news()) is not None:
                    owed.append((prepared.reservation.token, news))
            self._tell(owed)
        finally:
            self._settle(owed)

    def _tell(self, owed: Owed) -> None:
        """Nothing is owed any more where the store has answered."""
        try:
            if owed:
                self._report([report for _, report in owed])
            owed.clear()
        except Exception as error:
            log.debug("progress could not be reported, it is tried again: %s", error)

    def _settle(self, owed: Owed) -> None:
        with self._told:
            self._unsent, self._going = owed[-UNSENT:], frozenset()
            self._owes = bool(self._unsent)
            self._told.notify_all()

    def complete(self, outcome: Outcome) -> None:
        """Give an outcome, in place, the log lines that were taken from its attempt and that the store has not got."""
        if not self._owes:
            return
        with self._told:
            self._told.wait_for(lambda: outcome.token not in self._going)
            own = [report for token, report in self._unsent if token == outcome.token]
            if own:
                self._unsent = [(token, report) for token, report in self._unsent if token != outcome.token]
                outcome.logs = (*(line for report in own for line in report.logs), *outcome.logs)
                outcome.logs_dropped += sum(report.logs_dropped for report in own)
