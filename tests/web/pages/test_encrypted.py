"""An encrypted job in the dashboard and the API: nothing of it is shown until somebody who may asks to, and that is kept."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from horizon import SecureJob
from horizon.core import current
from horizon.runtime import Runtime
from horizon.security import keys
from tests.jobs.hands import Hands
from tests.web.conftest import SAME

KEY = keys.generate()
CARD, NOTE = "4111-1111-1111-1111", "birthday cake"


class Order(SecureJob):
    """Tells everything to everybody."""

    name = "web-encrypted:Order"
    max_tries = 1

    def __init__(self, payment_data: dict[str, str], note: str, fails: bool = False) -> None:
        super().__init__()
        self.payment_data, self.note, self.fails = payment_data, note, fails
        self.set_sensitive_fields(["payment_data"])

    def handle(self) -> str:
        self.log(f"log of {self.payment_data['number']} for {self.note}")
        self.progress(50, f"note of {self.note}")
        if self.fails:
            raise ValueError(f"error of {self.payment_data['number']} for {self.note}")
        return f"result of {self.payment_data['number']} for {self.note}"


def runtime_of(app: Flask) -> Runtime:
    found: Runtime = app.extensions["horizon"].runtime
    return found


def ran(app: Flask, *, fails: bool = False) -> str:
    """The id of a job that was dispatched and run."""
    here = runtime_of(app)
    with current.use(here):
        id = Order({"number": CARD}, NOTE, fails=fails).dispatch()
        Hands(here).run()
    return str(id)


def role(name: str) -> Callable[[Any], dict[str, str]]:
    return lambda request: {"name": "ana", "role": name}


@pytest.fixture
def shop(make_app: Callable[..., Flask]) -> Flask:
    return make_app(HORIZON_KEYS=[KEY])


def told(app: Flask) -> list[tuple[str, str]]:
    return [(entry.actor, entry.target) for entry in runtime_of(app).backend().audit.list(verb="reveal")]


def asked(client: FlaskClient, id: str) -> Any:
    return client.post(f"/horizon/jobs/{id}/reveal", headers=SAME)


@pytest.mark.parametrize("fails", [False, True])
@pytest.mark.parametrize("path", ["/horizon/jobs/{}", "/horizon/jobs?open={}", "/horizon/jobs", "/horizon/failed", "/horizon/failed?view=causes", "/horizon/", "/horizon/jobs/{}/log", "/horizon/jobs/export?format=json", "/horizon/api/jobs/{}", "/horizon/api/jobs", "/horizon/api/failures"])  # fmt: skip
def test_nothing_of_it_is_shown_anywhere(shop: Flask, path: str, fails: bool) -> None:
    text = shop.test_client().get(path.format(ran(shop, fails=fails))).text
    assert [word for word in (CARD, NOTE, "hz1:") if word in text] == []


def test_its_page_says_that_it_is_encrypted_and_with_which_key(shop: Flask) -> None:
    text = shop.test_client().get(f"/horizon/jobs/{ran(shop)}").text
    assert runtime_of(shop).keyring.fingerprints[0] in text
    assert "Reveal" in text
    assert "Copy as Python" not in text


@pytest.mark.parametrize("fails", [False, True])
def test_revealed_it_shows_all_but_its_sensitive_fields_and_the_audit_log_keeps_who_looked(shop: Flask, fails: bool) -> None:
    id = ran(shop, fails=fails)
    answer = asked(shop.test_client(), id)
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    for part in (f"log of •••••• for {NOTE}", f"error of •••••• for {NOTE}" if fails else f"result of •••••• for {NOTE}"):
        assert part in answer.text
    assert CARD not in answer.text
    assert told(shop) == [("ana", id)]


@pytest.mark.parametrize(("settings", "allowed"), [({"HORIZON_AUTH": role("operator")}, False), ({"HORIZON_AUTH": role("operator"), "HORIZON_REVEAL": "operator"}, True), ({"HORIZON_AUTH": role("viewer"), "HORIZON_REVEAL": "viewer"}, False)])  # fmt: skip
def test_revealing_is_a_right_of_its_own(make_app: Callable[..., Flask], settings: dict[str, Any], allowed: bool) -> None:
    app = make_app(HORIZON_KEYS=[KEY], **settings)
    id, client = ran(app), app.test_client()
    assert ('<button class="btn">Reveal' in client.get(f"/horizon/jobs/{id}").text) is allowed
    assert asked(client, id).status_code == (200 if allowed else 403)
    assert client.post(f"/horizon/api/jobs/{id}/reveal", headers=SAME, json={}).status_code == (200 if allowed else 403)
    assert bool(told(app)) is allowed


def test_without_keys_the_page_says_so_and_reveals_nothing(make_app: Callable[..., Flask], shop: Flask) -> None:
    id = ran(shop)
    other = make_app(HORIZON_URL=runtime_of(shop).url())
    runtime_of(other)._backends["default"] = runtime_of(shop).backend()
    runtime_of(other)._defined["default"] = runtime_of(other).routing.version
    assert "this web process has no HORIZON_KEYS" in other.test_client().get(f"/horizon/jobs/{id}").text
    assert asked(other.test_client(), id).status_code == 422


def test_the_api_reveals_on_request_and_says_that_it_is_encrypted(shop: Flask) -> None:
    id, client = ran(shop), shop.test_client()
    assert client.get(f"/horizon/api/jobs/{id}").json["encrypted"] is True
    found = client.post(f"/horizon/api/jobs/{id}/reveal", headers=SAME, json={}).json
    assert found["payload"] == {"payment_data": "••••••", "note": NOTE, "fails": False}
    assert NOTE in found["result"]
    assert told(shop) == [("ana", id)]


@pytest.mark.parametrize("term", [f"arg:{NOTE.split()[0]}", "error:birthday", "arg:gAAAA", "error:hz1"])
def test_what_is_encrypted_cannot_be_searched_for(shop: Flask, term: str) -> None:
    ran(shop, fails=True)
    assert shop.test_client().get("/horizon/api/jobs", query_string={"q": f"{term} state:failed"}).json["items"] == []


def test_an_edited_job_stays_encrypted_and_keeps_what_nobody_saw(shop: Flask) -> None:
    id, client = ran(shop, fails=True), shop.test_client()
    page = client.get(f"/horizon/jobs/{id}/edit").text
    assert CARD not in page
    assert NOTE in page
    shape = page.split('name="shape" value="')[1].split('"')[0]
    form = {"shape": shape, "a0": "", "a0.is": "keep", "a1": "other cake", "a2": "false", "sure": "1"}
    assert client.post(f"/horizon/jobs/{id}/edit", data=form, headers=SAME).status_code == 303
    here = runtime_of(shop)
    hands = Hands(here)
    (reservation,) = hands.reserve()
    assert b"other cake" not in reservation.payload
    with current.use(here):
        outcome = hands.attempts.prepare(reservation).run()
    assert f"result of {CARD} for other cake" in here.keyring.open(outcome.id, outcome.result or b"").decode()
