"""Of what happened in a store only what is asked for: all, one queue, one class."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from horizon.backends.nouns import Numbers
from horizon.backends.rollup import Roll, chosen_of, pairs_of, steps_of
from horizon.backends.values import Sample
from horizon.core.clock import Micros
from horizon.monitor.measures import Pair
from horizon.monitor.past import Piece, Rolled

PASSED_OVER = 600
"""Bytes of a roll that are searched in the time in which one sum is read."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Choice:
    """Which queues and classes figures are about. Left out: all."""

    queue: str | None = None
    names: tuple[str, ...] | None = None
    """Under which jobs of one class are stored."""


ALL = Choice()


@dataclass(frozen=True, kw_only=True, slots=True)
class Chosen:
    """A store, of which only what is chosen is told. See `Source`."""

    numbers: Numbers
    choice: Choice = ALL
    whole: bool = False
    """The latest minutes are read whole, for whoever else looks."""

    @property
    def narrowed(self) -> bool:
        """See `Source.narrowed`."""
        return self.choice != ALL

    def part(self, pair: Pair) -> Pair | None:
        """See `Source.part`."""
        queue, names = self.choice.queue, self.choice.names
        return pair if queue in (None, pair[0]) and (names is None or pair[1] in names) else None

    def latest(self, since: Micros) -> Iterable[Sample]:
        """See `Source.latest`. Raises BackendUnavailable."""
        return self.numbers.latest(since) if self.whole or not self.narrowed else self._samples(since, None)

    def read(self, since: Micros, until: Micros) -> Iterable[Sample]:
        """What happened to them. Raises BackendUnavailable."""
        return self._samples(since, until)

    def _samples(self, since: Micros, until: Micros | None) -> Iterable[Sample]:
        queue, names = self.choice.queue, self.choice.names
        if names is None:
            return self.numbers.samples(since, until, queue=queue)
        return [sample for name in names for sample in self.numbers.samples(since, until, queue=queue, name=name)]

    def rolled(self, span: Micros, since: Micros, until: Micros, pairs: bool) -> Sequence[Rolled]:
        """Sums that the store keeps. Raises BackendUnavailable."""
        if self.narrowed:
            found = self.numbers.rolled(span, since, until, pairs=True)
            return [_picked(one, chosen_of(one, self.choice.queue, self.choice.names)) for one in found]
        return [_whole(one, pairs_of(one) if one.pairs else None) for one in self.numbers.rolled(span, since, until, pairs=pairs)]


def _picked(one: Roll, found: Sequence[Sample]) -> Rolled:
    return Rolled(piece=piece_of(one), pairs=found, effort=len(found) + len(one.pairs) // PASSED_OVER)


def _whole(one: Roll, found: Sequence[Sample] | None) -> Rolled:
    return Rolled(piece=piece_of(one), pairs=found, steps=steps_of(one), effort=len(found or ()))


def piece_of(one: Roll) -> Piece:
    """Which one it is the sum of."""
    return one.span, one.at
