"""Time targets of queues: whether so many of its jobs start within so long, what is used of the room for errors, and how many
slots would meet it. Pure.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from horizon.backends.queueing import QueueSettings
from horizon.core.clock import SECOND, Micros
from horizon.core.histogram import GROWTH, Histogram
from horizon.jobs.options import LONGEST
from horizon.monitor.measures import Sum

FEWEST = 10
"""Jobs that started within the hour, below which a share of them says little."""
MOST_SLOTS = 10_000


class State(StrEnum):
    """How a target stands."""

    MET = "met"
    BURNING = "burning"
    """In the past hour too few started in time, or one waits longer right now."""
    MISSED = "missed"
    """The past hour was fine; over the past 24 hours too few started in time."""
    IDLE = "idle"
    """Nothing started in the past 24 hours, and nothing is late."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Target:
    """Within `within` of when they could, `share` of the jobs shall start."""

    within: Micros
    share: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Attained:
    """What became of it over a stretch of time."""

    started: int = 0
    in_time: float = 0.0
    """How many of them within the time; reckoned from a histogram, so not always a whole number."""
    share: float | None = None
    """None where none started."""
    burn: float | None = None
    """How fast the room for errors is used up: 1 is exactly as fast as the target allows, 2 twice as fast."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """A target, and how it stands."""

    target: Target
    state: State
    hour: Attained
    day: Attained
    slots_needed: int | None = None
    """So many slots would meet it, at the arrivals and the mean runtime of the past hour; None where nothing arrived."""


def target_of(settings: QueueSettings) -> Target | None:
    """What is set for a queue; None where nothing is, or where somebody has lifted it."""
    within = settings.start_within
    return None if within is None or within > LONGEST else Target(within=within, share=settings.start_share)


def in_time(waits: Histogram, within: Micros) -> float:
    """How many had waited no longer. Inside the bucket that `within` falls into, waits are taken as evenly spread."""
    if within >= waits.peak:
        return float(waits.count)
    found = 0.0
    for index, count in waits.buckets.items():
        low, high = (0.0 if not index else GROWTH**index), min(GROWTH ** (index + 1), float(waits.peak))
        if high <= within:
            found += count
        elif low < within:
            found += count * (within - low) / (high - low)
    return min(found, float(waits.count))


def attained(waits: Histogram, target: Target) -> Attained:
    """What became of a target over the stretch that these waits are of."""
    if not waits.count:
        return Attained()
    met = in_time(waits, target.within)
    share = met / waits.count
    return Attained(started=waits.count, in_time=round(met, 1), share=share, burn=(1 - share) / (1 - target.share))


def standing(target: Target, hour: Sum, day: Sum, *, oldest: float | None, seconds: float = 3600.0) -> Standing:
    """How a target stands: `hour` and `day` are what happened on its queue, `oldest` is how many seconds the oldest job that could
    run has waited (None: none waits, or nobody may start any), `seconds` how long the hour has been observed."""
    over_hour, over_day = attained(hour.wait, target), attained(day.wait, target)
    late = oldest is not None and oldest * SECOND > target.within
    arrived = max(hour.wait.count, hour.pushed + hour.retried)
    needed = slots_needed(arrived / seconds, hour.runtime.mean or 0.0, target) if arrived and hour.runtime.count else None
    return Standing(target=target, state=_state(over_hour, over_day, late), hour=over_hour, day=over_day, slots_needed=needed)


def _state(hour: Attained, day: Attained, late: bool) -> State:
    if late or (hour.started >= FEWEST and (hour.burn or 0.0) > 1):
        return State.BURNING
    if not day.started:
        return State.IDLE
    return State.MISSED if (day.burn or 0.0) > 1 else State.MET


def slots_needed(arrivals: float, runtime: float, target: Target) -> int | None:
    """The fewest slots with which `target.share` of the jobs start within `target.within`, for so many arrivals a second that run
    so many seconds each; None where that would be more than `MOST_SLOTS`.

    The mean number of jobs that run at a time is arrivals times runtime, whatever their order (Little, "A Proof for the Queuing
    Formula L = λW", Operations Research 9, 1961); with fewer slots the queue only grows. How many wait for longer with `c` slots
    is Erlang's second formula, for arrivals at random and runtimes that vary about their mean: the chance to wait at all times
    exp(-(c - load) × within / runtime) (Erlang, "Solution of some Problems in the Theory of Probabilities", 1917).
    """
    load = arrivals * runtime
    if load <= 0:
        return 1
    if load >= MOST_SLOTS:
        return None
    blocked, slots = 1.0, 0  # Erlang's first formula, slot by slot
    while slots < MOST_SLOTS:
        slots += 1
        blocked = load * blocked / (slots + load * blocked)
        if slots > load and _late(load, slots, blocked, target.within / SECOND / runtime) <= 1 - target.share + 1e-12:
            return slots
    return None


def _late(load: float, slots: int, blocked: float, runtimes: float) -> float:
    """The share of jobs that wait for longer than so many mean runtimes."""
    waits = blocked / (1 - load / slots * (1 - blocked))
    return waits * math.exp(-min(700.0, (slots - load) * runtimes))


Waits = Mapping[str, tuple[Sum, Sum]]
"""Queue → what happened on it in the past hour, and in the past 24."""


def of_queue(settings: QueueSettings, waits: Waits, *, oldest: float | None) -> Standing | None:
    """How the target of a queue stands; None where it has none."""
    target = target_of(settings)
    if target is None:
        return None
    hour, day = waits.get(settings.name, (Sum(), Sum()))
    return standing(target, hour, day, oldest=oldest)
