"""One attempt, from a reservation to its outcome, with the page telling the guardian about it all the while."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from typing import TYPE_CHECKING

from horizon.backends.values import Reservation
from horizon.core.clock import boottime_ns
from horizon.core.errors import JobCancelled, JobInterrupted, JobTimeout
from horizon.core.outcome import Failure, Kind, Outcome
from horizon.worker.page import DOOMED, RECALL, START_UNTIL, Page
from horizon.worker.slot import Slot

if TYPE_CHECKING:
    from horizon.jobs.attempt import Attempts
    from horizon.jobs.prepared import Prepared

log = logging.getLogger("horizon.worker")

MOST_WORDS = 4_000
EXIT_DOOMED = 75
"""The exit code of an executor whose guardian had already decided about what ran in it."""


_forks = 0
"""How many forks lie between the start of the interpreter and this process: asked after every job, in place of a system call."""


def _forked() -> None:
    global _forks
    _forks += 1


os.register_at_fork(after_in_child=_forked)


class Runner:
    """Runs reservations. `call` is how a prepared job is run: here, or on an event loop."""

    def __init__(self, attempts: Attempts, page: Page, call: Callable[[Slot, Prepared], Outcome]) -> None:
        self._attempts, self._page, self._call = attempts, page, call
        self._forks = _forks

    def run(self, slot: Slot, reservation: Reservation) -> Outcome | None:
        """Run one job; None where it was not started, because the guardian took it back or the lease ran low."""
        prepared = self._attempts.prepare(reservation, slot.received)
        if prepared.ready is not None:
            return prepared.ready
        page, words, now = self._page, self._page.words, boottime_ns()
        deadline = now + int(prepared.timeout * 1e9) if prepared.timeout else 0
        page.begin(slot.index, reservation.token, reservation.id, now, deadline, prepared.retry_delay_us)
        if words[RECALL] != slot.recall or now >= words[START_UNTIL]:
            page.end(slot.index)
            return None
        slot.start(prepared, now, deadline)
        outcome = None
        try:
            outcome = self._call(slot, prepared)
            slot.finish()
        except BaseException as error:
            slot.finish()  # again: a stop may have struck inside the first one
            outcome = outcome or last_resort(prepared, error)
        if _forks != self._forks:
            os._exit(0)  # a job forked and its child came back here: it shares the page and the store's files, and must not go on
        if words[DOOMED]:
            os._exit(EXIT_DOOMED)  # the mark stays: what ran here is the guardian's to settle
        page.end(slot.index)
        return outcome


def last_resort(prepared: Prepared, error: BaseException) -> Outcome:
    """The outcome of an attempt that raised out of its own fence: a stop that struck at its very edge, or a fault of ours."""
    reservation, delay = prepared.reservation, prepared.retry_delay_us
    if isinstance(error, JobInterrupted):
        kind, delay = Kind.RETURNED, 0
    elif isinstance(error, JobCancelled):
        kind, delay = Kind.CANCELLED, 0
    else:
        kind = Kind.FAILED if delay is None else Kind.RETRY
    if not isinstance(error, (JobInterrupted, JobCancelled, JobTimeout)):
        log.error("the attempt of job %s raised out of its fence", reservation.id, exc_info=error)
    failed = kind in (Kind.RETRY, Kind.FAILED)
    name, words = type(error).__name__, _words(error)
    failure = None if not failed else Failure(type=name, message=words, cause=name)
    return Outcome(
        id=reservation.id,
        ref=reservation.ref,
        token=reservation.token,
        kind=kind,
        delay=delay or 0,
        error=failure,
        reason=None if failed else "interrupted" if kind is Kind.RETURNED else words,
    )


def _words(error: BaseException) -> str:
    try:
        return str(error)[:MOST_WORDS]
    except BaseException as broken:
        return f"<its own text raised {type(broken).__name__}>"
