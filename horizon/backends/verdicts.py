"""What becomes of an attempt whose worker is gone: the same on every store."""

from __future__ import annotations

from typing import Protocol

from horizon.backends.values import Verdict, VerdictKind
from horizon.core.clock import Micros
from horizon.core.outcome import KILLED, Failure, Kind, Outcome

DIED = "the worker died while running it"
LOST_TOUCH = "its worker was out of touch for longer than its lease"
OVERRAN = "it ran longer than its timeout and was stopped from outside"
INTERRUPTED = "interrupted"


class Holder(Protocol):
    """What a store knows of a job that somebody holds."""

    @property
    def n(self) -> int: ...
    @property
    def token(self) -> str | None: ...
    @property
    def alone(self) -> int:
        """Whether it was reserved alone: its executor holds no other."""

    @property
    def cancel_reason(self) -> str | None: ...


def outcome_of(job: Holder, verdict: Verdict | None, *, id: str = "") -> Outcome:
    """The outcome of an attempt that could not speak for itself; None: its code had not begun."""
    token = job.token or ""
    if verdict is None:
        return Outcome(id=id, ref=job.n, token=token, kind=Kind.RETURNED, started=False)
    kind, delay, charge, suspect, reason = _judged(job, verdict)
    error = _failure(verdict, reason)
    return Outcome(
        id=id,
        ref=job.n,
        token=token,
        kind=kind,
        delay=delay,
        error=error,
        reason=reason,
        started_after=verdict.started_after,
        runtime=verdict.runtime,
        suspect=suspect,
        charge_crash=charge,
        follow_up=kind is not Kind.CANCELLED,
    )


def _failure(verdict: Verdict, reason: str) -> Failure | None:
    """What stands for the exception that could not be raised: of a killed job how its process was ended."""
    if verdict.kind is VerdictKind.TIMEOUT:
        return Failure(type="JobTimeout", message=reason, cause="JobTimeout")
    if verdict.kind is VerdictKind.CANCEL and verdict.reason is not None:
        return Failure(type=KILLED, message=verdict.reason, cause=KILLED)
    return None


def _judged(job: Holder, verdict: Verdict) -> tuple[Kind, Micros, bool, bool, str]:
    """(kind, delay, whether a crash is charged, whether it is suspect, reason)."""
    match verdict.kind:
        case VerdictKind.CRASH:
            return Kind.RETURNED, 0, charged(job, verdict), True, verdict.reason or DIED
        case VerdictKind.TIMEOUT:
            return (Kind.FAILED if verdict.delay is None else Kind.RETRY), verdict.delay or 0, False, False, verdict.reason or OVERRAN
        case VerdictKind.CANCEL:
            return Kind.CANCELLED, 0, False, False, job.cancel_reason or verdict.reason or "cancelled while it ran"
    return Kind.RETURNED, 0, False, False, INTERRUPTED


def charged(job: Holder, verdict: Verdict) -> bool:
    """A crash counts against a job only where no other job can have caused it."""
    return verdict.only or bool(job.alone)
