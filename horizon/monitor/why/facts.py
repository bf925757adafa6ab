"""What has to be known of a job and of what is around it to say why it stands as it does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from horizon.backends.circuits import CircuitRecord
from horizon.core.clock import Micros
from horizon.core.group import GroupRecord
from horizon.core.limit import LimitRecord
from horizon.core.record import Record
from horizon.monitor.figures import QueueFigures
from horizon.monitor.workers import Worker


class Mark(StrEnum):
    """What a point of the list says."""

    OK = "ok"
    """It is as it should be."""
    WAITS = "waits"
    """The job waits for this, and that passes by itself, or when somebody wants it to."""
    WRONG = "wrong"
    """Somebody has to do something."""
    UNKNOWN = "unknown"
    """Nothing that is stored tells."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Link:
    """What a point speaks of, for whoever can lead there."""

    kind: str
    """`job`, `queue`, `limit`, `batch`, `chain`, `workflow`, `circuit`, `workers`."""
    name: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Point:
    """One question and its answer, in words. In the text `{when}` stands for the moment `at` as seen from now (`5 min ago`), `{then}`
    for that moment itself."""

    key: str
    """The same from one look to the next."""
    mark: Mark
    text: str
    at: Micros | None = None
    link: Link | None = None
    command: str = ""
    """What to type."""
    happened: bool = False
    """Its moment is that of something which has happened."""

    @property
    def may_lie_ahead(self) -> bool:
        """Whether its moment may be one to come; otherwise it never is, though the clock that says so may be behind whoever noted it."""
        return self.mark is Mark.WAITS and not self.happened


@dataclass(frozen=True, kw_only=True, slots=True)
class Pause:
    """Somebody paused the queue."""

    by: str
    at: Micros


@dataclass(frozen=True, kw_only=True, slots=True)
class Facts:
    """Of one job at one moment."""

    record: Record
    now: Micros
    queue: QueueFigures | None = None
    """None: nothing is known of its queue."""
    pauses: Sequence[Pause] = ()
    """By people, of its queue, the latest first."""
    workers: Sequence[Worker] = ()
    """Living ones of its connection."""
    classes: Mapping[str, frozenset[str] | None] = field(default_factory=dict)
    """By the id of a worker, the classes that it knows; None where it does not say."""
    limit: LimitRecord | None = None
    """The one it waits for."""
    ahead: int | None = None
    """Jobs that start before it."""
    parents: Sequence[Record] = ()
    """Jobs that it waits for."""
    groups: Sequence[GroupRecord] = ()
    """Groups that it waits for or waited for."""
    circuits: Sequence[CircuitRecord] = ()
    """Those that are not closed."""
