"""What is worked out once per class: its stored name, its constructor's parameters, and its options in final form."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from horizon.core import backoff as backoffs
from horizon.core.errors import InvalidOption
from horizon.jobs import options
from horizon.jobs.classes import name_of
from horizon.jobs.encrypted import ShouldBeEncrypted
from horizon.jobs.naming import stored_name
from horizon.jobs.shape import Shape
from horizon.jobs.signature import Signature

OPTION_NAMES = tuple(options.ON_INSTANCE)


class Template(NamedTuple):
    """The fields of a job of one class that says nothing itself, and what they were made from."""

    routing: object
    version: int
    own: object
    fields: Mapping[str, Any]
    ready: Mapping[str, Any] | None
    """All of an envelope but id, group and payload; None where more than that depends on the job."""
    chosen: bool = False
    """A route looked at the job itself, so that this holds for no other."""


class Plan:
    """One class, looked at. Options are read again when one of them was replaced on the class since."""

    __slots__ = ("_raw", "_seen", "cls", "hook", "is_async", "name", "options", "problem", "sealed", "signature", "template")

    def __init__(self, cls: type[Shape]) -> None:
        self.cls = cls
        self.name = stored_name(cls)
        self.problem = undispatchable(cls)
        function = getattr(cls, "_horizon_function", None)
        self.signature = Signature(cls.__init__, skip=1) if function is None else Signature(function)
        self.is_async = inspect.iscoroutinefunction(cls.handle)
        self.hook = cls.failed is not Shape.failed
        self.sealed = issubclass(cls, ShouldBeEncrypted)
        self.template: Template | None = None
        self._raw: tuple[object, ...] = ()
        self._seen: tuple[Any, ...] = ()
        self.options: Mapping[str, Any] = {}
        self.refresh()

    def refresh(self) -> Mapping[str, Any]:
        """The class's options as checked values, without those it does not set. Raises InvalidOption."""
        cls = self.cls
        raw = (cls.queue, cls.delay, cls.max_tries, cls.timeout, cls.backoff, cls.tags or None, cls.middleware)
        if raw != self._raw:
            self.options = {key: options.ON_INSTANCE[key](value) for key, value in zip(OPTION_NAMES, raw, strict=True) if value is not None}
            self._raw = raw
        return self.options


def plan_of(cls: type[Shape]) -> Plan:
    """The class's plan; made at its first use, when decorators such as `@dataclass` have done their part."""
    plan: Plan | None = cls._horizon_plan
    if plan is None or plan.cls is not cls:
        plan = cls._horizon_plan = Plan(cls)
    return plan


def undispatchable(cls: type[Shape]) -> str | None:
    """Why jobs of this class cannot be dispatched, in words; None where they can."""
    if cls.handle is Shape.handle:
        return f"{name_of(cls)} has no handle() method, so there is nothing to run; define one"
    if cls.__dict__.get("name") is not None:
        return None
    if cls.__module__ == "__main__":
        return (
            f"{cls.__qualname__} is defined in the script that was started (__main__), where no worker could find it; move it to a module "
            'that HORIZON_IMPORTS names, or give it a `name = "..."` of its own if workers load this file too'
        )
    if "<locals>" in cls.__qualname__:
        return (
            f"{name_of(cls)} is defined inside a function, where no worker could find it; move it to the top level of its module, "
            'or give it a `name = "..."` of its own if workers call that function too'
        )
    return None


def encode_backoff(value: object) -> str | None:
    """A backoff as an envelope keeps it: None for a callable, which the worker finds on the class."""
    return None if value is None or callable(value) else backoffs.encode(backoffs.check(value))


def call_backoff(function: Callable[..., Any], job: object, attempt: int, error: BaseException) -> float:
    """Seconds that a callable backoff answers for `(attempt, exception)`; a method gets the job first, a shorter one less.

    Raises InvalidOption where the answer is not a number of seconds.
    """
    try:
        count = sum(p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD) for p in inspect.signature(function).parameters.values())
    except (TypeError, ValueError):
        count = 2
    given = (job, attempt, error) if count >= 3 else (attempt, error)[:count]
    answer = function(*given)
    if isinstance(answer, (list, tuple)) or callable(answer):
        raise InvalidOption(f"a callable backoff answers a number of seconds; got {answer!r}")
    return backoffs.delay(backoffs.check(answer), attempt, 0.0)
