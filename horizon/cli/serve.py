"""`horizon serve`: the app under gunicorn, with housekeeping in one of its workers."""

from __future__ import annotations

import os
import sys
from typing import Any

import click

from horizon.cli import apps
from horizon.cli.resolve import explained


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
    _try()
    Server(apps.info(), options).run()


def _try() -> None:
    """Load the app once in a process of its own: one that does not load is told in one line, before the server says anything,
    and this process stays as it is, so that each worker still loads the app for itself."""
    child = os.fork()
    if child == 0:
        os._exit(_loads())
    _, status = os.waitpid(child, 0)
    if code := os.waitstatus_to_exitcode(status):
        raise SystemExit(code if code > 0 else 1)


def _loads() -> int:
    """The exit code of a try to load the app: 0 where it does."""
    try:
        explained(apps.state)
    except SystemExit as ended:
        code = ended.code
        return code if isinstance(code, int) else 1
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
    return 0


def _bind() -> str:
    port = os.environ.get("PORT", "")
    if port and not (port.isdecimal() and int(port) <= 65_535):
        raise click.UsageError(f"PORT is a number up to 65535, got {port!r}")
    return f"0.0.0.0:{port}" if port else "127.0.0.1:8000"


def _workers() -> int:
    given = os.environ.get("WEB_CONCURRENCY", "")
    return int(given) if given.isdecimal() and int(given) > 0 else 1
