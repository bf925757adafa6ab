"""What one act changes in the numbers, gathered while it works and written as one row per queue and class.

Nobody updates a counter on the way: rows are only added here, and `tick` folds them into `counter` and `sample`. So no
two workers ever wait for the same row, and the counts are exact as of the last commit: counter plus what is not folded.
"""

from __future__ import annotations

from collections.abc import Iterable

from horizon.backends.database.db import Db, insert
from horizon.backends.database.kernel.lots import Lots
from horizon.backends.database.kernel.rows import NEEDLESS, PLAIN
from horizon.core.clock import Micros
from horizon.core.histogram import Histogram
from horizon.core.outcome import Kind, Outcome
from horizon.core.states import JobState

STATES = tuple(f"s{code}" for code in range(1, 9))
ROUSING = tuple(state.code for state in (JobState.PENDING, JobState.SCHEDULED, JobState.RETRYING))
SUMS = ("pushed", "completed", "failed", "cancelled", "retried", "memory_kb")
DELTA_COLUMNS = ("at", "queue", "name", *STATES, *SUMS, "runtime", "wait")
INSERT_DELTA = insert("horizon_delta", " ".join(DELTA_COLUMNS))
INSERT_GROUP_DELTA = insert("horizon_group_delta", "group_n total completed failed cancelled unneeded failed_n")
NOTHING = (0,) * (len(STATES) + len(SUMS))


class Tally:
    """The changes to one class on one queue."""

    __slots__ = ("cancelled", "completed", "failed", "memory_kb", "pushed", "retried", "runtime", "states", "wait")

    def __init__(self) -> None:
        self.states = [0] * len(STATES)
        self.pushed = self.completed = self.failed = self.cancelled = self.retried = self.memory_kb = 0
        self.runtime = Histogram()
        self.wait = Histogram()

    def measure(self, outcome: Outcome, wait: Micros) -> None:
        """Take in one run."""
        self.wait.add(wait)
        self.runtime.add(outcome.runtime)
        memory_kb = outcome.memory_kb
        if memory_kb is not None and memory_kb > self.memory_kb:
            self.memory_kb = memory_kb

    def sums(self) -> tuple[int, ...]:
        """In the order of `SUMS`."""
        return (self.pushed, self.completed, self.failed, self.cancelled, self.retried, self.memory_kb)


class GroupTally:
    """The changes to one group's figures."""

    __slots__ = ("again", "cancelled", "completed", "failed", "failed_n", "total", "unneeded")

    def __init__(self) -> None:
        self.total = self.completed = self.failed = self.cancelled = self.unneeded = 0
        self.failed_n: int | None = None
        self.again = False
        """Of what is read back: members were opened again, though they may have ended once more since."""

    def ended(self, state: int, times: int, n: int | None) -> None:
        """See `Ledger.ended`."""
        plain = state & PLAIN
        if plain == JobState.COMPLETED.code:
            self.completed += times
        elif plain == JobState.FAILED.code:
            self.failed += times
            self.failed_n = self.failed_n or n
        else:
            self.cancelled += times
            self.unneeded += times * bool(state & NEEDLESS)

    def absorb(self, other: GroupTally) -> None:
        """Take in what another part of the act changed."""
        self.total += other.total
        self.completed += other.completed
        self.failed += other.failed
        self.cancelled += other.cancelled
        self.unneeded += other.unneeded
        self.failed_n = self.failed_n or other.failed_n

    def row(self) -> tuple[int | None, ...]:
        """In the order of `group_delta`."""
        return (self.total, self.completed, self.failed, self.cancelled, self.unneeded, self.failed_n)


