"""`monitor`, `health`: how queues do right now, and how well the whole goes."""

from __future__ import annotations

from collections.abc import Sequence

import click

from horizon.cli import apps, options, screen
from horizon.cli.output import Column, escaped, pairs, table
from horizon.cli.output import as_json as print_json
from horizon.core.states import JobState
from horizon.monitor import queue_stats
from horizon.monitor.figures import QueueFigures
from horizon.runtime import Runtime
from horizon.web import words

SHOWN = (JobState.PENDING, JobState.PROCESSING, JobState.SCHEDULED, JobState.RETRYING, JobState.FAILED)
COLUMNS = (
    Column(title="queue"), *(Column(title=state.value, right=True) for state in SHOWN), Column(title="in/min", right=True),
    Column(title="out/min", right=True), Column(title="oldest", right=True), Column(title="clears in", right=True),
    Column(title="slots", right=True), Column(title="", coloured=True),
)  # fmt: skip
GOOD = 50
"""The least score that is not bad."""


@click.command()
@click.argument("queue", nargs=-1)
@click.option(
    "--max", "most", type=click.IntRange(0), metavar="N", help="Look once, and exit with 1 where more jobs are pending in a queue."
)
@screen.options
@options.connection
@options.as_json
def monitor(queue: tuple[str, ...], most: int | None, every: float, once: bool, connection: str | None, as_json: bool) -> None:
    """Watch the queues: what waits, what comes in and ends a minute, until when that is done.

    QUEUE: only these. At a terminal it goes on until Ctrl-C or q; elsewhere, and with --once or --max, it looks once.
    """
    runtime = apps.looked_at().runtime
    rows = read(runtime, queue, connection)
    if as_json:
        _print(rows)
    elif most is not None:
        _tell(rows)
    else:
        screen.show(lambda: _tell(read(runtime, queue, connection)), every=every, once=once)
    over = [] if most is None else [row for row in rows if row.count(JobState.PENDING) > most]
    for row in over:
        click.echo(f"! {escaped(row.name)}: {words.number(row.count(JobState.PENDING))} pending, more than {words.number(most)}", err=True)
    if over:
        raise SystemExit(1)


def read(runtime: Runtime, queues: Sequence[str], connection: str | None) -> list[QueueFigures]:
    """A row for each queue on each connection; longest wait first. Raises NotFound for one that nobody knows."""
    for name in queues:
        queue_stats.queue_stats(runtime, name, connection)
    rows = [row for row in queue_stats.read(runtime, connection) if not queues or row.name in queues]
    return sorted(rows, key=lambda row: (-(row.oldest or 0.0), row.name, row.connection))


def _tell(rows: Sequence[QueueFigures]) -> None:
    table(COLUMNS, [_row(row) for row in rows], empty="No queue has held a job yet.")


def _row(row: QueueFigures) -> list[str]:
    counts = [words.number(row.count(state)) for state in SHOWN]
    clear = "never" if row.stuck else words.seconds(row.to_clear) if row.to_clear else ""
    mark = "paused" if row.paused else "no worker" if row.unserved else ""
    pace = [words.number(row.in_per_minute), words.number(row.per_minute)]
    oldest = words.seconds(row.oldest) if row.oldest is not None else ""
    return [row.name, *counts, *pace, oldest, clear, str(row.slots), mark]


def _print(rows: Sequence[QueueFigures]) -> None:
    from horizon.web.api.queues import queue

    items = [queue(row) for row in rows]
    print_json({"items": items, "next": None, "total": len(items), "total_at_least": len(items)})


@click.command()
@click.option("--least", type=click.IntRange(0, 100), default=GOOD, show_default=True, help="The score from which on it is well.")
@options.as_json
def health(least: int, as_json: bool) -> None:
    """How well it goes, from 0 to 100, and what takes points off. Exits with 1 where that is less than `--least`.

    It is about how jobs do; `horizon doctor` looks at how it is installed.
    """
    found = apps.looked_at().stats.overview().health
    if as_json:
        print_json({"score": found.score, "deductions": [{"points": one.points, "reason": one.reason} for one in found.deductions]})
    else:
        pairs([("health", f"{found.score} of 100"), *((f"-{one.points}", one.reason) for one in found.deductions)])
    if found.score < least:
        raise SystemExit(1)
