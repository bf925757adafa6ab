"""How much is read for one answer: a first look at a long time may have more to add up than somebody should wait for."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")
FIRST = 2
"""Pieces that are read before it is known how many sums one has."""


class Unfinished(Exception):
    """There is more to add up than one answer may take. What was read is kept: whoever asks again goes on from there."""


class Patience:
    """So many sums may be read for one answer; None: as many as it takes."""

    def __init__(self, most: int | None = None) -> None:
        self._left = math.inf if most is None else float(most)

    def portion(self, pieces: Sequence[T], each: int | None) -> Sequence[T]:
        """The first of these, as many as may be read now, at least one; `each`: sums in one, None: not known yet. Raises Unfinished."""
        if self._left <= 0:
            raise Unfinished
        if math.isinf(self._left):
            return pieces
        return pieces[: FIRST if each is None else max(1, int(self._left // max(1, each)))]

    def spend(self, sums: int) -> None:
        """So many were read."""
        self._left -= sums
