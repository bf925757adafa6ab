from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from horizon.backends.values import Sample
from horizon.core.clock import HOUR, MINUTE, SECOND
from horizon.core.histogram import Histogram
from horizon.monitor import measures, trends
from horizon.monitor.measures import Timing
from horizon.monitor.past import Period
from horizon.monitor.span import span

NOW = 1_700_000_040 * SECOND
HOUR_AGO = span(NOW, NOW - HOUR)


def sample(at: int, name: str = "m:A", queue: str = "mails", runtime: Sequence[int] = (), **happened: int) -> Sample:
    return Sample(minute=at, queue=queue, name=name, runtime=Histogram.of(runtime), wait=Histogram.of(runtime), **happened)


def told(samples: Sequence[Sample]):
    return measures.total(samples).metrics("m:A", HOUR_AGO.since, HOUR_AGO.until)


LONGEST = 100 * 24 * HOUR
DISTRIBUTIONS = {
    "constant": lambda dice: 250_000,
    "uniform": lambda dice: dice.uniform(1, 60 * SECOND),
    "exponential": lambda dice: dice.expovariate(1 / 200_000),
    "lognormal": lambda dice: dice.lognormvariate(12, 2),
    "pareto": lambda dice: 1_000 * dice.paretovariate(1.1),
    "two humps": lambda dice: dice.gauss(2_000, 100) if dice.random() < 0.93 else dice.gauss(30 * SECOND, SECOND),
    "microseconds": lambda dice: dice.randint(1, 40),
    "days": lambda dice: dice.uniform(0, 20 * 24 * HOUR),
}


@given(st.sampled_from(sorted(DISTRIBUTIONS)), st.integers(1, 2_000), st.integers(0, 2**32))
@settings(max_examples=80, deadline=None)
def test_percentiles_are_within_five_percent_of_exact_ones_however_durations_are_spread(kind: str, count: int, seed: int):
    """Over samples of several minutes, as they are merged and read back from a store."""
    dice = random.Random(seed)
    durations = [min(LONGEST, max(1, round(DISTRIBUTIONS[kind](dice)))) for _ in range(count)]
    cuts = sorted(dice.randint(0, count) for _ in range(4))
    parts = [durations[a:b] for a, b in zip([0, *cuts], [*cuts, count], strict=True)]
    samples = [sample(NOW - index * MINUTE, runtime=part) for index, part in enumerate(parts)]
    found = told([replace(one, runtime=Histogram.decode(one.runtime.encode())) for one in samples])
    ranked = sorted(durations)
    for percent, got in ((50, found.p50), (95, found.p95), (99, found.p99)):
        exact = ranked[max(1, math.ceil(count * percent / 100)) - 1]
        assert got * 1e6 == pytest.approx(exact, rel=0.05), (kind, percent)
    assert found.runtime.mean * 1e6 == pytest.approx(sum(durations) / count)
    assert found.runtime.longest * 1e6 == pytest.approx(ranked[-1])
    assert (found.runtime.p99, found.runtime.count) == (found.wait.p99, count)


def test_counts_and_rates():
    found = told(
        [
            sample(NOW, pushed=9, completed=5, failed=1, runtime=[SECOND] * 7, retried=1, memory_kb=2048),
            sample(NOW, completed=2, cancelled=1, memory_kb=1024),
        ]
    )
    assert (found.pushed, found.completed, found.failed, found.cancelled, found.retried) == (9, 7, 1, 1, 1)
    assert (found.ended, found.success_rate, found.failure_rate, found.attempts) == (8, 7 / 8, 1 / 8, 7)
    assert found.throughput_per_minute == 8 / HOUR_AGO.minutes
    assert found.peak_memory_mb == 2.0
    assert found.avg_execution_time == found.avg_wait_time == 1.0


def test_where_nothing_ran_nothing_is_reckoned():
    found = told([])
    assert found.runtime == found.wait == Timing()
    assert (found.success_rate, found.failure_rate, found.avg_execution_time, found.p50, found.p95, found.p99) == (None,) * 6
    assert (found.peak_memory_mb, found.throughput_per_minute, found.ended) == (None, 0.0, 0)


def test_sums_by_class_and_by_step():
    samples = [sample(HOUR_AGO.since, completed=1), sample(HOUR_AGO.since + MINUTE, "m:B", completed=2), sample(NOW, completed=4)]
    assert {
        name: one.completed for name, one in trends.by_class(Period(span=HOUR_AGO, pairs=measures.by_pair(samples), steps=()), str).items()
    } == {
        "m:A": 5,
        "m:B": 2,
    }
    steps = measures.by_step([*samples, sample(HOUR_AGO.since - MINUTE, completed=99)], HOUR_AGO)
    assert [one.completed for one in steps[:2]] == [1, 2]
    assert steps[-1].completed == 4


def test_adding_up_touches_no_sample():
    one = sample(NOW, runtime=[5])
    assert measures.total([one, one, measures.total([one])]).runtime.count == 3
    assert one.runtime.count == 1
