"""A mergeable histogram of durations: fixed logarithmic buckets, percentiles within 5 % of the true value.

Bucket i holds durations from 1.1**i to 1.1**(i+1) microseconds; its middle, geometrically, is at most 4.9 % away from
anything in it. Sparse: only buckets that were hit are kept, so an idle class costs nothing.
(The scheme of DDSketch: Masson, Rim, Lee, VLDB 2019, with alpha = 0.048.)
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable

GROWTH = 1.1
_LOG = math.log(GROWTH)
_TOP = 320
_LARGEST = GROWTH**_TOP
_log = math.log


def bucket(micros: int) -> int:
    """The bucket of a duration in microseconds; everything up to one microsecond is bucket 0."""
    return 0 if micros <= 1 else int(_log(micros) / _LOG) if micros < _LARGEST else _TOP


class Histogram:
    """Counts per bucket with their sum, in microseconds."""

    __slots__ = ("buckets", "count", "peak", "total")

    def __init__(self) -> None:
        self.buckets: dict[int, int] = {}
        self.count = 0
        self.total = 0
        self.peak = 0

    def add(self, micros: int, times: int = 1) -> None:
        """Count a duration."""
        index, buckets = bucket(micros), self.buckets
        buckets[index] = buckets.get(index, 0) + times
        self.count += times
        self.total += micros * times
        if micros > self.peak:
            self.peak = micros

    def merge(self, other: Histogram) -> Histogram:
        """Take in all that `other` counted; returns self."""
        for index, times in other.buckets.items():
            self.buckets[index] = self.buckets.get(index, 0) + times
        self.count += other.count
        self.total += other.total
        self.peak = max(self.peak, other.peak)
        return self

    @property
    def mean(self) -> float | None:
        """Mean in seconds, None where nothing was counted."""
        return self.total / self.count / 1e6 if self.count else None

    def percentile(self, q: float) -> float | None:
        """The q-th percentile (0 to 100) in seconds, None where nothing was counted."""
        if not self.count:
            return None
        wanted, seen = max(1, math.ceil(self.count * q / 100)), 0
        for index in sorted(self.buckets):
            seen += self.buckets[index]
            if seen >= wanted:
                return float(min(GROWTH ** (index + 0.5), self.peak or math.inf)) / 1e6
        return self.peak / 1e6

    def encode(self) -> str:
        """Compact text for a store."""
        return json.dumps(
            [self.count, self.total, self.peak, [x for pair in sorted(self.buckets.items()) for x in pair]], separators=(",", ":")
        )

    @classmethod
    def decode(cls, text: str | None) -> Histogram:
        """What `encode` wrote; an empty histogram for None."""
        made = cls()
        if text:
            made.count, made.total, made.peak, flat = json.loads(text)
            made.buckets = dict(zip(flat[::2], flat[1::2], strict=True))
        return made

    @classmethod
    def of(cls, durations: Iterable[int]) -> Histogram:
        """A histogram of these durations in microseconds."""
        made = cls()
        for micros in durations:
            made.add(micros)
        return made
