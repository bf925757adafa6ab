"""Settings of queues: what the code says, what a person changed, pauses, and the weighted draw between queues."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from horizon.backends.memory.kernel.store import Pause, Store
from horizon.backends.nouns import Queues
from horizon.backends.queueing import OVERRIDABLE, Noted, QueueSettings, noted
from horizon.core.clock import Micros
from horizon.core.errors import InvalidOption
from horizon.core.states import JobState


def in_drawn_order(weighted: Sequence[tuple[str, int]], draw: float) -> list[str]:
    """All names, each next one drawn by weight; one number in [0, 1) is enough for the whole order."""
    left = list(weighted)
    order: list[str] = []
    while left:
        point = draw * sum(weight for _, weight in left)
        passed = 0
        for index, (name, weight) in enumerate(left):
            if point < passed + weight or index == len(left) - 1:
                draw = min(max((point - passed) / weight, 0.0), 0.999999) if weight else draw
                order.append(name)
                del left[index]
                break
            passed += weight
    return order


class MemoryQueues(Queues):
    """See `Queues`."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def define(self, settings: Sequence[QueueSettings]) -> None:
        """See `Queues.define`."""
        with self._store.act():
            for one in settings:
                self._store.queue(one.name).defined = replace(
                    QueueSettings(name=one.name, defined=True), **{key: getattr(one, key) for key in OVERRIDABLE}
                )
            self._store.changed()

    def get(self, name: str) -> QueueSettings:
        """See `Queues.get`."""
        with self._store.act() as now:
            return self._store.settings(name, now)

    def all(self) -> Sequence[QueueSettings]:
        """See `Queues.all`."""
        with self._store.act() as now:
            return [self._store.settings(name, now) for name in sorted(self._store.queues)]

    def override(self, name: str, changes: Mapping[str, object], *, audit: Noted = None) -> QueueSettings:
        """See `Queues.override`. Raises InvalidOption for a setting that cannot be changed at run time."""
        unknown = sorted(set(changes) - set(OVERRIDABLE))
        if unknown:
            raise InvalidOption(
                f"a queue's settings that can be changed at run time are {', '.join(OVERRIDABLE)}; got {', '.join(unknown)}"
            )
        with self._store.act() as now:
            entry = noted(audit, self._store.settings(name, now))
            row = self._store.queue(name)
            row.changes = {key: value for key, value in {**row.changes, **changes}.items() if value is not None}
            self._store.keep(entry, now)
            self._store.changed()
            return self._store.settings(name, now)

    def pause(self, name: str, *, until: Micros | None = None, reason: str | None = None, audit: Noted = None) -> int:
        """See `Queues.pause`."""
        with self._store.act() as now:
            entry = noted(audit, self._store.settings(name, now))
            self._store.queue(name).pause = Pause(until=until, reason=reason)
            self._store.keep(entry, now)
            self._store.changed()
            return sum(n for (queue, _, state), n in self._store.counters.items() if queue == name and state is JobState.PROCESSING)

    def resume(self, name: str, *, audit: Noted = None) -> None:
        """See `Queues.resume`."""
        with self._store.act() as now:
            entry = noted(audit, self._store.settings(name, now))
            self._store.queue(name).pause = None
            self._store.keep(entry, now)
            self._store.changed()
            self._store.stir()
