"""Acting on queues: `pause`, `resume`."""

from __future__ import annotations

import click

from horizon.cli import apps, options
from horizon.cli.output import escaped
from horizon.control.acting import backend_of
from horizon.control.queues import QueueControl
from horizon.core.clock import SECOND
from horizon.runtime import Runtime
from horizon.web.words import plural

ALL = "all"


@click.command()
@click.argument("queue", nargs=-1, required=True, metavar="QUEUE...|all")
@click.option("--for", "seconds", type=click.FloatRange(min=0, min_open=True), metavar="S", help="Resume by itself after so many seconds.")
@click.option("--reason", metavar="TEXT", help="Shown beside the queue.")
@options.connection
def pause(queue: tuple[str, ...], seconds: float | None, reason: str | None, connection: str | None) -> None:
    """Let no worker start jobs of these queues; jobs that run go on."""
    runtime = apps.runtime()
    until = None if seconds is None else backend_of(runtime, connection).now() + round(seconds * SECOND)
    for name in _named(runtime, queue, connection):
        running = QueueControl(runtime).pause(apps.actor(), name, until=until, reason=reason, connection=connection)
        click.echo(f"Paused {escaped(name)}" + (f"; {plural(running, 'job')} of it still running." if running else "."))


@click.command()
@click.argument("queue", nargs=-1, required=True, metavar="QUEUE...|all")
@options.connection
def resume(queue: tuple[str, ...], connection: str | None) -> None:
    """Let workers take from these queues again."""
    runtime = apps.runtime()
    for name in _named(runtime, queue, connection):
        QueueControl(runtime).resume(apps.actor(), name, connection=connection)
        click.echo(f"Resumed {escaped(name)}.")


def _named(runtime: Runtime, names: tuple[str, ...], connection: str | None) -> list[str]:
    if ALL not in names:
        return list(dict.fromkeys(names))
    return [settings.name for settings in backend_of(runtime, connection).queues.all()]
