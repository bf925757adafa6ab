"""How one attempt ended, as a value: decided by whoever ran it, applied by the store."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import NamedTuple

from horizon.core.clock import Micros
from horizon.core.effect import Noted


class Kind(IntEnum):
    """What became of an attempt. The numbers are stored."""

    COMPLETED = 1
    RETRY = 2
    """Failed, and comes again after `delay`."""
    FAILED = 3
    RELEASED = 4
    """The job asked to come again after `delay`; costs a try."""
    RETURNED = 5
    """Unstarted, drained, interrupted, waiting for a limit, class unknown here; costs nothing."""
    CANCELLED = 6


class Answer(IntEnum):
    """What the store says to an outcome."""

    OK = 1
    DUP = 2
    """This token already said this: the reply was lost. Counts as done."""
    LOST = 3
    """No longer the holder: nothing changed."""


CANCEL_LEVEL = "CANCEL"
"""Of the line in a job's log that says when its worker told it that somebody cancelled it; its message is the reason."""
KILLED = "JobKilled"
"""Type of the failure that says that a cancelled job did not stop, and how its process was ended."""


class LogLine(NamedTuple):
    """One line a job logged."""

    at: Micros
    level: str
    message: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Failure:
    """An exception as text; nothing is ever rebuilt from it by name."""

    type: str
    message: str
    traceback: str = ""
    cause: str = ""
    """Fingerprint: the same for failures with the same origin."""


@dataclass(kw_only=True, slots=True)
class Outcome:
    """The end of one attempt, with the token that proves whose it is. Everything is encoded and truncated already.

    Not frozen, for speed only: nobody changes it.
    """

    id: str
    ref: object
    """The store's own handle, from the reservation; opaque to everybody else."""
    token: str
    kind: Kind
    delay: Micros = 0
    result: bytes | None = None
    error: Failure | None = None
    reason: str | None = None
    started_after: Micros = 0
    """From the reservation to the start of user code."""
    runtime: Micros = 0
    memory_kb: int | None = None
    """Peak resident size of the process while it ran, in KiB."""
    logs: tuple[LogLine, ...] = ()
    """Lines not reported as progress before."""
    logs_dropped: int = 0
    """Of those lines, how many more there were, older, beyond the cap."""
    started: bool = True
    """False where user code never began: such an attempt leaves no trace in the history."""
    suspect: bool = False
    """Reserve it alone next time: it may be what killed its executor."""
    follow_up: bool = False
    """The process was killed, so `failed()` could not be called: push the follow-up job with the failure."""
    effects: tuple[Noted, ...] = ()
    """What took place in it that must not take place again."""
    charge_crash: bool = False
    """Count one crash; at the job's `max_crashes` the store fails it instead of returning it."""
