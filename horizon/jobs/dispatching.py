"""Dispatching: from a job, or many, to ids."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from horizon.core.envelope import Envelope
from horizon.core.errors import InvalidInput
from horizon.core.ids import uuid7s
from horizon.jobs import caller, capture, envelopes, transaction
from horizon.jobs.ambient import RuntimeLike, runtime
from horizon.jobs.jobid import JobId
from horizon.jobs.said import Said
from horizon.jobs.shape import Shape
from horizon.jobs.words import Fluent

__all__ = ["JobId", "Start", "dispatch", "dispatch_many", "on"]


def dispatch(job: Shape, *, session: object | None = None) -> JobId | None:
    """Store a job for a worker to run; its id, or None where another job holds its unique key.

    `session`: join the transaction of this SQLAlchemy session. Raises InvalidInput for anything that cannot be stored,
    QueueFull, BackendUnavailable, NoApp.
    """
    return _dispatch(job, None, session)


def _dispatch(job: Shape, said: Said | None, session: object | None) -> JobId | None:
    if not isinstance(job, Shape):
        raise InvalidInput(f"expected a job, such as SendEmail(...); got {_what(job)}")
    here = runtime()
    connection, envelope = envelopes.make(job, here, said)
    words = job._horizon.said if said is None else said
    after_commit, immediately = (False, False) if words is None else (words.after_commit, words.immediately)
    if (net := capture.net(type(job))) is not None:
        job._horizon.id = net.keep(here, connection, job, envelope)
        return job._horizon.id
    if here.runs_here(connection):
        job._horizon.id = caller.run(here, connection, job, envelope, session=session, after_commit=after_commit)
        return job._horizon.id
    made = transaction.send(here, connection, [envelope], session=session, after_commit=after_commit, immediately=immediately)
    job._horizon.id = made[0]
    return made[0]


def dispatch_many(cls: type[Shape], arguments: Iterable[Any]) -> list[JobId | None]:
    """Dispatch one job of `cls` per item; see `Job.dispatch_many`."""
    here = runtime()
    jobs = [_job_of(cls, item, index) for index, item in enumerate(arguments)]
    if (sent := _sent_alike(jobs, here)) is not None:
        return sent
    answers: list[JobId | None] = [None] * len(jobs)
    for (connection, after_commit, immediately), every in _grouped(jobs, here).items():
        group = [item for item in every if not _caught(here, connection, jobs, item, answers)] if capture.spread_now() else every
        if not group:
            continue
        if here.runs_here(connection):
            for index, envelope in group:
                answers[index] = jobs[index]._horizon.id = caller.run(here, connection, jobs[index], envelope, after_commit=after_commit)
            continue
        sent = transaction.send(here, connection, [one for _, one in group], after_commit=after_commit, immediately=immediately)
        for (index, _), id in zip(group, sent, strict=True):
            answers[index] = jobs[index]._horizon.id = id
    return answers


def _sent_alike(jobs: Sequence[Shape], here: RuntimeLike) -> list[JobId | None] | None:
    """Send jobs that agree in all but their arguments, as nearly always; None where they do not, or none is to be sent."""
    if not jobs or capture.spread_now():
        return None
    made = envelopes.make_alike(jobs, here)
    if made is None or here.runs_here(made[0]):
        return None
    sent = transaction.send(here, *made)
    for job, id in zip(jobs, sent, strict=True):
        job._horizon.id = id
    return sent


def _caught(
    here: RuntimeLike, connection: str, jobs: list[Shape], item: tuple[int, Envelope], answers: list[JobId | None]
) -> bool:  # fmt: skip
    """Whether a test's net took this one; its answer is noted then."""
    index, envelope = item
    net = capture.net(type(jobs[index]))
    if net is not None:
        answers[index] = jobs[index]._horizon.id = net.keep(here, connection, jobs[index], envelope)
    return net is not None


def _grouped(jobs: list[Shape], here: RuntimeLike) -> dict[tuple[str, bool, bool], list[tuple[int, Envelope]]]:
    """Envelopes with their positions, by the store they go to and the way there; nearly always one group."""
    groups: dict[tuple[str, bool, bool], list[tuple[int, Envelope]]] = {}
    for index, (job, id) in enumerate(zip(jobs, uuid7s(len(jobs)), strict=True)):
        try:
            connection, envelope = envelopes.make(job, here, id=id)
        except InvalidInput as error:
            raise envelopes.of_item(index, error) from error.__cause__
        said = job._horizon.said
        way = (False, False) if said is None else (said.after_commit, said.immediately)
        groups.setdefault((connection, *way), []).append((index, envelope))
    return groups


def _job_of(cls: type[Shape], item: Any, index: int) -> Shape:
    kind = type(item)
    if kind is tuple or kind is list:
        return cls(*item)
    if isinstance(item, Shape):
        return item
    if isinstance(item, Mapping):
        return cls(**item)
    if isinstance(item, (tuple, list)):
        return cls(*item)
    raise InvalidInput(
        f"item {index}: dispatch_many takes tuples of arguments, dicts of keywords or jobs, one per job to dispatch; got {_what(item)}"
        " (a single argument is written (value,))"
    )


def _what(value: object) -> str:
    text = repr(value)
    return f"{type(value).__name__} {text if len(text) <= 80 else text[:60] + '…'}"


class Start(Fluent):
    """Fluent words before the job: `on("emails").delay_until(60).dispatch(SendEmail(...))`. May be used again."""

    def __init__(self) -> None:
        self._said: Said | None = None

    def dispatch(self, job: Shape, *, session: object | None = None) -> JobId | None:
        """Dispatch the job with these words over its own."""
        if not isinstance(job, Shape):
            raise InvalidInput(f"expected a job, such as SendEmail(...); got {_what(job)}")
        return _dispatch(job, self._said.over(job._horizon.said) if self._said else None, session)


def on(queue: str) -> Start:
    """Start a fluent dispatch to this queue."""
    return Start().on_queue(queue)
