"""Counters and samples, as the acts keep them: nothing has to be folded first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from horizon.backends.brought import Brought
from horizon.backends.nouns import Numbers
from horizon.backends.redis.groups import recounted
from horizon.backends.redis.limits import recounted as recounted_limits
from horizon.backends.redis.rollups import rolls
from horizon.backends.redis.store import Names, Store
from horizon.backends.rollup import Roll
from horizon.backends.values import QueueCount, Sample
from horizon.core.clock import MINUTE, Micros
from horizon.core.histogram import Histogram, Read, Unread
from horizon.core.states import BY_CODE, JobState

ALL_AT_ONCE = 40
"""Pieces of the list of all jobs that one act counts."""
STATES = [state.code for state in JobState]


def pairs(flat: Sequence[Any]) -> dict[bytes, int]:
    """A hash of figures."""
    return {field: int(value) for field, value in zip(flat[::2], flat[1::2], strict=True)}


def counts_of(store: Store) -> dict[tuple[int, JobState], int]:
    """By the code of a queue and the state."""
    return _by_state(store, "cq")


def _by_state(store: Store, key: str) -> dict[tuple[int, JobState], int]:
    found = {}
    for field, times in pairs(store.link.call("HGETALL", store.link.key(key))).items():
        code, _, state = field.partition(b":")
        if times:
            found[int(code), BY_CODE[int(state)]] = times
    return found


def total_of(store: Store, *, queue: str | None, names: Sequence[int] | None, states: Sequence[JobState]) -> int:
    """How many visible jobs there are of a queue, of classes (codes), in states; None and none: of any."""
    wanted = [state.code for state in states] or STATES
    if queue is None and names is None:
        return sum(times for (_, state), times in counts_of(store).items() if state.code in wanted)
    codes = [""] if queue is None else [f"{code}:" for code, known in enumerate(store.queues.all(), 1) if known == queue]
    classes = [""] if names is None else [f"{code}:" for code in names]
    fields = [f"{code}{name}{state}" for code in codes for name in classes for state in wanted]
    if not fields:
        return 0
    key = "cn" if queue is None else "cq" if names is None else "cc"
    return sum(int(times or 0) for times in store.link.call("HMGET", store.link.key(key), *fields))


class RedisNumbers(Numbers):
    """See `Numbers`."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._brought = Brought()

    def counts(self) -> Sequence[QueueCount]:
        """See `Numbers.counts`."""
        queues: dict[str, dict[JobState, int]] = {}
        for (code, state), times in counts_of(self._store).items():
            queues.setdefault(self._store.queues.of(code), {})[state] = times
        return [QueueCount(queue=name, counts=queues[name]) for name in sorted(queues)]

    def names(self) -> Mapping[str, Mapping[JobState, int]]:
        """See `Numbers.names`."""
        names: dict[str, dict[JobState, int]] = {}
        for (code, state), times in _by_state(self._store, "cn").items():
            names.setdefault(self._store.classes.of(code), {})[state] = times
        return {name: names[name] for name in sorted(names)}

    def samples(self, since: Micros, until: Micros | None = None, *, queue: str | None = None, name: str | None = None) -> Sequence[Sample]:
        """See `Numbers.samples`. The minute that `since` falls into is part of it."""
        return self._told(Brought(), since, until, queue, name)

    def latest(self, since: Micros) -> Sequence[Sample]:
        """See `Numbers.latest`."""
        return self._told(self._brought, since)

    def _told(
        self, brought: Brought, since: Micros, until: Micros | None = None, queue: str | None = None, name: str | None = None
    ) -> Sequence[Sample]:
        found: dict[bytes, tuple[int, Sequence[Any]]] = {}
        store = self._store
        ask: dict[str, object] = {"first": since - since % MINUTE, "until": until if until is not None else False, "skip": 0}
        ask |= {"queue": _code(store.queues, queue), "class": _code(store.classes, name)}
        while True:
            rows, goes_on = store.run("samples", ask, safe=True)
            found.update({member: (store.link.openings, flat) for member, flat in rows})
            if goes_on is None:
                break
            ask["skip"] = goes_on
        return sorted(brought.samples(found, self._sample), key=lambda sample: (sample.minute, sample.queue, sample.name))

    def _sample(self, member: bytes, row: tuple[int, Sequence[Any]]) -> Sample:
        at, queue, name = member.split(b":")
        fields = iter(row[1])  # beside it what changes when the store was away, and its codes may stand for others
        kept = dict(zip(fields, fields, strict=True))
        pushed, completed, failed, cancelled, retried, memory_kb = (
            int(kept.get(letter, 0)) for letter in (b"p", b"c", b"f", b"x", b"t", b"M")
        )
        return Sample(
            minute=int(at),
            queue=self._store.queues.of(int(queue)),
            name=self._store.classes.of(int(name)),
            pushed=pushed,
            completed=completed,
            failed=failed,
            cancelled=cancelled,
            retried=retried,
            runtime=Unread(partial(_histogram, kept, b"r")) if b"rn" in kept else Histogram(),
            wait=Unread(partial(_histogram, kept, b"w")) if b"wn" in kept else Histogram(),
            memory_kb=memory_kb,
        )

    def rolled(self, span: Micros, since: Micros, until: Micros, *, pairs: bool = True) -> Sequence[Roll]:
        """See `Numbers.rolled`."""
        return rolls(self._store, span, since, until, pairs=pairs)

    def recount(self) -> Mapping[str, tuple[int, int]]:
        """See `Numbers.recount`. Where there are too many jobs to count in one act, only counters that stood still meanwhile are judged."""
        store, truth = self._store, Counter[str]()
        before: dict[bytes, int] | None = None
        first: int | None = 0
        while first is not None:
            counted, figures, first = store.run("recount", {"skip": first, "pieces": ALL_AT_ONCE}, safe=True)
            before = pairs(figures) if before is None else before
            truth.update({field.decode(): times for field, times in pairs(counted).items()})
            after = pairs(figures)
        fields = {field.decode() for field in {*before, *after}} | set(truth)  # type: ignore[misc]
        drift = dict(recounted(store)) | dict(recounted_limits(store))
        for field in sorted(fields):
            told = after.get(field.encode(), 0)
            if told != truth[field] and told == (before or {}).get(field.encode(), 0):
                code, _, state = field.partition(":")
                drift[f"{store.queues.of(int(code))}/{BY_CODE[int(state)]}"] = (told, truth[field])
        return drift


def _code(names: Names, wanted: str | None) -> str | bool:
    """A code as text; false for any, 0 for none at all."""
    if wanted is None:
        return False
    return next((str(code) for code, known in enumerate(names.all(), 1) if known == wanted), "0")


def _histogram(kept: Mapping[bytes, bytes], kind: bytes) -> Read:
    count, total, peak = (int(kept.get(kind + part, 0)) for part in (b"n", b"t", b"p"))
    return count, total, peak, {int(field[1:]): int(times) for field, times in kept.items() if field[:1] == kind and field[1:].isdigit()}
