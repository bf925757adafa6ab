"""Addresses of ours are those that Flask builds."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask, url_for
from jinja2 import Undefined

from horizon.core.states import JobState
from horizon.web import addresses
from tests.web.pages.stage import Stage

GIVEN: tuple[tuple[str, dict[str, Any]], ...] = (
    ("horizon.overview", {}),
    ("horizon.queue", {"name": "a b/c"}),
    ("horizon.queue", {"name": "emails", "connection": None, "range": "1h"}),
    ("horizon.queue", {"range": "1h", "name": "<é>"}),
    ("horizon.jobs", {"q": 'tag:"a&b=c" +é✓', "state": JobState.FAILED, "limit": 50}),
    ("horizon.jobs", {"q": "a%b~c.d-e_f!$'()*,/:;?@[]^|\\ `{}\n\x00"}),
    ("horizon.jobs", {"q": "", "state": Undefined()}),
    ("horizon.jobs", {"open": ["a", "b"]}),
    ("horizon.jobs", {"q": "x", "_anchor": "here"}),
    ("horizon.job", {"id": "5", "connection": "two", "_external": True}),
    ("static", {"filename": "a.css"}),
)


@pytest.fixture(scope="module")
def app() -> Flask:
    return Stage().app


@pytest.mark.parametrize(("endpoint", "values"), GIVEN)
def test_an_address_is_the_one_that_flask_builds(app: Flask, endpoint: str, values: dict[str, Any]):
    with app.test_request_context("/horizon/jobs", base_url="http://shop.example/below"):
        for _ in range(2):
            assert addresses.to(endpoint, **values) == url_for(endpoint, **values)


def test_what_the_host_adds_to_every_address_is_added():
    stage = Stage()

    @stage.app.url_defaults
    def language(endpoint: str, values: dict[str, Any]) -> None:
        values.setdefault("lang", "de")

    with stage.app.test_request_context("/horizon/jobs"):
        assert addresses.to("horizon.jobs", q="x") == url_for("horizon.jobs", q="x")
        assert "lang=de" in addresses.to("horizon.jobs", q="x")


def test_flask_is_asked_once_in_a_request_for_what_stands_before_the_query(app: Flask, monkeypatch: pytest.MonkeyPatch):
    asked: list[str] = []
    monkeypatch.setattr(addresses, "url_for", lambda endpoint, **values: asked.append(endpoint) or f"/at/{endpoint}")
    with app.test_request_context("/horizon/jobs"):
        assert [addresses.to("horizon.jobs", page=page) for page in range(3)] == [f"/at/horizon.jobs?page={page}" for page in range(3)]
    assert asked == ["horizon.jobs"]
