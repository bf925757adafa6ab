"""The figures of a stretch of time, read from the stores: in all, per class, per queue, and step by step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from horizon.backends.base import Backend
from horizon.core.clock import Micros
from horizon.monitor.asking import Stores
from horizon.monitor.forecast import Expected
from horizon.monitor.measures import Metrics, Sum
from horizon.monitor.naming import Names, by_present_name, present
from horizon.monitor.past import Period
from horizon.monitor.span import Span
from horizon.monitor.trends import by_class, by_queue, each, whole


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """What happened."""

    span: Span
    total: Metrics
    classes: Sequence[Metrics]
    """By present name; those that ran longest in all come first."""
    queues: Sequence[Metrics]
    """Those whose jobs ran longest in all come first."""
    steps: Sequence[Metrics]
    """Oldest first; the last one may still go on."""
    before: Report | None = None
    """The stretch before, where it was asked for."""
    forecast: Sequence[tuple[Micros, Expected]] = ()
    """Of all jobs: how many were to be expected to end in the steps that begin then, and in the one that comes next."""


def names_of(asked: Stores, store: Backend) -> Names:
    """Every job by its present name."""
    return by_present_name(asked.registry, store.numbers.names())


def report(asked: Stores, period: Period, before: Report | None = None, expected: Sequence[Expected | None] = ()) -> Report:
    """All of it, and its parts. Pure."""
    span = period.span
    classes = by_class(period, partial(present, asked.registry))
    queues = by_queue(period)
    return Report(
        span=span,
        total=whole(period),
        classes=_ranked(classes, span),
        queues=_ranked(queues, span),
        steps=each(period),
        before=before,
        forecast=[(at, one) for at, one in zip((*span.starts, span.starts[-1] + span.step), expected, strict=False) if one is not None],
    )


def _ranked(sums: Mapping[str, Sum], span: Span) -> list[Metrics]:
    ranked = sorted(sums.items(), key=lambda item: (-item[1].runtime.total, item[0]))
    return [one.metrics(name, span.since, span.until) for name, one in ranked]
