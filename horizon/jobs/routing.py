"""What is said about queues and jobs from outside them: `define_queue` and `route`.

Said at import time it holds for every app of the process; `runtime.routing` adds what is said for one app alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import NoneType
from typing import Any

from horizon.backends.values import QueueSettings
from horizon.core import dead, place
from horizon.core.clock import Micros
from horizon.core.errors import InvalidOption
from horizon.core.limit import RateLimit, check_number, check_stretch
from horizon.jobs import options, routes
from horizon.jobs.ordering import Fairness, fairness
from horizon.jobs.routes import Route
from horizon.jobs.shape import Shape

REFUSE, DROP, DELAY = "refuse", "drop", "delay"


@dataclass(frozen=True, kw_only=True, slots=True)
class QueueDefinition:
    """What code says about one queue. None: nothing."""

    name: str
    connection: str | None = None
    max_tries: int | None = None
    timeout: Micros | None = None
    backoff: object = None
    max_jobs: int | None = None
    when_full: str = REFUSE
    """What becomes of more than `max_jobs`: they are refused, dropped, or wait for room in the queue."""
    priority_weight: int = 1
    patience: Micros = place.DEFAULT_PATIENCE
    sealed: bool = False
    """Whatever is dispatched to it is encrypted."""
    rate_limit: RateLimit | None = None
    """Its jobs wait for room in it before they run."""
    max_concurrent: int | None = None
    """So many of its jobs run at a time."""
    dead_after: int | None = None
    """What failed for good so often is set aside."""
    start_within: Micros | None = None
    """Within so long of when they could, its jobs shall start..."""
    start_share: float = 0.95
    """...so many of them."""
    fair: Fairness | None = None
    """Its jobs take turns by a key."""
    fifo: bool = False
    """Its jobs start in the order in which they came."""
    expire: bool = False
    """Its jobs do not outlive their deadlines."""

    @property
    def delays(self) -> bool:
        """Whether its jobs wait for room in it, instead of being refused."""
        return self.when_full == DELAY

    def settings(self) -> QueueSettings:
        """The part of it that the store keeps."""
        refused = None if self.delays else self.max_jobs
        return QueueSettings(
            name=self.name, patience=self.patience, priority_weight=self.priority_weight, max_jobs=refused, dead_after=self.dead_after,
            start_within=self.start_within, start_share=self.start_share,
        )  # fmt: skip


def _when_full(value: object) -> object:
    if value not in (REFUSE, DROP, DELAY):
        raise InvalidOption(
            "when_full is 'refuse' (dispatch raises QueueFull), 'drop' (dispatch answers None) or 'delay' (the job waits until there is "
            f"room in its queue); got {value!r}"
        )
    return value


def _connection(value: object) -> str:
    return options.label(value, "a connection's name")


QUEUE_OPTIONS: dict[str, tuple[str, Callable[[object], object]]] = {
    "connection": ("connection", _connection),
    "max_attempts": ("max_tries", options.max_tries),
    "retry_after": ("timeout", options.timeout),
    "backoff": ("backoff", lambda value: options.backoff(value)),
    "max_jobs": ("max_jobs", lambda value: options.whole(value, "max_jobs", 1, 1_000_000_000)),
    "when_full": ("when_full", _when_full),
    "priority_weight": ("priority_weight", lambda value: options.whole(value, "priority_weight", 1, 1_000_000)),
    "max_concurrent": ("max_concurrent", options.max_concurrent),
    "patience": ("patience", lambda value: options.seconds(value, "patience")),
    "dead_after": ("dead_after", options.dead_after),
    "start_within": ("start_within", options.start_within),
    "start_share": ("start_share", options.start_share),
    "fifo": ("fifo", lambda value: options.yes_or_no(value, "fifo")),
    "expire": ("expire", lambda value: options.yes_or_no(value, "expire")),
    "encryption_enabled": ("sealed", lambda value: options.yes_or_no(value, "encryption_enabled")),
}
"""Keyword of `define_queue` → field of the definition, and its checker."""
LIMIT_OPTIONS = ("rate_limit_enabled", "rate_limit_max", "rate_limit_window")
FAIR_OPTIONS = ("fair_by", "fair_weights")


def _rate_limit(name: str, given: Mapping[str, Any]) -> RateLimit | None:
    """What `define_queue` says of it. Raises InvalidOption."""
    enabled, most, window = (given.get(key) for key in LIMIT_OPTIONS)
    if not isinstance(enabled, (bool, NoneType)):
        raise InvalidOption(f"rate_limit_enabled of the queue {name} is True or False; got {enabled!r}")
    if not enabled and (enabled is False or (most is None and window is None)):
        return None
    made = (100 if most is None else most, 60 if window is None else window)
    check_number(made[0], "rate_limit_max")
    check_stretch(made[1], "rate_limit_window")
    return RateLimit(*made)


class Routing:
    """Definitions and routes, over those of `parent`. `version` grows with every change, for whoever keeps what follows from it."""

    def __init__(self, parent: Routing | None = None) -> None:
        self._parent = parent
        self._queues: dict[str, QueueDefinition] = {}
        self._limits: dict[str, RateLimit] = {}
        self._routes: list[Route] = []
        self._version = 0

    @property
    def version(self) -> int:
        """Different whenever anything was defined since."""
        return self._version + (self._parent.version if self._parent else 0)

    def define_queue(self, name: str, **given: Any) -> None:
        """Say something about a queue; said again, the later words replace all the earlier ones."""
        dead.refuse(options.queue(name))
        if given.get("dead_after") is not None:
            dead.check_name(name)
        for key in given:
            if key not in QUEUE_OPTIONS and key not in FAIR_OPTIONS and key not in LIMIT_OPTIONS:
                known = sorted({*QUEUE_OPTIONS, *FAIR_OPTIONS, *LIMIT_OPTIONS})
                raise InvalidOption(f"a queue has no option {key!r}{options.nearest(key, known)}; there are: {', '.join(known)}")
        fields = {
            QUEUE_OPTIONS[key][0]: QUEUE_OPTIONS[key][1](value)
            for key, value in given.items()
            if value is not None and key in QUEUE_OPTIONS
        }
        if callable(fields.get("backoff")):
            raise InvalidOption("a queue's backoff is a number, a list or Exponential(...); a callable belongs on the job's class")
        fair = fairness(given.get("fair_by"), given.get("fair_weights"))
        if fair is not None and fields.get("fifo"):
            raise InvalidOption("a queue takes its jobs in turns (fair_by) or in the order in which they came (fifo), not both")
        if fields.get("when_full") == DELAY and "max_jobs" not in fields:
            raise InvalidOption(f"when_full='delay' of the queue {name} says what becomes of more than max_jobs; say max_jobs, too")
        self._queues[name] = QueueDefinition(name=name, rate_limit=_rate_limit(name, given), fair=fair, **fields)  # type: ignore[arg-type]
        self._version += 1

    def limit_queue(self, name: str, limit: RateLimit) -> None:
        """Let only so many jobs of a queue run in a stretch of time, whatever else is said of it."""
        self._limits[options.queue(name)] = limit
        self._version += 1

    def limit(self, name: str) -> RateLimit | None:
        """The rate limit of a queue, None where it has none."""
        own = self._queues.get(name)
        found = self._limits.get(name) or (own and own.rate_limit)
        return found or (self._parent.limit(name) if self._parent is not None and own is None else None)

    def named(self) -> set[str]:
        """Every queue of which anything is said."""
        return {*self._queues, *self._limits, *(self._parent.named() if self._parent else ())}

    def route(self, pattern: Any, **given: Any) -> None:
        """Set options for the jobs that `pattern` is for (see `routes`); a later route goes before an earlier one."""
        self._routes.insert(0, routes.made(pattern, given))
        self._version += 1

    def learn(self, setting: Any) -> None:
        """Take in what `HORIZON_ROUTES` says, of which the first that fits wins. Raises InvalidOption."""
        self._routes[:0] = routes.parsed(setting)
        self._version += 1

    @property
    def chooses(self) -> bool:
        """Whether any route looks at the job itself, so that its class alone does not tell where it goes."""
        return any(route.choose for route in self._routes) or (self._parent is not None and self._parent.chooses)

    def queue(self, name: str) -> QueueDefinition | None:
        """What is said about a queue, None where nothing is."""
        found = self._queues.get(name)
        return found if found is not None or self._parent is None else self._parent.queue(name)

    def queues(self) -> Mapping[str, QueueDefinition]:
        """Everything said about queues."""
        return {**(self._parent.queues() if self._parent else {}), **self._queues}

    def routed(self, name: str, cls: type[Shape] | None = None, job: Shape | None = None) -> Mapping[str, Any]:
        """What the routes say about jobs of this name and class, or about this one, merged; an app's before the process's."""
        merged: dict[str, Any] = dict(self._parent.routed(name, cls, job)) if self._parent else {}
        for route in reversed(self._routes):
            if route.fits(name, cls):
                merged.update(route.says(job))
        return merged


PROCESS = Routing()
"""What was said at import time."""


def define_queue(name: str, **given: Any) -> None:
    """Say how a queue is to be treated, in every app of this process.

    `connection`: where its jobs live. `max_attempts` and `retry_after` (seconds): tries and timeout of jobs that set none
    themselves. `backoff`: likewise. `max_jobs`: more waiting ones are refused with QueueFull; with `when_full="drop"`
    they are dropped (dispatch answers None then), with `"delay"` they wait until fewer wait or run. `priority_weight`: its share
    where workers draw among queues (1). `rate_limit_enabled`, `rate_limit_max` (100) and `rate_limit_window` (60 s): only so many
    of its jobs run in that time, `max_concurrent`: so many at a time; the others wait, and lose no try. `patience`: after this many seconds a waiting job goes before any deadline (3,600). `dead_after`: a job that failed for good in so many rounds is set aside among the dead letters.
    `start_within` and `start_share` (0.95): its time target, so many of its jobs shall start within so many seconds of when they could.
    Raises InvalidOption for anything else.
    """
    PROCESS.define_queue(name, **given)


def route(pattern: Any, **given: Any) -> None:
    """Set `queue connection delay priority max_tries timeout backoff tags` for jobs by class or name, in every app of this process:
    `route("shop.reports:*", queue="reports")`. A job's own class, instance and fluent words win over it."""
    PROCESS.route(pattern, **given)
