from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from horizon.backends.values import SessionInfo, Want
from horizon.core.clock import SECOND
from horizon.core.outcome import Failure, Kind, LogLine, Outcome
from tests.stores.lending import fresh_of, kinds
from tests.web.conftest import SAME, store_of
from tests.web.shop_jobs import SendMail

NOBODY = "0199f3c2-7b1e-7c44-b1d5-000000000000"
"""An id in the right shape that no job has."""


class Api:
    """The API of an app, and hands to make something happen behind it."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.client = app.test_client()

    @property
    def store(self):
        return store_of(self.app)

    def get(self, path: str, **how: Any) -> TestResponse:
        return self.client.get(f"/horizon/api{path}", **how)

    def post(self, path: str, body: Any = None, **how: Any) -> TestResponse:
        return self.client.post(f"/horizon/api{path}", headers=SAME, **({"json": body} if body is not None else {}), **how)

    def act(self, **body: Any) -> TestResponse:
        return self.post("/jobs/control", body)

    def dispatch(self, to: str = "a@b.c", **words: Any) -> str:
        job = SendMail(to)
        if "delay" in words:
            job = job.delay_until(words["delay"])
        if "queue" in words:
            job = job.on_queue(words["queue"])
        with self.app.app_context():
            return str(job.dispatch())

    def worker(self, id: str = "w1", **more: Any) -> str:
        self.store.sessions.open(SessionInfo(id=id, kind="worker", host="here", pid=1, **more), 3600 * SECOND)
        return id

    def run(self, kind: Kind = Kind.COMPLETED, count: int = 1, **more: Any) -> list[str]:
        taken = self.store.turn([], Want(session=self.worker(), executor=0, count=count)).reservations
        failure = Failure(type="SMTPError", message="refused <b>", traceback="Traceback ...", cause="smtp") if kind is Kind.FAILED else None
        logs = (LogLine(at=self.store.now(), level="INFO", message="sending"),)
        ends = [
            Outcome(id=job.id, ref=job.ref, token=job.token, kind=kind, error=failure, runtime=250_000, logs=logs, memory_kb=2048, **more)
            for job in taken
        ]
        self.store.turn(ends)
        return [job.id for job in taken]

    def state(self, id: str) -> str:
        return self.store.get(id).state.value


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "api" in metafunc.fixturenames:
        metafunc.parametrize("api", kinds("memory", "sqlite"), indirect=True)


@pytest.fixture
def api(make_app: Callable[..., Flask], request: pytest.FixtureRequest) -> Api:
    """The API over each kind of store."""
    return Api(make_app(HORIZON_URL=fresh_of(request.param)))


def problem(answer: TestResponse, status: int, code: str) -> dict[str, Any]:
    """The error an answer tells, after a look at its shape."""
    assert answer.status_code == status, answer.text
    error = answer.json["error"]
    assert error["code"] == code, error
    assert isinstance(error["message"], str)
    assert len(error["message"]) > 10
    return error
