"""`JobTester`: runs one job as a worker would, without a worker, and lets a test say how that should have ended.

```python
JobTester(Poll("order-7")).run().assert_released(30)
```

1. The job's arguments are stored and read again, so the job that runs is a new one, as in a worker.
2. It runs through its middleware, inside an app context where there is an app; what it logs is kept.
3. Whatever it does to its own end (release, fail, delete, an exception) becomes the outcome. Nothing is written to a store.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, Self

from horizon.backends.values import Reservation
from horizon.core import current
from horizon.core.clock import SECOND, now
from horizon.core.envelope import Envelope
from horizon.core.ids import uuid7
from horizon.core.limit import Limit
from horizon.core.outcome import Kind, LogLine, Outcome
from horizon.jobs import codec, envelopes, options, unsealing
from horizon.jobs.ambient import RuntimeLike
from horizon.jobs.attempt import AttemptDefaults, Attempts
from horizon.jobs.plan import plan_of
from horizon.jobs.shape import Shape
from horizon.testing.ending import Ending
from horizon.testing.logs import captured
from horizon.testing.standin import meant

HEARD = ("job_processing", "job_failed", "job_retrying")


class JobTester(Ending):
    """See the module. After `run()`: `outcome`, `result`, `exception`, `delay`, `reason`, `logs`, and `job`, the one that ran."""

    def __init__(self, job: Shape) -> None:
        if not isinstance(job, Shape):
            raise TypeError(f"expected a job, such as SendEmail(...), or make_report.job(...) of a function; got {job!r}")
        self._runtime = meant()
        self._given = job
        self._envelope = _envelope(job, self._runtime)

    def run(self, *, attempt: int = 1) -> Self:
        """Run it once, as its try number `attempt`: on the last one a failure is for good."""
        options.whole(attempt, "attempt", 1, options.MAX_TRIES)
        runtime = self._runtime
        defaults = AttemptDefaults.of(runtime.settings)
        self._tries = defaults.max_tries if self._envelope.max_tries is None else self._envelope.max_tries
        self._attempt, self.job, self.exception = attempt, None, None
        with current.use(runtime), captured(runtime.settings.LOG_LEVEL), self._listening():
            prepared = Attempts(runtime, worker="JobTester", defaults=defaults).prepare(_reserved(self._envelope, attempt))
            self._outcome = unsealing.outcome(prepared.run(), runtime.keyring)
        return self

    @property
    def limits(self) -> tuple[Limit, ...]:
        """What must have room before a worker starts it; it is not asked here."""
        return self._envelope.limits

    @property
    def outcome(self) -> Outcome:
        """What a worker would tell the store. Raises AssertionError before `run()`."""
        if self._outcome is None:
            raise AssertionError(f"{type(self._given).__name__} has not run yet: JobTester(job).run()")
        return self._outcome

    @property
    def result(self) -> Any:
        """What `handle()` returned, as it would be read back from the store; None where it did not complete."""
        return codec.decode_result(self.outcome.result)

    @property
    def delay(self) -> float:
        """Seconds until it comes again; 0 where it does not, or at once."""
        return self.outcome.delay / SECOND

    @property
    def reason(self) -> str | None:
        """What it waits for, or why it failed or was cancelled."""
        return self.outcome.reason

    @property
    def logs(self) -> tuple[LogLine, ...]:
        """What was logged while it ran, through `self.log` and `logging`."""
        return self.outcome.logs

    @contextmanager
    def _listening(self) -> Iterator[None]:
        events = self._runtime.events
        for name in HEARD:
            events.listen(name, self._heard)
        try:
            yield
        finally:
            for name in HEARD:
                events.forget(name, self._heard)

    def _heard(self, *, job: Shape | None = None, exception: BaseException | None = None, **_: Any) -> None:
        self.job, self.exception = job, exception

    # asserting ----------------------------------------------------------------------------------------

    def assert_completed(self, *result: Any) -> Self:
        """It completed; where a value is given, `handle()` returned it."""
        self._ended(Kind.COMPLETED, "to complete")
        if result and self.result != result[0]:
            raise AssertionError(f"expected the result {result[0]!r}; got {self.result!r}")
        return self

    def assert_released(self, delay: float | timedelta | None = None) -> Self:
        """It released itself, to come again (after `delay` seconds)."""
        return self._comes_again(Kind.RELEASED, "to release itself", delay)

    def assert_retried(self, exception: type[BaseException] | None = None, delay: float | timedelta | None = None) -> Self:
        """It failed, and comes again (after `delay` seconds)."""
        self._comes_again(Kind.RETRY, "to fail and to be tried again", delay)
        return self._raised(exception)

    def assert_failed(self, exception: type[BaseException] | None = None, match: str | None = None) -> Self:
        """It failed for good, with an exception of this type whose text matches (a regular expression, anywhere in it)."""
        self._ended(Kind.FAILED, "to fail for good")
        return self._raised(exception, match)

    def assert_deleted(self) -> Self:
        """It deleted itself, or was skipped by its middleware."""
        return self._ended(Kind.CANCELLED, "to be deleted")

    def assert_waits(self, delay: float | timedelta | None = None, *, reason: str | None = None) -> Self:
        """Its middleware sent it back unrun, to come again without the loss of a try; the reason matches."""
        self._comes_again(Kind.RETURNED, "to wait", delay)
        if reason is not None and not re.search(reason, self.reason or ""):
            raise AssertionError(f"expected it to wait for something that matches {reason!r}; it waits: {self.reason}")
        return self

    def assert_logged(self, pattern: str, level: str | None = None) -> Self:
        """A line was logged that matches (a regular expression, anywhere in it), of this level if one is given."""
        lines = self.logs
        if not any(re.search(pattern, line.message) and level in (None, line.level) for line in lines):
            told = "\n".join(f"  {line.level} {line.message}" for line in lines) or "  nothing"
            raise AssertionError(f"expected a line {f'of level {level} ' if level else ''}that matches {pattern!r}; it logged:\n{told}")
        return self


def _envelope(job: Shape, runtime: RuntimeLike) -> Envelope:
    """What would be stored. A job whose class is defined inside a test is fine here: no other process has to find it."""
    plan = plan_of(type(job))
    if type(job).handle is Shape.handle:
        return envelopes.make(job, runtime)[1]  # which says so
    problem, plan.problem = plan.problem, None
    try:
        return envelopes.make(job, runtime)[1]
    finally:
        plan.problem = problem


def _reserved(of: Envelope, attempt: int) -> Reservation:
    """As a store would hand it to a worker right now."""
    at = now()
    return Reservation(
        id=of.id, ref=None, token=uuid7(), name=of.name, queue=of.queue, payload=of.payload, version=of.version, attempt=attempt,
        run=attempt, round=of.round, priority=of.priority, max_tries=of.max_tries, timeout=of.timeout, backoff=of.backoff,
        retry_until=of.retry_until, max_crashes=of.max_crashes, crashes=of.crashes, tags=of.tags, user=of.user, tenant=of.tenant,
        group=of.group, deadline=of.deadline, hook=of.hook, code_version=of.code_version, signature=of.signature,
        unique_key=of.unique_key, created_at=at, available_at=at, reserved_at=at, alone=False,
    )  # fmt: skip
