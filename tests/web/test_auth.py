from __future__ import annotations

import logging
from types import SimpleNamespace

import pytest
from flask import abort, redirect

from horizon.web.auth import DEMO
from tests.web.conftest import SAME, admin, store_of

LOCAL = {"base_url": "http://localhost:8000", "environ_base": {"REMOTE_ADDR": "127.0.0.1"}}
REMOTE = {"base_url": "http://shop.example", "environ_base": {"REMOTE_ADDR": "10.1.2.3"}}


@pytest.fixture
def closed(make_app):
    """An app that sets nothing."""
    return make_app(HORIZON_AUTH=...)


def status(app, path="/horizon/api/jobs", **how):
    return app.test_client().get(path, **(how or LOCAL)).status_code


# nothing set --------------------------------------------------------------------------------------------


def test_an_app_that_sets_nothing_is_closed_even_to_its_own_machine(closed):
    assert status(closed) == 403


@pytest.mark.parametrize("path", ["/horizon/", "/horizon/jobs", "/horizon/failed", "/horizon/jobs/x", "/horizon/nowhere"])
def test_a_refused_visitor_is_told_what_to_set(closed, path):
    page = closed.test_client().get(path, **REMOTE)
    assert page.status_code == 403
    assert "HORIZON_AUTH" in page.text
    assert "current_user" in page.text
    assert "text/html" in page.content_type


def test_a_refused_program_is_told_so_in_json(closed):
    answer = closed.test_client().get("/horizon/api/jobs", **REMOTE)
    assert answer.status_code == 403
    assert answer.json["error"]["code"] == "forbidden"
    assert len(answer.json["error"]["set"]) == 3


def test_every_route_but_the_probes_and_static_files_is_closed(closed):
    client = closed.test_client()
    open_ = {"horizon.static", "horizon.brand_css", "horizon.words", "horizon.api_healthz", "horizon.api_readyz"}
    seen = 0
    for rule in closed.url_map.iter_rules():
        if not rule.endpoint.startswith("horizon.") or rule.endpoint in open_:
            continue
        path = rule.rule.replace("<id>", "x").replace("<path:path>", "x")
        for method in sorted(rule.methods - {"OPTIONS", "HEAD"}):
            seen += 1
            assert client.open(path, method=method, headers=SAME, **REMOTE).status_code == 403, (method, path)
    assert seen > 15


# debug mode and the demo ----------------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["debug", "demo"])
def test_in_debug_mode_or_as_the_demo_it_opens_to_its_own_machine_only(closed, how):
    if how == "debug":
        closed.debug = True
    else:
        closed.extensions[DEMO] = True
    assert status(closed) == 200
    assert status(closed, **REMOTE) == 403
    assert status(closed, base_url="http://shop.example", environ_base={"REMOTE_ADDR": "127.0.0.1"}) == 403
    assert status(closed, headers={"X-Forwarded-For": "127.0.0.1"}, **LOCAL) == 403


def test_whoever_is_let_in_that_way_is_an_admin(closed):
    closed.debug = True
    answer = closed.test_client().get("/horizon/api/jobs/control", **LOCAL)
    assert all(action["allowed"] for action in answer.json["actions"])


def test_a_callable_goes_before_debug_mode(make_app):
    app = make_app(HORIZON_AUTH=lambda request: None)
    app.debug = True
    assert status(app) == 403


# HORIZON_AUTH ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("actor", [{"name": "ana", "role": "viewer"}, SimpleNamespace(name="ana", role="viewer")])
def test_an_actor_may_be_a_dict_or_an_object(make_app, actor):
    assert status(make_app(HORIZON_AUTH=lambda request: actor), **REMOTE) == 200


def test_the_callable_is_given_the_request(make_app):
    app = make_app(HORIZON_AUTH=lambda request: admin(request) if request.headers.get("X-Key") == "secret" else None)
    assert status(app, **REMOTE) == 403
    assert status(app, headers={"X-Key": "secret"}, **REMOTE) == 200


def test_it_may_be_set_after_the_app_was_mounted(closed):
    closed.config["HORIZON_AUTH"] = admin
    assert status(closed, **REMOTE) == 200


@pytest.mark.parametrize(
    "returned",
    [
        True,
        "ana",
        1,
        {},
        {"name": "ana"},
        {"role": "admin"},
        {"name": "", "role": "admin"},
        {"name": "ana", "role": "root"},
        {"name": 1, "role": "admin"},
        ["ana", "admin"],
    ],
)
def test_anything_but_an_actor_keeps_the_door_shut_and_the_log_says_so(make_app, returned, caplog):
    app = make_app(HORIZON_AUTH=lambda request: returned)
    with caplog.at_level(logging.ERROR, "horizon.web"):
        assert status(app, **REMOTE) == 403
    assert not returned or "nobody is let in" in caplog.text


def test_a_callable_that_raises_keeps_the_door_shut_and_is_logged_with_its_trace(make_app, caplog):
    def broken(request):
        raise RuntimeError("no such table: users")

    app = make_app(HORIZON_AUTH=broken)
    answer = app.test_client().get("/horizon/api/jobs", **REMOTE)
    assert answer.status_code == 403
    assert "no such table" not in answer.text
    assert "no such table" in caplog.text


class Unreadable:
    name = "ana"

    @property
    def role(self):
        raise RuntimeError("no such table: roles")


