"""From what happened in an attempt to what is said about it."""

from __future__ import annotations

from asyncio import CancelledError
from collections.abc import Callable
from typing import NamedTuple

from horizon.core.backoff import Backoff
from horizon.core.clock import Micros
from horizon.core.errors import JobCancelled, JobInterrupted, MaxAttemptsExceeded
from horizon.core.outcome import Kind
from horizon.jobs import decide
from horizon.jobs.handling import Handling
from horizon.jobs.running import Running
from horizon.jobs.shape import Shape

INTERRUPTED = "interrupted"
"""The reason by which stores know an attempt that was stopped for no fault of its own."""


class Limits(NamedTuple):
    """How often and how long a job may be tried, resolved."""

    max_tries: int | None
    retry_until: Micros | None
    backoff: Backoff
    explicit: bool
    """The backoff came with the job, so a callable of the class does not count."""


class Verdict(NamedTuple):
    """The end of an attempt, before it is encoded."""

    kind: Kind
    delay: Micros = 0
    error: BaseException | None = None
    reason: str | None = None
    result: bytes | None = None
    unrun: bool = False
    """Sent back before `handle()` was called."""


WORKED = Verdict(Kind.COMPLETED)


def returned(running: Running, limits: Limits, result: bytes | None) -> Verdict:
    """`handle()` came back; what it recorded on the way counts more than what it returned."""
    if running.decided is not None:
        return _decided(running, limits)
    return WORKED if result is None else Verdict(Kind.COMPLETED, 0, None, None, result)


def raised(running: Running, limits: Limits, cls: type[Shape], error: BaseException, delay: Callable[[], Micros]) -> Verdict:
    """`handle()`, its middleware or its constructor raised. `delay` is asked only where another try is possible at all."""
    if running.decided is not None:
        return _decided(running, limits)
    if isinstance(error, JobInterrupted) or (isinstance(error, CancelledError) and running.interrupted):
        return Verdict(Kind.RETURNED, reason=INTERRUPTED)
    if isinstance(error, JobCancelled):
        return Verdict(Kind.CANCELLED, error=error, reason=running.cancel_reason or str(error) or "cancelled")
    if isinstance(error, CancelledError) and running.cancel_reason is not None:
        return Verdict(Kind.CANCELLED, error=error, reason=running.cancel_reason)
    verdict = Handling.judge(error, cls, attempt=running.attempt, max_tries=limits.max_tries, retry_until=limits.retry_until, delay=delay)
    if isinstance(verdict, decide.Over):
        return Verdict(Kind.FAILED, error=error, reason=verdict.reason)
    return _unless_cancelled(running, Verdict(Kind.RETRY, verdict.delay, error))


def _decided(running: Running, limits: Limits) -> Verdict:
    decided = running.decided
    assert decided is not None
    if decided.kind is Kind.RETURNED:
        return _unless_cancelled(running, Verdict(Kind.RETURNED, decided.delay, reason=decided.reason, unrun=not running.begun))
    if decided.kind is not Kind.RELEASED:
        return Verdict(decided.kind, error=decided.error, reason=decided.reason)
    verdict = decide.after_release(attempt=running.attempt, max_tries=limits.max_tries, delay=decided.delay)
    if isinstance(verdict, decide.Over):
        return Verdict(Kind.FAILED, error=decided.error or MaxAttemptsExceeded(verdict.reason), reason=verdict.reason)
    return _unless_cancelled(running, Verdict(Kind.RELEASED, verdict.delay))


def _unless_cancelled(running: Running, verdict: Verdict) -> Verdict:
    """A job that a person cancelled does not come again."""
    if running.cancel_reason is None:
        return verdict
    return Verdict(Kind.CANCELLED, error=verdict.error, reason=running.cancel_reason)
