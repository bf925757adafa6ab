"""What is done about a failure: the one way that a worker, the runner, a follow-up and `dispatch_now` go.

1. `judge`: whether another try is made, and when.
2. `tell`: the job's own `failed()` hears of it.
3. `describe`: what is kept of it, with a fingerprint by which failures of one origin are found together.

`horizon.FailureHandler` is this and what people do afterwards (`control/failures.py`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from horizon.core.clock import Micros, now
from horizon.core.errors import HorizonError
from horizon.core.outcome import Failure
from horizon.jobs import decide, failure, options

if TYPE_CHECKING:
    from horizon.jobs.shape import Shape

Kinds = tuple[type[BaseException], ...]


class Handling:
    """Nothing needs to be created."""

    @staticmethod
    def judge(
        error: BaseException,
        cls: type[Shape],
        *,
        attempt: int,
        max_tries: int | None,
        retry_until: Micros | None = None,
        delay: Callable[[], Micros] = lambda: 0,
    ) -> decide.Again | decide.Over:
        """After try number `attempt` (from 1) of a job of this class: another one after `delay`, which is asked only where one
        is possible at all, or why there is none."""
        wanted = decide.wanted(error, *retry_lists(cls))
        last = not wanted or (max_tries is not None and attempt >= max_tries)
        return decide.after_failure(
            attempt=attempt,
            max_tries=max_tries,
            now=now(),
            delay=0 if last else delay(),
            retry_until=retry_until,
            wanted=wanted,
        )

    @staticmethod
    def tell(job: Shape | None, error: BaseException | None) -> Any:
        """Call the job's `failed()`; what it answers may have to be awaited. Nothing where there is no job: its constructor raised."""
        return None if job is None else job.failed(error or HorizonError("the job failed"))  # type: ignore[arg-type]

    @staticmethod
    def describe(error: BaseException, job: str = "", *, limit: int = 32_000) -> Failure:
        """Type, message, traceback and fingerprint, as they are kept with a job. `job`: its name."""
        return failure.describe(error, limit, job)


def retry_lists(cls: type[Shape]) -> tuple[Kinds | None, Kinds | None]:
    """`retry_on` and `dont_retry_on` of a class, as tuples."""
    return (
        None if cls.retry_on is None else options.exceptions(cls.retry_on),
        None if cls.dont_retry_on is None else options.exceptions(cls.dont_retry_on),
    )
