"""A sign-in: its cookie, its end, and where it leads."""

from __future__ import annotations

import pytest
from flask import session

from horizon.core import clock
from horizon.web import login
from tests.web.conftest import SAME, store_of
from tests.web.doors import GOOD, ROOT, add_user, form_of, quick_passwords, sign_in, users

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


# cookies ------------------------------------------------------------------------------------------------


def test_the_cookie_is_out_of_reach_and_stays_below_the_mount_point(client):
    secure = cookies(sign_in(client, **REMOTE))[login.SIGN_IN_COOKIE]
    assert all(part in secure for part in ("HttpOnly", "SameSite=Lax", "Secure", "Path=/horizon;", "Max-Age=43200"))
    assert "Secure" not in cookies(sign_in(client, **LOCAL))[login.SIGN_IN_COOKIE]


def test_the_hosts_session_is_neither_read_nor_written(app, client):
    @app.get("/host")
    def host():
        session["cart"] = 3
        return "ok"

    client.get("/host")
    before = client.get_cookie("session").value
    answer = sign_in(client)
    assert "session" not in cookies(answer)
    assert client.get_cookie("session").value == before


def test_every_sign_in_is_a_new_one_whatever_the_browser_brought(app):
    attacker, victim = app.test_client(), app.test_client()
    sign_in(attacker)
    planted = attacker.get_cookie(login.SIGN_IN_COOKIE, path="/horizon").value
    victim.set_cookie(login.SIGN_IN_COOKIE, planted, path="/horizon")
    victim.post("/horizon/logout", headers=SAME)
    sign_in(victim)
    assert victim.get_cookie(login.SIGN_IN_COOKIE, path="/horizon").value != planted
    assert attacker.get("/horizon/").status_code == 303


@pytest.mark.parametrize(
    "spoil",
    [lambda value: value[:-2] + "xx", lambda value: "", lambda value: "x" * 3900, lambda value: "é.", lambda value: value.split(".")[0]],
)
def test_a_forged_cookie_is_none(app, client, spoil):
    sign_in(client)
    kept = client.get_cookie(login.SIGN_IN_COOKIE, path="/horizon").value
    other = app.test_client()
    other.set_cookie(login.SIGN_IN_COOKIE, spoil(kept), path="/horizon")
    assert other.get("/horizon/").status_code == 303


def test_what_was_signed_for_another_purpose_is_no_sign_in(app, client):
    sign_in(client)
    for name in (login.FORM_COOKIE, login.KNOWN_COOKIE):
        other = app.test_client()
        other.set_cookie(login.SIGN_IN_COOKIE, client.get_cookie(name, path="/horizon").value, path="/horizon")
        assert other.get("/horizon/").status_code == 303


def test_a_cookie_of_another_apps_key_or_of_a_key_that_was_given_up_is_none(app, client):
    sign_in(client)
    app.secret_key = "another"
    assert client.get("/horizon/").status_code == 303
    app.config["SECRET_KEY_FALLBACKS"] = ["k" * 32]
    assert client.get("/horizon/").status_code == 200


# the end of a sign-in -----------------------------------------------------------------------------------


def test_signing_out_ends_it_in_every_copy_of_the_cookie(app, client):
    sign_in(client)
    stolen = client.get_cookie(login.SIGN_IN_COOKIE, path="/horizon").value
    answer = client.post("/horizon/logout", headers=SAME)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/horizon/login?out=1")
    assert "You are signed out." in client.get("/horizon/login?out=1").text
    client.set_cookie(login.SIGN_IN_COOKIE, stolen, path="/horizon")
    assert client.get("/horizon/").status_code == 303
    assert store_of(app).audit.list()[0].verb == "sign out"


def test_another_site_cannot_sign_anybody_out_or_in(client):
    sign_in(client)
    assert client.post("/horizon/logout", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert client.get("/horizon/logout").status_code == 405
    assert client.get("/horizon/").status_code == 200
    form = form_of(client.get("/horizon/login", headers={"Cookie": ""}))
    body = {**form, "name": "bea", "password": GOOD}
    assert client.post("/horizon/login", data=body, headers={"Origin": "https://evil.example"}).status_code == 403


@pytest.mark.parametrize("change", ["password", "role", "remove", "remove and add"])
def test_a_change_of_the_user_ends_it_at_once(app, client, change):
    sign_in(client)
    assert client.get("/horizon/").status_code == 200
    control = users(app)
    if change == "password":
        control.set_password(ROOT, "bea", GOOD + "!")
    elif change == "role":
        control.set_role(ROOT, "bea", "viewer")
    else:
        add_user(app, "eve", "admin")
        control.remove(ROOT, "bea")
        if change == "remove and add":
            add_user(app, "bea", "admin")
    assert client.get("/horizon/").status_code == 303


def test_it_ends_by_itself_though_the_browser_keeps_the_cookie(app, client, monkeypatch):
    sign_in(client)
    began = clock.now()
    monkeypatch.setattr("horizon.web.auth.clock.now", lambda: began + 43_199 * clock.SECOND)
    assert client.get("/horizon/").status_code == 200
    monkeypatch.setattr("horizon.web.auth.clock.now", lambda: began + 43_201 * clock.SECOND)
    assert client.get("/horizon/").status_code == 303


# where to go afterwards -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "wanted",
    [
        "https://evil.example/",
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/horizon/\r\nSet-Cookie: x=1",
        "/horizon@evil.example",
        "/horizonx",
        "javascript:alert(1)",
        "/",
        "/horizon/../admin",
        "/horizon/%2e%2e/admin",
        "/horizon/jobs/..%2f..%2fadmin",
        "//[",
        "http://[::1",
        " //evil.example",
        "\x01//evil.example",
        "/horizon/login?next=/horizon/login",
        "/horizon/logout",
        "",
    ],
)
def test_nobody_is_sent_anywhere_but_below_the_mount_point(client, wanted):
    page = client.get("/horizon/login", query_string={"next": wanted})
    data = {**form_of(page), "next": wanted, "name": "bea", "password": GOOD}
    answer = client.post("/horizon/login", data=data, headers=SAME)
    assert answer.headers["Location"] == "/horizon/"
    assert client.get("/horizon/login", query_string={"next": wanted}).headers["Location"] == "/horizon/"


def test_a_foreign_host_header_leads_nowhere(client):
    answer = client.get("/horizon/jobs", headers={"Host": "evil.example"})
    assert answer.headers["Location"] == "/horizon/login?next=/horizon/jobs"
