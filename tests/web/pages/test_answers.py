"""Whole pages and fragments, nothing new, headers, hostile data."""

from __future__ import annotations

import json
import re

import pytest
from flask import Flask

from horizon import Horizon
from horizon.core.errors import BackendUnavailable
from horizon.core.query import JobQuery
from tests.stores.lending import fresh
from tests.web.pages.conftest import AT, SAME, Page
from tests.web.pages.stage import NASTY, Stage

LISTS = ("/", "/jobs", "/failed", "/failed?view=causes", "/help")


@pytest.mark.parametrize("path", LISTS)
def test_htmx_gets_only_the_live_region_and_everybody_else_the_whole_page(stage, path):
    stage.push()
    whole, part = stage.client.get(f"/horizon{path}"), stage.client.get(f"/horizon{path}", headers={"HX-Request": "true"})
    assert whole.text.startswith("<!doctype html>")
    assert "<html" not in part.text
    assert Page(part.text).all("div", id="live")
    assert len(part.data) < len(whole.data)
    for answer in (whole, part):
        assert "HX-Request" in answer.headers["Vary"]
    restored = stage.client.get(f"/horizon{path}", headers={"HX-Request": "true", "HX-History-Restore-Request": "true"})
    assert restored.text.startswith("<!doctype html>")


def test_nothing_new_is_answered_with_nothing(stage):
    id = stage.push()
    for path in ("/", "/jobs", "/failed", f"/jobs/{id}"):
        tag = stage.client.get(f"/horizon{path}").headers["ETag"]
        assert stage.client.get(f"/horizon{path}", headers={"If-None-Match": tag}).status_code == 304
        again = stage.client.get(f"/horizon{path}", headers={"If-None-Match": tag, "HX-Request": "true"})
        assert (again.status_code, again.data) == (204, b"")
        live = Page(stage.client.get(f"/horizon{path}").text).all("div", id="live")[0]
        assert json.loads(live["hx-headers"])["If-None-Match"] == tag
        assert live["hx-get"] == f"/horizon{path}"


def test_a_change_the_clock_another_role_or_zone_is_something_new(stage):
    stage.push()
    tag = stage.client.get("/horizon/").headers["ETag"]

    def status() -> int:
        return stage.client.get("/horizon/", headers={"If-None-Match": tag, "HX-Request": "true"}).status_code

    assert status() == 204
    stage.clock.advance(11)
    assert status() == 200
    stage.clock.advance(-11)
    stage.role = "viewer"
    assert status() == 200
    stage.role = "admin"
    assert status() == 204
    stage.client.set_cookie("horizon_tz", "Europe/Rome", path="/horizon")
    assert status() == 200
    stage.client.delete_cookie("horizon_tz", path="/horizon")
    stage.push()
    assert status() == 200


@pytest.mark.parametrize(
    ("name", "shown"),
    [("Europe/Rome", "Europe/Rome"), ("../../etc/passwd", "UTC"), ("Not/AZone", "UTC"), ("x" * 900, "UTC"), ("Europe", "UTC")],
)
def test_times_are_in_the_viewers_zone_as_far_as_it_is_one(stage, name, shown):
    stage.client.set_cookie("horizon_tz", name, path="/horizon")
    assert f"Times in {shown}" in stage.client.get("/horizon/").text


def test_a_page_asks_again_as_often_as_the_setting_says():
    stage = Stage(HORIZON_LIVE_SECONDS=0.5)
    assert "every 500ms" in stage.client.get("/horizon/").text
    stage.runtime.close()


@pytest.mark.parametrize("scene", ["plenty", "nasty", "empty"])
def test_no_page_holds_a_style_attribute_an_inline_script_or_a_handler(scene):
    stage = getattr(Stage(), scene)()
    jobs = [f"/jobs/{getattr(stage, name)}" for name in ("tried", "running", "hurt") if hasattr(stage, name)]
    for path in (*LISTS, *jobs, "/nowhere"):
        answer = stage.client.get(f"/horizon{path}")
        page = Page(answer.text)
        for tag, attrs in page.elements:
            assert "style" not in attrs
            assert not [name for name in attrs if name.startswith(("on", "hx-on"))]
            assert tag not in ("style", "iframe", "object", "embed", "base", "img")
            assert not attrs.get("href", "").startswith(("javascript:", "data:", "http", "//"))
        assert all(script.get("src", "").startswith("/horizon/static/") for script in page.all("script"))
        assert "unsafe" not in answer.headers["Content-Security-Policy"]
    stage.runtime.close()


@pytest.mark.parametrize("kind", sorted(NASTY))
def test_foreign_text_is_shown_as_text_on_every_page(kind):
    stage = Stage().nasty()
    text = NASTY[kind]
    visible = re.sub(r"[\x00\x07\x1b\x7f\u200b\u202e\u202c\r\n\t].*", "", text)[:40]
    for path in ("/", "/jobs", "/failed", "/failed?view=causes"):
        page = Page(stage.client.get(f"/horizon{path}").text)
        assert visible in page.text
        assert not re.search("[\x00\x07\x1b\x7f\u202e\u200b]", page.text)
    for record in stage.store.find(JobQuery(limit=200)).items:
        answer = stage.client.get(f"/horizon/jobs/{record.id}")
        assert answer.status_code == 200
        assert not re.search("[\x00\x07\x1b\x7f\u202e\u200b]", answer.text)
        assert not Page(answer.text).all("img")
    stage.runtime.close()


