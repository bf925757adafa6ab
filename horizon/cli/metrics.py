"""`metrics`: counts, runtimes and waits over a stretch of time."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, tzinfo

import click

from horizon.cli import apps, options
from horizon.cli.output import Column, pairs, table
from horizon.cli.output import as_json as print_json
from horizon.core.clock import Micros, from_datetime, to_datetime
from horizon.core.states import JobState
from horizon.monitor.asking import backend_of, kept
from horizon.monitor.chosen import Choice
from horizon.monitor.measures import Metrics, Timing
from horizon.monitor.queue_stats import queue_stats
from horizon.monitor.report import Report
from horizon.monitor.span import STEPS
from horizon.monitor.trends import change
from horizon.web import words
from horizon.web.pages.metrics_table import pace, told_change
from horizon.web.text import short_name

BY = {"class": "class", "queue": "queue", "time": "from"}
"""What rows are about → the title of their first column."""
COLUMNS = (
    Column(title="completed", right=True), Column(title="failed", right=True), Column(title="success", right=True),
    Column(title="a minute", right=True), Column(title="runtime", right=True), Column(title="p50", right=True),
    Column(title="p95", right=True), Column(title="p99", right=True), Column(title="wait p95", right=True),
    Column(title="memory", right=True),
)  # fmt: skip


@click.command()
@click.argument("job", required=False, metavar="[CLASS]")
@click.option("--since", metavar="TIME", help="From when on: 1h, 14:03, yesterday, 2031-01-01. Left out: the past 24 hours.")
@click.option("--until", metavar="TIME", help="Up to when, in the same spellings. Left out: now.")
@click.option("--step", type=click.Choice(list(STEPS)), help="Of `--by time`. Left out: what suits the length.")
@click.option("--by", type=click.Choice(list(BY)), default="class", show_default=True, help="A row for each of these.")
@click.option("--compare", is_flag=True, help="Behind each figure, how it has changed against as long before.")
@options.queue
@click.option("--limit", type=click.IntRange(1, 200), default=50, show_default=True, help="Rows at the most; of times every one is told.")
@options.connection
@options.as_json
def metrics(
    job: str | None, since: str | None, until: str | None, step: str | None, by: str, compare: bool, queue: str | None, limit: int,
    connection: str | None, as_json: bool,
) -> None:  # fmt: skip
    """Counts, runtimes and waits over a stretch of time: of every class, or of one in full.

    CLASS is the name of a job, as it is registered or as the class is called. Those whose attempts ran longest in all come
    first; percentiles are within 5 %.
    """
    asked = {"since": since or "", "until": until or "", "step": step or ""}
    made = _read(job, asked, queue, connection, compare)
    if as_json:
        _print(made, limit)
    elif job and by == "class":
        _tell_one(made, job)
    else:
        _tell(made, by, limit)


def _read(job: str | None, asked: dict[str, str], queue: str | None, connection: str | None, compare: bool) -> Report:
    from horizon.web.api import metrics as api

    state = apps.state()
    runtime = state.runtime
    store = backend_of(runtime, connection)
    now = store.now()
    over = api.span_of(asked, now, kept(runtime), _here(now))
    names = None if job is None else api.meant(state, store, job)
    if queue is not None:
        queue_stats(runtime, queue, connection)
    choice = Choice(queue=queue, names=None if names is None else tuple(names))
    return api.read_report(state, over, now, connection, choice, compared=compare)


def _here(now: Micros) -> tzinfo:
    """This machine's zone."""
    moment = to_datetime(now)
    return (moment.astimezone().tzinfo if moment else None) or UTC


def _print(made: Report, limit: int) -> None:
    from horizon.web.api import metrics as api

    print_json(api.shown(made, limit))


def _tell(made: Report, by: str, limit: int) -> None:
    """A table with a row for each class, queue or step."""
    if by == "time":
        columns, rows = by_time(made)
    else:
        shown = (made.classes if by == "class" else made.queues)[:limit]
        columns = [Column(title=BY[by]), *COLUMNS]
        rows = [
            [name, *against(one, _before(made, by, one.name))] for name, one in zip(short([one.name for one in shown]), shown, strict=True)
        ]
    table(columns, rows, empty=f"Nothing happened since {_when(made.span.since)}; --since 7d looks further back.")


