"""API tokens over HTTP."""

from __future__ import annotations

import logging

import pytest

from horizon.backends.people import Taken
from horizon.core.clock import SECOND
from tests.web.conftest import store_of
from tests.web.doors import ROOT, add_token, add_user, quick_passwords, sign_in, tokens

PAUSE = {"action": "pause", "queue": "mail"}


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    quick_passwords(monkeypatch)


@pytest.fixture
def app(make_app):
    """An app where nobody but tokens comes in."""
    return make_app(HORIZON_AUTH=..., SECRET_KEY="k" * 32)


@pytest.fixture
def client(app):
    return app.test_client()


def status(client, headers, path="/horizon/api/jobs"):
    return client.get(path, headers=headers).status_code


def act(client, headers, body=PAUSE):
    return client.post("/horizon/api/jobs/control", json=body, headers=headers).status_code


def test_a_token_lets_a_program_in_as_its_role_and_the_audit_log_names_it(app, client):
    token = add_token(app)
    assert status(client, token) == 200
    assert act(client, token) == 200
    said = store_of(app).audit.list()[0]
    assert (said.actor, said.verb, said.origin) == ("token:deploy", "pause", "api 127.0.0.1")


def test_pages_and_exports_take_it_too(app, client):
    assert status(client, add_token(app), "/horizon/jobs") == 200


@pytest.mark.parametrize("role", ["viewer", "operator", "admin"])
def test_it_can_do_no_more_than_its_role(app, client, role):
    assert act(client, add_token(app, role)) == (403 if role == "viewer" else 200)


def test_it_can_do_no_more_than_its_scope(app, client):
    token = add_token(app, "admin", scope=["view"])
    assert status(client, token) == 200
    assert act(client, token) == 403
    answer = client.post("/horizon/api/jobs/control", json=PAUSE, headers=token)
    assert "was not given the ability operate" in answer.json["error"]["message"]


def test_a_program_can_ask_what_its_token_may_do(app, client):
    told = client.get("/horizon/api/me", headers=add_token(app, "operator", scope=["operate"])).json
    assert told == {"name": "token:deploy", "role": "operator", "abilities": ["view", "operate"]}
    assert "payloads" in client.get("/horizon/api/me", headers=add_token(app)).json["abilities"]


@pytest.mark.parametrize(
    "header",
    [
        "Bearer ",
        "Bearer x",
        "bearer hz_0123456789ab_" + "x" * 43,
        "Bearer hz_0123456789ab_" + "é" * 43,
        "Bearer " + "x" * 100_000,
        "Bearer a b",
    ],
)
def test_a_bad_one_gets_401_with_the_way_to_ask(app, client, header):
    answer = client.get("/horizon/api/jobs", headers={"Authorization": header.encode().decode("latin1")})
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith('Bearer realm="horizon"')
    assert answer.json["error"]["code"] == "unauthorized"


def test_a_bad_one_is_not_made_good_by_who_is_signed_in(app, client):
    add_user(app)
    sign_in(client)
    assert status(client, {}) == 200
    assert status(client, {"Authorization": "Bearer x"}) == 401


def test_another_kind_of_authorization_is_none_of_ours(app, client):
    add_user(app)
    sign_in(client)
    assert status(client, {"Authorization": "Basic eDp5"}) == 200


def test_a_revoked_or_expired_one_is_refused_at_once(app, client, monkeypatch):
    made, text = tokens(app).add(ROOT, "short", "viewer", expires=SECOND)
    headers = {"Authorization": f"Bearer {text}"}
    assert status(client, headers) == 200
    store = store_of(app)
    later = store.now() + 2 * SECOND
    monkeypatch.setattr(store, "now", lambda: later)
    assert status(client, headers) == 401
    other = add_token(app)
    assert status(client, other) == 200
    tokens(app).revoke(ROOT, "deploy")
    assert status(client, other) == 401
    assert made.id in {token.id for token in tokens(app).list()}


def test_many_bad_ones_from_one_address_are_told_to_wait(app, client):
    codes = [status(client, {"Authorization": f"Bearer {index}"}) for index in range(32)]
    assert codes == [401] * 30 + [429] * 2
    answer = client.get("/horizon/api/jobs", headers={"Authorization": "Bearer x"})
    assert int(answer.headers["Retry-After"]) <= 330
    assert answer.json["error"]["code"] == "too_many_requests"
    assert status(client, add_token(app)) == 200


def test_no_token_is_ever_in_a_log_or_an_answer(app, client, caplog):
    caplog.set_level(logging.DEBUG)
    headers = add_token(app)
    secret = headers["Authorization"].split("_", 2)[2]
    shown = [client.get(path, headers=headers).text for path in ("/horizon/api/jobs", "/horizon/", "/horizon/nowhere")]
    shown.append(client.get("/horizon/api/jobs", headers={"Authorization": f"Bearer hz_000000000000_{secret}"}).text)
    assert secret not in caplog.text + "".join(shown)


# so many a minute ---------------------------------------------------------------------------------------


def test_a_token_makes_so_many_requests_a_minute_over_all_processes(make_app):
    app = make_app(HORIZON_AUTH=..., HORIZON_API_RATE=6)
    other = make_app(HORIZON_AUTH=..., HORIZON_API_RATE=6)
    other.extensions["horizon"].runtime = app.extensions["horizon"].runtime  # another process on the same store
    token = add_token(app)
    codes = [status((app, other)[index % 2].test_client(), token) for index in range(9)]
    assert codes == [200] * 6 + [429] * 3
    answer = app.test_client().get("/horizon/api/jobs", headers=token)
    assert 1 <= int(answer.headers["Retry-After"]) <= 66
    assert "HORIZON_API_RATE" in answer.json["error"]["message"]
    assert status(app.test_client(), {"Authorization": f"Bearer {tokens(app).add(ROOT, 'b', 'viewer')[1]}"}) == 200


def test_a_process_takes_several_at_once_so_that_not_every_request_writes(make_app, monkeypatch):
    app = make_app(HORIZON_AUTH=..., HORIZON_API_RATE=500)
    taken = []
    store = store_of(app)
    now = store.now()
    monkeypatch.setattr(store, "now", lambda: now)
    monkeypatch.setattr(
        store.meters, "take", lambda *args: taken.append(args[3]) or Taken(granted=args[3], retry_after=0, good_for=6 * SECOND)
    )
    token = add_token(app)
    assert {status(app.test_client(), token) for _ in range(60)} == {200}
    assert taken == [1, 1, 1, 1, 2, 3, 4, 6, 9, 10, 10, 10, 10]
    del taken[:]
    now += 6 * SECOND
    assert {status(app.test_client(), token) for _ in range(60)} == {200}
    assert taken == [10] * 6


def test_a_rate_of_none_counts_nothing(make_app):
    app = make_app(HORIZON_AUTH=..., HORIZON_API_RATE=0)
    token = add_token(app)
    assert {status(app.test_client(), token) for _ in range(20)} == {200}


# beside the other doors -----------------------------------------------------------------------------------


def test_the_word_of_horizon_auth_is_final_about_tokens_too(app, client):
    token = add_token(app)
    app.config["HORIZON_AUTH"] = lambda request: None
    assert status(client, token) == 401


def test_a_token_works_before_there_is_any_user_and_opens_nothing_else(app, client):
    token = add_token(app)
    assert status(client, token) == 200
    assert status(client, {}) == 403
