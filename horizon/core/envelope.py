"""One job as it is pushed: a value that every floor understands and no floor changes in place."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum

from horizon.core.clock import Micros
from horizon.core.limit import Limit

VERSION = 1
"""The envelope's format. A worker refuses a newer one politely: the job goes back unharmed."""

FOLLOW_UP = "horizon.jobs.followup:CallFailed"
"""Name of the job that calls `failed()` of another one whose process was killed."""


class On(IntEnum):
    """When an edge lets the dependant go."""

    COMPLETED = 1
    FAILED = 2
    ANY = 3
    PROGRESS = 4
    """Of a group only: while its figures change, at most once a second, and once more when it ends."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Edge:
    """This job waits for another one, or for a group."""

    job_id: str
    on: On = On.COMPLETED
    of_group: bool = False
    """`job_id` is the id of a group."""


@dataclass(kw_only=True, slots=True)
class Envelope:
    """One job, ready to be stored. Not frozen, for speed only: nobody changes it.

    Times are microseconds since 1970 UTC by the store's clock; durations microseconds.

    `None` in an option means: no level above the worker's flag said anything; it is resolved at the first reservation.
    """

    id: str
    name: str
    queue: str
    payload: bytes
    version: int = VERSION
    priority: int = 0
    delay: Micros = 0
    """Not before this long after the store receives it."""
    available_at: Micros | None = None
    """Not before this moment; wins over `delay`."""
    max_tries: int | None = None
    timeout: Micros | None = None
    backoff: str | None = None
    """As written by `core.backoff.encode`."""
    retry_until: Micros | None = None
    max_crashes: int | None = None
    deadline: Micros | None = None
    tags: tuple[str, ...] = ()
    user: str | None = None
    tenant: str | None = None
    group: str | None = None
    """The innermost group it is a member of."""
    edges: tuple[Edge, ...] = ()
    before: tuple[str, ...] = ()
    """Ids of blocked jobs that shall wait for this one as well, until it has completed."""
    unique_key: str | None = None
    unique_for: Micros | None = None
    unique_until_processing: bool = False
    round: int = 0
    """How often a person has re-opened it."""
    tries: int = 0
    """Those it has used up: of a job that comes from another store."""
    crashes: int = 0
    weight: int = 1
    limits: tuple[Limit, ...] = ()
    """All of them must have room before it starts."""
    fair: str | None = None
    """Jobs of one queue and priority take turns by this key; None: by the time at which they came."""
    share: int = 1
    """How many turns its key has where another one has one. Without a key: how much of the patience of its queue it does without
    (a job of 2 waits half of it); 0: not even its deadline lets it start before those that came earlier."""
    expires: bool = False
    """It fails where its deadline passes before it has started."""
    hook: bool = False
    """Whether its class has a `failed()` of its own, so that a killed run needs a follow-up job."""
    code_version: str | None = None
    signature: str | None = None
    created_at: Micros | None = None
    """When it was dispatched; the store's time of arrival where None."""
    fresh: bool = field(default=False, compare=False, repr=False)
    """Its id was drawn just now, so that no store can have removed it, and nobody has pushed it yet. A store that relies on that takes it
    back before it sends anything: what is pushed again is not fresh. It is kept nowhere."""
