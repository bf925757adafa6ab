"""Whether the user of a job has the permissions that the job asks for: at dispatch, and once more before it runs."""

from __future__ import annotations

import logging

from horizon.core.audit import AuditEntry
from horizon.core.errors import ConfigurationError, HorizonError, PermissionDenied
from horizon.core.settings import Settings
from horizon.jobs import options
from horizon.jobs.ambient import RuntimeLike
from horizon.jobs.shape import Shape

NOBODY = "nobody"
"""How the audit log calls the user of a job that has none."""
log = logging.getLogger("horizon.jobs")


def user_here(settings: Settings) -> str | None:
    """On whose behalf a job is dispatched that does not say it: what `HORIZON_ACTOR` answers."""
    asked = settings.ACTOR
    found = asked() if asked is not None else None
    return None if found is None else options.label(found, "the id that HORIZON_ACTOR returns")


def check(job: Shape, user: str | None, runtime: RuntimeLike) -> None:
    """Raise PermissionDenied unless the user has every permission that this job asks for; ConfigurationError where nobody
    can tell."""
    guard = job._horizon.guard
    if guard is None or not guard.permissions:
        return
    asked = runtime.settings.PERMISSIONS
    name, who = type(job).__name__, "nobody (a job without a user)" if user is None else user
    if asked is None:
        raise ConfigurationError(
            f"{name} requires {_listed(guard.permissions)}, and nothing says who has which permissions: set "
            'app.config["HORIZON_PERMISSIONS"] to a function that takes a user\'s id and returns the names of their permissions'
        )
    answer = asked(user)
    if answer is None or isinstance(answer, (str, bytes)):
        raise ConfigurationError(f"HORIZON_PERMISSIONS returns a list or set of names; for {who} it returned a {type(answer).__name__}")
    held = frozenset(answer)
    missing = [one for one in guard.permissions if one not in held]
    if missing:
        raise PermissionDenied(f"{name} requires {_listed(guard.permissions)}; {who} lacks {_listed(missing)}")


def at_dispatch(job: Shape, user: str | None, name: str, runtime: RuntimeLike, connection: str) -> None:
    """The same where a job is dispatched; a refusal is kept in the audit log."""
    try:
        check(job, user, runtime)
    except PermissionDenied as denied:
        _after_the_hosts_writes(runtime, connection, entry(user, name, denied))
        raise


def entry(user: str | None, target: str, denied: HorizonError) -> AuditEntry:
    """What the audit log keeps of a refusal."""
    return AuditEntry(actor=user or NOBODY, verb="denied", target=target, detail=str(denied)[:500], origin="code")


def tell(runtime: RuntimeLike, connection: str | None, what: AuditEntry) -> None:
    """Keep an entry; that it could not be kept changes nothing about the refusal."""
    try:
        runtime.backend(connection).audit.append(what)
    except HorizonError:
        log.exception("the audit log could not keep that %s was refused: %s", what.target, what.detail)


def _after_the_hosts_writes(runtime: RuntimeLike, connection: str, what: AuditEntry) -> None:
    """At once, or when the host's open transaction has ended, one way or the other: SQLite lets one write at a time."""
    store = runtime.way(connection)[0] if not runtime.runs_here(connection) else None
    waits_for = runtime.host.writing(None) if runtime.host is not None else None
    if waits_for is None:
        tell(runtime, store, what)
    else:
        waits_for.follow(lambda: tell(runtime, store, what), lambda: tell(runtime, store, what))


def _listed(names: object) -> str:
    return ", ".join(names)  # type: ignore[arg-type]
