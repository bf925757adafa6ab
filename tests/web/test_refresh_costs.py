"""What a page asks of its store when it asks for news right after an act of its viewer: nothing is shared then. Questions are counted."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from horizon.backends.database.postgres.line import Line
from horizon.backends.redis.link import Link
from horizon.core.clock import HOUR
from tests.stores.lending import fresh_of
from tests.web.pages.stage import Stage
from tests.web.test_glance import Viewer

NOON = 1_700_000_000_000_000 // (24 * HOUR) * 24 * HOUR + 12 * HOUR
"""Far from the end of an hour: what is over then is read once more."""
WAYS = {"/": 13, "/jobs": 15, "/failed": 15, "/failed?view=causes": 18, "/queues": 15, "/queues/emails": 17, "/alerts": 13, "/metrics": 13}
"""Times that a page goes to a Redis, two more than it does: causes of failures may have to be looked up in between."""
GOES = {"/": 17, "/jobs": 20, "/failed": 20, "/failed?view=causes": 18, "/queues": 20, "/queues/emails": 22, "/alerts": 16, "/metrics": 16}
"""Times that it goes to a PostgreSQL, two more likewise. What one statement tells is a steady view, and needs no transaction."""


def stood(kind: str) -> Stage:
    made = Stage(NOON, url=fresh_of(kind))
    made.worker()
    made.fail()
    made.fail(queue="reports")
    return made


def refreshed(stage: Stage, path: str) -> None:
    viewer = Viewer(stage, path)
    stage.done(queue="reports")
    assert viewer.ask(**{"Horizon-Afresh": "1"}).status_code == 200


def ways(kind: str, path: str, monkeypatch: pytest.MonkeyPatch, line: type[Any], name: str) -> int:
    """How often a second refresh of a page goes to its server: by this method of this line."""
    asked: Counter[str] = Counter()
    stage, real = stood(kind), getattr(line, name)
    refreshed(stage, path)
    viewer = Viewer(stage, path)
    stage.done(queue="reports")
    monkeypatch.setattr(line, name, lambda *args, **named: asked.update(["way"]) or real(*args, **named))
    assert viewer.ask(**{"Horizon-Afresh": "1"}).status_code == 200
    assert asked, "nothing went that way"
    return asked["way"]


@pytest.mark.parametrize("path", WAYS)
def test_a_refresh_goes_to_redis_only_so_often(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert ways("redis", path, monkeypatch, Link, "_once") <= WAYS[path]


@pytest.mark.parametrize("path", GOES)
def test_a_refresh_goes_to_postgresql_only_so_often(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert ways("postgres", path, monkeypatch, Line, "send") <= GOES[path]
