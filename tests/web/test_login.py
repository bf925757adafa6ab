"""The log-in page, as a browser and as somebody who should not come in."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from flask import session

from horizon.core import clock
from horizon.core.errors import BackendUnavailable
from horizon.web import login
from horizon.web.auth import DEMO
from tests.web.conftest import SAME, admin, store_of
from tests.web.doors import GOOD, ROOT, add_token, add_user, form_of, quick_passwords, sign_in, users

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


def test_every_web_process_knows_at_once_what_another_one_did(make_app, tmp_path):
    config = {"HORIZON_AUTH": ..., "SECRET_KEY": "k" * 32, "HORIZON_URL": f"sqlite:///{tmp_path}/jobs.db"}
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


def test_a_form_of_one_process_is_taken_by_another(make_app, tmp_path):
    config = {"HORIZON_AUTH": ..., "SECRET_KEY": "k" * 32, "HORIZON_URL": f"sqlite:///{tmp_path}/jobs.db"}
    one, two = make_app(**config), make_app(**config)
    add_user(one)
    page = one.test_client().get("/horizon/login")
    other = two.test_client()
    other.set_cookie(login.FORM_COOKIE, page.headers["Set-Cookie"].split("=", 1)[1].split(";")[0], path="/horizon")
    assert other.post("/horizon/login", data={**form_of(page), "name": "bea", "password": GOOD}, headers=SAME).status_code == 303


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
    open_ = {"horizon.static", "horizon.api_healthz", "horizon.api_readyz", "horizon.login"}
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
