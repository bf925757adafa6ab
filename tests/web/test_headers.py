from __future__ import annotations

import pytest

from horizon.core.errors import BackendUnavailable
from horizon.web.security import CSP

PATHS = [
    "/horizon/",
    "/horizon/jobs",
    "/horizon/failed",
    "/horizon/jobs/0199f3c2-7b1e-7c44-b1d5-000000000000",
    "/horizon/nowhere",
    "/horizon/api/jobs",
    "/horizon/api/jobs/dashboard",
    "/horizon/api/jobs/control",
    "/horizon/api/jobs/x",
    "/horizon/api/jobs?limit=0",
    "/horizon/api/nowhere",
    "/horizon/healthz",
    "/horizon/readyz",
]


@pytest.mark.parametrize("path", PATHS)
def test_every_answer_carries_the_headers_errors_included(client, path):
    check(client.get(path))


@pytest.mark.parametrize("path", PATHS)
def test_a_refused_visitor_gets_them_too(make_app, path):
    check(make_app(HORIZON_AUTH=...).test_client().get(path))


def test_an_unexpected_error_gets_them_too_and_shows_no_trace(app, client, monkeypatch, caplog):
    def broken(*_, **__):
        raise RuntimeError("secret path /etc/shop")

    monkeypatch.setattr(app.extensions["horizon"].runtime, "backend", broken)
    for path in ("/horizon/jobs", "/horizon/api/jobs"):
        answer = client.get(path)
        assert answer.status_code == 500
        check(answer)
        assert "secret" not in answer.text
        assert "Traceback" not in answer.text
    assert "secret path" in caplog.text


def test_an_unexpected_error_shows_no_trace_in_debug_mode_either(make_app, monkeypatch):
    app = make_app(PROPAGATE_EXCEPTIONS=True, TESTING=True)
    app.debug = True
    monkeypatch.setattr(app.extensions["horizon"].runtime, "backend", lambda *_: 1 / 0)
    answer = app.test_client().get("/horizon/api/jobs")
    assert answer.status_code == 500
    assert "ZeroDivision" not in answer.text


def test_a_store_that_does_not_answer_is_told_with_what_since_when_and_what_to_run(app, client, monkeypatch):
    def dead(*_, **__):
        raise BackendUnavailable("SQLite at /data/horizon.db cannot be opened: disk I/O error")

    monkeypatch.setattr(app.extensions["horizon"].runtime, "backend", dead)
    first = client.get("/horizon/api/jobs")
    assert first.status_code == 503
    assert first.headers["Retry-After"]
    error = first.json["error"]
    assert error["code"] == "backend_unavailable"
    assert "/data/horizon.db" in error["message"]
    assert error["since"].endswith("Z")
    assert error["run"] == "horizon status"
    assert client.get("/horizon/api/jobs").json["error"]["since"] == error["since"]
    page = client.get("/horizon/jobs")
    assert page.status_code == 503
    check(page)
    assert "horizon status" in page.text
    assert "/data/horizon.db" in page.text


def test_when_the_store_answers_again_the_outage_is_over(app, client, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(app.extensions["horizon"].runtime, "backend", lambda *_: (_ for _ in ()).throw(BackendUnavailable("gone")))
        client.get("/horizon/api/jobs")
        assert app.extensions["horizon"].outage.since is not None
        client.get("/horizon/healthz")
        assert app.extensions["horizon"].outage.since is not None
    assert client.get("/horizon/api/jobs").status_code == 200
    assert app.extensions["horizon"].outage.since is None


def test_static_files_with_a_version_are_kept_for_ever_and_others_are_asked_for_again(client):
    kept = client.get("/horizon/static/horizon.css?v=abc")
    assert kept.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert kept.headers["X-Content-Type-Options"] == "nosniff"
    asked = client.get("/horizon/static/horizon.css")
    assert "max-age=31536000" not in asked.headers["Cache-Control"]
    assert asked.headers["ETag"]


@pytest.mark.parametrize("name", ["nothing.css", "../pyproject.toml", "%2e%2e/pyproject.toml", "..%2fpyproject.toml"])
def test_static_serves_nothing_else_and_keeps_no_refusal(client, name):
    answer = client.get(f"/horizon/static/{name}?v=1")
    assert answer.status_code == 404
    assert "immutable" not in answer.headers.get("Cache-Control", "")


def test_pages_of_the_host_are_left_alone(make_app):
    def prepare(app):
        app.add_url_rule("/", "home", lambda: "home")

    answer = make_app(before=prepare).test_client().get("/")
    assert "Content-Security-Policy" not in answer.headers
    assert "X-Frame-Options" not in answer.headers
    assert "Cache-Control" not in answer.headers


def check(answer) -> None:
    headers = answer.headers
    assert headers["Content-Security-Policy"] == CSP
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cache-Control"] == "no-store"
    assert {"Cookie", "Authorization", "HX-Request"} <= set(answer.vary)
