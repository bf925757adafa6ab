"""The latest samples are read every two seconds, and few of them have changed: those that come again as they were are not made anew."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from typing import Any, TypeVar

from horizon.backends.values import Sample

K = TypeVar("K", bound=Hashable)
R = TypeVar("R")
Make = Callable[[K, R], Sample]
Plus = Callable[[Sample, Sample], Sample]
MOST = 5_000
"""Samples that are remembered; of a longer time none are."""


class Brought:
    """Samples beside what they were made of, of the latest question. Thread-safe: who is late makes a few anew."""

    def __init__(self) -> None:
        self._known: Mapping[Hashable, tuple[Any, Sample]] = {}

    def samples(self, rows: Mapping[K, R], make: Make[K, R], *, plus: Plus | None = None) -> list[Sample]:
        """One sample for each key, in their order; the very same as last time where its row is equal. Nobody may change it.

        `plus`: both of them together. Said where a row is a list of parts: one to which parts were added since is not taken apart again.
        """
        if len(rows) > MOST:
            return [make(key, row) for key, row in rows.items()]
        known = self._known
        now: dict[Hashable, tuple[Any, Sample]] = {}
        for key, row in rows.items():
            before = known.get(key)
            if before is not None and before[0] == row:
                now[key] = before
            elif before is not None and plus is not None and (added := _added(before[0], row)):
                now[key] = row, plus(before[1], make(key, added))
            else:
                now[key] = row, make(key, row)
        self._known = now
        return [sample for _, sample in now.values()]


def _added(before: Any, after: Any) -> Any:
    """The parts that have come after those there were; nothing where these are not the same any more. Pure."""
    return after[len(before) :] if after[: len(before)] == before else after[:0]
