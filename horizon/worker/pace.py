"""How far ahead an executor reserves: decided from what it measured, and from nothing else.

Grouping saves a round trip and a commit per job, which is most of the cost of a short one; but a job that waits behind
a long one in the same executor could have run elsewhere. So jobs are taken one at a time from 20 ms up, and below that
as many as fill a fraction of a second, and no more than the store likes to move in one turn (`Backend.at_once`).
"""

from __future__ import annotations

from horizon.core.clock import Micros

SHORT: Micros = 20_000
"""From this mean runtime up, one job is reserved at a time."""
AHEAD: Micros = 75_000
"""How much work is reserved ahead of short jobs."""
LONG: Micros = 100_000
"""A job running longer than this gives back what was reserved behind it."""
BRIEF: Micros = 1_500
"""Below this mean runtime the way to the store is what jobs cost."""
MOST = 200
"""Never more at once, whatever a store says: what an executor holds has its place on the page."""
WEIGHT = 0.2
"""Share of the newest runtime in the mean: one long job makes an executor careful for about ten short ones."""


def ahead(mean: float | None, most: int) -> int:
    """How many jobs to reserve, at most so many, from the mean runtime in microseconds; None: nothing is known yet."""
    if mean is None or mean >= SHORT:
        return 1
    return max(1, min(most, MOST, int(AHEAD / max(mean, 1.0))))


def overlaps(mean: float | None) -> bool:
    """Whether to ask for the next jobs while these run: where they are so short that the way to the store is what they cost.

    Beyond that it would only make jobs lie here for longer.
    """
    return mean is not None and mean <= BRIEF


def blend(mean: float | None, runtime: Micros) -> float:
    """The mean after one more runtime."""
    return float(runtime) if mean is None else mean + (runtime - mean) * WEIGHT


def pause_after(fruitless: int) -> float:
    """Seconds to leave the store alone after so many hints in a row that led to no job (somebody else was faster)."""
    return 0.0 if fruitless < 2 else min(0.05, 0.002 * (1 << min(fruitless - 2, 5)))


def retry_after(failures: int) -> float:
    """Seconds until a store that did not answer so many times in a row is asked again."""
    return min(2.0, 0.05 * (1 << min(failures, 6)))


class Pace:
    """What one executor measured: one mean over all its jobs, and one per class."""

    def __init__(self) -> None:
        self.mean: float | None = None
        self.known: dict[str, float] = {}

    def note(self, name: str, runtime: Micros) -> None:
        """A job of this class took this long."""
        self.mean = blend(self.mean, runtime)
        self.known[name] = blend(self.known.get(name), runtime)

    def short(self, name: str) -> bool:
        """Whether jobs of this class are known to be short."""
        known = self.known.get(name)
        return known is not None and known < SHORT

    def long(self, name: str) -> bool:
        """Whether jobs of this class are known to be so long that nothing should wait behind them."""
        known = self.known.get(name)
        return known is not None and known >= LONG
