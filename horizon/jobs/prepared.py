"""One attempt, ready to run: `run()` (or `await arun()`) does the job and answers with an `Outcome`.

1. Make the job's object from its arguments, load the models among them.
2. Call `handle()` through the job's middleware, inside whatever the host wants around it (an app context).
3. Judge what happened: returned, raised, released, failed or deleted itself, timed out, was interrupted.
4. Where that was the last try, call `failed()`.
"""

from __future__ import annotations

import asyncio
import inspect
import logging
from collections.abc import Mapping
from contextvars import Token
from random import random
from typing import Any

from horizon.backends.values import ProgressReport, Reservation
from horizon.core import backoff as backoffs
from horizon.core.clock import SECOND, Micros, perf_ns
from horizon.core.errors import ConfigurationError, JobTimeout, PermissionDenied
from horizon.core.outcome import CANCEL_LEVEL, Kind, Outcome
from horizon.jobs import codec, ending, failure, permits, report
from horizon.jobs.ambient import loader
from horizon.jobs.context import JOB, RUNNING
from horizon.jobs.handling import Handling
from horizon.jobs.plan import Plan, call_backoff
from horizon.jobs.room import Room
from horizon.jobs.running import Running
from horizon.jobs.sealing import Cover, sensitive_of
from horizon.jobs.secrets import Secrets
from horizon.jobs.shape import Shape
from horizon.jobs.stack import around, begin
from horizon.middleware.base import arun_through, run_through

Tokens = tuple[Token[Running | None], Token[Shape | None]]
log = logging.getLogger("horizon.jobs")


