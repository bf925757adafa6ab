from __future__ import annotations

from horizon.core.clock import DAY, SECOND
from horizon.core.errors import BackendUnavailable
from horizon.monitor.deploys import noted
from horizon.schedule import deploys
from horizon.schedule.deploys import Deploys
from tests.web.pages.stage import Stage


def test_a_version_is_noted_once_with_when_its_first_worker_started(monkeypatch):
    monkeypatch.setattr(deploys, "EVERY", 0.0)
    stage = Stage()
    began = stage.clock()
    stage.worker("w1", code_version="a1")
    watch = Deploys(stage.runtime)
    watch.run("default")
    stage.clock.advance(60)
    stage.worker("w2", code_version="a1", host="web-9")
    stage.worker("w3", code_version="b2")
    stage.worker("w4", code_version=None)
    for seen in (watch, Deploys(stage.runtime)):  # a new leader knows nothing, and writes nothing twice
        seen.run("default")
    assert [(one.version, one.at, one.host) for one in noted(stage.store, 0)] == [
        ("a1", began, "web-2"),
        ("b2", began + 60 * SECOND, "web-2"),
    ]
    assert [one.version for one in noted(stage.store, began + SECOND)] == ["b2"]
    stage.clock.advance(121 * DAY / SECOND)
    assert noted(stage.store, 0) == []


def test_while_the_store_of_notes_is_away_it_is_tried_again(monkeypatch):
    monkeypatch.setattr(deploys, "EVERY", 0.0)
    stage = Stage()
    stage.worker(code_version="a1")
    watch = Deploys(stage.runtime)

    def away(changes):
        raise BackendUnavailable("gone")

    with monkeypatch.context() as patch:
        patch.setattr(stage.store.notes, "write", away)
        watch.run("default")
    watch.run("default")
    assert [one.version for one in noted(stage.store, 0)] == ["a1"]
