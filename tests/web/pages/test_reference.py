from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient

from horizon.web.api import openapi
from horizon.web.api.table import ROUTES
from horizon.web.pages import reference

DOCUMENT = openapi.document(ROUTES, server="/horizon", cookie="session")


def text(client: FlaskClient, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


@pytest.mark.parametrize("one", list(reference.asked(DOCUMENT)), ids=lambda one: one.id)
def test_every_operation_has_its_page_and_it_is_small(client, one):
    shown = text(client, f"/horizon/api?op={one.id}")
    assert one.told["summary"] in shown
    assert f"{one.method}</span><code>{one.path}</code>" in shown
    assert len(shown) < 40_000
    assert shown.count('aria-current="true"') == 1


def test_the_list_names_every_operation(client):
    shown = text(client, "/horizon/api")
    assert {f"?op={one.id}" for one in reference.asked(DOCUMENT)} <= set(re.findall(r"\?op=\w+", shown))


def test_whatever_else_is_asked_for_shows_the_first(client):
    assert "List jobs" in text(client, "/horizon/api?op=nothing")


def test_it_asks_nobody_else_and_carries_no_style_or_script_of_its_own(client):
    shown = text(client, "/horizon/api?op=control")
    assert not re.findall(r'(?:src|href)="(?:https?:)?//', shown)
    assert not re.findall(r"<style|style=|<script(?![^>]*src=)|\son\w+=", shown)


def test_the_command_is_ready_to_be_pasted_with_the_apps_own_address(client):
    shown = text(client, "/horizon/api?op=control")
    assert "http://localhost/horizon/api/jobs/control" in shown
    assert "Authorization: Bearer TOKEN" in shown
    assert "Bearer TOKEN" not in text(client, "/horizon/api?op=healthz").split('id="chosen"')[1]


def test_the_help_sheet_leads_there(client):
    assert 'href="/horizon/api"' in text(client, "/horizon/help")


def test_a_stranger_is_not_shown_it(make_app):
    assert make_app(HORIZON_AUTH=lambda request: None).test_client().get("/horizon/api").status_code == 403


def test_fields_are_told_with_those_within_them():
    lines = list(reference.lines(DOCUMENT, {"$ref": "#/components/schemas/Jobs"}))
    found = {(line.name, line.depth): line.kind for line in lines}
    assert found["items", 0] == "list of objects"
    assert found["max_tries", 1] == "whole number or null"
    assert found["created_at", 1] == "time"
    assert found["type", 2] == "text"
    assert found["state", 1].startswith("one of scheduled, blocked")


@pytest.mark.parametrize(
    ("schema", "said"),
    [
        ({"type": ["integer", "null"], "minimum": -100, "maximum": 100}, "whole number from -100 to 100 or null"),
        ({"type": "array", "items": {"type": "string"}}, "list of texts"),
        ({"anyOf": [{"type": "string"}, {"type": "null"}]}, "text or null"),
        ({}, "anything"),
    ],
)
def test_kinds_are_said_in_words(schema, said):
    assert reference.kind(DOCUMENT, schema) == said