class Prepared:
    """See the module. The attributes are for the executor to read."""

    __slots__ = (
        "_arguments", "_began", "_ended", "_job", "_limits", "_plan", "_received", "_refused", "_room", "_running", "_secrets", "cover", "in_user_code", "is_async", "payload",
        "ready", "reservation", "retry_delay_us", "task", "timeout",
    )  # fmt: skip

    def __init__(self, room: Room, reservation: Reservation, received_ns: int) -> None:
        self.reservation = reservation
        self.payload = reservation.payload
        """The arguments, decrypted."""
        self.ready: Outcome | None = None
        """Decided without running."""
        self.timeout: float | None = None
        """Seconds this attempt may take."""
        self.retry_delay_us: Micros | None = None
        """Delay before the next try, should this one be killed for its timeout; None: it was the last."""
        self.is_async = False
        self.task: asyncio.Task[Any] | None = None
        """In which an async job is awaited, once it is."""
        self.cover: Cover | None = None
        """Encrypts what it tells the store; None: nothing of it is encrypted."""
        self.in_user_code = False
        """Only while this is True may a signal handler raise JobTimeout, JobCancelled or JobInterrupted."""
        self._room = room
        self._running = Running(reservation.id, reservation.attempt, room.most_lines, room.connection)
        self._running.reservation, self._running.inside = reservation, room.inside
        self._received = self._began = self._ended = received_ns
        self._secrets: Secrets | None = None
        self._job: Shape | None = None
        self._refused = False
        self._plan: Plan
        self._arguments: Mapping[str, Any]
        self._limits: ending.Limits

    def fill(self, plan: Plan, arguments: Mapping[str, Any], limits: ending.Limits, timeout: float) -> None:
        """What `Attempts.prepare` found out; without it only `ready` counts."""
        self._plan, self._arguments, self._limits, self.timeout, self.is_async = plan, arguments, limits, timeout, plan.is_async
        self._running.knows(self.reservation.queue, self.reservation.user, timeout)

    # asked from outside ---------------------------------------------------------------------------

    def cancel(self, reason: str) -> None:
        """Let the job know that it should stop; it sees `cancel_requested`."""
        if self._running.cancel_reason is None:
            self._running.line(CANCEL_LEVEL, reason)  # the proof that it was told, and when
        self._running.cancel_reason = reason

    def interrupt(self) -> None:
        """Say that the task in which `arun()` is awaited is about to be cancelled because the worker must stop. A cancellation
        that nobody announced is the job's own doing, and fails it."""
        self._running.interrupted = True

    def news(self) -> ProgressReport | None:
        """Progress and log lines since the last call, None where there are none; from any thread.

        Whoever takes them hands them to the store before the attempt's outcome, which carries only the rest.
        """
        news = self._running.news()
        if news is None:
            return None
        of = self.reservation
        secrets = self._hidden()
        told = ProgressReport(
            ref=of.ref, token=of.token, percent=news.percent, note=news.note and secrets.hide(news.note),
            logs=secrets.hide_lines(news.lines), logs_dropped=news.dropped,
        )  # fmt: skip
        return told if self.cover is None else self.cover.progress(told)

    def hide(self, text: str) -> str:
        """A text about this attempt, without what its arguments keep secret."""
        return self._hidden().hide(text)

    def _hidden(self) -> Secrets:
        if self._secrets is None:
            cls = self._room.runtime.registry.find(self.reservation.name)
            own = () if cls is None else cls.redact
            if self.cover is not None:
                own = (*own, *sensitive_of(self.payload))
            self._secrets = Secrets(self.payload, (*self._room.runtime.settings.REDACT, *own))
        return self._secrets

    # running --------------------------------------------------------------------------------------

    def run(self) -> Outcome:
        """Do it in this thread (an async job on a loop of its own). Never raises an Exception."""
        if self.ready is not None:
            return self.ready
        tokens = self._begin()
        try:
            verdict = self._try_alone() if self.is_async else self._try()
            if verdict.kind is Kind.FAILED and self._plan.hook and not self._refused:
                self._call_hook(verdict.error)
            return self._end(verdict)
        finally:
            self._leave(tokens)

    async def arun(self) -> Outcome:
        """The same on the running loop, for async jobs; the timeout is enforced here. See `interrupt` for a cancelled task."""
        if self.ready is not None:
            return self.ready
        tokens = self._begin()
        try:
            verdict = await self._atry()
            if verdict.kind is Kind.FAILED and self._plan.hook and not self._refused:
                await self._acall_hook(verdict.error)
            return self._end(verdict)
        finally:
            self._leave(tokens)

    def _begin(self) -> Tokens:
        self._began = perf_ns()
        return RUNNING.set(self._running), JOB.set(None)

    def _leave(self, tokens: Tokens) -> None:
        self._running.closed = True
        if self._job is not None:
            self._job._horizon.running = None
        RUNNING.reset(tokens[0])
        JOB.reset(tokens[1])

    def _try(self) -> ending.Verdict:
        try:
            try:
                self.in_user_code = True
                with self._room.around():
                    result = self._work()
            finally:
                self.in_user_code = False
        except BaseException as error:
            return self._raised(error)
        return self._returned(result)

    async def _atry(self) -> ending.Verdict:
        self.task = asyncio.current_task()
        limit = asyncio.timeout(self.timeout)
        try:
            try:
                self.in_user_code = True
                async with limit:
                    with self._room.around():
                        result = await self._awork()
            finally:
                self.in_user_code = False
        except TimeoutError as error:
            return self._raised(too_long(self.timeout, error) if limit.expired() else error)
        except asyncio.CancelledError as error:
            if (task := asyncio.current_task()) is not None:
                task.uncancel()
            return self._raised(error)
        except BaseException as error:
            return self._raised(error)
        return self._returned(result)

    def _try_alone(self) -> ending.Verdict:
        try:
            return asyncio.run(self._atry())
        except BaseException as error:  # a signal handler's exception leaves the loop by way of asyncio.run
            self.in_user_code = False
            return self._raised(error)

    def _work(self) -> bytes | None:
        job = self._make()
        if job._horizon.guard is not None and self._denied(job):
            return None
        stack = around(job, self._room.runtime, self.reservation.tags)
        value = run_through(stack, job, begin) if stack else job.handle()
        return None if value is None else codec.encode_result(value, self._room.max_result)

    async def _awork(self) -> bytes | None:
        job = self._make()
        if job._horizon.guard is not None and self._denied(job):
            return None
        value = await arun_through(around(job, self._room.runtime, self.reservation.tags), job, begin)
        return codec.encode_result(value, self._room.max_result)

    def _make(self) -> Shape:
        runtime, plan, arguments = self._room.runtime, self._plan, self._arguments
        if codec.MAYBE_MODEL in self.payload:
            arguments = codec.with_models(dict(arguments), loader(runtime))
        job: Shape = plan.signature.call(plan.cls, arguments)
        job._horizon.running = self._running
        self._job = job
        JOB.set(job)
        if runtime.events.heard("job_processing"):
            report.announce(self._room, self.reservation, job, "job_processing")
        report.announce_late(self._room, self.reservation, job)
        return job

    def _denied(self, job: Shape) -> bool:
        """Whether the job's user may not have it run (any more): it fails for good then, none of its code is called, and the
        audit log keeps it."""
        of, runtime = self.reservation, self._room.runtime
        try:
            permits.check(job, of.user, runtime)
        except (PermissionDenied, ConfigurationError) as denied:
            self._refused = True
            self._running.decide("FAILED", error=denied)
            permits.tell(runtime, self._room.connection, permits.entry(of.user, of.id, denied))
        return self._refused

    # the end --------------------------------------------------------------------------------------

    def _returned(self, result: bytes | None) -> ending.Verdict:
        self._ended = perf_ns()
        return ending.returned(self._running, self._limits, result)

    def _raised(self, error: BaseException) -> ending.Verdict:
        self.in_user_code = False  # a signal may have come just before the `finally` that does this; likewise below
        self._ended = perf_ns()
        return ending.raised(self._running, self._limits, self._plan.cls, error, lambda: self._delay(error))

    def _delay(self, error: BaseException) -> Micros:
        """The wait before the next try. A callable backoff that raises is logged, and the default holds."""
        attempt = self._running.attempt
        if self._running.again_after is not None:
            return self._running.again_after
        own = None if self._limits.explicit else self._own_backoff()
        if own is not None:
            try:
                try:
                    self.in_user_code = True
                    return round(call_backoff(own, self._job, attempt, error) * SECOND)
                finally:
                    self.in_user_code = False
            except BaseException as broken:
                self.in_user_code = False
                self._logged("the backoff of %s raised; the default is used", broken)
        return round(backoffs.delay(self._limits.backoff, attempt, random()) * SECOND)

    def _own_backoff(self) -> Any:
        instance = self._job._horizon.options if self._job is not None else None
        own = (instance or {}).get("backoff", self._plan.cls.backoff)
        return own if callable(own) else None

    def _call_hook(self, error: BaseException | None) -> None:
        """`failed()`, fenced: what it raises is logged and changes nothing."""
        try:
            try:
                self.in_user_code = True
                with self._room.around():
                    self._hook(error)
            finally:
                self.in_user_code = False
        except BaseException as broken:
            self.in_user_code = False
            self._logged("failed() of %s raised; the job has failed all the same", broken)

    def _hook(self, error: BaseException | None) -> None:
        answer = self._failed(error)
        if inspect.isawaitable(answer):
            asyncio.run(_awaited(answer))

    async def _acall_hook(self, error: BaseException | None) -> None:
        try:
            try:
                self.in_user_code = True
                with self._room.around():
                    await self._ahook(error)
            finally:
                self.in_user_code = False
        except BaseException as broken:
            self.in_user_code = False
            self._logged("failed() of %s raised; the job has failed all the same", broken)

    async def _ahook(self, error: BaseException | None) -> None:
        answer = self._failed(error)
        if inspect.isawaitable(answer):
            await answer

    def _logged(self, what: str, broken: BaseException) -> None:
        """Tell whoever reads the process's log; of an encrypted job without what the exception says."""
        if self.cover is None:
            log.error(what, self._plan.name, exc_info=broken)
        else:
            log.error(f"{what} (%s)", self._plan.name, failure.fingerprint(type(broken).__name__, broken.__traceback__))

    def _failed(self, error: BaseException | None) -> Any:
        return Handling.tell(self._job, error)

    def _end(self, verdict: ending.Verdict) -> Outcome:
        times = self._received, self._began, self._ended
        report.announce_end(self._room, self.reservation, self._job, verdict, times)
        told = report.outcome(self._room, self.reservation, verdict, self._running, self._hidden, times)
        return told if self.cover is None else self.cover.outcome(told, self._running.cancel_reason)


async def _awaited(answer: Any) -> Any:
    return await answer


def too_long(timeout: float | None, cause: BaseException | None = None) -> JobTimeout:
    """The error for an attempt that outlived its timeout."""
    error = JobTimeout(f"the job ran longer than its timeout of {timeout or 0:g} s")
    error.__cause__ = cause.__cause__ if cause is not None else None
    if cause is not None:
        error.__traceback__ = cause.__traceback__
    return error
