"""Counters and samples, read: what is folded plus what is not folded yet."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from horizon.backends.brought import Brought
from horizon.backends.database.db import Db, Question, Row
from horizon.backends.database.group_truth import drifted
from horizon.backends.database.kernel.ledger import STATES, SUMS
from horizon.backends.database.kernel.rows import BLOCKED, PENDING, RETRYING, SCHEDULED
from horizon.backends.database.limit_truth import drifted as drifted_limits
from horizon.backends.database.limit_truth import mend
from horizon.backends.database.rollups import rolls
from horizon.backends.database.store import Store
from horizon.backends.nouns import Numbers
from horizon.backends.rollup import Roll
from horizon.backends.values import QueueCount, Sample
from horizon.core.clock import DAY, HOUR, MINUTE, Micros
from horizon.core.histogram import Histogram, merged
from horizon.core.states import BY_CODE, JobState

WAITING = (PENDING, SCHEDULED, RETRYING, BLOCKED)
"""What `max_jobs` of a queue counts."""
FOLDED = ", ".join(f"sum(CASE WHEN state = {code} THEN n ELSE 0 END)" for code, _ in enumerate(STATES, 1))
"""A column for each state: a row for each would be five times as many to read."""
COUNTS = (
    f"SELECT {{keys}}, {FOLDED} FROM horizon_counter{{where}} GROUP BY 1, 2 UNION ALL "
    f"SELECT {{keys}}, {', '.join(f'sum({column})' for column in STATES)} FROM horizon_delta{{where}} GROUP BY 1, 2"
)
"""In one statement: in between, another process could fold deltas into counters."""
BY_BOTH, BY_QUEUE, BY_NAME = "queue, name", "queue, ''", "'', name"
ASKED = ("1", "CASE WHEN queue = ? THEN 1 ELSE 0 END"), ("''", "CASE WHEN name = ? OR name LIKE ? ESCAPE '!' THEN name ELSE '' END")
"""Whether it is the queue of a search, and the class if it may be that of a search; without and with one."""
TRUTH_LIVE = "SELECT queue, state, count(*) FROM horizon_live GROUP BY queue, state"
TRUTH_DONE = f"SELECT queue, state, count(*) FROM horizon_done WHERE state <= {len(STATES)} GROUP BY queue, state"
SAMPLE_SUMS = ", ".join(SUMS)
SAMPLES = f"SELECT at, queue, name, {SAMPLE_SUMS}, runtime, wait FROM horizon_sample WHERE span IN ({MINUTE}, {HOUR}, {DAY}) AND at >= ?"
"""Every span there is, named so that the key (span, at, ...) is walked from `at` on instead of from its beginning."""
FRESH = f"SELECT at, queue, name, {SAMPLE_SUMS}, runtime, wait FROM horizon_delta WHERE at >= ? AND name <> ''"
IN_ORDER = " ORDER BY seq"
"""What was added since somebody looked comes last."""
Key = tuple[Micros, str, str]
"""Time, queue, class."""
Counts = dict[tuple[str, str, int], int]
Sizes = dict[tuple[bool, str, int], int]
"""(whether of the queue that is asked for, class where it may be the one that is asked for, state) → how many."""


def counts_of(db: Db, queue: str | None = None, *, by: str = BY_BOTH) -> Counts:
    """(queue, class, state) → how many, exact as of this view; of one queue or of all. `by`: an empty word for what is not told apart."""
    where, params = ("", ()) if queue is None else (" WHERE queue = ?", (queue, queue))
    return {(its_queue, name, state): n for its_queue, name, state, n in _counted(db, by, where, params)}


def sizes_of(db: Db, queue: str | None, name: str | None) -> Sizes:
    """What the counters know of a queue and a class, each of them None where none is asked for."""
    params: tuple[object, ...] = () if queue is None else (queue,)
    if name is not None:
        params += (name, "%" + name.replace("!", "!!").replace("%", "!%").replace("_", "!_"))
    keys = f"{ASKED[0][queue is not None]}, {ASKED[1][name is not None]}"
    return {(bool(its_queue), its_name, state): n for its_queue, its_name, state, n in _counted(db, keys, "", params * 2)}


def _counted(db: Db, keys: str, where: str, params: tuple[object, ...]) -> Iterator[tuple[Any, str, int, int]]:
    """(first key, second key, state, how many)."""
    found: dict[tuple[Any, str, int], int] = {}
    for first, second, *sums in db.all(COUNTS.format(keys=keys, where=where), params):
        for code, n in enumerate(sums, 1):
            if n:
                found[first, second, code] = found.get((first, second, code), 0) + int(n)
    return ((first, second, state, n) for (first, second, state), n in found.items())


def waiting_of(db: Db, queue: str) -> int:
    """How many jobs of one queue wait, for whatever reason."""
    return sum(n for (_, _, state), n in counts_of(db, queue).items() if state in WAITING)


class DatabaseNumbers(Numbers):
    """See `Numbers`."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._brought = Brought()

    def counts(self) -> Sequence[QueueCount]:
        """See `Numbers.counts`."""
        queues: dict[str, dict[JobState, int]] = {}
        for (queue, _, state), n in self._store.read_plainly(lambda db: counts_of(db, by=BY_QUEUE)).items():
            counts = queues.setdefault(queue, {})
            if n > 0:
                counts[BY_CODE[state]] = n
        return [QueueCount(queue=name, counts=queues[name]) for name in sorted(queues)]

    def names(self) -> Mapping[str, Mapping[JobState, int]]:
        """See `Numbers.names`."""
        names: dict[str, Counter[JobState]] = {}
        for (_, name, state), n in self._store.read_plainly(lambda db: counts_of(db, by=BY_NAME)).items():
            names.setdefault(name, Counter())[BY_CODE[state]] += n
        return {name: dict(+names[name]) for name in sorted(names)}

    def samples(self, since: Micros, until: Micros | None = None, *, queue: str | None = None, name: str | None = None) -> Sequence[Sample]:
        """See `Numbers.samples`. The minute that `since` falls into is part of it."""
        return merged_samples(self._rows(since, until, queue, name))

    def latest(self, since: Micros) -> Sequence[Sample]:
        """See `Numbers.latest`."""
        return self._brought.samples(grouped(self._rows(since)), _sample, plus=_plus)

    def _rows(self, since: Micros, until: Micros | None = None, queue: str | None = None, name: str | None = None) -> list[Row]:
        first = since - since % MINUTE
        asked = {"at < ?": until, "queue = ?": queue, "name = ?": name}
        given = {condition: value for condition, value in asked.items() if value is not None}
        more = "".join(f" AND {condition}" for condition in given)
        params = (first, *given.values())

        def look(db: Db) -> list[Row]:
            fresh = FRESH + more + IN_ORDER
            db.foresee([Question(fresh, params)])
            return db.all(SAMPLES + more, params) + db.all(fresh, params)

        return self._store.read(look)

    def rolled(self, span: Micros, since: Micros, until: Micros, *, pairs: bool = True) -> Sequence[Roll]:
        """See `Numbers.rolled`."""
        return self._store.read(lambda db: rolls(db, span, since, until, pairs=pairs))

    def recount(self) -> Mapping[str, tuple[int, int]]:
        """See `Numbers.recount`."""
        counters, truth_rows, others = self._store.read(
            lambda db: (counts_of(db), db.all(TRUTH_LIVE) + db.all(TRUTH_DONE), {**dict(drifted(db)), **dict(drifted_limits(db))})
        )
        if any(name.startswith(("limit:", "lot:")) for name in others):
            self._store.act(mend)
        counted: Counter[tuple[str, int]] = Counter()
        for (queue, _, state), n in counters.items():
            counted[queue, state] += n
        truth = {(queue, state): n for queue, state, n in truth_rows}
        return others | {
            f"{queue}/{BY_CODE[state]}": (counted[queue, state], truth.get((queue, state), 0))
            for queue, state in sorted({*counted, *truth})
            if counted[queue, state] != truth.get((queue, state), 0)
        }


