"""Sums that are asked for again and again while little of what they are made of has changed."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from operator import is_
from typing import TypeVar

from horizon.backends.values import Sample
from horizon.monitor.measures import Sum, gathered

K = TypeVar("K", bound=Hashable)
Parts = Sequence[Sample | Sum]


class Memo:
    """A sum whose parts are the very same as last time is the very same, with all that was reckoned of it since.

    Parts must not be changed. Of two who ask at the same time both may gather: they get the same figures.
    """

    def __init__(self) -> None:
        self._known: dict[str, dict[Hashable, tuple[Parts, Sum]]] = {}

    def gathered(self, kind: str, parts: Mapping[K, Parts]) -> dict[K, Sum]:
        """A sum for each key; what is not asked for this time is forgotten. `kind`: keys of one do not meet those of another."""
        before = self._known.get(kind, {})
        now: dict[Hashable, tuple[Parts, Sum]] = {}
        for key, few in parts.items():
            known = before.get(key)
            same = known is not None and len(known[0]) == len(few) and all(map(is_, known[0], few))
            now[key] = known if known is not None and same else (few, gathered(few))
        self._known[kind] = now
        return {key: now[key][1] for key in parts}
