"""What stands around every job that runs for a Flask app: the app's context, and no session of SQLAlchemy left over."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from types import TracebackType
from typing import Any

from flask import Flask
from flask.ctx import AppContext


def surroundings(app: Flask, db: Any) -> Callable[[], AbstractContextManager[object]]:
    """What to enter around a run; `db` is the host's Flask-SQLAlchemy, or None."""
    return app.app_context if db is None else lambda: Surroundings(app.app_context(), db)


class Surroundings:
    """A context manager by hand: one made of a generator costs a microsecond or two more, at every job."""

    __slots__ = ("_context", "_db")

    def __init__(self, context: AppContext, db: Any) -> None:
        self._context, self._db = context, db

    def __enter__(self) -> None:
        self._context.push()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        try:
            self._db.session.remove()
        finally:
            self._context.__exit__(kind, error, trace)