def merged_samples(rows: Sequence[tuple]) -> list[Sample]:  # type: ignore[type-arg]
    """One sample per span, queue and class from folded and fresh rows, oldest first."""
    return [_sample(key, group) for key, group in grouped(rows).items()]


def grouped(rows: Sequence[tuple]) -> dict[Key, list[tuple]]:  # type: ignore[type-arg]
    """The rows that make up each sample, oldest first."""
    groups: dict[Key, list[tuple]] = {}  # type: ignore[type-arg]
    for row in rows:
        if any(row[3:]):
            groups.setdefault((row[0] - row[0] % MINUTE, row[1], row[2]), []).append(row)
    return dict(sorted(groups.items()))


def _sample(key: Key, group: Sequence[tuple]) -> Sample:  # type: ignore[type-arg]
    if len(group) == 1:
        ((_, _, _, pushed, completed, failed, cancelled, retried, memory_kb, ran, waited),) = group
        runtime, wait = Histogram.decode(ran), Histogram.decode(waited)
    else:
        pushed, completed, failed, cancelled, retried = (sum(row[column] for row in group) for column in range(3, 8))
        memory_kb = max(row[8] for row in group)
        runtime, wait = (merged(Histogram.decode(row[column]) for row in group) for column in (9, 10))
    return Sample(
        minute=key[0],
        queue=key[1],
        name=key[2],
        pushed=pushed,
        completed=completed,
        failed=failed,
        cancelled=cancelled,
        retried=retried,
        runtime=runtime,
        wait=wait,
        memory_kb=memory_kb,
    )


def _plus(one: Sample, more: Sample) -> Sample:
    """What happened, and what happened since."""
    return replace(
        one,
        pushed=one.pushed + more.pushed,
        completed=one.completed + more.completed,
        failed=one.failed + more.failed,
        cancelled=one.cancelled + more.cancelled,
        retried=one.retried + more.retried,
        runtime=merged([one.runtime, more.runtime]),
        wait=merged([one.wait, more.wait]),
        memory_kb=max(one.memory_kb, more.memory_kb),
    )
