"""The shop of the demo, for as long as a test needs it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from flask import Flask

from horizon.demo.app import create_app
from horizon.timetable import wanted
from horizon.web import extension

_hours: dict[str, wanted.Wanted] = {}
"""What the shop does by the clock: said to the whole process, once, when its module is loaded."""


@contextmanager
def opened(folder: Path) -> Iterator[Flask]:
    """Its app in this folder; after the block nothing of it goes on, neither its clockwork nor its store, and no other app has its
    schedules."""
    before = wanted.PROCESS._wanted
    wanted.PROCESS._wanted = {**before, **_hours}
    app = create_app(folder)
    try:
        yield app
    finally:
        _hours.update(wanted.PROCESS._wanted)
        wanted.PROCESS._wanted = before
        extension.stop(app)
        app.extensions["horizon"].runtime.close()
