"""`horizon move --from A --to B`: what waits on one connection goes to another."""

from __future__ import annotations

import click

from horizon.cli import apps
from horizon.cli.output import as_json as print_json
from horizon.cli.output import at_terminal, bar
from horizon.control.moving import Move, MoveControl
from horizon.web.words import number, plural


def carry(source: str, target: str, queue: str | None, as_json: bool) -> None:
    """Carry over, showing how far it is."""
    done, steps = Move(), MoveControl(apps.runtime()).move(apps.actor(), source, target, queue)
    try:
        for done in steps:
            if at_terminal() and not as_json:
                there = max(0, done.parked - done.on_their_way)
                click.echo(f"\r{bar(there, done.parked)} {number(there)} of {number(done.parked)}", nl=False)
    except KeyboardInterrupt:
        left = plural(done.on_their_way, "job")
        click.echo(f"\nBroken off; {left} on their way arrive while a web process runs, or with the same command again.", err=True)
        raise SystemExit(130) from None
    if at_terminal() and not as_json:
        click.echo("")
    _tell(done, source, target, as_json)


def back(source: str, target: str, as_json: bool) -> None:
    """Give up what is on its way."""
    brought = MoveControl(apps.runtime()).back(apps.actor(), source, target)
    if as_json:
        print_json({"brought_back": brought})
        return
    click.echo(f"Brought back {plural(brought, 'job')} to where they waited on {source}.")


def _tell(done: Move, source: str, target: str, as_json: bool) -> None:
    moved = max(0, done.parked - done.duplicates)
    if as_json:
        print_json({"moved": moved, "left_alone": done.left_alone, "duplicates": done.duplicates})
        return
    click.echo(f"Moved {plural(moved, 'job')} from {source} to {target}.")
    if done.left_alone:
        click.echo(f"  {plural(done.left_alone, 'job')} stayed: other jobs wait for them, and those are on {source}.", err=True)
    if done.duplicates:
        click.echo(f"  {plural(done.duplicates, 'job')} cancelled: another job on {target} holds their unique key.", err=True)
