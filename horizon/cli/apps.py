"""The app a verb is about, found as Flask finds it, and who acts on it."""

from __future__ import annotations

import getpass
import os

import click
from flask import Flask
from flask.cli import ScriptInfo

from horizon.backends.database import files
from horizon.core.errors import ConfigurationError
from horizon.runtime import Runtime
from horizon.security.permissions import Actor
from horizon.web.state import State


def info() -> ScriptInfo:
    """How to load the app: what `--app` or `flask --app` said, else what the environment says, else as Flask guesses."""
    found = click.get_current_context().find_object(ScriptInfo)
    return found or ScriptInfo(app_import_path=os.environ.get("FLASK_APP"))


def horizon_of(app: Flask) -> State:
    """The Horizon of an app. Raises ConfigurationError, with what to add, where it has none."""
    found = app.extensions.get("horizon")
    if not isinstance(found, State):
        raise ConfigurationError(
            f"the app {app.name!r} has no Horizon; create it with Horizon(app), or call horizon.init_app(app) in its factory"
        )
    return found


def state() -> State:
    """The Horizon of the app that was named. Raises what `horizon_of` raises, and Flask's own errors."""
    return horizon_of(info().load_app())


def looked_at() -> State:
    """`state`, for a command that only looks: a file of SQLite that is not there is told, and none is made in its place."""
    click.get_current_context().with_resource(files.only_looking())
    return state()


def runtime() -> Runtime:
    """Its runtime."""
    return state().runtime


def actor() -> Actor:
    """Whoever runs this command: with a shell at the app's machine one may do anything; the audit log names the account."""
    try:
        name = getpass.getuser()
    except (KeyError, OSError):  # a container's user without an entry
        name = "somebody"
    return Actor(name=name, role="admin", origin="cli")
