"""`@job`: a plain function that is a job too. Calling it runs it here; `.dispatch(...)` stores it for a worker."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from types import FunctionType
from typing import TYPE_CHECKING, Any, Generic, ParamSpec, TypeVar, overload

from horizon.core.errors import InvalidOption
from horizon.jobs import options
from horizon.jobs.context import JOB
from horizon.jobs.job import Job
from horizon.jobs.naming import stored_name

if TYPE_CHECKING:
    from inspect import Signature

    from horizon.jobs.jobid import JobId

P = ParamSpec("P")
R = TypeVar("R")
_IS_COROUTINE = 0x80
"""`inspect.CO_COROUTINE`, without importing `inspect`: a module that only defines jobs stays light."""


class FunctionJob(Job):
    """A call of a function, as a job: every `@job` makes a subclass of this."""

    _horizon_register = False
    _horizon_function: Callable[..., Any]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__()

    def handle(self) -> Any:
        inner = self._horizon
        return type(self)._horizon_function(*inner.args, **inner.kwargs)


class AsyncFunctionJob(FunctionJob):
    """The same for a coroutine function."""

    _horizon_register = False

    async def handle(self) -> Any:
        inner = self._horizon
        return await type(self)._horizon_function(*inner.args, **inner.kwargs)


class JobFunction(Generic[P, R]):
    """What `@job` puts in the function's place: the function itself when called, and the words of a job class."""

    def __init__(self, function: Callable[P, R], given: dict[str, Any]) -> None:
        functools.update_wrapper(self, function)
        self._function = function
        self._looked_at: Signature | None = None
        self.job_class = _class_for(function, given)

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        """Run it here, as if it were not decorated; `current_job()` inside answers a job that is not stored."""
        if JOB.get() is not None or _is_coroutine(self._function):
            return self._function(*args, **kwargs)
        from horizon.jobs.inline import inside

        with inside(self.job(*args, **kwargs)):
            return self._function(*args, **kwargs)

    @property
    def _signature(self) -> Signature:
        if self._looked_at is None:
            import inspect

            self._looked_at = inspect.signature(self._function)
        return self._looked_at

    def job(self, *args: P.args, **kwargs: P.kwargs) -> Job:
        """The call as a job, for the fluent words. Raises TypeError for arguments that the function does not take."""
        self._signature.bind(*args, **kwargs)
        return self.job_class(*args, **kwargs)

    def dispatch(self, *args: P.args, **kwargs: P.kwargs) -> JobId | None:
        """Store the call for a worker."""
        return self.job(*args, **kwargs).dispatch()

    def dispatch_many(self, arguments: Iterable[Any]) -> list[JobId | None]:
        """One call per item, in one round trip; see `Job.dispatch_many`."""
        items = list(arguments)
        for item in items:
            if isinstance(item, (tuple, list)):
                self._signature.bind(*item)
            elif isinstance(item, dict):
                self._signature.bind(**item)
        return self.job_class.dispatch_many(items)

    def dispatch_if(self, condition: object, /, *args: P.args, **kwargs: P.kwargs) -> JobId | None:
        """Dispatch where the condition is true; None otherwise."""
        return self.dispatch(*args, **kwargs) if condition else None

    def dispatch_unless(self, condition: object, /, *args: P.args, **kwargs: P.kwargs) -> JobId | None:
        """Dispatch where the condition is false; None otherwise."""
        return None if condition else self.dispatch(*args, **kwargs)

    def dispatch_now(self, *args: P.args, **kwargs: P.kwargs) -> Any:
        """Run it here through its middleware; returns what it returns (of a coroutine function: awaited)."""
        self._signature.bind(*args, **kwargs)
        return self.job_class.dispatch_now(*args, **kwargs)

    def dispatch_after_response(self, *args: P.args, **kwargs: P.kwargs) -> None:
        """Run it in this process once the HTTP response has been sent."""
        self._signature.bind(*args, **kwargs)
        self.job_class.dispatch_after_response(*args, **kwargs)

    def __repr__(self) -> str:
        return f"<job {stored_name(self.job_class)}>"


def _is_coroutine(function: Callable[..., Any]) -> bool:
    return bool(getattr(function, "__code__").co_flags & _IS_COROUTINE)  # noqa: B009


def _class_for(function: Callable[..., Any], given: dict[str, Any]) -> type[FunctionJob]:
    known = {*options.ALL, "failed"}
    for key in given:
        if key not in known:
            raise InvalidOption(f"@job has no option {key!r}{options.nearest(key, known)}; there are: {', '.join(sorted(known))}")
    base = AsyncFunctionJob if _is_coroutine(function) else FunctionJob
    failed = given.pop("failed", None)
    body: dict[str, Any] = {
        "__module__": function.__module__,
        "__qualname__": function.__qualname__,
        "__doc__": function.__doc__,
        "_horizon_register": True,
        "_horizon_function": staticmethod(function),
        **given,
    }
    if failed is not None:
        body["failed"] = lambda self, exception: failed(exception)
    made: type[FunctionJob] = type(function.__name__, (base,), body)
    return made


@overload
def job(function: Callable[P, R], /) -> JobFunction[P, R]: ...
@overload
def job(**given: Any) -> Callable[[Callable[P, R]], JobFunction[P, R]]: ...
def job(function: Callable[P, R] | None = None, /, **given: Any) -> Any:
    """Make a function a job: `@job`, or `@job(queue="reports", max_tries=5)`.

    Takes the options of a job class, and `failed=`, a function of the exception, called once after the last attempt.
    Raises InvalidOption for any other, and TypeError for something that is not a plain function.
    """
    if function is None:
        return lambda decorated: _decorated(decorated, dict(given))
    return _decorated(function, {})


def _decorated(function: Callable[P, R], given: dict[str, Any]) -> JobFunction[P, R]:
    if not isinstance(function, FunctionType):
        raise TypeError(f"@job decorates plain functions; got {function!r}. For a class, subclass Job")
    return JobFunction(function, given)
