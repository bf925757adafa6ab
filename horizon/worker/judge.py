"""What a guardian decides, from numbers alone: who is late, what a dead executor's jobs get, when to try again.

Times are nanoseconds since boot unless a name says otherwise.
"""

from __future__ import annotations

import signal
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum

from horizon.backends.values import Verdict, VerdictKind
from horizon.worker.page import Running

NS = 1_000_000_000
RECALL_AFTER = NS // 2
"""A job that runs this long with others unstarted behind it holds the interpreter lock, or its executor would have
handed them back: the guardian does it."""


LYING_AFTER = 2 * NS
"""As long as the next job of an executor may lie unstarted; longer means that it is stopped, or hangs."""


class Step(IntEnum):
    """How far a stop from outside has come."""

    WAIT = 0
    TERM = 1
    KILL = 2


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """Seconds, from the settings of the same names."""

    lease: float
    grace: float
    cancel_grace: float
    boot_timeout: float


def ns(seconds: float) -> int:
    """Nanoseconds of so many seconds."""
    return round(seconds * NS)


def start_until(renewed: int, lease: float) -> int:
    """Until when jobs may start, and executors live unharmed, after a lease that was renewed at `renewed`."""
    return renewed + ns(lease * 2 / 3)


def fence_at(renewed: int, lease: float) -> int:
    """When an executor must be gone: a sixth of the lease before others may take its jobs."""
    return renewed + ns(lease * 5 / 6)


def lease_step(now: int, renewed: int, lease: float) -> Step:
    """What becomes of the executors of a session whose last good renewal began at `renewed`."""
    if now >= fence_at(renewed, lease):
        return Step.KILL
    return Step.TERM if now >= start_until(renewed, lease) else Step.WAIT


def soft_end(job: Running, cancelled: Mapping[str, int], limits: Limits) -> tuple[int, VerdictKind] | None:
    """When this attempt should have stopped by itself and why, whichever comes first; None: nothing hurries it.

    `cancelled` says since when the attempt with a token is asked to stop.
    """
    ends = []
    if job.deadline is not None:
        ends.append((job.deadline, VerdictKind.TIMEOUT))
    if job.token in cancelled:
        ends.append((cancelled[job.token] + ns(limits.cancel_grace), VerdictKind.CANCEL))
    return min(ends, default=None)


def late_step(now: int, jobs: Iterable[Running], cancelled: Mapping[str, int], limits: Limits) -> Step:
    """What the latest of these attempts asks for: TERM one grace after it should have stopped, KILL two."""
    ends = [end for job in jobs if (end := soft_end(job, cancelled, limits)) is not None]
    late = max((now - at for at, _ in ends), default=-1)
    if late >= ns(2 * limits.grace):
        return Step.KILL
    return Step.TERM if late >= ns(limits.grace) else Step.WAIT


def verdicts(
    now: int, jobs: Sequence[Running], cancelled: Mapping[str, int], limits: Limits, *, killed: str | None, died: str
) -> dict[str, Verdict]:
    """What became of the attempts that ran in an executor that is gone.

    `killed` says why the guardian ended it (None: it died by itself), `died` in words how it ended.
    """
    if killed is None:
        only = len(jobs) == 1
        reason = f"the process that ran it died ({died})"
        return {job.token: _verdict(now, job, VerdictKind.CRASH, reason, only=only) for job in jobs}
    return {job.token: _stopped(now, job, cancelled, limits, killed, died) for job in jobs}


def _stopped(now: int, job: Running, cancelled: Mapping[str, int], limits: Limits, killed: str, died: str) -> Verdict:
    end = soft_end(job, cancelled, limits)
    if end is None or now < end[0] + ns(limits.grace):
        return _verdict(now, job, VerdictKind.INTERRUPTED, killed)
    if end[1] is VerdictKind.CANCEL:
        waited = (now - cancelled[job.token]) / NS
        reason = (
            f"its process was ended by {'KILL' if died == 'SIGKILL' else 'TERM'}: it had not stopped {waited:.1f} s after it was asked to"
        )
        return _verdict(now, job, VerdictKind.CANCEL, reason)
    allowed = (end[0] - job.started) / NS
    reason = f"killed after {(now - job.started) / NS:.1f} s: it did not stop at its timeout of {allowed:g} s"
    return _verdict(now, job, VerdictKind.TIMEOUT, reason)


def _verdict(now: int, job: Running, kind: VerdictKind, reason: str, *, only: bool = True) -> Verdict:
    delay = job.delay if kind is VerdictKind.TIMEOUT else None
    return Verdict(kind=kind, delay=delay, runtime=max(0, now - job.started) // 1000, reason=reason, only=only)


def unheard(tokens: Sequence[str], *, alone: bool, killed: str | None, died: str) -> dict[str, Verdict]:
    """What becomes of attempts that had ended, or were just about to start, in an executor that died before it could say so.

    They run again, and their history must say why. `alone`: nothing else was running, so one of them, or what it left
    behind, may be to blame: they are suspect.
    """
    kind = VerdictKind.CRASH if alone and killed is None else VerdictKind.INTERRUPTED
    reason = f"the process that ran it died before the end of this run was kept ({died})" if killed is None else killed
    return {token: Verdict(kind=kind, only=False, reason=reason) for token in tokens}


def lies(now: int, token: str, since: int) -> bool:
    """Whether the next unstarted job (empty: there is none) has been the next one for too long."""
    return bool(token) and now - since > LYING_AFTER


def stuck(now: int, jobs: Iterable[Running]) -> bool:
    """Whether an attempt runs so long that what waits unstarted behind it should be taken back."""
    return any(now - job.started > RECALL_AFTER for job in jobs)


def renew_every(lease: float, *, attentive: bool) -> float:
    """Seconds between renewals. `attentive` where somebody may be waiting for an answer: a job is running for a while
    (it could be cancelled), or the worker is paused or draining."""
    return min(1.0, lease / 3) if attentive else lease / 3


def boot_delay(failures: int) -> float:
    """Seconds to wait before the next executor after so many in a row ended while they loaded the app."""
    return 0.0 if failures == 0 else min(30.0, 0.5 * 2 ** min(failures - 1, 6))


def how_it_ended(returncode: int) -> str:
    """An exit code in words."""
    if returncode >= 0:
        return f"exit code {returncode}"
    try:
        return signal.Signals(-returncode).name
    except ValueError:
        return f"signal {-returncode}"