def test_huge_arguments_results_and_logs_are_cut_for_the_page():
    stage = Stage()
    stage.worker()
    rows = [{"id": index, "text": "x" * 900} for index in range(1000)]
    id = stage.run(stage.push(args={"rows": rows, "text": "y" * 900_000}), result=b'{"result":"' + b"z" * 90_000 + b'"}')
    answer = stage.client.get(f"/horizon/jobs/{id}")
    assert len(answer.data) < 60_000
    assert "more entries, not shown" in answer.text
    assert "900,000 characters" in answer.text
    stage.runtime.close()


def test_a_host_with_strange_templates_settings_and_csrf_protection_is_no_trouble():
    wtf = pytest.importorskip("flask_wtf.csrf")
    app = Flask("host")
    app.secret_key = "k"
    app.jinja_env.autoescape = False
    app.jinja_env.variable_start_string, app.jinja_env.variable_end_string = "[[", "]]"
    app.config.update(HORIZON_URL=fresh(), HORIZON_SCHEDULER=False, HORIZON_AUTH=lambda request: {"name": "<i>ana</i>", "role": "admin"})
    wtf.CSRFProtect(app)
    Horizon(app)
    client = app.test_client()
    page = client.get("/horizon/help").text
    assert "&lt;i&gt;ana&lt;/i&gt;" in page
    token = Page(page).all("input", name="csrf_token")[0]["value"]
    assert client.post("/horizon/look", data={"theme": "dark"}, headers=SAME).status_code == 400
    assert client.post("/horizon/look", data={"theme": "dark", "csrf_token": token}, headers=SAME).status_code == 303
    assert "number" not in app.jinja_env.filters
    assert app.jinja_env.variable_start_string == "[["


def test_mounted_elsewhere_every_address_moves_along():
    stage = Stage(HORIZON_URL_PREFIX="/ops/jobs")
    page = Page(stage.client.get("/ops/jobs/").text)
    assert page.all("html", **{"data-root": "/ops/jobs"})
    for _, attrs in page.elements:
        for name in ("href", "src", "action", "hx-get", "hx-post"):
            assert attrs.get(name, "#").startswith(("/ops/jobs", "#"))
    stage.runtime.close()


def test_mounted_at_the_root_it_works_as_well():
    stage = Stage(HORIZON_URL_PREFIX="")
    stage.worker()
    id = stage.fail()
    assert stage.client.post("/jobs/act", data={"do": f"retry:{id}", "back": "/failed"}, headers=SAME).headers["Location"] == "/failed"
    assert "Retried SendEmail" in stage.client.get("/failed").text
    stage.runtime.close()


def test_a_store_that_does_not_answer_is_told_with_since_when_and_what_to_run(stage, monkeypatch):
    tag = stage.client.get("/horizon/").headers["ETag"]

    def gone() -> int:
        raise BackendUnavailable("the database file is locked by another program")

    monkeypatch.setattr(stage.store, "version", gone)
    for headers in ({}, {"HX-Request": "true", "If-None-Match": tag}):
        answer = stage.client.get("/horizon/", headers=headers)
        assert answer.status_code == 503
        for shown in ("locked by another program", "It has not answered since", "horizon status"):
            assert shown in answer.text


def test_whoever_is_not_let_in_is_told_what_to_set():
    app = Flask("closed")
    app.config.update(HORIZON_URL=fresh(), HORIZON_SCHEDULER=False)
    Horizon(app)
    answer = app.test_client().get("/horizon/")
    assert answer.status_code == 403
    assert "HORIZON_AUTH" in answer.text
    assert not Page(answer.text).all("nav")


@pytest.mark.parametrize("scene", ["plenty", "nasty", "empty"])
def test_a_store_on_disk_fills_the_same_pages_as_one_in_memory(scene):
    kept = getattr(Stage(AT, url=fresh("sqlite")), scene)()
    made = getattr(Stage(AT, url="memory://"), scene)()
    for path in ("/jobs?limit=100", "/failed?limit=100", "/jobs?state=pending", "/jobs?q=error:SMTP+after:2h", "/failed?view=causes", "/"):
        on_disk, in_memory = (Page(stage.client.get(f"/horizon{path}").text) for stage in (kept, made))
        assert len(on_disk.rows()) == len(in_memory.rows()), path
        assert on_disk.acts() == in_memory.acts(), path
    for name in ("tried", "running", "hurt"):
        if hasattr(kept, name):
            texts = [Page(stage.client.get(f"/horizon/jobs/{getattr(stage, name)}").text).text for stage in (kept, made)]
            assert texts[0].replace(getattr(kept, name), "ID").split() == texts[1].replace(getattr(made, name), "ID").split()
    for stage in (kept, made):
        stage.runtime.close()
