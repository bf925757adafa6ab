"""`top`: who works, and on what, as it goes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import click

from horizon.backends.base import Backend
from horizon.backends.together.members import Members
from horizon.cli import apps, options, screen
from horizon.cli.output import Column, coloured, table
from horizon.cli.output import as_json as print_json
from horizon.control.acting import backend_of
from horizon.control.processes import living
from horizon.core import clock
from horizon.core.clock import Micros, iso
from horizon.core.record import Record
from horizon.monitor.workers import Code, Executor, Running, Worker, workers
from horizon.web import words
from horizon.web.state import State
from horizon.web.text import short_name

MOST = 200
"""Running jobs that are looked up."""
WORKERS = (
    Column(title="worker"), Column(title="state", coloured=True), Column(title="queues"), Column(title="busy", right=True),
    Column(title="slots", right=True), Column(title="done", right=True), Column(title="memory", right=True), Column(title="up", right=True),
)  # fmt: skip
RUNNING = (
    Column(title="for", right=True), Column(title="job"), Column(title="queue"), Column(title="try", right=True),
    Column(title="worker"), Column(title="pid", right=True), Column(title="progress", right=True), Column(title="id"),
)  # fmt: skip
NOBODY = "No worker is running; start one with: horizon work"
IDLE = "Nothing runs right now."


@dataclass(frozen=True, kw_only=True, slots=True)
class Slot:
    """A slot that runs a job."""

    worker: Worker
    executor: Executor
    running: Running
    record: Record | None
    """None where the store has it no more, or not yet."""


@click.command()
@screen.options
@options.connection
@options.as_json
def top(every: float, once: bool, connection: str | None, as_json: bool) -> None:
    """Watch the workers and what each of their slots runs, the longest first.

    At a terminal it goes on until Ctrl-C or q; elsewhere, and with --once, it looks once.
    """
    state = apps.looked_at()
    if as_json:
        _print(state, connection)
    else:
        screen.show(lambda: _tell(state, connection), every=every, once=once)


def _tell(state: State, connection: str | None) -> None:
    overview, (now, found) = state.stats.overview(), _workers(state, connection)
    busy = f"{words.number(overview.processes.busy)} of {words.plural(overview.processes.slots, 'slot')} busy"
    pace = f"{words.number(overview.throughput_per_minute)} jobs a minute"
    click.echo(f"{coloured(overview.status)}  health {overview.health.score}  {pace}  {busy}")
    click.echo()
    table(WORKERS, [_worker(one, now) for one in found], empty=NOBODY)
    click.echo()
    table(RUNNING, [_slot(one, now) for one in slots(found, _records(state, found))], empty=IDLE)


def _workers(state: State, connection: str | None) -> tuple[Micros, list[Worker]]:
    """The store's time, and everybody who lives."""
    runtime = state.runtime
    now = backend_of(runtime, connection).now()
    names = runtime.connections() if connection is None else (connection,)
    sessions = [(name, session) for name, living_ones in Members(runtime).all(living, names).items() for session in living_ones]
    return now, workers(sessions, Code(version=runtime.settings.CODE_VERSION, since=clock.now()))


def _records(state: State, found: Sequence[Worker]) -> Mapping[str, Record]:
    """What the slots say they run, as the stores have it."""
    asked: dict[str, list[str]] = {}
    for worker in found:
        asked.setdefault(worker.connection, []).extend(one.job for executor in worker.executors for one in executor.running)
    looked_up = Members(state.runtime)

    def read(store: Backend) -> list[Record]:
        return list(store.many(list(dict.fromkeys(asked.get(store.name, ())))[:MOST]))

    return {record.id: record for records in looked_up.all(read, asked).values() for record in records} if asked else {}


def slots(found: Sequence[Worker], records: Mapping[str, Record]) -> list[Slot]:
    """Every slot that runs a job, the one that has run longest first. Pure."""
    busy = [
        Slot(worker=worker, executor=executor, running=running, record=records.get(running.job))
        for worker in found
        for executor in worker.executors
        for running in executor.running
    ]
    return sorted(busy, key=lambda slot: (slot.running.since is None, slot.running.since or 0, slot.running.job))


def _worker(one: Worker, now: Micros) -> list[str]:
    queues = ", ".join(one.session.info.queues) or "all"
    up = words.duration(now - one.session.started_at)
    memory = words.size(one.session.report.memory_kb)
    return [one.name, one.state, queues, str(one.busy), str(one.places), words.number(one.done), memory, up]


def _slot(one: Slot, now: Micros) -> list[str]:
    record, since = one.record, one.running.since
    ran = words.duration(now - since) if since is not None else ""
    pid = str(one.executor.pid or "")
    if record is None:
        return [ran, "", "", "", one.worker.name, pid, "", one.running.job]
    progress = f"{record.progress:g} %" if record.progress is not None else ""
    return [ran, short_name(record.name), record.queue, str(record.attempts), one.worker.name, pid, progress, record.id]


def _print(state: State, connection: str | None) -> None:
    from horizon.web.api import shapes
    from horizon.web.api import workers as api

    now, found = _workers(state, connection)
    tries = state.runtime.max_tries
    running = [
        _shape(one, None if one.record is None else shapes.job(one.record, tries(one.record.connection)))
        for one in slots(found, _records(state, found))
    ]
    silent = {one.session.info.id: one.kind for one in state.stats.overview().quiet}
    print_json({"at": iso(now), "workers": [api.shown(one, silent.get(one.id)) for one in found], "running": running})


def _shape(one: Slot, job: dict[str, object] | None) -> dict[str, object]:
    return {"id": one.running.job, "since": iso(one.running.since), "worker": one.worker.id, "pid": one.executor.pid, "job": job}
