"""`horizon serve`: the app under gunicorn, with housekeeping in one of its workers."""

from __future__ import annotations

import os
from typing import Any

import click

from horizon.cli import apps


@click.command()
@click.option("--bind", "-b", metavar="ADDRESS", help="Left out: 0.0.0.0 and PORT where PORT is set, else 127.0.0.1:8000.")
@click.option("--workers", "-w", type=click.IntRange(1, 256), help="Processes; left out: WEB_CONCURRENCY, else 1.")
@click.option("--threads", "-t", type=click.IntRange(1, 1000), default=8, show_default=True, help="Threads of each.")
@click.option("--timeout", type=click.IntRange(1, 86_400), default=60, show_default=True, help="Seconds before a silent one is replaced.")
@click.option("--access-log", is_flag=True, help="A line for every request.")
def serve(bind: str | None, workers: int | None, threads: int, timeout: int, access_log: bool) -> None:
    """Serve the app's pages, the dashboard among them, and keep house."""
    from horizon.cli.server import Server

    options: dict[str, Any] = {
        "bind": bind or _bind(),
        "workers": workers or _workers(),
        "threads": threads,
        "timeout": timeout,
        "accesslog": "-" if access_log else None,
    }
    Server(apps.info(), options).run()


def _bind() -> str:
    port = os.environ.get("PORT", "")
    if port and not (port.isdecimal() and int(port) <= 65_535):
        raise click.UsageError(f"PORT is a number up to 65535, got {port!r}")
    return f"0.0.0.0:{port}" if port else "127.0.0.1:8000"


def _workers() -> int:
    given = os.environ.get("WEB_CONCURRENCY", "")
    return int(given) if given.isdecimal() and int(given) > 0 else 1
