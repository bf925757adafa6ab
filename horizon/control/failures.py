"""`FailureHandler`: what is done about failures, from the attempt that raised to the cause that is put right.

The worker, the runner, follow-ups and `dispatch_now` go through what it inherits (`jobs/handling.py`); people and programs look
at causes with `analyse`, and run again, forget or resolve all failures of one.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import cast

from horizon.backends.base import Backend
from horizon.backends.values import Acted, Operation, Verb
from horizon.control import pacing
from horizon.control.acting import backend_of, entry
from horizon.control.jobs import JobControl
from horizon.control.service import CODE
from horizon.core import current
from horizon.core.audit import AuditQuery
from horizon.core.clock import DAY, Micros
from horizon.core.errors import InvalidOption
from horizon.core.query import JobQuery, Selection
from horizon.core.states import JobState
from horizon.jobs import moments, options
from horizon.jobs.ambient import RuntimeLike
from horizon.jobs.handling import Handling
from horizon.monitor.causes import FailureGroup, group
from horizon.security.permissions import Ability, Actor, require

RESOLVE = "resolve"
SINCE = 7 * DAY
SPANS = 20
REMEMBERED = 500
"""The latest resolutions that are looked at."""
MARK = "cause:"


class FailureHandler(Handling):
    """Of the app that is meant. Nothing needs to be created: `FailureHandler.analyse()`."""

    @staticmethod
    def analyse(
        since: datetime | timedelta | float | None = None, *, limit: int = 20, connection: str | None = None
    ) -> Sequence[FailureGroup]:
        """Failures of one origin as one group, the most frequent first, among the latest 5,000 of that time: how many, since when,
        in which versions, on which hosts, and where to begin.

        `since`: an aware datetime, or how long ago (seconds or a timedelta); left out, the past 7 days.
        """
        backend = backend_of(_runtime(), connection)
        now = backend.now()
        return groups(backend, _start(since, now), now, limit)

    @staticmethod
    def retry(cause: str, *, pace: str | float | None = None, connection: str | None = None) -> Acted | Operation:
        """Run every job that failed with this cause again; `pace` such as "50/s" lets them go on slowly."""
        rate = pacing.read(pace)
        return JobControl(_runtime()).act(CODE, Verb.RETRY, _all_of(cause), connection=connection, pace=rate)

    @staticmethod
    def forget(cause: str, *, connection: str | None = None) -> Acted | Operation:
        """Remove every job that failed with this cause; they can be restored for a while."""
        return JobControl(_runtime()).act(CODE, Verb.FORGET, _all_of(cause), connection=connection)

    @staticmethod
    def resolve(cause: str, note: str | None = None, *, connection: str | None = None) -> None:
        """Say that it is put right. Should it come again, the group is unresolved again by itself."""
        resolve(backend_of(_runtime(), connection), CODE, cause, note)


def resolve(backend: Backend, actor: Actor, cause: str, note: str | None = None) -> None:
    """Keep with the audit log that somebody has put a cause right. Raises PermissionDenied, InvalidOption."""
    require(actor, Ability.OPERATE)
    if not cause or len(cause) > 300:
        raise InvalidOption(f"a cause is named by its fingerprint, as `analyse` tells it; got {cause[:60]!r}")
    backend.audit.append(entry(actor, RESOLVE, f"{MARK}{cause}", detail=note))


def groups(backend: Backend, since: Micros, until: Micros, limit: int = 20) -> list[FailureGroup]:
    """Causes with all that is known of them."""
    found = backend.causes(since, limit)
    if not found:
        return []
    spread, said = backend.spread(since, until, SPANS), resolutions(backend)
    return [group(one, spread.get(one.cause), said.get(one.cause)) for one in found]


def resolutions(backend: Backend) -> dict[str, tuple[Micros, str]]:
    """By cause, when somebody last said that it is put right, and who."""
    page = backend.audit.find(AuditQuery(verb=RESOLVE, limit=REMEMBERED))
    found: dict[str, tuple[Micros, str]] = {}
    for one in page.items:
        if one.at is not None and one.target.startswith(MARK):
            found.setdefault(one.target.removeprefix(MARK), (one.at, one.actor))
    return found


def _all_of(cause: str) -> Selection:
    return Selection(query=JobQuery(states=(JobState.FAILED,), cause=cause))


def _start(since: datetime | timedelta | float | None, now: Micros) -> Micros:
    if since is None:
        return now - SINCE
    if isinstance(since, datetime):
        return moments.aware(since, "since")
    return now - options.seconds(since, "since")


def _runtime() -> RuntimeLike:
    return cast(RuntimeLike, current.get())
