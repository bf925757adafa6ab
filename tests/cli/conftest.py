"""An app with jobs in it, and the command line pointed at it."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from flask import Flask
from flask.cli import ScriptInfo

from horizon import Horizon
from horizon.backends.base import Backend
from horizon.backends.outages import Outages
from horizon.cli.group import cli
from tests.shop import Shop
from tests.stores.lending import fresh

NOTED = "FLASK_RUN_FROM_CLI"


class Site(Shop):
    """The hands of a shop on the store of a real app."""

    def __init__(self, app: Flask) -> None:
        self.app = app

    def backend(self, connection: str | None = None) -> Backend:
        return self.app.extensions["horizon"].runtime.backend(connection)

    @property
    def outages(self) -> Outages:
        return self.app.extensions["horizon"].runtime.outages

    def connections(self) -> tuple[str, ...]:
        return self.app.extensions["horizon"].runtime.connections()


@pytest.fixture(autouse=True)
def _as_flask_found_it(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Where Flask looks for an app it puts folders in front of the path, and notes in the environment that it is the command line."""
    monkeypatch.setattr(sys, "path", [*sys.path])
    before = os.environ.get(NOTED)
    yield
    if before is None:
        os.environ.pop(NOTED, None)


@pytest.fixture
def url() -> str:
    """Where the jobs of the app are."""
    return fresh("sqlite")


def shop(folder: Path, url: str, archive: str = "memory://") -> Flask:
    """An app whose jobs are there."""
    made = Flask("shop", instance_path=str(folder))
    made.config.update(
        HORIZON_URL=url,
        HORIZON_CONNECTIONS={"archive": archive},
        HORIZON_AUTH=lambda request: {"name": "ana", "role": "admin"},
    )
    Horizon(made)
    return made


@pytest.fixture
def archive() -> str:
    """Where those of its other connection are."""
    return fresh()


@pytest.fixture
def app(tmp_path: Path, url: str, archive: str) -> Iterator[Flask]:
    made = shop(tmp_path, url, archive)
    yield made
    state = made.extensions["horizon"]
    state.scheduler.stop()  # or it would go on in a store that is lent to the next test
    state.runtime.close()


@pytest.fixture
def site(app: Flask) -> Site:
    return Site(app)


@pytest.fixture
def horizon(app: Flask) -> Callable[..., Result]:
    """`horizon("jobs", "--json")` as typed at a shell, where nobody is there to answer questions."""

    return partial(typed, app)


def typed(app: Flask, *words: str, **more: object) -> Result:
    """The command line of this app."""
    return CliRunner().invoke(cli, list(words), obj=ScriptInfo(create_app=lambda: app), **more)
