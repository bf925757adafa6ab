"""A mergeable histogram of durations: fixed logarithmic buckets, percentiles within 5 % of the true value.

Bucket i holds durations from 1.1**i to 1.1**(i+1) microseconds; its middle, geometrically, is at most 4.9 % away from
anything in it. Sparse: only buckets that were hit are kept, so an idle class costs nothing.
(The scheme of DDSketch: Masson, Rim, Lee, VLDB 2019, with alpha = 0.048.)
"""

from __future__ import annotations

import json
import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any

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
        buckets = self.buckets
        if not buckets:
            buckets.update(other.buckets)
        else:
            for index, times in other.buckets.items():
                buckets[index] = buckets.get(index, 0) + times
        self.count += other.count
        self.total += other.total
        if other.peak > self.peak:
            self.peak = other.peak
        return self

    @property
    def mean(self) -> float | None:
        """Mean in seconds, None where nothing was counted."""
        return self.total / self.count / 1e6 if self.count else None

    def percentile(self, q: float) -> float | None:
        """The q-th percentile (0 to 100) in seconds, None where nothing was counted."""
        return self.percentiles((q,))[0]

    def percentiles(self, qs: Sequence[float]) -> list[float | None]:
        """Several of them, of which each is higher than the one before."""
        if not self.count:
            return [None] * len(qs)
        found: list[float | None] = []
        order, seen, index = iter(sorted(self.buckets.items())), 0, 0
        for q in qs:
            wanted = max(1, math.ceil(self.count * q / 100))
            while seen < wanted:
                index, times = next(order, (-1, self.count))
                seen += times
            found.append((float(min(GROWTH ** (index + 0.5), self.peak or math.inf)) if index >= 0 else self.peak) / 1e6)
        return found

    def grown(self, changes: Iterable[tuple[Histogram, Histogram]]) -> Histogram:
        """This one, of which some parts have grown since: (as it was when it was counted in, as it is)."""
        made = Histogram().merge(self)
        for before, after in changes:
            for index, times in after.buckets.items():
                made.buckets[index] = made.buckets.get(index, 0) + times - before.buckets.get(index, 0)
            made.count, made.total = made.count + after.count - before.count, made.total + after.total - before.total
            made.peak = max(made.peak, after.peak)
        return made

    def encode(self) -> str:
        """Compact text for a store."""
        return json.dumps(
            [self.count, self.total, self.peak, [x for pair in sorted(self.buckets.items()) for x in pair]], separators=(",", ":")
        )

    @classmethod
    def decode(cls, text: str | None) -> Histogram:
        """What `encode` wrote, taken apart once somebody looks at it; an empty histogram for None."""
        return Unread(text) if text else cls()

    @classmethod
    def of(cls, durations: Iterable[int]) -> Histogram:
        """A histogram of these durations in microseconds."""
        made = cls()
        for micros in durations:
            made.add(micros)
        return made


Read = tuple[int, int, int, dict[int, int]]
"""Count, total, peak, buckets."""


class Unread(Histogram):
    """One that is read when somebody looks at it: thousands are brought from a store of which only the sums beside them count."""

    __slots__ = ("kept",)

    def __init__(self, kept: str | Callable[[], Read]) -> None:
        self.kept = kept  # the others have no value yet, which is what brings whoever asks to `__getattr__`
        """The text, or what reads it."""

    def __getattr__(self, name: str) -> Any:
        if name not in Histogram.__slots__:
            raise AttributeError(name)
        if name != "buckets" and isinstance(self.kept, str):  # what stands before the buckets, without them
            self.count, self.total, self.peak = (int(one) for one in self.kept[1:].split(",", 3)[:3])
        else:
            self.count, self.total, self.peak, self.buckets = self.kept() if callable(self.kept) else _decoded(self.kept)
        return getattr(self, name)

    def __deepcopy__(self, memo: object) -> Histogram:
        return Histogram().merge(self)


def _decoded(text: str) -> Read:
    count, total, peak, flat = json.loads(text)
    pairs = iter(flat)
    return count, total, peak, dict(zip(pairs, pairs, strict=True))


def joined(some: Iterable[Histogram]) -> Histogram:
    """All of them, as one that is only to be read; buckets are added up when somebody looks at them."""
    few = [one for one in some if one.count]
    if len(few) < 2:
        return few[0] if few else Histogram()
    made = Unread(partial(_together, few))
    made.count, made.total = sum(one.count for one in few), sum(one.total for one in few)
    made.peak = max(one.peak for one in few)
    return made


def _together(few: Iterable[Histogram]) -> Read:
    made = merged(few)
    return made.count, made.total, made.peak, made.buckets


def merged(some: Iterable[Histogram]) -> Histogram:
    """All of them, as one; texts are taken apart together, which costs half."""
    made, texts = Histogram(), []
    for one in some:
        if isinstance(one, Unread) and isinstance(one.kept, str):
            texts.append(one.kept)
        else:
            made.merge(one)
    buckets: defaultdict[int, int] = defaultdict(int, made.buckets)
    for count, total, peak, flat in json.loads(f"[{','.join(texts)}]"):
        pairs = iter(flat)
        for index, times in zip(pairs, pairs, strict=True):
            buckets[index] += times
        made.count, made.total, made.peak = made.count + count, made.total + total, max(made.peak, peak)
    made.buckets = dict(buckets)
    return made
