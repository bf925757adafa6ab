"""Terminal records, as values: how a live row and the last thing said about it become a row of `done`."""

from __future__ import annotations

from typing import NamedTuple

from horizon.backends.database.kernel.rows import COMPLETED, FAILED, PENDING, Done, Live
from horizon.core import dead
from horizon.core.clock import Micros
from horizon.core.envelope import Envelope
from horizon.core.outcome import Failure, Outcome


def ended_unrun(job: Live, state: int, now: Micros, reason: str | None, *, cancelled_by: int | None = None) -> Done:
    """The end of a job that is not running: what its last run left stays as it was."""
    return Done(
        n=job.n, state=state, finished_at=now, hidden_at=None, queue=job.queue, name=job.name, rank=job.rank, group_n=job.group_n, cancelled_by=cancelled_by,
        key_spent=job.key_spent, hide_reason=job.hide_reason, token=job.last_token, said=job.last_said, ran=0,
        available_at=job.available_at, started_at=job.started_at, wait=job.wait, runtime=job.runtime, tries=job.tries, runs=job.runs,
        round=job.round, crashes=job.crashes, max_tries=job.max_tries, timeout=job.timeout, memory_kb=job.memory_kb,
        worker=job.worker, progress=job.progress, note=job.note, outcome="", cause=job.cause,
        error_type=job.error_type, error_message=job.error_message, reason=reason, result=None, traceback=None,
    )  # fmt: skip


def ended_run(
    job: Live,
    state: int,
    outcome: Outcome,
    now: Micros,
    *,
    word: str,
    reason: str | None,
    error: Failure | None,
    tries: int,
    crashes: int,
    said: tuple[str | None, int | None],
) -> Done:
    """The end of a job with the attempt that just ended. Positional, in the order of `Done`."""
    started_at = (job.reserved_at or now) + outcome.started_after
    cause, type, message, trace = (
        (None, None, None, None) if error is None else (error.cause or None, error.type, error.message, error.traceback)
    )
    return Done(
        job.n, state, now, None, job.queue, job.name, job.rank, job.group_n, None, job.key_spent, job.hide_reason, *said, 1, job.available_at,
        started_at, max(0, started_at - job.available_at), outcome.runtime, tries, job.runs, job.round, crashes, job.max_tries, job.timeout,
        outcome.memory_kb, job.worker, job.progress, job.note, word, cause, type, message, reason,
        outcome.result if state == COMPLETED else None, trace,
    )  # fmt: skip


def ended_at_birth(n: int, envelope: Envelope, state: int, now: Micros, reason: str) -> Done:
    """The record of an envelope that was refused when its turn to be stored came."""
    return Done(
        n=n, state=state, finished_at=now, hidden_at=None, queue=envelope.queue, name=envelope.name, rank=-envelope.priority,
        group_n=None, cancelled_by=None, key_spent=1, hide_reason=None, token=None, said=None, ran=0, available_at=now, started_at=None, wait=None,
        runtime=None, tries=0, runs=0, round=envelope.round, crashes=envelope.crashes, max_tries=envelope.max_tries,
        timeout=envelope.timeout, memory_kb=None, worker=None, progress=None, note=None, outcome="", cause=None,
        error_type=None, error_message=None, reason=reason, result=None, traceback=None,
    )  # fmt: skip


def set_aside(end: Done, after: int | None) -> Done:
    """The record as it stands where its queue has dead letters."""
    return end._replace(queue=dead.letters(end.queue)) if end.state == FAILED and dead.is_due(end.round, after) else end


def live_again(
    end: Done,
    facts: Facts,
    *,
    state: int,
    place: int,
    available_at: Micros,
    due: Micros | None,
    now: Micros,
    new_round: bool,
    tries: int = 0,
) -> Live:
    """The live row of a record that is opened again; a new round counts its crashes from 0, and its tries from `tries`."""
    key = None if end.key_spent else facts.unique_key
    error = None if new_round else end.error
    return Live(
        n=end.n, state=state, queue=dead.own(end.queue), name=end.name, rank=end.rank, place=place, due=facts.expires_at if state == PENDING else due, available_at=available_at,
        size=facts.size, tries=tries if new_round else end.tries, runs=end.runs, round=end.round + new_round,
        crashes=0 if new_round else end.crashes, suspect=0, token=None, session=None, executor=None, worker=end.worker,
        reserved_at=None, alone=0, cancel_reason=None, unique_key=key,
        unique_until=None if key is None or facts.unique_for is None else now + facts.unique_for, key_spent=end.key_spent,
        deadline=facts.deadline, hide_reason=None, max_tries=end.max_tries, timeout=end.timeout, last_token=end.token,
        last_said=end.said, progress=end.progress, note=end.note, started_at=end.started_at, wait=end.wait, runtime=end.runtime,
        memory_kb=end.memory_kb, cause=error.cause or None if error else None, error_type=error.type if error else None,
        error_message=error.message if error else None, reason=None, group_n=end.group_n, fair=facts.fair, share=facts.share, expires=facts.expires,
    )  # fmt: skip


class Facts(NamedTuple):
    """What a record that is opened again takes from its unchanging part."""

    deadline: Micros | None
    size: int
    unique_key: str | None
    unique_for: Micros | None
    fair: str | None
    share: int | None
    expires: int | None
    limits: str | None

    @property
    def expires_at(self) -> Micros | None:
        """See `Live.expires_at`."""
        return self.deadline if self.expires else None
