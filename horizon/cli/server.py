"""The web server of `horizon serve`: gunicorn, told what it needs in code instead of a file."""

from __future__ import annotations

import sys
from typing import Any

import click
from flask import Flask
from flask.cli import ScriptInfo
from gunicorn.app.base import BaseApplication
from gunicorn.arbiter import Arbiter
from gunicorn.config import Config

from horizon.cli.output import escaped
from horizon.core.errors import HorizonError
from horizon.web import extension
from horizon.web.warm import warm_in_background

SWITCH = 0.001
"""Seconds until a busy thread lets another one go on. A page asks its store a few dozen times and would wait for housekeeping
behind each: at Python's own 5 ms that adds up to what a person notices."""


class Server(BaseApplication):  # type: ignore[misc]
    """Every worker process loads the app by itself, so nothing that an app opens is shared by a fork."""

    def __init__(self, info: ScriptInfo, options: dict[str, Any]) -> None:
        """`options`: gunicorn's own names."""
        self.info = info
        self.options = options
        super().__init__(prog="horizon serve")

    def load_config(self) -> None:
        for name, value in {**defaults(self.cfg), **self.options}.items():
            if value is not None:
                self.cfg.set(name, value)

    def load(self) -> Flask:
        """In each worker. An app that does not load is told in one line, and gunicorn gives up."""
        try:
            return self.info.load_app()
        except click.ClickException as error:
            told = error.format_message()
        except HorizonError as error:
            told = str(error)
        click.secho(f"Error: {escaped(told)}", fg="red", err=True)
        sys.exit(Arbiter.APP_LOAD_ERROR)


def defaults(config: Config) -> dict[str, Any]:
    """What differs from gunicorn's own."""
    chosen: dict[str, Any] = {"worker_class": "gthread", "post_worker_init": _begin, "worker_exit": _end, "graceful_timeout": 20}
    if "control_socket_disable" in config.settings:  # a second server would silently take the first one's over
        chosen["control_socket_disable"] = True
    return chosen


def _begin(worker: Any) -> None:
    """After the fork, with the app loaded: housekeeping starts here, and the store lets one process lead."""
    sys.setswitchinterval(SWITCH)
    if isinstance(worker.wsgi, Flask) and "horizon" in worker.wsgi.extensions:
        extension.start(worker.wsgi)
        warm_in_background(worker.wsgi)


def _end(server: Any, worker: Any) -> None:
    """Before the process ends: another one may lead at once."""
    app = getattr(worker, "wsgi", None)
    if isinstance(app, Flask) and "horizon" in app.extensions:
        extension.stop(app)