def test_an_actor_whose_attributes_cannot_be_read_keeps_the_door_shut_and_is_logged_with_its_trace(make_app, caplog):
    answer = make_app(HORIZON_AUTH=lambda request: Unreadable()).test_client().get("/horizon/api/jobs", **REMOTE)
    assert answer.status_code == 403
    assert "no such table" not in answer.text
    assert "no such table" in caplog.text


@pytest.mark.parametrize("name", ["a\r\nb", "a\0", "a\ud800", "a\x1b[31m", "x" * 321], ids=ascii)
def test_a_name_that_no_line_of_the_audit_log_can_hold_keeps_the_door_shut(make_app, name, caplog):
    app = make_app(HORIZON_AUTH=lambda request: {"name": name, "role": "admin"})
    assert status(app, **REMOTE) == 403
    assert "at most 320 characters" in caplog.text
    assert len(caplog.text) < 1_000


@pytest.mark.parametrize("name", ["ana", "Ана", "علی\u200cرضا", "ana+" + "x" * 300 + "@shop.example", "<b>ana</b>"], ids=ascii)
def test_every_other_name_is_let_in(make_app, name):
    assert status(make_app(HORIZON_AUTH=lambda request: {"name": name, "role": "admin"}), **REMOTE) == 200


def test_a_setting_that_is_no_callable_says_so_without_a_trace(closed, caplog):
    closed.config["HORIZON_AUTH"] = "ana"
    answer = closed.test_client().get("/horizon/")
    assert answer.status_code == 503
    assert "A setting is not usable" in answer.text
    assert "does not answer" not in answer.text
    assert "HORIZON_AUTH takes a callable" in caplog.text
    assert "Traceback" not in caplog.text


def test_it_may_send_visitors_to_the_log_in_page(make_app):
    for way in (lambda request: redirect("/login"), lambda request: abort(redirect("/login"))):
        answer = make_app(HORIZON_AUTH=way).test_client().get("/horizon/jobs", **REMOTE)
        assert (answer.status_code, answer.headers["Location"]) == (302, "/login")


def test_credentials_that_were_sent_and_not_accepted_are_answered_with_401(make_app):
    app = make_app(HORIZON_AUTH=lambda request: None)
    answer = app.test_client().get("/horizon/api/jobs", headers={"Authorization": "Bearer wrong"}, **REMOTE)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert answer.json["error"]["code"] == "unauthorized"


def test_flask_login_users_can_be_let_in(make_app):
    from flask_login import LoginManager, UserMixin, current_user, login_user

    class User(UserMixin):
        id, email, staff = "7", "ana@shop.example", True

    def prepare(app):
        app.secret_key = "k"
        LoginManager(app).user_loader(lambda id: User())
        app.add_url_rule("/login", "login", lambda: str(login_user(User())))

    app = make_app(
        before=prepare,
        HORIZON_AUTH=lambda request: {"name": current_user.email, "role": "admin"} if current_user.is_authenticated else None,
    )
    client = app.test_client()
    assert client.get("/horizon/api/jobs", **REMOTE).status_code == 403
    client.get("/login", **REMOTE)
    assert client.get("/horizon/api/jobs", **REMOTE).status_code == 200


# roles ----------------------------------------------------------------------------------------------------


def act(app, **body):
    return app.test_client().post("/horizon/api/jobs/control", json=body, headers=SAME)


def test_a_viewer_may_look_and_the_server_refuses_the_rest(make_app):
    app = make_app(HORIZON_AUTH=lambda request: {"name": "vera", "role": "viewer"})
    assert app.test_client().get("/horizon/api/jobs").status_code == 200
    answer = act(app, action="pause", queue="mail")
    assert (answer.status_code, answer.json["error"]["code"]) == (403, "forbidden")
    assert "vera" in answer.json["error"]["message"]
    assert store_of(app).audit.list() == []


def test_an_operator_may_pause_and_may_not_forget(make_app):
    app = make_app(HORIZON_AUTH=lambda request: {"name": "otto", "role": "operator"})
    assert act(app, action="pause", queue="mail").status_code == 200
    assert act(app, action="forget", filter="state:failed").status_code == 403


def test_the_audit_log_says_who_it_was_and_from_where(make_app):
    app = make_app()
    act(app, action="pause", queue="mail")
    entry = store_of(app).audit.list()[0]
    assert (entry.actor, entry.verb, entry.target, entry.origin) == ("ana", "pause", "queue:mail", "api 127.0.0.1")


# read only ------------------------------------------------------------------------------------------------


def test_a_read_only_dashboard_shows_everything_and_changes_nothing(make_app):
    app = make_app(HORIZON_READ_ONLY=True)
    assert app.test_client().get("/horizon/api/jobs").status_code == 200
    answer = act(app, action="pause", queue="mail")
    assert answer.status_code == 403
    assert "HORIZON_READ_ONLY" in answer.json["error"]["message"]
    assert store_of(app).queues.get("mail").paused is False


def test_in_a_read_only_dashboard_nobody_is_offered_an_act(make_app):
    answer = make_app(HORIZON_READ_ONLY=True).test_client().get("/horizon/api/jobs/control")
    assert not any(action["allowed"] for action in answer.json["actions"])


def test_in_a_read_only_dashboard_everybody_may_still_choose_a_theme(make_app):
    answer = make_app(HORIZON_READ_ONLY=True).test_client().post("/horizon/look", data={"theme": "dark"}, headers=SAME)
    assert answer.status_code in (200, 303)
    assert "dark" in answer.headers["Set-Cookie"]
