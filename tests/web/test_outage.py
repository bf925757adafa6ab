"""A store that is gone for a while (here always a file of SQLite): what is told, and that it heals by itself."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.datastructures import MultiDict

from horizon.backends.database import files, migrate
from horizon.core.errors import BackendUnavailable, SchemaMismatch
from tests.waiting import until
from tests.web.conftest import SAME
from tests.web.pages.conftest import Page
from tests.web.shop_jobs import SendMail

PAGES = ("/horizon/", "/horizon/jobs", "/horizon/failed")
STORELESS = ("/horizon/help", "/horizon/healthz", "/horizon/static/horizon.css", "/horizon/nowhere", "/horizon/api/nowhere")
NEW = {"name": "web-tests:send-mail", "args": {"to": "a@b.c"}}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "store" / "horizon.db"


@pytest.fixture
def shop(make_app: Callable[..., Flask], file: Path) -> Flask:
    app = make_app(HORIZON_URL=f"sqlite:///{file}", HORIZON_SQLITE_BUSY_TIMEOUT=0.2)
    with app.app_context():
        SendMail.dispatch("a@b.c")
    return app


@pytest.fixture
def stranger(file: Path, shop: Flask) -> Iterator[sqlite3.Connection]:
    """Somebody else who has the file open."""
    connection = sqlite3.connect(file, isolation_level=None)
    yield connection
    connection.close()


def silent(app: Flask, monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def dead(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(app.extensions["horizon"].runtime, "backend", dead)


def test_while_a_stranger_holds_the_right_to_write_looking_works_and_a_change_says_what_is_in_the_way(shop, stranger):
    client = shop.test_client()
    stranger.execute("BEGIN EXCLUSIVE")
    assert [client.get(path).status_code for path in PAGES] == [200, 200, 200]
    refused = client.post("/horizon/api/jobs", json=NEW, headers=SAME)
    assert refused.status_code == 503
    assert "locked" in refused.json["error"]["message"]
    stranger.execute("ROLLBACK")
    assert client.post("/horizon/api/jobs", json=NEW, headers=SAME).status_code == 201
    assert client.get("/horizon/api/jobs").json["total"] == 2


def test_a_file_that_is_no_database_is_told_on_every_page_and_a_good_one_in_its_place_heals_it(make_app, file):
    file.parent.mkdir()
    file.write_bytes(b"no database at all" * 100)
    client = make_app(HORIZON_URL=f"sqlite:///{file}").test_client()
    for path in PAGES:
        answer = client.get(path)
        assert answer.status_code == 503
        assert str(file) in answer.text
        assert "Traceback" not in answer.text
    file.unlink()
    assert [client.get(path).status_code for path in PAGES] == [200, 200, 200]


def test_a_file_that_cannot_be_opened_is_told_and_heals_when_it_can(make_app, file):
    file.mkdir(parents=True)
    client = make_app(HORIZON_URL=f"sqlite:///{file}").test_client()
    refused = client.get("/horizon/api/jobs")
    assert refused.status_code == 503
    assert "cannot open" in refused.json["error"]["message"] or "unable to open" in refused.json["error"]["message"]
    file.rmdir()
    assert client.get("/horizon/jobs").status_code == 200


FILLED = [("name", "nightly"), ("when", '"><b>5 min'), ("arg", "one\ntwo"), ("arg", ""), ("do", "add")]


def test_what_a_form_sent_meanwhile_is_kept_and_can_be_sent_again(shop, monkeypatch):
    with monkeypatch.context() as patch:
        silent(shop, patch, BackendUnavailable("gone"))
        answer = shop.test_client().post("/horizon/new/schedule?x=1", data=MultiDict(FILLED), headers=SAME, base_url="http://localhost/ops")
    assert answer.status_code == 503
    page = Page(answer.text)
    assert page.all("form", method="post", action="/ops/horizon/new/schedule?x=1")
    assert [(one["name"], one["value"]) for one in page.all("input", type="hidden") if one["name"] in dict(FILLED)] == FILLED


@pytest.mark.parametrize(
    ("path", "headers"),
    [("/horizon/login", SAME), ("/horizon/new/schedule", {"Sec-Fetch-Site": "cross-site"}), ("/horizon/new/schedule", {})],
)
def test_passwords_and_what_another_site_sent_are_not_kept_for_a_click(shop, monkeypatch, path, headers):
    shop.config.update(HORIZON_AUTH=None, SECRET_KEY="k" * 32)
    with monkeypatch.context() as patch:
        silent(shop, patch, BackendUnavailable("gone"))
        answer = shop.test_client().post(path, data={"name": "ana", "password": "secret"}, headers=headers)
    assert answer.status_code == 503
    assert "secret" not in answer.text


@pytest.mark.parametrize("path", ["/horizon/jobs?q=queue:mails", "/horizon/"])
def test_below_a_prefix_of_the_host_try_again_leads_back_to_the_page_that_was_asked_for(shop, monkeypatch, path):
    with monkeypatch.context() as patch:
        silent(shop, patch, BackendUnavailable("gone"))
        answer = shop.test_client().get(path, base_url="http://localhost/ops")
    assert Page(answer.text).all("a", **{"class": "btn primary", "href": f"/ops{path}"})


def test_answers_that_need_no_store_do_not_make_an_outage_look_younger(shop, monkeypatch):
    client = shop.test_client()
    with monkeypatch.context() as patch:
        silent(shop, patch, BackendUnavailable("gone"))
        since = client.get("/horizon/api/jobs").json["error"]["since"]
        for path in STORELESS:
            client.get(path)
        client.post("/horizon/look", data={"theme": "dark"}, headers=SAME)
        client.post("/horizon/api/jobs", data=b"{", headers=SAME)
        assert client.get("/horizon/api/jobs").json["error"]["since"] == since
    assert client.get("/horizon/api/jobs").status_code == 200
    assert shop.extensions["horizon"].outage.since is None


@pytest.mark.parametrize(
    ("message", "run"),
    [
        ("the tables do not fit (no such column: x); run `horizon db upgrade`", "horizon db upgrade"),
        (
            "made by a newer Horizon than this one; install that newer version here too (`horizon db upgrade` cannot go back)",
            "horizon status",
        ),
    ],
)
def test_tables_of_another_version_are_called_that_and_the_log_is_not_flooded_with_traces(shop, monkeypatch, caplog, message, run):
    silent(shop, monkeypatch, SchemaMismatch(message))
    client = shop.test_client()
    error = client.get("/horizon/api/jobs").json["error"]
    assert (error["code"], error["run"]) == ("schema_mismatch", run)
    page = client.get("/horizon/jobs")
    assert page.status_code == 503
    assert "The store is of another version" in page.text
    assert "does not answer" not in page.text
    assert message in caplog.text
    assert "Traceback" not in caplog.text


def test_a_file_that_was_taken_away_takes_no_job_into_nowhere_and_heals_when_it_is_back(shop, file):
    client = shop.test_client()
    client.get("/horizon/jobs")
    aside = file.rename(file.with_suffix(".aside"))
    refused = client.post("/horizon/api/jobs", json=NEW, headers=SAME)
    assert refused.status_code == 503
    assert "is gone" in refused.json["error"]["message"]
    assert refused.json["error"]["run"] == "horizon status"
    for path in PAGES:
        answer = client.get(path)
        assert answer.status_code == 503
        assert str(file) in answer.text
        assert "horizon db upgrade" in answer.text
    aside.rename(file)
    until(lambda: client.get("/horizon/api/jobs").status_code == 200)
    until(lambda: client.post("/horizon/api/jobs", json=NEW, headers=SAME).status_code == 201)
    assert client.get("/horizon/api/jobs").json["total"] == 2


def test_a_folder_that_was_moved_away_is_not_made_anew_by_whoever_is_running_and_all_is_there_when_it_is_back(shop, file):
    client = shop.test_client()
    client.get("/horizon/jobs")
    aside = file.parent.rename(file.parent.with_name("aside"))
    refused = [client.post("/horizon/api/jobs", json=NEW, headers=SAME) for _ in range(3)]
    assert [answer.status_code for answer in refused] == [503, 503, 503]
    for _ in range(2):
        for path in PAGES:
            answer = client.get(path)
            assert answer.status_code == 503
            assert "is gone" in answer.text
    shop.extensions["horizon"].runtime.close()  # it forgets its connections, and opens others
    assert client.get("/horizon/api/jobs").status_code == 503
    assert not file.parent.exists()
    aside.rename(file.parent)
    until(lambda: client.get("/horizon/api/jobs").status_code == 200)
    until(lambda: client.post("/horizon/api/jobs", json=NEW, headers=SAME).status_code == 201)
    assert client.get("/horizon/api/jobs").json["total"] == 2


def test_a_process_that_only_looks_or_was_started_beside_a_store_makes_none(make_app, file):
    app = make_app(HORIZON_URL=f"sqlite:///{file}")
    with files.only_looking():
        answer = app.test_client().get("/horizon/api/jobs")
    assert answer.status_code == 503
    assert "is not there" in answer.json["error"]["message"]
    assert not file.parent.exists()
    assert app.test_client().get("/horizon/api/jobs").status_code == 200


def test_a_file_that_was_deleted_is_made_anew_only_by_somebody_who_says_so(shop, file):
    client = shop.test_client()
    client.get("/horizon/jobs")
    for part in file.parent.iterdir():
        part.unlink()
    assert [client.get("/horizon/jobs").status_code for _ in range(3)] == [503, 503, 503]
    migrate.upgrade(f"sqlite:///{file}")  # what `horizon db upgrade` does
    until(lambda: client.get("/horizon/jobs").status_code == 200)
    assert client.get("/horizon/api/jobs").json["total"] == 0
