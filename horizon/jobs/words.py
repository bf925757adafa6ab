"""The fluent words: `SendEmail(...).on_queue("mail").delay_until(60).dispatch()`, and the same on `on("mail")`.

Each checks what it is given at once and returns what it was called on. The value that keeps it is imported at the first
word: a module that only defines jobs stays light.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Self

from horizon.core.clock import now
from horizon.core.errors import InvalidOption
from horizon.jobs import moments, options

if TYPE_CHECKING:
    from horizon.core.backoff import Backoff
    from horizon.jobs.said import Said

When = float | timedelta | datetime


class Fluent:
    """The words themselves. Whoever has them keeps what was said in `_said`."""

    _said: Said | None

    def _say(self, **given: object) -> Self:
        from horizon.jobs.said import Said

        self._keep((self._said or Said()).also(**given))
        return self

    def _keep(self, said: Said) -> None:
        self._said = said

    def on_queue(self, name: str) -> Self:
        """Run from this queue."""
        return self._say(queue=options.queue(name))

    def on_connection(self, name: str) -> Self:
        """Keep it in the store of this name (`HORIZON_CONNECTIONS`)."""
        return self._say(connection=options.label(name, "a connection's name"))

    def delay_until(self, when: When) -> Self:
        """Not before this: seconds from now, a timedelta, or an aware datetime."""
        if isinstance(when, datetime):
            return self._say(available_at=moments.moment(when, now(), "delay_until"), delay=None)
        return self._say(delay=options.seconds(when, "delay_until"), available_at=None)

    def later(self, when: When) -> Self:
        """The same as `delay_until`."""
        return self.delay_until(when)

    def with_priority(self, priority: int) -> Self:
        """From -100 to 100, `Priority.HIGH` and the like included; higher runs first."""
        return self._say(priority=options.priority(priority))

    def with_deadline(self, when: When, *, expire: bool | None = None) -> Self:
        """It should have started by then: it goes before jobs of its priority that have more time. `expire`: it fails where it has not
        started by then, True or False; left out, as its queue says."""
        expires = None if expire is None else options.yes_or_no(expire, "expire")
        return self._say(deadline=moments.moment(when, now(), "with_deadline"), expires=expires)

    def tagged(self, *tags: str) -> Self:
        """More tags, beside those of the class or instance."""
        return self._say(tags=options.tags((*(self._said.tags if self._said else ()), *tags)))

    def for_user(self, user: object) -> Self:
        """On whose behalf; shown, searched and shared fairly by."""
        return self._say(user=options.label(user, "a user's id"))

    def for_tenant(self, tenant: object) -> Self:
        """For which customer."""
        return self._say(tenant=options.label(tenant, "a tenant's id"))

    def unique_by(self, key: str, seconds: float | timedelta | None = None) -> Self:
        """Only if no active job of this connection holds the key; it is held until the end of the job, at most `seconds`."""
        held = None if seconds is None else options.seconds(seconds, "unique_by", least=1)
        return self._say(unique_key=options.label(key, "a unique key"), unique_for=held)

    def with_idempotency_key(self, key: str) -> Self:
        """Let jobs of this class with this key take effect once: where one of them has completed, the others complete without running,
        with its result."""
        from horizon.jobs.idempotent import tag

        return self._say(tags=options.tags((*(self._said.tags if self._said else ()), tag(key))))

    def debounce(self, key: str, seconds: float | timedelta, *, longest: float | timedelta | None = None) -> Self:
        """Run when nothing was dispatched with this key for so many seconds, and of those that were only the last one; at the latest
        `longest` after the first."""
        from horizon.jobs.debounce import checked

        return self._say(debounce=checked(key, seconds, longest))

    def depends_on(self, *jobs: object) -> Self:
        """Not before these have completed: ids, or jobs, batches, chains and workflows that have been dispatched."""
        from horizon.core.envelope import Edge

        edges = tuple(Edge(job_id=_id_of(job), of_group=getattr(job, "_horizon_is_group", False)) for job in jobs)
        return self._say(edges=(*(self._said.edges if self._said else ()), *edges))

    def with_tries(self, tries: int) -> Self:
        """How often it may run before it fails for good."""
        return self._say(max_tries=options.whole(tries, "with_tries", 1, options.MAX_TRIES))

    def with_backoff(self, backoff: float | Sequence[float] | Backoff) -> Self:
        """Seconds between tries, a list of them, or `Exponential(...)`."""
        if callable(backoff):
            raise InvalidOption(
                "with_backoff takes numbers or Exponential(...), which can be stored; a callable belongs on the job's class"
            )
        return self._say(backoff=options.backoff(backoff))

    def with_timeout(self, seconds: float | timedelta) -> Self:
        """How long one attempt may run."""
        return self._say(timeout=options.timeout(seconds))

    def after_commit(self) -> Self:
        """Wait for the commit of the host's transaction; with none under way, dispatch at once."""
        return self._say(after_commit=True, immediately=False)

    def immediately(self) -> Self:
        """Never join the host's transaction: the job is there whatever becomes of it.

        On SQLite, where one transaction writes at a time, this waits for the host's own open writes, in vain: commit first.
        """
        return self._say(immediately=True, after_commit=False)


def _id_of(job: object) -> str:
    from horizon.core.ids import is_id

    key = "id" if getattr(job, "_horizon_is_group", False) else "job_id"
    id = job if isinstance(job, str) else getattr(job, key, None)
    if id is None:
        raise InvalidOption(f"depends_on takes ids or jobs that have been dispatched; {job!r} has not been: dispatch it first")
    if not isinstance(id, str) or not is_id(id):
        raise InvalidOption(f"depends_on takes ids of jobs, such as dispatch() returns; got {id!r}")
    return str(id)
