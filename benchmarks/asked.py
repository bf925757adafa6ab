"""What is asked of each store, and whether it was seen. Ratios are of one run; a row that lacks a figure is left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.report import Report

ONE, MANY, DRAIN, DRAIN_2 = "enqueue one by one", "enqueue many", "drain, 1 worker process", "drain, 2 worker processes"
START_50, START_95, START_99 = "push to start p50", "push to start p95", "push to start p99"
IDLE_50 = "push to start after a second's rest p50"
REST = "idle worker"
BEYOND = "idle worker beyond a bare Flask app"
ENQUEUE_LOSS, DRAIN_LOSS = "enqueue many, many stored / 1,000", "drain, many stored / 1,000"
PAGE_50, PAGE_99 = "first byte, every page, p50", "first byte, every page, p99"
REFRESH = "refresh, dearest page"
FIRST_50 = "first load of a new browser p50"
BATCH_PACE, BATCH_WORK = "drain, a batch / plain jobs", "processor time, plain jobs / a batch"
STEP_50, STEP_95, STEP_99 = "step to step of a chain p50", "step to step of a chain p95", "step to step of a chain p99"
PROMOTED, IDLE_TICK = "promoting 1,000 jobs that are due", "idle tick p50"
SCHEDULED_95 = "200 schedules due at once, due to pushed p95"
ELSEWHERE = "horizon, postgres"
"""Our own figure on PostgreSQL, in a run about another store."""


@dataclass(frozen=True, kw_only=True)
class Ask:
    """One mark. `to`: another system, of whose figure ours shall be so many times; without, the figure itself is meant."""

    metric: str
    mark: float | None = None
    """None: nothing is asked, the ratio is of interest."""
    to: str = ""
    base: str = ""
    """The metric to compare with, where it is not the same."""
    at_most: bool = False


def least(metric: str, mark: float | None, to: str = "", base: str = "") -> Ask:
    """At least so many times."""
    return Ask(metric=metric, mark=mark, to=to, base=base)


def most(metric: str, mark: float) -> Ask:
    """At most so much."""
    return Ask(metric=metric, mark=mark, at_most=True)


PAGES = (most(PAGE_50, 50), most(PAGE_99, 150))
WATCHING = (most(REFRESH, 20), most(FIRST_50, 300))
DUE = (most(PROMOTED, 1), most(IDLE_TICK, 1), most(SCHEDULED_95, 200))
GROUPS = (least(BATCH_PACE, 0.95), least(BATCH_WORK, 0.95))
ASKS: dict[str, Sequence[Ask]] = {
    "redis": (
        least(DRAIN, 5, "dramatiq"),
        least(DRAIN, 4, "taskiq"),
        least(DRAIN, 0.5, "bare"),
        *(least(DRAIN, None, name) for name in ("rq", "celery", "saq")),
        least(DRAIN_2, 4, "dramatiq"),
        least(DRAIN_2, None, "bare"),
        least(ONE, 1.2, "dramatiq"),
        least(ONE, None, "bare"),
        least(MANY, 3, "rq"),
        least(MANY, None, "bare"),
        most(START_50, 2),
        most(START_99, 6),
        most(REST, 1),
        most(BEYOND, 55),
        least(ENQUEUE_LOSS, 0.9),
        least(DRAIN_LOSS, 0.9),
        *GROUPS,
        most(STEP_95, 10),
        *PAGES,
        *WATCHING,
        *DUE,
    ),
    "postgres": (
        least(DRAIN, 4, "oban"),
        least(DRAIN, 2, "pgqueuer"),
        least(DRAIN, 0.5, "bare"),
        least(DRAIN, None, "pgqueuer, 100"),
        least(DRAIN, None, "procrastinate"),
        least(DRAIN_2, 1.5, "horizon", DRAIN),
        least(DRAIN_2, None, "bare"),
        least(ONE, 0.8, "bare"),
        least(MANY, 0.6, "bare"),
        most(START_50, 5),
        most(START_99, 15),
        most(REST, 1),
        most(BEYOND, 80),
        least(ENQUEUE_LOSS, 0.85),
        least(DRAIN_LOSS, 0.85),
        *GROUPS,
        most(STEP_95, 10),
        *PAGES,
        *WATCHING,
        *DUE,
    ),
    "mysql": (
        least(DRAIN, 0.5, ELSEWHERE),
        least(DRAIN, None, "bare"),
        least(ONE, 0.8, "bare"),
        least(MANY, 0.6, "bare"),
        *(least(metric, None, "tracked") for metric in (DRAIN, ONE, MANY)),
        most(IDLE_50, 150),
        most(START_50, 20),
        most(REST, 1),
        most(BEYOND, 75),
        least(ENQUEUE_LOSS, 0.8),
        least(DRAIN_LOSS, 0.8),
        *(least(metric, None) for metric in (BATCH_PACE, BATCH_WORK)),
    ),
    "sqlite": (
        *(least(metric, None, "bare") for metric in (DRAIN, ONE, MANY)),
        least(DRAIN, None, "huey"),
        most(REST, 1),
        least(ENQUEUE_LOSS, None),
        least(DRAIN_LOSS, None),
        *GROUPS,
        *PAGES,
        *WATCHING,
        *DUE,
    ),
}


def judge(report: Report) -> None:
    """A line for each mark whose figures are there."""
    rows = [(ask, seen) for ask in ASKS[report.backend] if (seen := _seen(report, ask)) is not None]
    if rows:
        report.say("\nwhat, asked / seen" if not report.as_json else "asked and seen")
    for ask, seen in rows:
        met = None if ask.mark is None else seen <= ask.mark if ask.at_most else seen >= ask.mark
        sign = "at most" if ask.at_most else "at least"
        against = f" : {ask.to}" + (f", {ask.base}" if ask.base else "") if ask.to else ""
        report.verdict(f"{ask.metric}{against}", "-" if ask.mark is None else f"{sign} {ask.mark:g}", seen, met)


def _seen(report: Report, ask: Ask) -> float | None:
    ours = report.value("horizon", ask.metric)
    if ours is None or not ask.to:
        return ours
    theirs = report.value(ask.to, ask.base or ask.metric)
    return ours / theirs if theirs else None
