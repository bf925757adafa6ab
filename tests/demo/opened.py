"""The shop of the demo, for as long as a test needs it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from flask import Flask

from horizon.demo.app import create_app
from horizon.web import extension


@contextmanager
def opened(folder: Path) -> Iterator[Flask]:
    """Its app in this folder; after the block nothing of it goes on, neither its clockwork nor its store."""
    app = create_app(folder)
    try:
        yield app
    finally:
        extension.stop(app)
        app.extensions["horizon"].runtime.close()
