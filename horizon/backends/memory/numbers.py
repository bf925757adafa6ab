"""Counters and samples. They are written by the acts themselves, so that nothing here has to be folded first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from horizon.backends.brought import Brought
from horizon.backends.memory.kernel import lots
from horizon.backends.memory.kernel.samples import between, copied
from horizon.backends.memory.kernel.store import Store
from horizon.backends.memory.shelf import MemoryShelf
from horizon.backends.nouns import Numbers
from horizon.backends.rollup import Roll
from horizon.backends.values import QueueCount, Sample
from horizon.core.clock import MINUTE, Micros
from horizon.core.states import JobState


class MemoryNumbers(Numbers):
    """See `Numbers`."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._brought = Brought()

    def counts(self) -> Sequence[QueueCount]:
        """See `Numbers.counts`."""
        with self._store.act():
            queues: dict[str, Counter[JobState]] = {}
            for (queue, _, state), times in self._store.counters.items():
                queues.setdefault(queue, Counter())[state] += times
            return [QueueCount(queue=name, counts=dict(+queues[name])) for name in sorted(queues)]

    def names(self) -> Mapping[str, Mapping[JobState, int]]:
        """See `Numbers.names`."""
        with self._store.act():
            names: dict[str, Counter[JobState]] = {}
            for (_, name, state), times in self._store.counters.items():
                names.setdefault(name, Counter())[state] += times
            return {name: dict(+names[name]) for name in sorted(names)}

    def samples(self, since: Micros, until: Micros | None = None, *, queue: str | None = None, name: str | None = None) -> Sequence[Sample]:
        """See `Numbers.samples`. The minute that `since` falls into is part of it."""
        with self._store.act():
            found = between(self._store, since - since % MINUTE, until)
            return [copied(one) for one in found if queue in (None, one.queue) and name in (None, one.name)]

    def latest(self, since: Micros) -> Sequence[Sample]:
        """See `Numbers.latest`."""
        with self._store.act():
            found = {(one.minute, one.queue, one.name): one for one in between(self._store, since - since % MINUTE)}
            return self._brought.samples({key: _figures(one) for key, one in found.items()}, lambda key, _: copied(found[key]))

    def rolled(self, span: Micros, since: Micros, until: Micros, *, pairs: bool = True) -> Sequence[Roll]:
        """See `Numbers.rolled`."""
        with self._store.act():
            return [one if pairs else replace(one, pairs=b"") for one in MemoryShelf(self._store).read(span, since, until)]

    def recount(self) -> Mapping[str, tuple[int, int]]:
        """See `Numbers.recount`."""
        with self._store.act():
            counted: Counter[tuple[str, JobState]] = Counter()
            for (queue, _, state), times in self._store.counters.items():
                counted[queue, state] += times
            truth = Counter((job.queue, job.state) for job in self._store.by_n.values() if job.visible and job.state is not None)
            drifted = {f"limit:{key}/running": pair for key, pair in _recounted_limits(self._store)}
            drifted |= {f"group:{id}/{what}": pair for id, what, pair in _recounted(self._store)}
            return drifted | {
                f"{queue}/{state}": (counted[queue, state], truth[queue, state])
                for queue, state in {**counted, **truth}
                if counted[queue, state] != truth[queue, state]
            }


def _figures(one: Sample) -> tuple[int, ...]:
    """What differs whenever anything was counted."""
    counts = (one.pushed, one.completed, one.failed, one.cancelled, one.retried, one.memory_kb)
    return (*counts, one.runtime.count, one.wait.count)


def _recounted(store: Store) -> Iterator[tuple[str, str, tuple[int, int]]]:
    """Of groups that have not ended, whose members are all kept: every figure that differs, with the truth."""
    for group in store.groups.values():
        if group.state.ended:
            continue
        truth = Counter(job.state for job in store.by_n.values() if job.member_of == group.id)
        truth[JobState.COMPLETED] += sum(job.detached and job.envelope.group == group.id for job in store.by_n.values())
        truth.update(JobState(one.state) if one.state.ended else None for one in store.groups.values() if one.new.parent == group.id)
        told = {"total": group.total, "completed": group.completed, "failed": group.failed, "cancelled": group.cancelled}
        for what, figure in told.items():
            counted = sum(truth.values()) if what == "total" else truth[JobState(what)]
            if figure != counted:
                yield group.id, what, (figure, counted)


def _recounted_limits(store: Store) -> Iterator[tuple[str, tuple[int, int]]]:
    """Limits that more or fewer jobs hold than was counted. That is mended: jobs would wait for ever for one that has ended."""
    truth = Counter(key for held in store.held.values() for job in held.values() for key in lots.lot_of(job)[1])
    for key, gauge in store.gauges.items():
        if gauge.running != truth[key]:
            yield key, (gauge.running, truth[key])
            lots.mend(store, key, truth[key])