def by_time(made: Report) -> tuple[list[Column], list[list[str]]]:
    """A row for each step; with how many jobs were to be expected to end in it, where that is told for any. Pure."""
    likely = {at: f"{words.number(round(one.low))} to {words.number(round(one.high))}" for at, one in made.forecast}
    columns = [Column(title=BY["time"]), *COLUMNS, *([Column(title="forecast", right=True)] if likely else [])]
    steps = [(from_datetime(one.since), figures(one)) for one in made.steps]
    return columns, [[_when(at), *cells, *([likely.get(at, "")] if likely else [])] for at, cells in steps]


def _tell_one(made: Report, job: str) -> None:
    """One class in full, and its queues where it has several."""
    one = made.total
    pairs(
        [
            ("class", made.classes[0].name if made.classes else job),
            ("since", _when(made.span.since)),
            ("jobs", _counts(one)),
            ("success", success(one.success_rate)),
            ("throughput", f"{_pace(one)} a minute"),
            ("runtime", _timing(one.runtime)),
            ("wait", _timing(one.wait)),
            ("memory", f"{one.peak_memory_mb:g} MB" if one.peak_memory_mb is not None else ""),
            *_told_before(made),
        ]
    )
    if len(made.queues) > 1:
        click.echo()
        _tell(made, "queue", len(made.queues))


def _told_before(made: Report) -> list[tuple[str, str]]:
    """The stretch before, in a few words."""
    if made.before is None:
        return []
    one = made.before.total
    return [
        ("before", f"{_when(made.before.span.since)} to {_when(made.before.span.until)}"),
        ("jobs then", _counts(one)),
        ("runtime then", _timing(one.runtime)),
        ("wait then", _timing(one.wait)),
    ]


def short(names: Sequence[str]) -> list[str]:
    """Names of classes without their modules, where that leaves no two alike. Pure."""
    times = Counter(short_name(name) for name in names)
    return [bare if times[bare := short_name(name)] == 1 else name for name in names]


def figures(of: Metrics) -> list[str]:
    """The cells of `COLUMNS`."""
    runtimes = [words.seconds(value) if value is not None else "" for value in (of.runtime.mean, of.p50, of.p95, of.p99, of.wait.p95)]
    memory = f"{of.peak_memory_mb:.0f} MB" if of.peak_memory_mb is not None else ""
    return [words.number(of.completed), words.number(of.failed), success(of.success_rate), _pace(of), *runtimes, memory]


def _before(made: Report, by: str, name: str) -> Metrics | None:
    """The same class, or queue, in the stretch before."""
    if made.before is None:
        return None
    return next((one for one in (made.before.classes if by == "class" else made.before.queues) if one.name == name), None)


def against(of: Metrics, before: Metrics | None) -> list[str]:
    """The cells of `COLUMNS`, each with how it has changed since the stretch before, as far as that can be said."""
    cells = figures(of)
    if before is None:
        return cells
    grown = [change(now, then) for now, then in zip(_values(of), _values(before), strict=True)]
    return [f"{cell} ({told_change(by)})" if cell and by is not None else cell for cell, by in zip(cells, grown, strict=True)]


def _values(of: Metrics) -> tuple[float | None, ...]:
    """What `figures` tells, as numbers."""
    return (
        of.completed, of.failed, of.success_rate, of.throughput_per_minute, of.runtime.mean, of.p50, of.p95, of.p99, of.wait.p95,
        of.peak_memory_mb,
    )  # fmt: skip


def success(rate: float | None) -> str:
    """A share as a percentage that is 100 only where it is the whole; empty for None. Pure."""
    if rate is None:
        return ""
    told = words.percent(rate)
    return told if rate == 1 or told != "100 %" else f"{math.floor(rate * 10_000) / 100:.2f} %"


def _pace(of: Metrics) -> str:
    return pace(of.throughput_per_minute)


def _counts(of: Metrics) -> str:
    ended = ((JobState.COMPLETED, of.completed), (JobState.FAILED, of.failed), (JobState.CANCELLED, of.cancelled))
    told = [f"{words.number(of.pushed)} pushed", *(f"{words.number(count)} {state}" for state, count in ended if count)]
    return ", ".join([*told, *([f"{words.plural(of.retried, 'attempt')} to be made again"] if of.retried else [])])


def _timing(of: Timing) -> str:
    named: Sequence[tuple[str, float | None]] = (("mean", of.mean), ("p50", of.p50), ("p95", of.p95), ("p99", of.p99), ("max", of.longest))
    return ", ".join(f"{word} {words.seconds(value)}" for word, value in named if value is not None) or "nothing ran"


def _when(at: Micros) -> str:
    return words.exact(at, UTC)
