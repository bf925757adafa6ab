"""The log-in page, as a browser and as somebody who should not come in."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from horizon.web import login
from tests.stores.lending import fresh
from tests.web.conftest import SAME, store_of
from tests.web.doors import GOOD, add_user, form_of, quick_passwords, sign_in

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


# the way in ---------------------------------------------------------------------------------------------


def test_a_visitor_is_sent_to_the_log_in_page_and_from_there_to_where_they_wanted_to_go(client):
    sent = client.get("/horizon/jobs?q=state:failed&limit=25")
    assert sent.status_code == 303
    assert sent.headers["Location"].startswith("/horizon/login?next=")
    landed = sign_in(client, at=sent.headers["Location"])
    assert (landed.status_code, landed.headers["Location"]) == (303, "/horizon/jobs?q=state:failed&limit=25")
    assert client.get(landed.headers["Location"]).status_code == 200


def test_who_is_signed_in_has_the_role_of_the_user_and_is_in_the_audit_log(app, client):
    sign_in(client)
    assert "operator" in client.get("/horizon/").text
    client.post("/horizon/api/jobs/control", json={"action": "pause", "queue": "mail"}, headers=SAME)
    assert [(entry.actor, entry.verb) for entry in store_of(app).audit.list()][:2] == [("bea", "pause"), ("bea", "sign in")]


def test_the_form_has_what_password_managers_and_the_host_need(make_app):
    from flask_wtf.csrf import CSRFProtect

    app = make_app(HORIZON_AUTH=..., SECRET_KEY="k" * 32, before=CSRFProtect)
    add_user(app)
    page = app.test_client().get("/horizon/login")
    assert 'autocomplete="username"' in page.text
    assert 'autocomplete="current-password"' in page.text
    assert {"form", "next", "csrf_token"} <= form_of(page).keys()
    assert sign_in(app.test_client()).status_code == 303


def test_a_wrong_password_says_so_keeps_the_name_and_signs_nobody_in(client):
    answer = sign_in(client, "bea", "wrong")
    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, 'Form realm="horizon"')
    assert "do not belong together" in answer.text
    assert 'value="bea"' in answer.text
    assert "wrong" not in re.sub(r'id="wrong"|describedby="wrong"', "", answer.text)
    assert login.SIGN_IN_COOKIE not in cookies(answer)
    assert client.get("/horizon/").status_code == 303


def test_an_unknown_name_gets_the_very_same_answer(client):
    pages = [sign_in(client, name, "wrong").text for name in ("bea", "bob")]
    form = form_of(client.get("/horizon/login"))["form"]
    assert pages[0].replace("bea", "bob") == pages[1]
    assert form in pages[0]


def test_who_is_signed_in_already_is_sent_on(client):
    sign_in(client)
    assert client.get("/horizon/login?next=/horizon/failed").headers["Location"] == "/horizon/failed"


# the form ---------------------------------------------------------------------------------------------


def test_a_form_of_another_browser_is_refused_kindly(app, client):
    form = form_of(app.test_client().get("/horizon/login"))
    client.get("/horizon/login")
    answer = client.post("/horizon/login", data={**form, "name": "bea", "password": GOOD}, headers=SAME)
    assert answer.status_code == 400
    assert "try again" in answer.text
    assert sign_in(client).status_code == 303


@pytest.mark.parametrize("form", ["", "x", None])
def test_a_form_without_our_mark_is_refused(client, form):
    client.get("/horizon/login")
    data = {"name": "bea", "password": GOOD} | ({} if form is None else {"form": form})
    assert client.post("/horizon/login", data=data, headers=SAME).status_code == 400


def test_two_tabs_may_hold_the_form(client):
    first = form_of(client.get("/horizon/login"))
    client.get("/horizon/login?next=/horizon/jobs")
    assert client.post("/horizon/login", data={**first, "name": "bea", "password": GOOD}, headers=SAME).status_code == 303


@pytest.mark.parametrize("name", ["\x00", "bea\r\nX: 1", "<script>", "x" * 100_000, "\u202e"])
def test_a_nasty_name_is_a_wrong_one(client, name):
    answer = sign_in(client, name, "wrong")
    assert answer.status_code == 401
    assert "<script>" not in answer.text
    assert len(answer.text) < 20_000


# limits -------------------------------------------------------------------------------------------------


def test_too_many_failures_are_told_with_when_to_come_back(client):
    for _ in range(10):
        assert sign_in(client, password="wrong").status_code == 401
    answer = sign_in(client)
    assert answer.status_code == 429
    assert re.search("Too many attempts; wait [56] minutes", answer.text)
    assert 290 <= int(answer.headers["Retry-After"]) <= 330


def test_a_browser_where_somebody_signed_in_before_is_not_locked_out_by_strangers(app, client):
    sign_in(client)
    client.post("/horizon/logout", headers=SAME)
    stranger = app.test_client()
    for _ in range(11):
        last = sign_in(stranger, password="wrong", environ_base={"REMOTE_ADDR": "10.6.6.6"})
    assert last.status_code == 429
    assert sign_in(client).status_code == 303


# several web processes ----------------------------------------------------------------------------------


def test_every_web_process_knows_at_once_what_another_one_did(make_app):
    config = {"HORIZON_AUTH": ..., "SECRET_KEY": "k" * 32, "HORIZON_URL": fresh("sqlite")}
    one, two = make_app(**config), make_app(**config)
    add_user(one)
    here, there = one.test_client(), two.test_client()
    sign_in(here)
    there.set_cookie(login.SIGN_IN_COOKIE, here.get_cookie(login.SIGN_IN_COOKIE, path="/horizon").value, path="/horizon")
    assert there.get("/horizon/").status_code == 200
    there.post("/horizon/logout", headers=SAME)
    assert here.get("/horizon/").status_code == 303
    codes = [sign_in((one, two)[index % 2].test_client(), password="wrong").status_code for index in range(12)]
    assert codes == [401] * 10 + [429] * 2


def test_a_form_of_one_process_is_taken_by_another(make_app):
    config = {"HORIZON_AUTH": ..., "SECRET_KEY": "k" * 32, "HORIZON_URL": fresh("sqlite")}
    one, two = make_app(**config), make_app(**config)
    add_user(one)
    page = one.test_client().get("/horizon/login")
    other = two.test_client()
    other.set_cookie(login.FORM_COOKIE, page.headers["Set-Cookie"].split("=", 1)[1].split(";")[0], path="/horizon")
    assert other.post("/horizon/login", data={**form_of(page), "name": "bea", "password": GOOD}, headers=SAME).status_code == 303


# who am I -------------------------------------------------------------------------------------------------


def test_the_menu_says_who_one_is_and_offers_the_way_out_only_where_there_is_one(app, client, make_app):
    sign_in(client)
    page = client.get("/horizon/")
    assert "operator: looks and acts" in page.text
    assert 'action="/horizon/logout"' in page.text
    other = make_app().test_client().get("/horizon/")
    assert "admin: may do everything" in other.text
    assert 'action="/horizon/logout"' not in other.text


def test_a_sign_in_is_compared_with_the_stamp_of_its_user(app):
    user = store_of(app).accounts.user("bea")
    begun = login.SignIn.begin(user, 0, 60)
    assert begun.stands(user)
    assert not begun.stands(replace(user, stamp="another"))
    assert not begun.stands(None)
