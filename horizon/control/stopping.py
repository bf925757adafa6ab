"""How a cancellation of something that ran went: asked for, noticed, stopped, and by what. Pure, from what is stored:

1. the mark on the reason says who asked, and when (`marks`);
2. the line of its own level in the attempt's log says when the worker told the job;
3. the attempt's end says when it stopped, and its error by what.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from horizon.control import marks
from horizon.core.clock import Micros
from horizon.core.outcome import CANCEL_LEVEL, KILLED, Failure, LogLine
from horizon.core.record import Attempt, Record
from horizon.core.states import JobState

STOPS = ("JobCancelled", "CancelledError")
"""Types of what a worker raises in a job that does not look."""


class By(StrEnum):
    """What made it stop."""

    FLAG = "flag"
    """It looked at `cancel_requested` (or found out otherwise) and ended by itself."""
    EXCEPTION = "exception"
    """The worker raised one in it."""
    PROCESS = "process"
    """Its process was ended, with all that it held."""
    ERROR = "error"
    """It failed with an exception of its own after it had been asked."""
    COMPLETED = "completed"
    """It was through first, and has completed."""
    UNKNOWN = "unknown"


@dataclass(frozen=True, kw_only=True, slots=True)
class Stopping:
    """One cancellation. Times may be from different clocks: what was stored by the store, noticed by the worker's machine."""

    by: str = ""
    """Who asked; empty where that was not kept: a batch that failed, an older version."""
    said: str = ""
    """The reason somebody gave."""
    asked_at: Micros | None = None
    noticed_at: Micros | None = None
    stopped_at: Micros | None = None
    how: By | None = None
    """None: it has not stopped yet."""


def of(record: Record) -> Stopping | None:
    """How the latest cancellation of a job that had started went; None where nobody cancelled what ran."""
    attempt = record.history[-1] if record.history else None
    if attempt is None or attempt.round != record.round:
        return None
    line = next((line for line in attempt.logs if line.level == CANCEL_LEVEL), None)
    running = record.state is JobState.PROCESSING
    asked = record.cancel_requested if running else attempt.outcome == "cancelled"
    if line is None and not (asked and attempt.started_at is not None):
        return None
    return _told(record, attempt, line, running)


def _told(record: Record, attempt: Attempt, line: LogLine | None, running: bool) -> Stopping:
    found = marks.asked(record.reason or "") or (marks.asked(line.message) if line is not None else None)
    who, at, said = found or ("", None, marks.said(record.reason or ""))
    return Stopping(
        by=who,
        said=said,
        asked_at=at,
        noticed_at=None if line is None else line.at,
        stopped_at=None if running else attempt.finished_at,
        how=None if running else _by(attempt, attempt.error or record.error, noticed=line is not None),
    )


def _by(attempt: Attempt, error: Failure | None, *, noticed: bool) -> By:
    if attempt.outcome == "completed":
        return By.COMPLETED
    if error is None:
        return By.FLAG if noticed else By.UNKNOWN
    kind = error.type.rpartition(".")[2]
    return By.PROCESS if kind == KILLED else By.EXCEPTION if kind in STOPS else By.ERROR
