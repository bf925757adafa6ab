from __future__ import annotations

import pytest

from horizon.core.errors import BackendUnavailable
from tests.web.api.conftest import Api


@pytest.fixture
def probe(api: Api):
    """Asks as somebody who is not let in."""
    api.app.config["HORIZON_AUTH"] = lambda request: None
    return lambda path: api.client.get(f"/horizon{path}", environ_base={"REMOTE_ADDR": "10.1.2.3"})


def test_alive_says_that_this_process_answers_whatever_the_store_does(api, probe, monkeypatch):
    monkeypatch.setattr(api.app.extensions["horizon"].runtime, "backend", lambda *_: 1 / 0)
    assert (probe("/healthz").status_code, probe("/healthz").json) == (200, {"status": "alive"})


def test_ready_is_503_without_a_worker_and_200_with_one(api, probe):
    answer = probe("/readyz")
    assert (answer.status_code, answer.json) == (503, {"status": "not ready", "store": True, "worker": False})
    api.worker()
    answer = probe("/readyz")
    assert (answer.status_code, answer.json) == (200, {"status": "ready", "store": True, "worker": True})


def test_ready_is_503_where_the_store_does_not_answer_and_reveals_nothing_of_it(api, probe, monkeypatch):
    def dead(*_):
        raise BackendUnavailable("postgresql://shop:secret@db/ is down")

    monkeypatch.setattr(api.app.extensions["horizon"].runtime, "backend", dead)
    answer = probe("/readyz")
    assert (answer.status_code, answer.json) == (503, {"status": "not ready", "store": False, "worker": False})


def test_a_worker_that_has_gone_makes_it_unready_again(api, probe):
    api.worker()
    assert probe("/readyz").status_code == 200
    api.store.sessions.close("w1")
    assert probe("/readyz").status_code == 503
