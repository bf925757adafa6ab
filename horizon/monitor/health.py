"""How well it goes, from 0 to 100, with the reasons in words. Pure: facts in, a score out.

Only what goes wrong costs points. What a store warns of is how somebody set it up; it is shown, and costs none.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Facts:
    """What the score is made of. Durations in seconds; the hour is the past 60 minutes."""

    workers: int = 0
    """Living ones."""
    waiting: int = 0
    """Jobs that could run now, in queues that are not paused."""
    longest_wait: float = 0.0
    """Age of the oldest of them."""
    longest_queue: str | None = None
    ended: int = 0
    """Completed or failed for good, in the past hour."""
    failed: int = 0
    """Of these, failed."""
    paused: Sequence[str] = ()
    """Paused queues."""
    unserved: Sequence[str] = ()
    """Queues with waiting jobs that no living worker takes from."""
    problems: Sequence[str] = ()
    """What workers complain about."""
    silent: Sequence[str] = ()
    """Connections whose store does not answer."""
    burning: Sequence[tuple[str, float | None, float, float]] = ()
    """Queues that miss their time target: name, share that started in time within the hour (None: nothing did), share wanted, seconds."""
    quiet: Sequence[str] = ()
    """Living workers that are silent, by name."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Deduction:
    """Points off, and why."""

    points: int
    reason: str
    look: str = ""
    """The page where it is mended: `workers`, `queue`, `queues`, `failed` or `alerts`; empty where no page helps."""
    name: str = ""
    """Of the queue that is meant."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Health:
    """100 less the deductions, never below 0; the heaviest first."""

    score: int
    deductions: tuple[Deduction, ...] = ()


WAITS = ((3600.0, 30), (600.0, 20), (60.0, 10))
"""Seconds waited by the oldest job → points, the first row that is reached."""
FAILURES = ((0.20, 30), (0.05, 15), (0.01, 5))
"""Share of jobs that failed → points."""
FEWEST = 20
"""Below this many ended jobs a share says little: only from the middle row on is it counted."""

Rule = Callable[[Facts], Iterator[Deduction]]


def assess(facts: Facts) -> Health:
    """The score and what it lost."""
    found = [deduction for rule in RULES for deduction in rule(facts)]
    found.sort(key=lambda deduction: -deduction.points)
    return Health(score=max(0, 100 - sum(deduction.points for deduction in found)), deductions=tuple(found))


def _no_worker(facts: Facts) -> Iterator[Deduction]:
    if facts.workers:
        return
    waiting = f"; {_count(facts.waiting, 'job')} {'waits' if facts.waiting == 1 else 'wait'}" if facts.waiting else ""
    yield Deduction(points=60 if facts.waiting else 30, reason=f"no worker is running{waiting}", look="workers")


def _long_wait(facts: Facts) -> Iterator[Deduction]:
    points = next((points for seconds, points in WAITS if facts.longest_wait >= seconds), 0)
    if points:
        where = f" in queue {facts.longest_queue}" if facts.longest_queue else ""
        reason = f"the oldest job{where} has waited {_duration(facts.longest_wait)}"
        yield Deduction(points=points, reason=reason, look="queue" if facts.longest_queue else "queues", name=facts.longest_queue or "")


def _failures(facts: Facts) -> Iterator[Deduction]:
    rate = facts.failed / facts.ended if facts.ended else 0.0
    rows = FAILURES if facts.ended >= FEWEST else FAILURES[:2]
    points = next((points for share, points in rows if rate >= share), 0)
    if points:
        reason = f"{facts.failed} of {_count(facts.ended, 'job')} failed in the past hour ({rate:.1%})"
        yield Deduction(points=points, reason=reason, look="failed")


def _paused(facts: Facts) -> Iterator[Deduction]:
    if facts.paused:
        reason = _listed("queue {} is paused", "queues {} are paused", facts.paused)
        yield Deduction(points=min(15, 5 * len(facts.paused)), reason=reason, **_queues(facts.paused))


def _unserved(facts: Facts) -> Iterator[Deduction]:
    if facts.workers and facts.unserved:
        reason = _listed("no worker takes from queue {}", "no worker takes from queues {}", facts.unserved)
        yield Deduction(points=15, reason=reason, **_queues(facts.unserved))


def _problems(facts: Facts) -> Iterator[Deduction]:
    if facts.problems:
        more = f" (and {len(facts.problems) - 1} more)" if len(facts.problems) > 1 else ""
        yield Deduction(points=min(20, 10 * len(facts.problems)), reason=f"a worker reports: {facts.problems[0]}{more}", look="workers")


def _silent(facts: Facts) -> Iterator[Deduction]:
    if facts.silent:
        reason = _listed("the connection {} does not answer", "the connections {} do not answer", facts.silent)
        yield Deduction(points=min(40, 20 * len(facts.silent)), reason=reason)


def _quiet(facts: Facts) -> Iterator[Deduction]:
    if facts.quiet:
        reason = _listed("the worker {} is silent", "the workers {} are silent", facts.quiet)
        yield Deduction(points=min(20, 10 * len(facts.quiet)), reason=reason, look="workers")


def _burning(facts: Facts) -> Iterator[Deduction]:
    if not facts.burning:
        return
    name, share, wanted, seconds = facts.burning[0]
    more = f" (and {_count(len(facts.burning) - 1, 'queue')} more)" if len(facts.burning) > 1 else ""
    so_far = "none" if share is None else f"{math.floor(share * 1000) / 10:g} %"
    reason = f"queue {name} misses its target: {so_far} of its jobs started within {_duration(seconds)} in the past hour, {wanted * 100:g} % shall{more}"
    yield Deduction(points=min(20, 10 * len(facts.burning)), reason=reason, **_queues([one[0] for one in facts.burning]))


RULES: tuple[Rule, ...] = (_no_worker, _long_wait, _failures, _unserved, _burning, _problems, _silent, _quiet, _paused)


def _queues(names: Sequence[str]) -> dict[str, str]:
    """Where they are looked at: one on its own page."""
    return {"look": "queue", "name": names[0]} if len(names) == 1 else {"look": "queues"}


def _listed(one: str, many: str, names: Sequence[str]) -> str:
    shown = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
    return (one if len(names) == 1 else many).format(shown)


def _count(n: int, noun: str) -> str:
    return f"{n:,} {noun}{'' if n == 1 else 's'}"


def _duration(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.0f} h"
