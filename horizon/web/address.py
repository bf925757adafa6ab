"""Where the default store is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from flask import Flask

from horizon.core.errors import ConfigurationError

_RELATIVE = "sqlite:///"


def absolute(url: str, folder: str) -> str:
    """The same address; that of a SQLite file without a leading slash is taken from `folder`, as Flask-SQLAlchemy does.

    Web and workers may be started from different folders, and must not end up with a database each.
    """
    path = url.removeprefix(_RELATIVE)
    if path == url or not path or path.startswith((":", "/", "file:")) or Path(path).is_absolute():
        return url
    return f"{_RELATIVE}{Path(folder) / path}"


def host_url(app: Flask, db: Any) -> str:
    """The address of the host's own database. Raises ConfigurationError where its extension is not set up for this app."""
    try:
        with app.app_context():
            return str(db.engine.url.render_as_string(hide_password=False))
    except (RuntimeError, KeyError, AttributeError) as error:
        raise ConfigurationError(
            f"Horizon was given db=, but it has no database for the app {app.name!r} ({error}); call db.init_app(app) before "
            "Horizon(app, db=db), or set HORIZON_URL"
        ) from error
