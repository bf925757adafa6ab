"""The ways to dispatch, as they stand on every job class.

What does the work is imported at the first dispatch: a module that only defines jobs stays light.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Protocol, cast, overload

from horizon.jobs.shape import Shape

if TYPE_CHECKING:
    from horizon.jobs.jobid import JobId


class DispatchClass(Protocol):
    """`SendEmail.dispatch(...)`: the arguments are the constructor's."""

    def __call__(self, *args: Any, **kwargs: Any) -> JobId | None: ...


class DispatchInstance(Protocol):
    """`SendEmail(...).dispatch()`."""

    def __call__(self, *, session: object | None = None) -> JobId | None: ...


class Dispatch:
    """`dispatch` on the class takes the constructor's arguments, on an instance only `session=`.

    Returns the id, or None where a unique key is held by another job.
    """

    @overload
    def __get__(self, job: None, cls: type) -> DispatchClass: ...
    @overload
    def __get__(self, job: object, cls: type) -> DispatchInstance: ...
    def __get__(self, job: object | None, cls: type) -> DispatchClass | DispatchInstance:
        from horizon.jobs.dispatching import dispatch

        if job is not None:
            return lambda *, session=None: dispatch(cast(Shape, job), session=session)
        return lambda *args, **kwargs: dispatch(cls(*args, **kwargs))


class DispatchingVerbs:
    """Mixed into `Job`."""

    dispatch = Dispatch()

    @classmethod
    def dispatch_many(cls, arguments: Iterable[Any]) -> list[JobId | None]:
        """Dispatch one job per item in one round trip; an item is a tuple or list of arguments, a dict of keywords, or a job.

        Answers in the same order; None where a unique key was held. All or none per 1,000.
        """
        from horizon.jobs.dispatching import dispatch_many

        return dispatch_many(cast(type[Shape], cls), arguments)

    @classmethod
    def dispatch_if(cls, condition: object, /, *args: Any, **kwargs: Any) -> JobId | None:
        """Dispatch where the condition is true; None otherwise."""
        return cls.dispatch(*args, **kwargs) if condition else None

    @classmethod
    def dispatch_unless(cls, condition: object, /, *args: Any, **kwargs: Any) -> JobId | None:
        """Dispatch where the condition is false; None otherwise."""
        return None if condition else cls.dispatch(*args, **kwargs)

    @classmethod
    def dispatch_now(cls, *args: Any, **kwargs: Any) -> Any:
        """Run it here and now, through its middleware, once; returns what handle() returns and lets its exception through."""
        from horizon.jobs.inline import run_here

        return run_here(cast(Shape, cls(*args, **kwargs)))

    @classmethod
    def dispatch_after_response(cls, *args: Any, **kwargs: Any) -> None:
        """Run it in this process once the HTTP response has been sent; outside a request, now. What it raises is logged."""
        from horizon.jobs.after_response import run_after_response

        run_after_response(cast(Shape, cls(*args, **kwargs)))
