"""Schedules: `schedule list|add|edit|run|pause|resume|remove|history`."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC
from typing import Any, TypeVar

import click

from horizon.cli import apps, options
from horizon.cli.moments import duration
from horizon.cli.output import Column, confirm, escaped, table
from horizon.cli.output import as_json as print_json
from horizon.control.schedules import ScheduleControl
from horizon.core.clock import SECOND
from horizon.core.errors import NotFound
from horizon.monitor import schedules as seen
from horizon.monitor.runs import Told
from horizon.monitor.schedules import Row
from horizon.runtime import Runtime
from horizon.security.payloads import Sight
from horizon.timetable.wanted import Wanted
from horizon.timetable.words import MISFIRE, OVERLAP
from horizon.web import sight
from horizon.web import words as spelt
from horizon.web.lists import SCHEDULES
from horizon.web.text import short_name

COLUMNS = (
    Column(title="name"), Column(title="state", coloured=True), Column(title="when"), Column(title="zone"), Column(title="next", right=True),
    Column(title="last run", right=True), Column(title="its job", coloured=True), Column(title="missed", right=True), Column(title="from"),
    Column(title="job"),
)  # fmt: skip
HISTORY = (
    Column(title="at", right=True), Column(title="due", right=True), Column(title="what"), Column(title="job"), Column(title="its state", coloured=True),
    Column(title="note"),
)  # fmt: skip
F = TypeVar("F", bound=Callable[..., Any])
_name = click.argument("name")


def _saying(function: F) -> F:
    """The options that say what a schedule is."""
    for add in reversed(
        (
            click.option("--timezone", metavar="ZONE", help="Where its times are meant, such as Europe/Rome. Left out: HORIZON_TIMEZONE."),
            click.option("--arg", "args", metavar="NAME=VALUE", multiple=True, help="An argument; the value is JSON, or else a text."),
            click.option(
                "--option", "given", metavar="NAME=VALUE", multiple=True,
                help="queue, connection, priority, delay, timeout, max_tries, backoff or tags of its jobs.",
            ),
            click.option("--misfire", type=click.Choice(MISFIRE), help="Of times that nobody was there for, run the latest, all or none."),
            click.option("--catch-up", type=click.IntRange(1, 100), metavar="N", help="With --misfire all: so many at the most (10)."),
            click.option("--overlap", type=click.Choice(OVERLAP), help="While the job before still stands."),
            click.option("--jitter", metavar="TIME", help="Up to so much later: 20 (seconds), 5m."),
        )
    ):  # fmt: skip
        function = add(function)
    return function


@click.group(invoke_without_command=True)
@click.pass_context
def schedule(ctx: click.Context) -> None:
    """What is dispatched by the clock: list, add, edit, run, pause, resume, remove, history."""
    if ctx.invoked_subcommand is None:
        ctx.invoke(list_)


@schedule.command(name="list")
@click.option("--search", metavar="TEXT", default="", help="Only what matches, in the words of the page: queue:emails class:Report monday.")
@click.option("--state", type=click.Choice(list(SCHEDULES.states)), help="Only in this state.")
@options.as_json
def list_(search: str = "", state: str | None = None, as_json: bool = False) -> None:
    """Every schedule, when it comes next and what became of its last job."""
    board = seen.board(_runtime())
    board = replace(board, rows=SCHEDULES.understand({"q": search, "state": state or ""}).of(board.rows))
    if as_json:
        from horizon.web.api.schedules import schedule as shape

        items = [shape(row, _sight(row)) for row in board.rows]
        total = len(items)
        page = {"items": items, "next": None, "total": total, "total_at_least": total}
        print_json({**page, "problems": dict(board.problems), "led": board.led})
        return
    table(COLUMNS, [_row(row) for row in board.rows], empty="There is no schedule yet: horizon schedule add JOB '0 2 * * *'")
    for name, problem in board.problems.items():
        click.echo(f"The schedule {escaped(name)} of the code cannot be used: {escaped(problem)}", err=True)
    if board.rows and not board.led:
        click.echo("No web process runs that would dispatch them: horizon serve", err=True)


@schedule.command()
@click.argument("job")
@click.argument("when")
@click.option("--name", metavar="NAME", help="Left out: after the job.")
@_saying
@options.as_json
def add(job: str, when: str, name: str | None, as_json: bool, **said: Any) -> None:
    """Add one: horizon schedule add shop.jobs:Report '0 2 * * 1-5' --arg year=2026

    WHEN is cron (minute hour day-of-month month day-of-week, perhaps with seconds in front), @daily, or 'every 30s'.
    """
    runtime = _runtime()
    made = ScheduleControl(runtime).add(apps.actor(), Wanted(target=job, when=when, name=name, **_changes(said)))
    _tell(runtime, made.name, "Added", as_json)


@schedule.command()
@_name
@click.option("--job", metavar="NAME", help="Another job.")
@click.option("--when", metavar="TEXT", help="Other times.")
@_saying
@options.as_json
def edit(name: str, job: str | None, when: str | None, as_json: bool, **said: Any) -> None:
    """Change one that is not defined in the code; what is left out stays as it is."""
    changes = {**_changes(said), **({"target": job} if job else {}), **({"when": when} if when else {})}
    if not changes:
        raise click.UsageError("say what shall be different, such as --when '0 3 * * *'; --help lists the options")
    runtime = _runtime()
    ScheduleControl(runtime).edit(apps.actor(), name, changes)
    _tell(runtime, name, "Changed", as_json)


@schedule.command()
@_name
@options.as_json
def run(name: str, as_json: bool) -> None:
    """Dispatch its job now, beside its plan."""
    record = ScheduleControl(_runtime()).run(apps.actor(), name)
    _acted("run", name, f"Dispatched job {record.id} to {escaped(record.queue)}.", as_json, record.id)


@schedule.command()
@_name
@click.option("--reason", metavar="TEXT", help="Shown beside it and kept in the audit log.")
@options.as_json
def pause(name: str, reason: str | None, as_json: bool) -> None:
    """Dispatch nothing by its plan until it is resumed."""
    ScheduleControl(_runtime()).pause(apps.actor(), name, reason)
    _acted("pause", name, f"Paused {escaped(name)}.", as_json)


@schedule.command()
@_name
@options.as_json
def resume(name: str, as_json: bool) -> None:
    """Go on with its next time; what passed meanwhile is not made up for."""
    made = ScheduleControl(_runtime()).resume(apps.actor(), name)
    _acted("resume", name, f"Resumed {escaped(name)}; it comes next at {spelt.exact(made.next_at, UTC)}.", as_json)


@schedule.command()
@_name
@options.yes
@options.as_json
def remove(name: str, yes: bool, as_json: bool) -> None:
    """Forget one and its history; the jobs it dispatched stay."""
    control = ScheduleControl(_runtime())
    control.get(name)
    confirm(f"Remove the schedule {escaped(name)} and its history?", yes)
    control.remove(apps.actor(), name)
    _acted("remove", name, f"Removed {escaped(name)}.", as_json)


@schedule.command()
@_name
@click.option("--limit", type=click.IntRange(1, 50), default=20, show_default=True, help="How many at the most.")
@options.as_json
def history(name: str, limit: int, as_json: bool) -> None:
    """What it did, newest first: jobs, and times that were missed, skipped or refused."""
    runtime = _runtime()
    if as_json:
        print_json(_in_full(runtime, name)["history"][:limit])
        return
    found = seen.find(runtime, name)
    if found is None:
        raise NotFound(f"there is no schedule {name[:80]!r}")
    table(HISTORY, [_line(told) for told in seen.history(runtime, found)[:limit]], empty=f"Nothing of {escaped(name)} has come yet.")


# how ------------------------------------------------------------------------------------------------


def _runtime() -> Runtime:
    """The app's, with every module loaded that defines jobs."""
    state = apps.state()
    state.imports.ensure()
    return state.runtime


