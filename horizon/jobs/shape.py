"""What every job has, whoever looks at it: options, captured arguments, `handle` and `failed`. `Job` adds the words.

The rest of this room speaks of `Shape`; only `job.py` and what stands above it know `Job`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar, Self

from horizon.core.errors import HorizonError
from horizon.jobs.encrypted import Guard, ShouldBeEncrypted

if TYPE_CHECKING:
    from horizon.core.backoff import BackoffSpec
    from horizon.jobs.running import Running
    from horizon.jobs.said import Said


class Inner:
    """Everything of ours that a job carries, under one private attribute."""

    __slots__ = ("args", "guard", "id", "kwargs", "options", "running", "said")

    def __init__(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        self.args = args
        self.kwargs = kwargs
        self.options: dict[str, Any] | None = None
        """Set on the instance, checked."""
        self.said: Said | None = None
        self.id: str | None = None
        self.running: Running | None = None
        self.guard: Guard | None = None
        """What a `SecureJob` set."""


class Shape:
    """The part of a job that is data."""

    queue: str | None = None
    delay: float | timedelta | None = None
    """Seconds before the first start."""
    max_tries: int | None = None
    timeout: float | timedelta | None = None
    """Seconds one attempt may take."""
    backoff: BackoffSpec | None = None
    """Seconds between tries: a number, a list, `Exponential(...)`, or a callable of (attempt, exception)."""
    tags: Sequence[str] = ()
    middleware: Iterable[Any] | None = None

    name: ClassVar[str | None] = None
    """Under which the class is stored; module:qualname where None. Not inherited."""
    aliases: ClassVar[Sequence[str]] = ()
    """Names it was stored under before. Not inherited."""
    retry_on: ClassVar[Any] = None
    """Exception classes; where set, only these are tried again."""
    dont_retry_on: ClassVar[Any] = None
    """Exception classes that fail the job at once; they win over `retry_on`."""
    retry_until: ClassVar[Callable[..., datetime] | datetime | timedelta | float | None] = None
    """No try after this; a duration counts from dispatch, and a method is asked then."""
    max_crashes: ClassVar[int | None] = None
    """How often it may kill its process before it fails."""
    max_concurrent: ClassVar[int | None] = None
    """How many of the class run at a time, over all workers of a store."""
    weight: ClassVar[int] = 1
    redact: ClassVar[Sequence[str]] = ()
    """Names of arguments, and of keys inside them and in results, whose values are masked wherever they are shown."""

    _horizon: Inner
    _horizon_plan: ClassVar[Any] = None

    def __new__(cls, *args: Any, **kwargs: Any) -> Self:
        self = super().__new__(cls)
        object.__setattr__(self, "_horizon", Inner(args, kwargs))
        return self

    def handle(self) -> Any:
        """Do the work; what it returns is the result. May be `async def`."""
        raise HorizonError(f"{type(self).__name__} has no handle() method; define one")

    def failed(self, exception: Exception) -> Any:
        """Called once after the last attempt, with its exception."""

    def __repr__(self) -> str:
        if isinstance(self, ShouldBeEncrypted):
            return f"{type(self).__name__}(‹encrypted›)"  # it may come into a log, or into what an exception says
        shown = [*map(repr, self._horizon.args), *(f"{key}={value!r}" for key, value in self._horizon.kwargs.items())]
        return f"{type(self).__name__}({', '.join(shown)})"
