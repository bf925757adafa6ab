"""An app with jobs in it, and the command line pointed at it."""

from __future__ import annotations

from collections.abc import Callable
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


@pytest.fixture
def app(tmp_path: Path) -> Flask:
    made = Flask("shop", instance_path=str(tmp_path))
    made.config.update(
        HORIZON_URL=f"sqlite:///{tmp_path / 'jobs.db'}",
        HORIZON_CONNECTIONS={"archive": "memory://"},
        HORIZON_AUTH=lambda request: {"name": "ana", "role": "admin"},
    )
    Horizon(made)
    return made


@pytest.fixture
def site(app: Flask) -> Site:
    return Site(app)


@pytest.fixture
def horizon(app: Flask) -> Callable[..., Result]:
    """`horizon("jobs", "--json")` as typed at a shell, where nobody is there to answer questions."""

    def run(*words: str, **more: object) -> Result:
        return CliRunner().invoke(cli, list(words), obj=ScriptInfo(create_app=lambda: app), **more)

    return run
