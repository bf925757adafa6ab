from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from horizon import Horizon
from horizon.backends.base import Backend
from tests.stores.lending import fresh

SAME = {"Sec-Fetch-Site": "same-origin"}
"""What a browser says of a request that one of our own pages sends."""


def admin(request: Any) -> dict[str, str]:
    """A HORIZON_AUTH that lets everybody in."""
    return {"name": "ana", "role": "admin"}


@pytest.fixture
def make_app(tmp_path) -> Iterator[Callable[..., Flask]]:
    """An app with Horizon, on a fresh store where none is named; everybody is an admin where nothing else is said."""
    made: list[Flask] = []

    def make(*, db: Any = None, before: Callable[[Flask], None] | None = None, **config: Any) -> Flask:
        app = Flask(f"shop{len(made) or ''}", instance_path=str(tmp_path / f"instance{len(made)}"))
        given = {"HORIZON_AUTH": admin, "HORIZON_SCHEDULER": False, **config}
        if "HORIZON_URL" not in given:
            given["HORIZON_URL"] = fresh()
        app.config.update({key: value for key, value in given.items() if value is not ...})
        if before is not None:
            before(app)
        Horizon(app, db=db)
        made.append(app)
        return app

    yield make
    for app in made:
        state = app.extensions.get("horizon")
        if state is not None:
            state.scheduler.stop()
            state.runtime.close()


@pytest.fixture
def app(make_app) -> Flask:
    return make_app()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def store(app: Flask) -> Backend:
    """The app's default store."""
    return store_of(app)


def store_of(app: Flask) -> Backend:
    return app.extensions["horizon"].runtime.backend()
