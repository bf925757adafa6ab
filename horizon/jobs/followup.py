"""The job that calls `failed()` of another one that ended with nobody there to call it: its process was killed, or it expired.

The store pushes it in the same act that records the failure, with an id that follows from the job's id and round.
"""

from __future__ import annotations

import asyncio
import inspect
from typing import Any

from horizon.core.clock import SECOND, to_datetime
from horizon.core.errors import HorizonError, InvalidSignature, JobCrashed, JobExpired, JobTimeout, NotFound, UnknownKey
from horizon.core.outcome import Failure
from horizon.core.record import Record
from horizon.core.states import JobState
from horizon.jobs import codec, sealing
from horizon.jobs.ambient import loader, runtime
from horizon.jobs.handling import Handling
from horizon.jobs.job import Job
from horizon.jobs.plan import plan_of
from horizon.jobs.shape import Shape

KINDS: dict[str, type[HorizonError]] = {"jobtimeout": JobTimeout, "timeout": JobTimeout, "jobexpired": JobExpired}


class CallFailed(Job):
    """Makes the failed job's object again and calls its `failed()` with what is known of the end."""

    dont_retry_on = (InvalidSignature, UnknownKey)

    def __init__(self, job_id: str, round: int) -> None:
        super().__init__()
        self._of, self._round = job_id, round

    def handle(self) -> None:
        here, running = runtime(), self._horizon.running
        record = here.backend(None if running is None else running.connection).get(self._of)
        if record is None:
            raise NotFound(f"job {self._of}, whose failed() was to be called, is no longer stored")
        if record.state is not JobState.FAILED or record.round != self._round:
            return  # a person has retried it since: that round's end is no longer the end
        job = _made_again(record)
        _announce_expired(record, job)
        answer: Any = Handling.tell(job, _exception(record.error, record.reason))
        if inspect.isawaitable(answer):
            asyncio.run(_awaited(answer))


def _made_again(record: Record) -> Shape:
    """Raises InvalidSignature and UnknownKey like the job itself would: nothing is decoded of what was not dispatched here."""
    here = runtime()
    cls = here.registry.require(record.name)
    payload = sealing.opened(record, here.keyring, demanded=plan_of(cls).sealed or here.settings.SIGNED_ONLY) or b'{"args": {}}'
    arguments = codec.decode(payload)
    if codec.MAYBE_MODEL in payload:
        arguments = codec.with_models(arguments, loader(here))
    job: Shape = plan_of(cls).signature.call(cls, arguments)
    return job


def _exception(error: Failure | None, reason: str | None) -> Exception:
    """What `failed()` is given: of the kind that a kill has, with the words that were recorded."""
    if error is None:
        return JobCrashed(reason or "the process that ran the job died")
    return KINDS.get(error.type.rpartition(".")[2].lower(), JobCrashed)(error.message)


def _announce_expired(record: Record, job: Shape) -> None:
    """Its deadline was missed by never starting, which no worker was there to tell."""
    here = runtime()
    if record.deadline is None or record.finished_at is None or not isinstance(_exception(record.error, record.reason), JobExpired):
        return
    late = max(0, record.finished_at - record.deadline) / SECOND
    here.events.send(
        "job_deadline_missed", sender=here.sender, job=job, job_id=record.id, name=record.name, queue=record.queue, attempt=0, worker=None,
        deadline=to_datetime(record.deadline), late=late,
    )  # fmt: skip


async def _awaited(answer: Any) -> Any:
    return await answer