class Ledger:
    """The changes of one act, or of one part of it that may still be undone."""

    def __init__(self, whole: Ledger | None = None) -> None:
        """`whole` is the ledger of the act that this one may become part of."""
        self._whole = whole
        self._tallies: dict[tuple[str, str], Tally] = {}
        self.groups: dict[int, GroupTally] = {}
        self.judge: set[int] = set()
        """Groups that have to be judged anew, whoever is unfinished in them."""
        self.lots = Lots()
        self.calls = False
        """Whether those who wait for jobs are to look again although no job moved: a pause ended, say."""

    def of(self, queue: str, name: str) -> Tally:
        """The tally of one class on one queue."""
        key = (queue, name)
        tally = self._tallies.get(key)
        if tally is None:
            tally = self._tallies[key] = Tally()
        return tally

    def move(self, queue: str, name: str, old: int | None, new: int | None, times: int = 1) -> None:
        """Count jobs out of one state and into another. None, and states out of sight, are no counter's business."""
        states = self.of(queue, name).states
        if old is not None and old <= len(states):
            states[old - 1] -= times
        if new is not None and new <= len(states):
            states[new - 1] += times

    def joined(self, group: int | None, times: int) -> None:
        """So many members came to a group."""
        if group is not None:
            self.groups.setdefault(group, GroupTally()).total += times

    def ended(self, group: int, state: int, times: int, n: int | None = None) -> None:
        """So many members of a group ended so; or, times being negative, are opened again."""
        self.groups.setdefault(group, GroupTally()).ended(state, times, n)

    def moved(self) -> dict[int, bool]:
        """Groups of which something moved, and whether each has to be judged."""
        return {n: bool(change.failed) or n in self.judge for n, change in self.groups.items()}

    def attempt(self, queue: str, name: str, outcome: Outcome, wait: Micros) -> None:
        """Measure one run; one that never began tells nothing."""
        if not outcome.started:
            return
        self.of(queue, name).measure(outcome, wait)

    def completed(self, queue: str, name: str, outcome: Outcome, wait: Micros) -> None:
        """`attempt` and `became` for a run that completed."""
        tally = self.of(queue, name)
        tally.completed += 1
        if outcome.started:
            tally.measure(outcome, wait)

    def became(self, queue: str, name: str, kind: Kind, state: JobState) -> None:
        """Count what became of a job when its attempt ended."""
        tally = self.of(queue, name)
        if state is JobState.COMPLETED:
            tally.completed += 1
        elif state is JobState.FAILED:
            tally.failed += 1
        elif state is JobState.CANCELLED:
            tally.cancelled += 1
        elif kind is Kind.RETRY:
            tally.retried += 1

    def total(self, states: Iterable[int], queue: str | None = None) -> int:
        """How many jobs (of one queue, or of all) this act has brought into these states so far, and no counter knows yet."""
        codes = tuple(states)
        found = 0 if self._whole is None else self._whole.total(codes, queue)
        for (its_queue, _), tally in self._tallies.items():
            if queue in (None, its_queue):
                found += sum(tally.states[code - 1] for code in codes)
        return found

    def rouses(self) -> bool:
        """Whether somebody who waits for jobs should look again: more of them may run now, or have a time set."""
        return self.calls or any(tally.states[code - 1] > 0 for tally in self._tallies.values() for code in ROUSING)

    def absorb(self, other: Ledger) -> None:
        """Take in a part that will stay."""
        for key, theirs in other._tallies.items():
            ours = self._tallies.setdefault(key, theirs)
            if ours is theirs:
                continue
            ours.states = [a + b for a, b in zip(ours.states, theirs.states, strict=True)]
            ours.pushed += theirs.pushed
            ours.completed += theirs.completed
            ours.failed += theirs.failed
            ours.cancelled += theirs.cancelled
            ours.retried += theirs.retried
            ours.memory_kb = max(ours.memory_kb, theirs.memory_kb)
            ours.runtime.merge(theirs.runtime)
            ours.wait.merge(theirs.wait)

        self.lots.absorb(other.lots)
        self.judge |= other.judge
        for group, change in other.groups.items():
            self.groups.setdefault(group, GroupTally()).absorb(change)

    def write(self, db: Db, now: Micros) -> int:
        """Add the rows, if anything changed; returns how many."""
        if self.groups:
            db.many(INSERT_GROUP_DELTA, [(group, *change.row()) for group, change in self.groups.items()])
        db.many(INSERT_DELTA, [_row(key, tally, now) for key, tally in self._tallies.items()])
        return len(self._tallies)


def _row(key: tuple[str, str], tally: Tally, now: Micros) -> tuple[object, ...]:
    runtime = tally.runtime.encode() if tally.runtime.count else None
    wait = tally.wait.encode() if tally.wait.count else None
    return (now, *key, *tally.states, *tally.sums(), runtime, wait)


def touch(db: Db, now: Micros) -> None:
    """Say that something visible changed that no counter knows, such as a note of progress."""
    db.run(INSERT_DELTA, (now, "", "", *NOTHING, None, None))
