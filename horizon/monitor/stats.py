"""The read model of the dashboard: everything from counters and samples, in a handful of questions to each store.

The answer is kept while nothing changed, for a second at the most, and viewers who ask at the same time share one. Where
an answer is dear and the store changes all the time, it is also shared for a moment: fifty viewers cost what one does.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from threading import Lock
from typing import Protocol

from horizon.backends.base import Backend
from horizon.backends.outages import Outages
from horizon.backends.values import Cause, QueueCount, QueueSettings
from horizon.core.clock import DAY, Micros, cpu, monotonic
from horizon.core.errors import BackendUnavailable
from horizon.core.states import JobState
from horizon.monitor import triage
from horizon.monitor.figures import Overview, Silent
from horizon.monitor.history import RANGES
from horizon.monitor.measures import Sum
from horizon.monitor.reading import Reading
from horizon.monitor.said import Words
from horizon.monitor.summary import summarise
from horizon.monitor.targets import Waits, target_of
from horizon.monitor.trends import Pasts, by_queue
from horizon.monitor.triage import Said
from horizon.monitor.window import Window

KEPT = 1.0
"""Seconds an answer is good for while nothing changes: ages grow all the same."""
CHEAP = 0.010
"""Seconds of processor time up to which an answer is worked out anew for whoever asks after a change."""
SHARED = 0.5
"""Seconds that a dear one is shared at the most, whatever changed."""
CAUSES_KEPT = 10.0
"""Seconds the causes are good for while no other job failed."""
WAITS_KEPT = 5.0
"""Seconds that is good for what targets are measured by."""
CAUSES_SINCE: Micros = DAY
CAUSES = 8

log = logging.getLogger("horizon.monitor")


class Stores(Protocol):
    """What the figures need of a runtime."""

    default: str
    outages: Outages

    def backend(self, connection: str | None = None) -> Backend:
        """The store of a connection; None: the default one."""

    def connections(self) -> tuple[str, ...]:
        """Every connection by name."""

    def failovers(self) -> tuple[tuple[str, str], ...]:
        """(store, store that takes its jobs while it is down)."""


@dataclass(slots=True)
class _Kept:
    """What is remembered of one connection between two answers."""

    window: Window = field(default_factory=Window)
    causes: Sequence[Cause] = ()
    settled: int = 0
    causes_key: object = None
    causes_at: float = 0.0
    waits: Waits = field(default_factory=dict)
    waits_of: frozenset[str] = frozenset()
    waits_at: float = 0.0


class Stats:
    """The figures of one app. Thread-safe."""

    def __init__(self, stores: Stores) -> None:
        self.stores = stores
        self._lock = Lock()
        self._kept: dict[str, _Kept] = {}
        self.pasts = Pasts(whole=True)
        """Sums of the past, read once by this process."""
        self._answer: Overview | None = None
        self._words = Words()
        self._versions: tuple[int | None, ...] = ()
        self._at = 0.0
        self._shared = 0.0

    @property
    def as_of(self) -> tuple[int | None, ...]:
        """The versions of all stores that the latest answer is about, None for one that did not answer."""
        return self._versions

    def outdate(self) -> None:
        """Something was changed here: the next answer is a new one."""
        self._at = float("-inf")

    def overview(self, versions: tuple[int | None, ...] | None = None) -> Overview:
        """Everything the first page shows; `versions`: how far each store was for whoever asks, who has just looked. Raises
        BackendUnavailable where no store answers."""
        asked = monotonic()
        versions = self._current() if versions is None else versions
        with self._lock:
            if self._answer is None or not self._good(asked, versions):
                self._at, self._versions = monotonic(), versions
                self._answer, began = None, cpu()
                self._answer = self._read()
                self._shared = shared_for(cpu() - began)
            return self._answer

    def counts(self) -> dict[JobState, int]:
        """Jobs per state over all connections. Raises BackendUnavailable."""
        return dict(self.overview().counts)

    def _good(self, asked: float, versions: tuple[int | None, ...]) -> bool:
        """An answer is good if it was begun after the question, or if nothing changed (or it is dear) and it is young."""
        return self._at >= asked or asked - self._at < (KEPT if versions == self._versions else self._shared)

    def _current(self) -> tuple[int | None, ...]:
        return tuple(self._version(name) for name in self.stores.connections())

    def _version(self, name: str) -> int | None:
        try:
            return self.stores.outages.ask(name, lambda: self.stores.backend(name).version())
        except BackendUnavailable:
            return None

    def _read(self) -> Overview:
        readings: list[Reading] = []
        silent: list[Silent] = []
        said = self._said()
        for name in self.stores.connections():
            try:
                readings.append(self.stores.outages.ask(name, lambda name=name: self._reading(name, said)))  # type: ignore[misc]
            except BackendUnavailable as error:
                if len(silent) + 1 == len(self.stores.connections()):
                    raise
                silent.append(_silent(self.stores, name, error))
        return summarise(readings, silent)

    def _said(self) -> Mapping[str, Said]:
        """What people made of causes; nothing where the store that keeps it does not answer."""
        try:
            return self.stores.outages.ask(self.stores.default, lambda: self._words.of_all(self.stores.backend()))
        except BackendUnavailable:
            return {}

    def _reading(self, name: str, said: Mapping[str, Said]) -> Reading:
        backend, kept = self.stores.backend(name), self._kept.setdefault(name, _Kept())
        now = backend.now()
        latest, since = self.pasts.latest(backend, now), kept.window.since(now)
        samples = latest.samples(since) if since >= latest.first else backend.numbers.samples(since)
        kept.window.take(samples, now, {minute: partial(latest.total, minute) for minute in latest.minutes})
        counts, settings = backend.numbers.counts(), backend.queues.all()
        return Reading(
            connection=name,
            now=now,
            counts=counts,
            settings=settings,
            oldest=backend.oldest(),
            workers=[record for record in backend.sessions.list(kind="worker") if record.alive],
            causes=self._causes(backend, kept, counts, now, said),
            settled=kept.settled,
            warnings=backend.warnings(),
            window=kept.window,
            waits=self._waits(backend, kept, settings, now),
        )

    def _waits(self, backend: Backend, kept: _Kept, settings: Sequence[QueueSettings], now: Micros) -> Waits:
        """How long jobs waited, of queues with a time target, looked up every few seconds: targets are about hours."""
        queues = frozenset(one.name for one in settings if target_of(one) is not None)
        if queues and (queues != kept.waits_of or monotonic() - kept.waits_at > WAITS_KEPT):
            hour, day = (self.pasts.period(backend, RANGES[key], now) for key in ("1h", "24h"))
            sums = [by_queue(hour), by_queue(day)]
            kept.waits = {queue: (sums[0].get(queue, Sum()), sums[1].get(queue, Sum())) for queue in queues}
            kept.waits_of, kept.waits_at = queues, monotonic()
        return kept.waits if queues else {}

    def _causes(
        self, backend: Backend, kept: _Kept, counts: Sequence[QueueCount], now: Micros, said: Mapping[str, Said]
    ) -> Sequence[Cause]:
        """Those that somebody should look at. They cost the most to find, so they are looked up only after another job failed or
        somebody said something, or every few seconds."""
        failed = tuple((queue.queue, queue.counts.get(JobState.FAILED, 0)) for queue in counts)
        key = (failed, {cause: one.last for cause, one in said.items()})
        if key != kept.causes_key or monotonic() - kept.causes_at > CAUSES_KEPT:
            found, quiet = self._told(backend, now, said), 0
            if said and any(many for _, many in failed):
                silent = triage.quiet(said, backend.tally(triage.latest(said)), now)
                found, quiet = [one for one in found if one.cause not in silent], sum(silent.values())
            kept.causes, kept.settled, kept.causes_key, kept.causes_at = found[:CAUSES], quiet, key, monotonic()
        return kept.causes

    @staticmethod
    def _told(backend: Backend, now: Micros, said: Mapping[str, Said]) -> Sequence[Cause]:
        return backend.causes(now - CAUSES_SINCE, CAUSES + min(len(said), triage.TALLIED))


def _instead(stores: Stores, name: str) -> str:
    others = [other for first, other in stores.failovers() if first == name]
    return f"Jobs dispatched to it go to {others[0]} meanwhile." if others else ""


def _silent(stores: Stores, name: str, error: BackendUnavailable) -> Silent:
    outage, instead = stores.outages.down().get(name), _instead(stores, name)
    if outage is None:
        return Silent(connection=name, error=str(error), instead=instead)
    return Silent(connection=name, error=str(error), instead=instead, since=outage.since, earlier=outage.earlier)


def shared_for(cost: float) -> float:
    """Seconds that an answer is good for though something changed: so many that working it out takes at most a twentieth
    of a processor, whoever asks and however often. `cost` is in seconds of processor time."""
    return max(0.0, min(SHARED, 20 * (cost - CHEAP)))
