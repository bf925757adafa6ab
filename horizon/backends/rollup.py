"""Sums of stretches of time that are over, written once: a question about a long time then reads few rows, whatever happened in it.

1. A roll is one stretch: ten minutes, an hour, six hours, a day or ten days. It holds the sums of every queue and class in one
   piece, and beside them the sum of all, so that a chart of the whole reads nothing else.
2. It is written some minutes after its stretch has ended, from the finer rolls where they are all there, else from the samples.
3. A roll that is there is whole: what is counted for its stretch afterwards is added to it (`amend`). One that is missing is no
   loss: whoever needs it adds up samples.
4. Where the clock was set back, what is no longer over goes, and is written again when it is.
"""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from horizon.backends.retention import Retention
from horizon.backends.values import Sample
from horizon.core.clock import DAY, HOUR, MINUTE, Micros
from horizon.core.histogram import Histogram, Unread, merged

TEN: Micros = 10 * MINUTE
LEVELS: tuple[Micros, ...] = (TEN, HOUR, 6 * HOUR, DAY, 10 * DAY)
"""Each a multiple of the one before."""
FINER: Mapping[Micros, Micros] = dict(zip(LEVELS[1:], LEVELS, strict=False))
SETTLED: Micros = 2 * MINUTE
"""How long after its end a stretch is written: what was counted late is folded by then, and needs no amendment."""
MOST, EACH = 6_000, 100
"""Of so many sums one act adds up no more than a few; a roll of nothing counts as so many."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Roll:
    """One stretch, as stored."""

    span: Micros
    at: Micros
    """Its beginning."""
    steps: str
    """The sum of all; of ten minutes that of each minute in which anything happened."""
    pairs: bytes = b""
    """The sums of each queue and class; left out where only the sum of all was asked for."""


class Shelf(Protocol):
    """Where a store keeps rolls, within one act."""

    def newest(self, span: Micros) -> Micros | None:
        """Where the latest roll of this length begins."""

    def oldest_sample(self) -> Micros | None:
        """When the first of all samples begins."""

    def read(self, span: Micros, since: Micros, until: Micros) -> Sequence[Roll]:
        """Those that begin in this time."""

    def samples(self, since: Micros, until: Micros) -> Sequence[Sample]:
        """What is folded of this time."""

    def write(self, rolls: Sequence[Roll]) -> None:
        """Put them there; what is there already is replaced."""

    def forget(self, span: Micros, before: Micros, after: Micros) -> None:
        """Remove those that begin before the one or after the other."""


def is_due(newest: Micros | None, oldest_sample: Micros | None, now: Micros) -> bool:
    """Whether there is anything to write: the end of every roll is that of a roll of ten minutes. Pure."""
    if oldest_sample is None:
        return False
    if newest is None:
        return oldest_sample // TEN * TEN + TEN + SETTLED <= now
    return not now - 2 * TEN - SETTLED < newest <= now - TEN


def roll(shelf: Shelf, now: Micros, retention: Retention) -> tuple[int, bool]:
    """Write what is over, some of it: (how many, whether there is more). Called by whoever folds, with nothing left to be folded."""
    first, written, spent = shelf.oldest_sample(), 0, 0
    for span in LEVELS:  # what is coarser is made of what is finer
        begin = _next(span, _as_of(shelf, span, now), first, now, retention)
        end = (now - SETTLED) // span * span
        if begin is None or begin >= end:
            continue
        while begin < end:
            if spent >= MOST:
                return written, True
            spent += EACH + _write(shelf, span, begin)
            written, begin = written + 1, begin + span
        shelf.forget(span, kept_from(span, now, retention), now - span)
    return written, False


def _as_of(shelf: Shelf, span: Micros, now: Micros) -> Micros | None:
    """Where the latest roll begins; those that are not over yet are gone."""
    newest = shelf.newest(span)
    if newest is None or newest + span <= now:
        return newest
    shelf.forget(span, 0, now - span)
    return shelf.newest(span)


def _next(span: Micros, newest: Micros | None, first: Micros | None, now: Micros, retention: Retention) -> Micros | None:
    """Where the next roll begins; None where nothing happened ever. Pure."""
    begin = newest + span if newest is not None else None if first is None else first - first % span
    return None if begin is None else max(begin, -(-kept_from(span, now, retention) // span) * span)


def kept_from(span: Micros, now: Micros, retention: Retention) -> Micros:
    """Rolls that begin before it are kept no longer: as the minutes, hours and days that they are made of. Pure."""
    if span == TEN:
        return (now - retention.minutes) // HOUR * HOUR
    return (now - retention.hours) // DAY * DAY if span < DAY else now - retention.days


def _write(shelf: Shelf, span: Micros, at: Micros) -> int:
    """Write one roll, even where nothing happened; returns of how many sums it was made."""
    finer = shelf.read(FINER[span], at, at + span) if span in FINER else ()
    if finer and len(finer) == span // FINER[span]:
        samples: Sequence[Sample] = [sample for one in finer for sample in pairs_of(one)]
    else:
        samples = shelf.samples(at, at + span)
    shelf.write([_stored(span, at, samples, samples)])
    return len(samples)


def _stored(span: Micros, at: Micros, steps: Iterable[Sample], pairs: Iterable[Sample]) -> Roll:
    """A roll that holds all of these, of each kind."""
    step = MINUTE if span == TEN else span
    all_of_it = summed(steps, lambda one: (one.minute - one.minute % step, "", ""))
    apart = summed(pairs, lambda one: (at, one.queue, one.name))
    return Roll(span=span, at=at, steps=encoded(all_of_it), pairs=zlib.compress(encoded(apart).encode(), 1))


def amend(shelf: Shelf, late: Iterable[Sample]) -> None:
    """Add what was counted for stretches that are over to the rolls that are there."""
    few = list(late)
    for span in LEVELS:
        for start in sorted({one.minute - one.minute % span for one in few}):
            here = [one for one in few if one.minute - one.minute % span == start]
            shelf.write([_amended(found, here) for found in shelf.read(span, start, start + span)])


def _amended(one: Roll, late: Sequence[Sample]) -> Roll:
    pairs = [*pairs_of(one), *(replace(sample, minute=one.at) for sample in late)]
    return _stored(one.span, one.at, [*steps_of(one), *late], pairs)


def summed(samples: Iterable[Sample], key: Callable[[Sample], tuple[Micros, str, str]]) -> list[Sample]:
    """One sample for each key (time, queue, class), in their order. Pure."""
    found: dict[tuple[Micros, str, str], list[Sample]] = {}
    for one in samples:
        found.setdefault(key(one), []).append(one)
    return [_sum(at, few) for at, few in sorted(found.items())]


def _sum(key: tuple[Micros, str, str], few: Sequence[Sample]) -> Sample:
    minute, queue, name = key
    if len(few) == 1:
        return replace(few[0], minute=minute, queue=queue, name=name)
    return Sample(
        minute=minute, queue=queue, name=name,
        pushed=sum(one.pushed for one in few), completed=sum(one.completed for one in few), failed=sum(one.failed for one in few),
        cancelled=sum(one.cancelled for one in few), retried=sum(one.retried for one in few), memory_kb=max(one.memory_kb for one in few),
        runtime=merged(one.runtime for one in few), wait=merged(one.wait for one in few),
    )  # fmt: skip


def encoded(samples: Iterable[Sample]) -> str:
    """As text."""
    return json.dumps([_row(one) for one in samples], separators=(",", ":"))


def _row(one: Sample) -> list[Any]:
    counts = (one.pushed, one.completed, one.failed, one.cancelled, one.retried, one.memory_kb)
    return [one.minute, one.queue, one.name, *counts, _text(one.runtime), _text(one.wait)]


def _text(one: Histogram) -> str | None:
    """As it came, where nobody has taken it apart."""
    if isinstance(one, Unread) and isinstance(one.kept, str):
        return one.kept
    return one.encode() if one.count else None


def decoded(text: str | bytes) -> list[Sample]:
    """What `encoded` wrote; histograms are taken apart where somebody looks at them."""
    return [_sample(row) for row in json.loads(text)]


def _sample(row: Sequence[Any]) -> Sample:
    at, queue, name, pushed, completed, failed, cancelled, retried, memory_kb, runtime, wait = row
    return Sample(
        minute=at, queue=queue, name=name, pushed=pushed, completed=completed, failed=failed, cancelled=cancelled, retried=retried,
        memory_kb=memory_kb, runtime=Histogram.decode(runtime), wait=Histogram.decode(wait),
    )  # fmt: skip


def pairs_of(one: Roll) -> list[Sample]:
    """The sums of each queue and class, at the beginning of the stretch."""
    return decoded(zlib.decompress(one.pairs)) if one.pairs else []


def chosen_of(one: Roll, queue: str | None = None, names: Collection[str] | None = None) -> list[Sample]:
    """Of these the sums of one queue, of classes of these names, or both: the others are not taken apart."""
    if not one.pairs or (names is not None and not names):
        return []
    text = zlib.decompress(one.pairs).decode()
    # a row begins so, and nothing else does: within a text the quotes would be escaped
    begins = re.compile(rf"\[{one.at},{_wanted(None if queue is None else (queue,))},{_wanted(names)},")
    return [_sample(_ROW.raw_decode(text, found.start())[0]) for found in begins.finditer(text)]


_ROW = json.JSONDecoder()
_ANY = r'"(?:[^"\\]|\\.)*"'


def _wanted(names: Collection[str] | None) -> str:
    """What matches these names as `encoded` writes them; None: any."""
    return _ANY if names is None else f"(?:{'|'.join(re.escape(json.dumps(name)) for name in names)})"


def steps_of(one: Roll) -> list[Sample]:
    """The sum of all; of ten minutes that of each minute in which anything happened."""
    return decoded(one.steps)
