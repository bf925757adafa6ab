"""From a verdict to what the store and the listeners are told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from horizon.backends.values import Reservation
from horizon.core.clock import SECOND, to_datetime
from horizon.core.outcome import Failure, Kind, Outcome
from horizon.jobs import failure
from horizon.jobs.ending import Verdict
from horizon.jobs.room import Room
from horizon.jobs.running import Running
from horizon.jobs.secrets import Secrets
from horizon.jobs.shape import Shape

EVENTS = {Kind.COMPLETED: "job_processed", Kind.FAILED: "job_failed", Kind.RETRY: "job_retrying", Kind.CANCELLED: "job_cancelled"}
Times = tuple[int, int, int]
"""When the executor got the job, when user code began, when it ended: nanoseconds of one clock."""


def outcome(room: Room, of: Reservation, verdict: Verdict, running: Running, secrets: Callable[[], Secrets], times: Times) -> Outcome:
    """The verdict encoded and truncated, with the log lines that were not reported yet, without secrets among its arguments."""
    error = None if verdict.error is None else failure.describe(verdict.error, room.max_error, of.name, secrets().hide)
    received, began, ended = times
    made = Outcome(
        id=of.id, ref=of.ref, token=of.token, kind=verdict.kind, delay=verdict.delay, result=verdict.result, error=error or _blank(verdict, secrets),
        reason=verdict.reason and secrets().hide(verdict.reason), started_after=(began - received) // 1000, runtime=(ended - began) // 1000,
        memory_kb=room.peak.after(began, ended),
    )  # fmt: skip
    made.effects, made.started = running.noted, not verdict.unrun
    if (news := running.news()) is not None:
        made.logs, made.logs_dropped = secrets().hide_lines(news.lines), news.dropped
    return made


def _blank(verdict: Verdict, secrets: Callable[[], Secrets]) -> Failure | None:
    """A failure without an exception still says what it was."""
    if verdict.kind is not Kind.FAILED:
        return None
    return Failure(type="JobFailed", message=secrets().hide(verdict.reason or "the job failed"), cause="JobFailed")


def announce_end(room: Room, of: Reservation, job: Shape | None, verdict: Verdict, times: Times) -> None:
    """Tell listeners how an attempt ended; that it was handed back tells them nothing."""
    event = EVENTS.get(verdict.kind)
    if event is not None and room.runtime.events.heard(event):
        took = (times[2] - times[1]) / 1e9
        announce(
            room, of, job, event, runtime=took, exception=verdict.error, delay=verdict.delay / SECOND, reason=verdict.reason
        )  # fmt: skip


def announce_late(room: Room, of: Reservation, job: Shape) -> None:
    """Tell listeners that a job begins after its deadline; of its later attempts nobody is told so again."""
    late = 0 if of.deadline is None or of.run != 1 else of.reserved_at - of.deadline
    if of.deadline is not None and late > 0 and room.runtime.events.heard("job_deadline_missed"):
        announce(room, of, job, "job_deadline_missed", deadline=to_datetime(of.deadline), late=late / SECOND)


def announce(room: Room, of: Reservation, job: Shape | None, event: str, **more: Any) -> None:
    """Tell listeners something about an attempt."""
    room.runtime.events.send(
        event,
        sender=room.runtime.sender,
        job=job,
        job_id=of.id,
        name=of.name,
        queue=of.queue,
        attempt=of.attempt,
        worker=room.worker,
        **more,
    )
