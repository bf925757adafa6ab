"""`horizon demo`."""

from __future__ import annotations

import os
from pathlib import Path

import click

DEFAULT_PORT = 8000


@click.command()
@click.option("--port", type=click.IntRange(0, 65_535), help="Where the pages are; left out: PORT, else 8000. 0: any free one.")
@click.option("--folder", type=click.Path(file_okay=False, path_type=Path), help="Keep everything here; left out: a temporary folder.")
@click.option("--verbose", "-v", is_flag=True, help="Show what the processes say.")
def demo(port: int | None, folder: Path | None, verbose: bool) -> None:
    """All of it in one: a small shop with web, worker and traffic. One Ctrl-C stops everything."""
    from horizon.demo.run import run

    run(port=port if port is not None else _port(), folder=folder, say=_say, verbose=verbose)


def _port() -> int:
    given = os.environ.get("PORT", "")
    if given and not (given.isdecimal() and int(given) <= 65_535):
        raise click.UsageError(f"PORT is a number up to 65535, got {given!r}")
    return int(given or DEFAULT_PORT)


def _say(line: str) -> None:
    click.echo(line)
