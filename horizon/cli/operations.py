"""Acts that go on in the background: `operations`, `operations show`, `operations stop`, `operations undo`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC

import click

from horizon.backends.values import Operation
from horizon.cli import apps, options
from horizon.cli.acting import tell, tell_operation
from horizon.cli.output import Column, at_terminal, bar, escaped, pairs, table
from horizon.cli.output import as_json as print_json
from horizon.control import pacing
from horizon.control.group_act import GroupAct
from horizon.control.operations import OperationControl, in_canary, reason_of, waits_for
from horizon.core import clock
from horizon.core.clock import SECOND
from horizon.web import filters, words

COLUMNS = (
    Column(title="id"), Column(title="state", coloured=True), Column(title="action"), Column(title="done", right=True),
    Column(title="skipped", right=True), Column(title="of", right=True), Column(title="by"), Column(title="since", right=True),
    Column(title="what"),
)  # fmt: skip
LOOK_EVERY = 0.5
"""Seconds between two looks at one that is followed."""
SHOWN = 5
"""Ids told of those that failed again."""
STILL = 20
"""Looks without progress after which somebody is told why."""


@click.group(invoke_without_command=True)
@click.option("--limit", type=click.IntRange(1, 200), default=20, show_default=True, help="How many at the most.")
@options.connection
@options.as_json
@click.pass_context
def operations(ctx: click.Context, limit: int, connection: str | None, as_json: bool) -> None:
    """List acts on many jobs that run, or ran, in the background."""
    if ctx.invoked_subcommand is not None:
        return
    runtime = apps.runtime()
    found = OperationControl(runtime).list(limit, connection=connection)
    if as_json:
        _print_list(found)
        return
    table(COLUMNS, [_row(one) for one in found], empty="No act went on in the background.")


@operations.command()
@click.argument("id")
@options.as_json
def show(id: str, as_json: bool) -> None:
    """How far one is; at a terminal, until it is over (Ctrl-C only ends the looking)."""
    control = OperationControl(apps.runtime())
    one = control.get(id)
    if as_json:
        _print(one)
        return
    if at_terminal() and one.state == "running":
        one = _follow(control, one)
    _tell(one)


@operations.command()
@click.argument("id")
@options.as_json
def stop(id: str, as_json: bool) -> None:
    """Let one go no further; what was done stays done."""
    one = OperationControl(apps.runtime()).stop(apps.actor(), id)
    if as_json:
        _print(one)
    else:
        click.echo(f"{'Stopped' if one.state == 'stopped' else 'It is over already'}: {_progress(one)}.")


@operations.command()
@click.argument("id")
@options.as_json
def undo(id: str, as_json: bool) -> None:
    """Stop one where it still runs, and bring back what it cancelled or forgot."""
    said = OperationControl(apps.runtime()).undo(apps.actor(), id).said
    if isinstance(said, Operation):
        tell_operation(said, as_json)
    else:
        tell("undo", said, "Brought back", as_json)


def _follow(control: OperationControl, one: Operation) -> Operation:
    """Show it moving until it is over, or until Ctrl-C."""
    still = 0
    try:
        while one.state == "running":
            click.echo(f"\r{bar(one.done + one.skipped, one.expected)}  {_progress(one)}\x1b[K", nl=False)
            clock.sleep(LOOK_EVERY)
            before, one = one, control.get(one.id)
            still = still + 1 if one.done + one.skipped == before.done + before.skipped else 0
            if still == STILL and (why := _waits(one)):
                click.echo(f"\nIt waits {why}.", err=True)
            elif still == STILL:
                click.echo("\nIt does not move: a worker or a web process carries it on; is one running? (horizon status)", err=True)
    except KeyboardInterrupt:
        click.echo("\nIt goes on without you looking.", err=True)
        return one
    click.echo("\r\x1b[K", nl=False)
    return one


def _progress(one: Operation) -> str:
    of = f" of {words.number(one.expected)}" if one.expected is not None else ""
    skipped = f", {words.number(one.skipped)} skipped" if one.skipped else ""
    rate, left = pacing.of(one.params), max(0, (one.expected or 0) - one.done - one.skipped)
    pace = f", {pacing.told(rate)}" if rate is not None and one.state == "running" else ""
    counts_jobs = not isinstance(one, GroupAct)  # a pace is one of jobs
    to_go = f", {words.duration(round(left / rate * SECOND))} to go" if pace and rate and left and counts_jobs else ""
    return f"{words.number(one.done)}{of} done{skipped}{pace}{to_go}"


def _row(one: Operation) -> list[str]:
    since = words.exact(one.created_at, UTC)
    of = words.number(one.expected) if one.expected is not None else ""
    return [
        one.id,
        one.state,
        one.verb,
        words.number(one.done),
        words.number(one.skipped),
        of,
        one.actor,
        since,
        filters.about(one),
    ]


def _tell(one: Operation) -> None:
    pairs(
        [
            ("operation", one.id),
            ("state", one.state),
            ("action", one.verb),
            ("of", filters.about(one)),
            ("care", pacing.told_with(one.params)),
            ("by", one.actor),
            ("reason", reason_of(one)),
            ("began", words.exact(one.created_at, UTC)),
            ("ended", words.exact(one.finished_at, UTC) if one.finished_at is not None else ""),
            ("progress", _progress(one)),
            ("waits", _waits(one)),
            ("watched", _watched(one)),
            ("stopped because", one.trace.stopped),
        ]
    )
    for reason, count in one.reasons.items():
        click.echo(f"  {words.plural(count, 'job')} left alone: {escaped(reason)}")
        if ids := one.trace.left.get(reason):
            click.echo(f"    such as {', '.join(ids)}")
    for id in one.trace.failed[:SHOWN]:
        click.echo(f"  failed again: {id}")


def _waits(one: Operation) -> str:
    """What it waits for before it goes on; empty: nothing."""
    waiting = waits_for(one)
    if not waiting:
        return ""
    which = "of its canary" if in_canary(one) else "that it put to work"
    return f"for {words.plural(waiting, 'job')} {which} to end; without a worker they do not (horizon status)"


def _watched(one: Operation) -> str:
    trace = one.trace
    if not trace.shown and not trace.watch:
        return ""
    return f"{words.number(trace.fine)} fine, {words.number(trace.again)} failed again, {words.number(len(trace.watch))} not over"


def _print(one: Operation) -> None:
    from horizon.web.api import shapes

    print_json(shapes.operation_in_full(one))


def _print_list(found: Sequence[Operation]) -> None:
    from horizon.web.api import shapes

    print_json(shapes.operations(found))
