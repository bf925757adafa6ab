"""Where a job goes when its attempt ends: pure functions of what was said and what was asked of the job."""

from __future__ import annotations

from typing import NamedTuple

from horizon.backends.verdicts import INTERRUPTED
from horizon.core.clock import Micros
from horizon.core.outcome import Failure, Kind, Outcome
from horizon.core.states import JobState

WORDS = {
    Kind.COMPLETED: "completed", Kind.RETRY: "retry", Kind.FAILED: "failed",
    Kind.RELEASED: "released", Kind.RETURNED: "returned", Kind.CANCELLED: "cancelled",
}  # fmt: skip


class Next(NamedTuple):
    """What becomes of the job."""

    state: JobState
    at: Micros | None = None
    keep_place: bool = False
    reason: str | None = None
    error: Failure | None = None


COMPLETED = Next(JobState.COMPLETED)


def decide(outcome: Outcome, now: Micros, *, crashes: int, crashes_allowed: int, cancel_reason: str | None) -> Next:
    """`crashes` counts the one that is being charged. A cancel-requested job never goes back."""
    kind = outcome.kind
    if kind is Kind.COMPLETED:
        return COMPLETED
    if kind is Kind.FAILED:
        return Next(JobState.FAILED, reason=outcome.reason, error=outcome.error)
    if kind is Kind.CANCELLED:
        return Next(JobState.CANCELLED, reason=outcome.reason, error=outcome.error)
    if cancel_reason is not None:
        return Next(JobState.CANCELLED, reason=cancel_reason, error=outcome.error)
    if outcome.charge_crash and crashes >= crashes_allowed:
        reason = f"the worker died {crashes} times running it"
        return Next(JobState.FAILED, reason=reason, error=outcome.error or Failure(type="JobCrashed", message=reason, cause="JobCrashed"))
    if outcome.delay <= 0:
        return Next(JobState.PENDING, None, kind is Kind.RETURNED, outcome.reason, outcome.error)
    waits = JobState.RETRYING if kind is Kind.RETRY else JobState.SCHEDULED
    return Next(waits, now + outcome.delay, False, outcome.reason, outcome.error)


def word(outcome: Outcome, state: JobState) -> str:
    """How the history calls this end."""
    if outcome.charge_crash or outcome.suspect:
        return "crashed"
    if state is JobState.CANCELLED:
        return "cancelled"
    if outcome.kind is Kind.RETURNED and outcome.reason == INTERRUPTED:
        return INTERRUPTED
    return WORDS[outcome.kind]
