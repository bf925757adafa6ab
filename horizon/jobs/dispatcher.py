"""`JobDispatcher`: where and when a job is best dispatched, by what its store looks like at this moment."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from horizon.backends.base import Backend
from horizon.core.clock import SECOND
from horizon.core.errors import InvalidInput, InvalidOption
from horizon.core.limit import RateLimit
from horizon.core.states import JobState
from horizon.jobs import envelopes, options
from horizon.jobs.ambient import RuntimeLike, runtime
from horizon.jobs.dispatching import dispatch, on
from horizon.jobs.jobid import JobId
from horizon.jobs.limiting import keys_of_queue
from horizon.jobs.shape import Shape


class Load(NamedTuple):
    """How one queue stands."""

    queue: str
    waiting: int
    running: int = 0
    weight: int = 1
    paused: bool = False


class JobDispatcher:
    """Nothing needs to be created: `JobDispatcher.dispatch_job(Report(7), ["reports", "reports_2"])`."""

    @staticmethod
    def dispatch_job(job: Shape, queues: Sequence[str] = ()) -> JobId | None:
        """Dispatch to the best of these queues (none given: where the job belongs), as late as its limits would let it start."""
        queue = JobDispatcher.determine_optimal_queue(job, queues)
        delay = JobDispatcher.calculate_delay(job, queue)
        if job._horizon.said is not None and job._horizon.said.available_at is not None:
            return on(queue).dispatch(job)
        return on(queue).delay_until(delay).dispatch(job) if delay else on(queue).dispatch(job) if queues else dispatch(job)

    @staticmethod
    def determine_optimal_queue(job: Shape, queues: Sequence[str] = ()) -> str:
        """The queue of these with the least to do for its weight, the first where several have; paused ones come last.

        None given: where the job belongs by its own words, class and routes.
        """
        if isinstance(queues, str):
            raise InvalidOption(f"queues are a list of names; got {queues!r}")
        _check(job)
        if not queues:
            return envelopes.make(job, runtime())[1].queue
        names = [options.queue(name) for name in queues]
        store = _store(runtime(), job)
        counts = {row.queue: row.counts for row in store.numbers.counts()}
        loads = []
        for name in names:
            said, has = store.queues.get(name), counts.get(name, {})
            loads.append(Load(name, has.get(JobState.PENDING, 0), has.get(JobState.PROCESSING, 0), said.priority_weight, said.paused))
        return least(loads)

    @staticmethod
    def calculate_delay(job: Shape, queue: str | None = None) -> float:
        """Seconds to wait before the job is worth a start: its own delay, or until its queue's rate limit has room for it, given
        what waits there already."""
        _check(job)
        here = runtime()
        envelope = envelopes.make(job, here)[1]
        store, name = _store(here, job), queue or envelope.queue
        own = envelope.delay if envelope.available_at is None else max(0, envelope.available_at - store.now())
        limit = here.routing.limit(name)
        if limit is None:
            return own / SECOND
        waiting = next((row.counts.get(JobState.PENDING, 0) for row in store.numbers.counts() if row.queue == name), 0)
        known = store.limits.get(keys_of_queue(name)[0])
        if known is None:
            return max(own / SECOND, behind(waiting, limit))
        opens = 0 if known.opens_at is None else max(0, known.opens_at - store.now())
        return max(own / SECOND, opens / SECOND + behind(waiting + known.waiting, limit))


def least(loads: Sequence[Load]) -> str:
    """The queue with the least to do for its weight. Pure."""
    return min(loads, key=lambda load: (load.paused, (load.waiting + load.running) / load.weight)).queue


def behind(waiting: int, limit: RateLimit) -> float:
    """Seconds until so many others have had their turn. Pure."""
    return waiting // limit.max_attempts * limit.per / SECOND


def _store(here: RuntimeLike, job: Shape) -> Backend:
    return here.backend(envelopes.make(job, here)[0])


def _check(job: Shape) -> None:
    if not isinstance(job, Shape):
        raise InvalidInput(f"expected a job, such as SendEmail(...); got {job!r}")
