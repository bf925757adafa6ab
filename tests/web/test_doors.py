"""The log-in page beside the other doors, and every address without a sign-in."""

from __future__ import annotations

import re

import pytest

from horizon.core.errors import BackendUnavailable
from horizon.web.auth import DEMO
from tests.web.conftest import SAME, admin, store_of
from tests.web.doors import GOOD, ROOT, add_token, add_user, quick_passwords, sign_in, users

REMOTE = {"base_url": "https://shop.example", "environ_base": {"REMOTE_ADDR": "10.1.2.3"}}
LOCAL = {"base_url": "http://localhost:8000", "environ_base": {"REMOTE_ADDR": "127.0.0.1"}}


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    quick_passwords(monkeypatch)


@pytest.fixture
def app(make_app):
    """An app with one user, whose HORIZON_AUTH is not set."""
    made = make_app(HORIZON_AUTH=..., SECRET_KEY="k" * 32)
    add_user(made)
    return made


@pytest.fixture
def client(app):
    return app.test_client()


def cookies(answer) -> dict[str, str]:
    return {line.split("=")[0]: line for line in answer.headers.getlist("Set-Cookie")}


# other doors --------------------------------------------------------------------------------------------


def test_the_word_of_horizon_auth_is_final(app, client):
    sign_in(client)
    app.config["HORIZON_AUTH"] = lambda request: None
    assert client.get("/horizon/").status_code == 403
    assert client.get("/horizon/login").status_code == 404
    assert client.post("/horizon/login", data={"name": "bea", "password": GOOD}, headers=SAME).status_code == 404
    app.config["HORIZON_AUTH"] = admin
    assert "ana" in client.get("/horizon/").text


@pytest.mark.parametrize("how", ["debug", "demo"])
def test_as_soon_as_there_is_a_user_this_machine_signs_in_as_well(app, client, how):
    app.debug, app.extensions[DEMO] = how == "debug", how == "demo"
    assert client.get("/horizon/", **LOCAL).status_code == 303
    users(app).remove(ROOT, "bea")
    assert client.get("/horizon/", **LOCAL).status_code == 200


def test_without_any_user_the_page_says_how_to_make_one(app):
    users(app).remove(ROOT, "bea")
    for path in ("/horizon/", "/horizon/login"):
        page = app.test_client().get(path, **REMOTE)
        assert page.status_code == 403
        assert "horizon users add NAME --role admin" in page.text


@pytest.mark.parametrize("path", ["/horizon/", "/horizon/login"])
def test_who_has_no_secret_key_is_told_so(app, client, path):
    app.secret_key = None
    answer = client.get(path)
    assert answer.status_code == 503
    assert "SECRET_KEY" in answer.text
    assert client.get("/horizon/api/jobs", headers=add_token(app)).status_code == 200


def test_a_program_is_told_by_401_and_an_open_page_is_left_as_it_is(client):
    answer = client.get("/horizon/api/jobs")
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert answer.json["error"]["code"] == "unauthorized"
    assert client.get("/horizon/", headers={"HX-Request": "true"}).status_code == 401


def test_a_read_only_dashboard_can_be_signed_in_to(make_app):
    app = make_app(HORIZON_AUTH=..., SECRET_KEY="k" * 32, HORIZON_READ_ONLY=True)
    add_user(app, role="admin")
    client = app.test_client()
    assert sign_in(client).status_code == 303
    assert client.post("/horizon/api/jobs/control", json={"action": "pause", "queue": "m"}, headers=SAME).status_code == 403
    assert client.post("/horizon/logout", headers=SAME).status_code == 303


@pytest.mark.parametrize("path", ["/horizon/", "/horizon/login", "/horizon/api/jobs"])
def test_what_ails_the_store_is_not_told_to_anybody_unknown(app, path, monkeypatch, caplog):
    def broken(*args):
        raise BackendUnavailable("the file /srv/secret/horizon.db cannot be opened")

    monkeypatch.setattr(store_of(app).accounts, "any_user", broken)
    answer = app.test_client().get(path, **REMOTE)
    assert answer.status_code == 503
    assert "/srv/secret" not in answer.text
    assert "/srv/secret" in caplog.text


def test_no_page_of_ours_can_be_framed_or_kept(client):
    answer = client.get("/horizon/login")
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Cache-Control"] == "no-store"


# every address -------------------------------------------------------------------------------------------


def addresses(app):
    """Every method and path of ours that is not open to anybody, with something in place of what varies."""
    open_ = {"horizon.static", "horizon.brand_css", "horizon.words", "horizon.api_healthz", "horizon.api_readyz", "horizon.login"}
    for rule in app.url_map.iter_rules():
        if rule.endpoint.startswith("horizon.") and rule.endpoint not in open_:
            path = re.sub(r"<[^>]+>", "x", rule.rule)
            yield from ((method, path) for method in sorted(rule.methods - {"OPTIONS", "HEAD"}))


def test_nobody_who_is_not_signed_in_gets_anything_anywhere(app, client):
    seen = [(method, path, client.open(path, method=method, headers=SAME)) for method, path in addresses(app)]
    assert len(seen) > 30
    for method, path, answer in seen:
        if "/api/" in path:
            assert answer.status_code == 401, (method, path)
        else:
            assert (answer.status_code, answer.headers["Location"].partition("?")[0]) == (303, "/horizon/login"), (method, path)


def test_a_viewer_changes_nothing_anywhere(app, client):
    users(app).set_role(ROOT, "bea", "viewer")
    sign_in(client)
    before, noted = store_of(app).version(), len(store_of(app).audit.list())
    for method, path in addresses(app):
        if method != "GET" and path not in ("/horizon/logout", "/horizon/look"):
            form = {"do": "pause:mail", "verb": "retry", "sure": "1", "name": "x", "queue": "mail", "action": "pause"}
            for more in ({"data": form}, {"json": form}):
                answer = client.open(path, method=method, headers=SAME, **more)
                assert answer.status_code >= 400, (method, path, answer.status_code)
    assert (store_of(app).version(), len(store_of(app).audit.list())) == (before, noted)


def test_no_other_site_changes_anything_anywhere_in_the_name_of_who_is_signed_in(app, client):
    users(app).set_role(ROOT, "bea", "admin")
    sign_in(client)
    for method, path in addresses(app):
        if method != "GET":
            for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}, {}):
                answer = client.open(path, method=method, headers=headers, data={"do": "pause:mail"})
                assert answer.status_code == 403, (method, path, headers)
    assert client.get("/horizon/").status_code == 200
