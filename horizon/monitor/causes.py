"""Why jobs fail: what a cause looks like, in words that say where to begin. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from horizon.backends.spread import Shares, Spread, Tally
from horizon.backends.values import Cause
from horizon.core.clock import Micros
from horizon.monitor import triage
from horizon.monitor.triage import CauseState, Said

SERVICES = {
    "smtplib": "the mail server", "redis": "Redis", "valkey": "Valkey", "psycopg": "the database", "psycopg2": "the database",
    "sqlite3": "the database", "pymysql": "the database", "sqlalchemy": "the database", "requests": "an HTTP service",
    "urllib3": "an HTTP service", "urllib": "an HTTP service", "httpx": "an HTTP service", "aiohttp": "an HTTP service",
    "botocore": "AWS", "boto3": "AWS", "stripe": "Stripe", "ssl": "a service behind TLS", "socket": "the network",
}  # fmt: skip
"""The package that raised it → whom the job spoke to."""
KINDS = (
    (("JobTimeout",), "The job ran longer than its timeout: raise `timeout`, or let it do less at a time."),
    (("JobCrashed",), "The worker's process died while it ran: out of memory or a crash in C code; look at the host's own log."),
    (("MaxAttemptsExceeded",), "It released itself until its tries were used up: what it waits for does not come, or `max_tries` is too low."),
    (("UnknownJobName",), "No worker knows the class: its module is missing in HORIZON_IMPORTS, or the class was renamed (`aliases`)."),
    (("InvalidPayload", "Unsettleable"), "What is stored cannot be read or kept: the class has changed since, or a value is damaged."),
    (("InvalidSignature", "UnknownKey"), "A key is missing here, or the stored job was changed: compare HORIZON_KEYS of web and workers."),
    (("PermissionDenied",), "Whoever dispatched it may not have it run: look at the job's user and required permissions."),
    (("MemoryError",), "It needs more memory than there is: let it do less at a time, or give the worker more."),
    (("ModuleNotFoundError", "ImportError"), "A module is missing where the worker runs: compare its installed packages with those of the web process."),
    (("AuthenticationError", "NotAuthenticated", "Unauthorized", "Forbidden"), "The credentials are not accepted: were they changed or did they expire?"),
)  # fmt: skip
AWAY = ("timeout", "timedout", "connection", "disconnected", "refused", "unreachable", "unavailable", "brokenpipe", "gaierror")
BUGS = ("AttributeError", "KeyError", "TypeError", "IndexError", "NameError", "ValueError", "ZeroDivisionError", "AssertionError")


@dataclass(frozen=True, kw_only=True, slots=True)
class FailureGroup:
    """Failures of one origin: exception, place in the code and kind of message."""

    cause: str
    type: str
    message: str
    """Of the latest."""
    name: str
    """The job's class; of several, that of the latest."""
    count: int
    """Failed jobs among those looked at."""
    first_at: Micros
    last_at: Micros
    total: int = 0
    """Jobs that stand failed with it, however old."""
    more: bool = False
    """There are more of them: counting stopped there."""
    state: CauseState = CauseState.ONGOING
    said: Said | None = None
    """What people made of it."""
    trend: tuple[int, ...] = ()
    """Failures in equal spans of the time looked at, oldest first."""
    by_version: Shares = ()
    by_host: Shares = ()
    by_class: Shares = ()
    by_queue: Shares = ()
    service: str | None = None
    """Whom the job spoke to when it failed, as far as the exception tells."""
    suggestion: str = ""
    """Where to begin."""

    @property
    def versions(self) -> tuple[str, ...]:
        """Of the code, most frequent first."""
        return tuple(name for name, _ in self.by_version)

    @property
    def hosts(self) -> tuple[str, ...]:
        """Most frequent first."""
        return tuple(name for name, _ in self.by_host)

    @property
    def classes(self) -> tuple[str, ...]:
        """Of the jobs, most frequent first."""
        return tuple(name for name, _ in self.by_class) or ((self.name,) if self.name else ())

    @property
    def queues(self) -> tuple[str, ...]:
        """Most frequent first."""
        return tuple(name for name, _ in self.by_queue)

    @property
    def resolved_at(self) -> Micros | None:
        """When somebody said that it is put right; None where nobody did, or it has come again since."""
        return self.said.last.at if self.said is not None and self.state is CauseState.RESOLVED else None

    @property
    def resolved_by(self) -> str | None:
        """Who said so."""
        return self.said.last.by if self.said is not None and self.state is CauseState.RESOLVED else None


def group(cause: Cause, spread: Spread | None, tally: Tally | None, said: Said | None, now: Micros) -> FailureGroup:
    """One cause with all that is known of it."""
    total = tally.count if tally else cause.count
    first, last = (min(tally.first_at, cause.first_at), max(tally.last_at, cause.last_at)) if tally else (cause.first_at, cause.last_at)
    first, how = triage.earliest(said, first) or first, spread or Spread(trend=())
    return FailureGroup(
        cause=cause.cause, type=cause.type, message=cause.message, name=cause.name, count=cause.count, first_at=first, last_at=last,
        total=total, more=bool(tally and tally.more), said=said,
        state=triage.standing(said, first_at=first, last_at=last, count=total, now=now).state,
        trend=how.trend, by_version=how.by_version, by_host=how.by_host, by_class=how.by_class, by_queue=how.by_queue,
        service=service(cause.type), suggestion=suggestion(cause, spread),
    )  # fmt: skip


def of_the_past(cause: str, said: Said, tally: Tally | None, now: Micros) -> FailureGroup:
    """A cause with which no job failed of late, or none stands failed any more, as far as what was said of it tells."""
    at = said.last.at
    first, last, count = (tally.first_at, tally.last_at, tally.count) if tally else (said.first_at or at, at, 0)
    first = triage.earliest(said, first) or first
    state = triage.standing(said, first_at=first, last_at=last, count=count, now=now).state
    type = said.type or cause.partition(" ")[0]
    return FailureGroup(
        cause=cause, type=type, message="", name=said.name, count=0, first_at=first, last_at=last, total=count, said=said, state=state,
        service=service(type),
    )  # fmt: skip


def service(type: str) -> str | None:
    """Whom a job spoke to when this was raised."""
    return SERVICES.get(type.partition(".")[0])


def suggestion(cause: Cause, spread: Spread | None) -> str:
    """Where to begin: what the exception says, and what all its failures have in common."""
    return " ".join(part for part in (_of_kind(cause), _in_common(cause, spread)) if part)


def _of_kind(cause: Cause) -> str:
    short, said = cause.type.rpartition(".")[2], f"{cause.type} {cause.message}".lower().replace(" ", "")
    for names, words in KINDS:
        if short in names:
            return words
    if any(word in said for word in AWAY):
        to = service(cause.type) or "what it speaks to"
        name = to[0].upper() + to[1:]
        return f"{name} did not answer: is it up, and can the workers reach it? Retry when it is back."
    if short in BUGS:
        return "It looks like a bug or unexpected data: mend the code or the arguments, then retry."
    return ""


def _in_common(cause: Cause, spread: Spread | None) -> str:
    if spread is None or cause.count < 2:
        return ""
    said = []
    if len(spread.versions) == 1:
        said.append(f"in version {spread.versions[0]}")
    if len(spread.hosts) == 1:
        said.append(f"on {spread.hosts[0]}")
    return f"All of it {' and '.join(said)}." if said else ""
