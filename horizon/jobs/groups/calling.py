"""The jobs that call a function for a group: `then`, `catch`, `finally_` and `on_progress`.

They are pushed with the group, blocked, so each exists exactly once; what they call is found among the modules that the
worker has loaded. One that does not wait for the group it names calls nothing: a name in a payload gives nobody a right.
"""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable, Mapping
from typing import Any

from horizon.core.envelope import On
from horizon.core.errors import UnknownJobName
from horizon.jobs.entering import inside_of
from horizon.jobs.groups import functions
from horizon.jobs.job import Job


class Calls(Job):
    """Calls a function with the group, or with what failed first in it, as many arguments as it takes."""

    _horizon_register = False
    exception_first = False

    def __init__(self, group: str, call: str) -> None:
        super().__init__()
        self._group, self._call = group, call

    def handle(self) -> Any:
        handle = inside_of(self, "a callback").followed(self._group)
        function = self._function()
        answer = function(*self._arguments(functions.takes(function), handle))
        return asyncio.run(_awaited(answer)) if inspect.isawaitable(answer) else answer

    def _function(self) -> Callable[..., Any]:
        function = functions.find(self._call)
        if function is None:
            raise UnknownJobName(
                f"no module loaded by this worker holds the function {self._call!r}; add its module to HORIZON_IMPORTS, or keep the old name, "
                "then retry this job"
            )
        return function

    def _arguments(self, count: int, handle: Any) -> tuple[Any, ...]:
        if count == 1 and self.exception_first:
            return (handle.exception,)
        return (handle, handle.exception)[:count]


class Then(Calls):
    """The group has completed."""


class Catch(Calls):
    """More failed than the group allows."""

    exception_first = True


class Finally(Calls):
    """The group has ended, whatever way."""


class Progress(Calls):
    """The figures of the group have changed."""


class Announce(Job):
    """Sends `batch_finished`, `chain_finished` or `workflow_finished` in the worker that runs it."""

    def __init__(self, group: str) -> None:
        super().__init__()
        self._group = group

    def handle(self) -> None:
        inside_of(self, "a callback").announce(self._group)


BY_EVENT: Mapping[On, type[Calls]] = {On.COMPLETED: Then, On.FAILED: Catch, On.ANY: Finally, On.PROGRESS: Progress}


async def _awaited(answer: Any) -> Any:
    return await answer
