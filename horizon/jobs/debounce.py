"""`.debounce(key, seconds, longest=...)`: of several dispatches in quick succession only the last one runs, when it has been quiet.

1. Each dispatch is stored, to start after `seconds`, with the key among its tags; so nothing that was accepted can be lost.
2. A job whose time has come looks whether one with its key was dispatched after it, and then ends as cancelled, naming that one.
3. With `longest`, a burst has an end: the first dispatch of one sets a time, which those after it take over, and none starts later.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any, NamedTuple

from horizon.core import clock
from horizon.core.clock import Micros
from horizon.core.errors import InvalidOption
from horizon.core.query import JobQuery
from horizon.core.states import JobState
from horizon.jobs import options
from horizon.jobs.ambient import RuntimeLike
from horizon.jobs.said import Debounce
from horizon.middleware.base import Middleware, Next
from horizon.middleware.sending_back import running_of, store_of

KEY, UNTIL = "debounce:", "debounce-until:"
COUNTS = tuple(state for state in JobState if state is not JobState.CANCELLED)
"""A later dispatch takes an earlier one's place unless somebody has cancelled it."""
WAITS = (JobState.SCHEDULED, JobState.PENDING)
MAX_KEY = 150


class Timed(NamedTuple):
    """What becomes of a dispatch."""

    available_at: Micros
    tags: tuple[str, ...]


def checked(key: object, seconds: float | timedelta, longest: float | timedelta | None) -> Debounce:
    """What was said, in its final form. Raises InvalidOption."""
    text = options.label(key, "the key of debounce")
    if len(text) > MAX_KEY or text.endswith("*"):
        raise InvalidOption(f"the key of debounce has at most {MAX_KEY} characters, of which the last is no asterisk; got {text!r}")
    quiet = options.seconds(seconds, "debounce", least=1000)
    most = None if longest is None else options.seconds(longest, "longest= of debounce", least=quiet)
    return Debounce(text, quiet, most)


def timed(said: Debounce, runtime: RuntimeLike, connection: str) -> Timed:
    """When the job may start, and the tags that say it."""
    at, tag = clock.now(), KEY + said.key
    if said.longest is None:
        return Timed(at + said.quiet, (tag,))
    until = _until(tag, runtime, connection, at) or at + said.longest
    return Timed(min(at + said.quiet, until), (tag, f"{UNTIL}{until}"))


def _until(tag: str, runtime: RuntimeLike, connection: str, now: Micros) -> Micros | None:
    """The end of the burst that is under way, None where none is."""
    waiting = runtime.backend(connection).find(JobQuery(tag=tag, states=WAITS, limit=1)).items
    found = [int(one.removeprefix(UNTIL)) for record in waiting for one in record.tags if one.startswith(UNTIL)]
    return found[0] if found and found[0] > now else None


def key_of(tags: tuple[str, ...]) -> str | None:
    """The tag under which a job was debounced, None where it was not."""
    return next((tag for tag in tags if tag.startswith(KEY)), None)


class OnlyTheLast(Middleware):
    """Ends a job unrun after which another one of its key was dispatched."""

    def __init__(self, tag: str) -> None:
        self.tag = tag

    def handle(self, job: Any, next: Next) -> Any:
        running = running_of(job)
        if running.reservation is not None and running.reservation.round:
            return next(job)  # a person wants it all the same
        last = store_of(job).find(JobQuery(tag=self.tag, states=COUNTS, limit=1)).items
        if last and last[0].id != running.id:
            running.decide("CANCELLED", reason=f"replaced by job {last[0].id}, which was dispatched later")
            return None
        return next(job)
