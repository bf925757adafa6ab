"""`FailureHandler`: what is done about failures, from the attempt that raised to the cause that is put right.

The worker, the runner, follow-ups and `dispatch_now` go through what it inherits (`jobs/handling.py`); people and programs look
at causes with `analyse`, run all failures of one again or forget them, and say what they make of it: resolve, snooze, mute, reopen.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import cast

from horizon.backends.values import Acted, Operation, Verb
from horizon.control import pacing
from horizon.control.acting import backend_of
from horizon.control.causes import CauseControl
from horizon.control.jobs import JobControl
from horizon.control.service import CODE
from horizon.core import current
from horizon.core.clock import DAY, Micros
from horizon.core.query import JobQuery, Selection
from horizon.core.states import JobState
from horizon.jobs import moments, options
from horizon.jobs.ambient import RuntimeLike
from horizon.jobs.handling import Handling
from horizon.monitor.causes import FailureGroup
from horizon.monitor.gathering import causes

SINCE = 7 * DAY


class FailureHandler(Handling):
    """Of the app that is meant. Nothing needs to be created: `FailureHandler.analyse()`."""

    @staticmethod
    def analyse(
        since: datetime | timedelta | float | None = None, *, limit: int = 20, connection: str | None = None
    ) -> Sequence[FailureGroup]:
        """Failures of one origin as one group, the most frequent first, among the latest 5,000 of that time: how many, since when,
        in which versions, on which hosts, where to begin, and how it stands (`state`: new, ongoing, regressed, resolved, snoozed, muted).

        `since`: an aware datetime, or how long ago (seconds or a timedelta); left out, the past 7 days.
        """
        here = _runtime()
        backend = backend_of(here, connection)
        now = backend.now()
        found = causes(here, backend, _start(since, now), now, most=max(1, limit))
        return [one for one in found if one.count]

    @staticmethod
    def retry(
        cause: str,
        *,
        pace: str | float | None = None,
        canary: int | None = None,
        stop_when_failing: str | float | None = None,
        connection: str | None = None,
    ) -> Acted | Operation:
        """Run every job that failed with this cause again; `pace` such as "50/s" lets them go on slowly, `canary` tries so many first,
        and `stop_when_failing` such as "20%" stops when more of them fail again."""
        care = pacing.care(pace, canary, stop_when_failing)
        return JobControl(_runtime()).act(CODE, Verb.RETRY, _all_of(cause), connection=connection, pace=care)

    @staticmethod
    def forget(cause: str, *, connection: str | None = None) -> Acted | Operation:
        """Remove every job that failed with this cause; they can be restored for a while."""
        return JobControl(_runtime()).act(CODE, Verb.FORGET, _all_of(cause), connection=connection)

    @staticmethod
    def resolve(cause: str, note: str | None = None) -> None:
        """Say that it is put right. Should a job fail with it again, the cause has regressed.

        Raises NotFound where no job stands failed with it and nobody has spoken of it; so do the other words.
        """
        CauseControl(_runtime()).resolve(CODE, cause, note)

    @staticmethod
    def snooze(cause: str, until: datetime | timedelta | float | None = None, *, more: int | None = None, note: str | None = None) -> None:
        """Let it wait: until a time (an aware datetime, or how long from now), or until it has happened `more` times more."""
        here = _runtime()
        CauseControl(here).snooze(CODE, cause, until=_end(until, here.backend().now()), more=more, note=note)

    @staticmethod
    def mute(cause: str, note: str | None = None) -> None:
        """Say that it is of no interest, whatever comes: it turns nothing red."""
        CauseControl(_runtime()).mute(CODE, cause, note)

    @staticmethod
    def reopen(cause: str, note: str | None = None) -> None:
        """Take back what was said last."""
        CauseControl(_runtime()).reopen(CODE, cause, note)


def _all_of(cause: str) -> Selection:
    return Selection(query=JobQuery(states=(JobState.FAILED,), cause=cause))


def _start(since: datetime | timedelta | float | None, now: Micros) -> Micros:
    if since is None:
        return now - SINCE
    if isinstance(since, datetime):
        return moments.aware(since, "since")
    return now - options.seconds(since, "since")


def _end(until: datetime | timedelta | float | None, now: Micros) -> Micros | None:
    if until is None:
        return None
    if isinstance(until, datetime):
        return moments.aware(until, "until")
    return now + options.seconds(until, "until")


def _runtime() -> RuntimeLike:
    return cast(RuntimeLike, current.get())
