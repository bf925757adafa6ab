"""What a running job is doing: `stack`."""

from __future__ import annotations

import click

from horizon.cli import apps, jobs, options
from horizon.cli.output import as_json as print_json
from horizon.cli.output import escaped
from horizon.control.stacks import StackControl
from horizon.core import clock
from horizon.core.record import Record
from horizon.core.stack import How, Stack
from horizon.web.words import past

LOOK = 0.2
"""Seconds between two looks for the answer."""
TOLD = {
    How.PYTHON: "What its thread was doing, the innermost call last:",
    How.TASK: "What it awaits, the innermost last:",
    How.LOOP: "The event loop was busy, with this job or with another one:",
    How.HELD: "Python did not answer: C code below the last line, or in a thread beside it, holds the interpreter:",
    How.ENDED: "When its worker looked, the job had just ended.",
    How.SILENT: "The process did not answer, and the system could not make it write its stack down.",
}


@click.command()
@click.argument("id")
@click.option("--wait", type=click.FloatRange(0, 600), default=15.0, show_default=True, metavar="SECONDS", help="For the answer.")
@options.as_json
def stack(id: str, wait: float, as_json: bool) -> None:
    """Show what a running job is doing: its Python stack, without values. The job goes on undisturbed; the audit log keeps who asked."""
    record = jobs.find(apps.runtime(), id)
    found = _answer(record, wait)
    if as_json:
        from horizon.web.api import stacks

        print_json(stacks.shown(found))
    else:
        _tell(found, apps.runtime().backend(record.connection).now())
    if not found.answered:
        raise click.exceptions.Exit(1)


def _answer(record: Record, wait: float) -> Stack:
    control, until = StackControl(apps.runtime()), clock.monotonic() + wait
    found = control.ask(apps.actor(), record)
    while not found.answered and found.heard and clock.monotonic() < until:
        clock.sleep(LOOK)
        found = control.read(apps.actor(), record) or found
    return found


def _tell(found: Stack, now: int) -> None:
    if found.at is None or found.how is None:
        gone = "its worker has not been heard of, and may be gone" if not found.heard else "the worker has not answered yet"
        click.echo(f"Asked {past(found.asked_at, now)}; {gone}.", err=True)
        return
    click.echo(f"As of {past(found.at, now)}, process {found.pid}" + (f", thread {found.thread}" if found.thread else ""))
    click.echo(TOLD[found.how])
    for line in found.text.splitlines():
        click.echo(escaped(line, 400))
