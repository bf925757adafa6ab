"""How it goes: `stats`, `status`."""

from __future__ import annotations

from typing import Any

import click

from horizon.backends.values import SessionRecord
from horizon.cli import apps, options
from horizon.cli.output import Column, as_json, coloured, escaped, pairs, table
from horizon.core.clock import iso
from horizon.core.states import JobState
from horizon.monitor.figures import INACTIVE, Overview, QueueFigures
from horizon.monitor.targets import State
from horizon.monitor.workers import size_of
from horizon.web import words

SHOWN = (JobState.PENDING, JobState.PROCESSING, JobState.SCHEDULED, JobState.RETRYING, JobState.FAILED)
QUEUES = (
    Column(title="queue"), *(Column(title=state.value, right=True) for state in SHOWN),
    Column(title="oldest", right=True), Column(title="per minute", right=True), Column(title="", coloured=True),
)  # fmt: skip
WORKERS = (
    Column(title="worker"), Column(title="state", coloured=True), Column(title="queues"), Column(title="executors", right=True),
    Column(title="slots", right=True), Column(title="busy", right=True), Column(title="memory", right=True), Column(title="since"),
)  # fmt: skip


@click.command()
@options.as_json
def stats(as_json: bool) -> None:
    """The figures of the dashboard: throughput, failures, waits, and every queue."""
    overview = apps.state().stats.overview()
    if as_json:
        _print_dashboard(overview)
        return
    pairs(_headline(overview))
    click.echo()
    table(QUEUES, [queue_row(row) for row in overview.queues], empty="No queue has held a job yet.")


@click.command()
@options.as_json
def status(as_json: bool) -> None:
    """Whether anybody works, and who. Exits with 1 where no worker lives."""
    overview = apps.looked_at().stats.overview()
    if as_json:
        _print_status(overview)
    else:
        click.echo(coloured(overview.status))
        table(WORKERS, [worker_row(record) for record in overview.workers], empty="No worker is running; start one with: horizon work")
        for sentence in (*overview.problems, *overview.warnings):
            click.echo(f"! {escaped(sentence)}", err=True)
    if overview.status == INACTIVE:
        raise SystemExit(1)


def _headline(overview: Overview) -> list[tuple[str, str]]:
    processes = overview.processes
    wait = words.seconds(overview.longest_wait) + (f" ({overview.longest_queue})" if overview.longest_queue else "")
    failures = f"{words.number(overview.failed_past_hour)} failed, {words.percent(overview.failure_rate)}"
    return [
        ("status", overview.status),
        ("health", f"{overview.health.score} of 100"),
        *(("", f"-{deduction.points}: {deduction.reason}") for deduction in overview.health.deductions),
        ("executors", f"{processes.running}, {processes.busy} of {words.plural(processes.slots, 'slot')} busy"),
        ("throughput", f"{words.number(overview.throughput_per_minute)} a minute"),
        ("past hour", f"{words.plural(overview.jobs_past_hour, 'job')}, {failures}"),
        ("longest wait", wait),
        ("runtime p95", words.seconds(overview.runtime_p95)),
        ("jobs", ", ".join(f"{words.number(count)} {state}" for state in JobState if (count := overview.counts.get(state, 0))) or "none"),
    ]


def queue_row(row: QueueFigures) -> list[str]:
    """A queue as a row of `QUEUES`."""
    counts = [words.number(row.count(state)) for state in SHOWN]
    burning = row.target is not None and row.target.state is State.BURNING
    mark = "paused" if row.paused else "no worker" if row.unserved else "target missed" if burning else ""
    return [row.name, *counts, words.seconds(row.oldest) if row.oldest is not None else "", words.number(row.per_minute), mark]


def worker_row(record: SessionRecord) -> list[str]:
    """A worker as a row of `WORKERS`."""
    info, report = record.info, record.report
    return [
        f"{info.host}:{info.pid}", report.state, ", ".join(info.queues) or "all", str(len(report.executors) or size_of(record)),
        str(size_of(record) * info.concurrency), str(_busy(record)), words.size(report.memory_kb), iso(record.started_at) or "",
    ]  # fmt: skip


def _busy(record: SessionRecord) -> int:
    """How many of its slots run a job."""
    slots = [slot for executor in record.report.executors for slot in _slots(executor.get("slots"))]
    return sum(1 for slot in slots if slot.get("job"))


def _slots(value: object) -> list[Any]:
    return [slot for slot in value if isinstance(slot, dict)] if isinstance(value, (list, tuple)) else []


def _print_dashboard(overview: Overview) -> None:
    from horizon.web.api import shapes

    as_json(shapes.dashboard(overview))


def _print_status(overview: Overview) -> None:
    from horizon.web.api import shapes

    as_json(shapes.status(overview))
