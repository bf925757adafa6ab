"""Where jobs go that do not say it themselves: `route(...)` and `HORIZON_ROUTES`.

A route is for a class (with its subclasses), a `@job` function, or for names: the stored one, a pattern of it, or the class's own
name. It says options, or has a callable of the job that does so at each dispatch.
"""

from __future__ import annotations

import fnmatch
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from horizon.core.errors import InvalidOption
from horizon.jobs import options
from horizon.jobs.shape import Shape

Choose = Callable[[Shape], object]
ROUTE_OPTIONS: dict[str, Callable[[object], object]] = {
    "queue": options.queue,
    "connection": lambda value: options.label(value, "a connection's name"),
    "delay": options.delay,
    "priority": options.priority,
    "max_tries": options.max_tries,
    "timeout": options.timeout,
    "backoff": options.backoff,
    "tags": options.tags,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Route:
    """One of them."""

    wanted: str | type[Shape]
    options: Mapping[str, Any]
    choose: Choose | None = None

    def fits(self, name: str, cls: type[Shape] | None) -> bool:
        """Whether it is for jobs of this class, stored under this name."""
        if isinstance(self.wanted, type):
            return cls is not None and issubclass(cls, self.wanted)
        if fnmatch.fnmatchcase(name, self.wanted):
            return True
        return ":" not in self.wanted and cls is not None and fnmatch.fnmatchcase(cls.__name__, self.wanted)

    def says(self, job: Shape | None) -> Mapping[str, Any]:
        """The options of this job (None: of any), checked. Raises InvalidOption for a callable's answer that is none."""
        if self.choose is None:
            return self.options
        if job is None:
            return {}
        what = f"a route of {self._label()}"
        answer = self.choose(job)
        if answer is None:
            return {}
        if not isinstance(answer, (str, Mapping)):
            raise InvalidOption(f"{what} answers a queue's name, a dict of options or None; it answered {answer!r}")
        return checked({"queue": answer} if isinstance(answer, str) else answer, what)

    def _label(self) -> str:
        return self.wanted if isinstance(self.wanted, str) else self.wanted.__name__


def checked(given: Mapping[str, Any], what: str = "a route") -> dict[str, Any]:
    """Options in their final form. Raises InvalidOption."""
    options.check_all(given, ROUTE_OPTIONS, what)
    made = {key: ROUTE_OPTIONS[key](value) for key, value in given.items() if value is not None}
    if callable(made.get("backoff")):
        raise InvalidOption("a route's backoff is a number, a list or Exponential(...); a callable belongs on the job's class")
    return made


def made(wanted: Any, given: Any) -> Route:
    """A route from what it is for and what it says: a queue's name, options, or a callable of the job. Raises InvalidOption."""
    wanted = getattr(wanted, "job_class", wanted)  # of a @job function
    if not isinstance(wanted, str) and not (isinstance(wanted, type) and issubclass(wanted, Shape)):
        raise InvalidOption(f"a route is for a job class, a @job function, a job's name or a pattern of it; got {wanted!r}")
    if isinstance(given, str):
        given = {"queue": given}
    if isinstance(given, Mapping):
        return Route(wanted=wanted, options=checked(given, f"the route of {wanted!r}"))
    if callable(given):
        return Route(wanted=wanted, options={}, choose=given)
    raise InvalidOption(f"the route of {wanted!r} is a queue's name, a dict of options or a callable of the job; got {given!r}")


def parsed(setting: Any) -> Iterator[Route]:
    """What `HORIZON_ROUTES` says, the first that wins first. Raises InvalidOption."""
    if callable(setting):
        yield made("*", setting)
        return
    for wanted, given in setting.items():
        yield made(wanted, given)
