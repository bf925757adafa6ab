"""`JobService`: jobs by name and id, for programs that have neither the class nor the request of a person at hand.

Like the API it dispatches only what is registered, and whatever it changes leaves an audit entry, under the name `code`.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, cast

from horizon.backends.values import Acted, ActParams, Verb
from horizon.control.dispatching import DispatchControl, NewJob
from horizon.control.jobs import JobControl
from horizon.core import current
from horizon.core.clock import SECOND
from horizon.core.errors import InvalidFilter
from horizon.core.query import DEFAULT_LIMIT, JobQuery, Selection
from horizon.core.record import Record
from horizon.core.states import JobState
from horizon.jobs import options
from horizon.jobs.ambient import RuntimeLike
from horizon.jobs.jobid import JobId
from horizon.security.permissions import Actor

CODE = Actor(name="code", role="admin")
"""Who acts, where it is the program itself."""


class JobService:
    """Nothing needs to be created: `JobService.create("shop.jobs:Report", {"year": 2026})`."""

    @staticmethod
    def create(
        name: str,
        args: Mapping[str, Any] | None = None,
        *,
        queue: str | None = None,
        delay: float | timedelta | None = None,
        priority: int | None = None,
        tags: Sequence[str] = (),
        connection: str | None = None,
    ) -> JobId:
        """Dispatch the job of this registered name with these arguments.

        Raises UnknownJobName with the nearest names, InvalidInput, QueueFull, InvalidTransition where its unique key is held.
        """
        here = _runtime()
        seconds = None if delay is None else options.seconds(delay, "delay") / SECOND
        wanted = NewJob(name=name, args=args or {}, queue=queue, delay=seconds, priority=priority, tags=tags, connection=connection)
        record = DispatchControl(here).push(CODE, wanted)
        return JobId(record.id, here, record.connection)

    @staticmethod
    def find(id: str) -> Record | None:
        """The job with payload, result and history, wherever it lives; None where there is none."""
        return _runtime().everywhere().get(str(id))

    @staticmethod
    def list(
        *, state: JobState | str | None = None, queue: str | None = None, name: str | None = None, tag: str | None = None,
        user: str | None = None, limit: int = DEFAULT_LIMIT,
    ) -> Sequence[Record]:  # fmt: skip
        """The newest jobs that are so, without payload, result and history; at most 200. Raises InvalidFilter."""
        states = () if state is None else (_state(state),)
        return _runtime().everywhere().find(JobQuery(states=states, queue=queue, name=name, tag=tag, user=user, limit=limit)).items

    @staticmethod
    def cancel(id: str, reason: str | None = None) -> bool:
        """Cancel it, or ask it to stop if it runs; False where it has ended or is not there."""
        return _did(Verb.CANCEL, id, ActParams(reason=reason))

    @staticmethod
    def retry(id: str) -> bool:
        """Run an ended one once more: same id, its history kept; False where it has not ended or is not there."""
        return _did(Verb.RETRY, id, ActParams())

    @staticmethod
    def delete(id: str, reason: str | None = None) -> bool:
        """Remove it (a live one is cancelled first); for a while it can still be restored. False where it is not there."""
        return _did(Verb.FORGET, id, ActParams(reason=reason))


def _did(verb: Verb, id: str, params: ActParams) -> bool:
    acted = JobControl(_runtime()).act(CODE, verb, Selection(ids=(str(id),)), params)
    return isinstance(acted, Acted) and bool(acted.done)


def _state(given: JobState | str) -> JobState:
    try:
        return JobState(given)
    except ValueError:
        near = difflib.get_close_matches(str(given), JobState, 1)
        hint = f"did you mean {near[0]}?" if near else f"there are: {', '.join(JobState)}"
        raise InvalidFilter(f"there is no state {given!r}; {hint}") from None


def _runtime() -> RuntimeLike:
    """The runtime that is meant here. Raises NoApp."""
    return cast(RuntimeLike, current.get())
