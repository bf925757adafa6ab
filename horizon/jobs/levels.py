"""`QueueService`: the three levels of a queue (`emails_high`, `emails`, `emails_low`), for teams that keep a queue for each.

High is for what somebody waits for (a password reset), low for what nobody misses for an hour (a newsletter). Workers take them in
order: `horizon work --queue=emails_high,emails,emails_low`. Jobs of one queue have priorities besides.
"""

from __future__ import annotations

from collections.abc import Iterable

from horizon.core.states import Priority
from horizon.jobs import envelopes, options
from horizon.jobs.ambient import runtime
from horizon.jobs.dispatching import dispatch, on
from horizon.jobs.groups.batch import batch
from horizon.jobs.groups.groupid import GroupId
from horizon.jobs.jobid import JobId
from horizon.jobs.shape import Shape

HIGH, LOW = "_high", "_low"


class QueueService:
    """Nothing needs to be created: `QueueService.dispatch_high_priority(ResetPassword(7), QueueService.QUEUE_EMAIL)`."""

    QUEUE_DEFAULT = "default"
    QUEUE_EMAIL = "emails"
    QUEUE_NOTIFICATION = "notifications"
    QUEUE_REPORT = "reports"
    QUEUE_IMAGE = "images"
    QUEUE_DATA = "data"

    @staticmethod
    def dispatch(job: Shape, queue: str | None = None) -> JobId | None:
        """Standard work: to this queue (left out: where the job belongs)."""
        return dispatch(job) if queue is None else on(queue).dispatch(job)

    @staticmethod
    def dispatch_batch(jobs: Iterable[Shape], queue: str | None = None, *, name: str = "") -> GroupId:
        """Many jobs as a batch: `QueueService.dispatch_batch((ImportRows(rows) for rows in chunked(ids, 100)), "data")`."""
        made = batch(jobs)
        if name:
            made.name(name)
        if queue is not None:
            made.on_queue(queue)
        return made.dispatch()

    @staticmethod
    def dispatch_high_priority(job: Shape, queue: str | None = None) -> JobId | None:
        """What somebody waits for: to the queue's `_high` sister, with `Priority.HIGH`."""
        return on(level(_queue(job, queue), HIGH)).with_priority(Priority.HIGH).dispatch(job)

    @staticmethod
    def dispatch_low_priority(job: Shape, queue: str | None = None) -> JobId | None:
        """What can wait: to the queue's `_low` sister, with `Priority.LOW`."""
        return on(level(_queue(job, queue), LOW)).with_priority(Priority.LOW).dispatch(job)


def level(queue: str, suffix: str) -> str:
    """The sister of a queue at a level; of one that has a level already, in place of that. Pure."""
    return options.queue(queue.removesuffix(HIGH).removesuffix(LOW) + suffix)


def _queue(job: Shape, queue: str | None) -> str:
    return envelopes.make(job, runtime())[1].queue if queue is None else options.queue(queue)