def _changes(said: dict[str, Any]) -> dict[str, Any]:
    """What the options say, in the words of the inside; those left out are left out."""
    jitter = said.pop("jitter")
    made = {
        "timezone": said["timezone"],
        "args": dict(_pair(word) for word in said["args"]) or None,
        "options": dict(_pair(word) for word in said["given"]) or None,
        "misfire": said["misfire"],
        "most": said["catch_up"],
        "overlap": said["overlap"],
        "jitter": None if jitter is None else 0 if jitter == "0" else duration(jitter) / SECOND,
    }
    return {key: value for key, value in made.items() if value is not None}


def _pair(word: str) -> tuple[str, Any]:
    """`year=2026` as a name and its value. Raises BadParameter."""
    name, equals, value = word.partition("=")
    if not name or not equals:
        raise click.BadParameter(f"expected NAME=VALUE, such as year=2026; got {word[:80]!r}")
    try:
        return name, json.loads(value)
    except ValueError:
        return name, value


def _line(told: Told) -> list[str]:
    run = told.run
    notes = [
        f"{spelt.duration(told.late)} late" if told.late else "",
        "the one before had not ended" if told.over else "",
        run.detail or "",
    ]
    outcome = told.outcome if run.job else ""
    return [
        spelt.exact(run.at, UTC), spelt.exact(run.due_at, UTC), _what(run.kind, run.count), run.job or "", outcome, "; ".join(filter(None, notes)),
    ]  # fmt: skip


def _what(kind: str, count: int) -> str:
    return f"{kind} ×{count:,}" if count > 1 else kind


def _row(row: Row) -> list[str]:
    one = row.schedule
    return [
        one.name,
        row.state,
        one.when,
        one.timezone,
        spelt.exact(row.next, UTC) if row.next is not None else "",
        spelt.exact(one.last_at, UTC) if one.last_at is not None else "",
        row.last.state.value if row.last is not None else "",
        spelt.number(one.missed) if one.missed else "",
        one.source,
        short_name(one.target),
    ]


def _sight(row: Row) -> Sight:
    return sight.sight(row.schedule.target, apps.actor(), apps.state().settings.REDACT)


def _in_full(runtime: Runtime, name: str) -> dict[str, Any]:
    from horizon.web.api.schedules import in_full

    row = seen.one(runtime, name)
    if row is None:
        raise NotFound(f"there is no schedule {name[:80]!r}")
    return in_full(row, seen.history(runtime, row.schedule), _sight(row))


def _tell(runtime: Runtime, name: str, done: str, as_json: bool) -> None:
    if as_json:
        print_json(_in_full(runtime, name))
        return
    row = seen.one(runtime, name)
    if row is not None:
        comes = f"; it comes next at {spelt.exact(row.next, UTC)}" if row.next is not None else ""
        click.echo(f"{done} {escaped(name)}: {row.words} ({escaped(row.schedule.timezone)}){comes}.")


def _acted(action: str, name: str, text: str, as_json: bool, job: str | None = None) -> None:
    if as_json:
        print_json({"action": action, "name": name, "job_id": job})
    else:
        click.echo(text)
