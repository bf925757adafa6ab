"""What is found out about an installation, and what one says of it. Values only."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

ERROR, WARNING, NOTE = "error", "warning", "note"
SEVERITIES = (ERROR, WARNING, NOTE)


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """One thing that somebody should know."""

    severity: str
    """`error`: jobs do not run, or nobody comes in; `warning`: it will hurt one day; `note`: good to know."""
    code: str
    sentence: str
    fix: str


@dataclass(frozen=True, kw_only=True, slots=True)
class WorkerFacts:
    """A living worker."""

    name: str
    versions: Sequence[str] = ()
    """Of the app's code."""
    old: bool = False
    """It runs older code than the newest there is."""
    version: str | None = None
    """Of Horizon."""
    ahead: float = 0.0
    """Seconds by which its clock runs before the store's, as far as what it reports shows it."""
    problems: Sequence[str] = ()
    keys: Sequence[str] | None = None
    """Fingerprints of its keys; None where it does not say."""


@dataclass(frozen=True, kw_only=True, slots=True)
class FileFacts:
    """The file of a SQLite store."""

    journal: str = "wal"
    synchronous: str = "FULL"
    filesystem: str = ""
    """Its type, empty where that cannot be told."""
    free: int | None = None
    """Bytes left on its disk."""
    log: int = 0
    """Bytes of its write-ahead log."""


@dataclass(frozen=True, kw_only=True, slots=True)
class StoreFacts:
    """One connection."""

    connection: str
    kind: str
    location: str
    error: str | None = None
    """Why it does not answer; nothing else is known of it then."""
    instead: str | None = None
    """The connection that takes its jobs while it is down."""
    parked: Sequence[tuple[str, int]] = ()
    """(connection they go to, jobs on their way there)."""
    skew: float = 0.0
    """Seconds by which its clock runs before this machine's."""
    led: bool = True
    """Some process keeps house."""
    unserved: Sequence[tuple[str, int]] = ()
    """(queue, waiting jobs) of queues that no living worker takes from."""
    waiting: int = 0
    workers: Sequence[WorkerFacts] = ()
    file: FileFacts | None = None
    schema: str | None = None
    """What is wrong with its tables."""
    warnings: Sequence[str] = ()
    """What its server is set to that could lose jobs, and what to set instead."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Facts:
    """Everything that was found out."""

    version: str
    """Of Horizon, here."""
    code_version: str | None = None
    """Of the app's code, here."""
    debug: bool = False
    secret_key: bool = True
    door: str = "auth"
    """Who lets people in: `auth` (HORIZON_AUTH), `users` (our log-in page), `tokens` only, or `nobody`."""
    settings: Mapping[str, Any] = field(default_factory=dict)
    """By name, without the prefix."""
    misspelt: Sequence[str] = ()
    """Sentences about settings that do not exist."""
    keys: Sequence[str] = ()
    """Fingerprints of those here, the newest first."""
    encrypted: Sequence[str] = ()
    """Classes and queues that should be encrypted."""
    cryptography: bool = True
    """Whether what encrypts is installed."""
    imports: Sequence[tuple[str, str]] = ()
    """(module, why) of HORIZON_IMPORTS that cannot be imported."""
    stores: Sequence[StoreFacts] = ()
    unusable_schedules: Sequence[tuple[str, str]] = ()
    """(name, why) of schedules of the code."""
    overdue_schedules: Sequence[str] = ()


Rule = Callable[[Facts], Iterator[Finding]]
"""What looks for one kind of trouble."""
