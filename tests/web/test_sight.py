"""Who sees arguments, results and log lines, and what is masked even then."""

from __future__ import annotations

import pytest

from horizon import Job, job
from horizon.core.errors import InvalidOption
from horizon.security.payloads import HIDDEN, TEXT
from horizon.security.redaction import MASK
from horizon.web import sight
from tests.web.conftest import store_of
from tests.web.doors import add_token
from tests.web.pages.stage import Stage

SECRETS = ("4111111111111111", "hunter2")
WORDS = ("ana@example.com", "logged for ana", "the result")


class Pay(Job):
    """A job one of whose arguments is nobody's business."""

    name = "sight:Pay"
    redact = ("iban_of_ana",)

    def __init__(self, **given: object) -> None: ...

    def handle(self) -> None: ...


def paid(**config: object) -> tuple[Stage, str]:
    """A job that ran, on a stage where everybody has the role that is given."""
    stage = Stage(**config)
    stage.worker()
    args = {"to": "ana@example.com", "card_no": "4111111111111111", "password": "hunter2", "iban_of_ana": "IT60X", "phone": "555-0100"}
    id = stage.push("sight:Pay", args=args)
    stage.run(id, result=b'{"result":{"said":"the result","api_key":"hunter2"}}', logs=stage.log(("INFO", "logged for ana")))
    return stage, id


def shown(stage: Stage, id: str) -> dict[str, str]:
    return {path: stage.client.get(path).text for path in (f"/horizon/jobs/{id}", f"/horizon/api/jobs/{id}")}


@pytest.mark.parametrize("role", ["operator", "admin"])
def test_who_may_see_them_sees_all_but_secrets(role):
    stage, id = paid(role=role)
    for text in shown(stage, id).values():
        assert all(word in text for word in WORDS)
        assert not any(secret in text for secret in SECRETS)


@pytest.mark.parametrize(("role", "least"), [("viewer", "operator"), ("operator", "admin")])
def test_who_may_not_sees_keys_and_kinds_only(role, least):
    stage, id = paid(role=role, HORIZON_PAYLOADS=least)
    for text in shown(stage, id).values():
        assert "card_no" in text
        assert not any(word in text for word in (*WORDS, *SECRETS, "IT60X"))
    answer = stage.client.get(f"/horizon/api/jobs/{id}").json
    assert answer["payload"]["to"] == TEXT
    assert answer["result"] == {"said": TEXT, "api_key": TEXT}
    assert answer["history"][0]["log"][0]["message"] == HIDDEN


def test_the_setting_can_let_viewers_see_them():
    stage, id = paid(role="viewer", HORIZON_PAYLOADS="viewer")
    assert all("ana@example.com" in text for text in shown(stage, id).values())


def test_a_read_only_dashboard_hides_from_nobody_what_they_may_see():
    stage, id = paid(role="admin", HORIZON_READ_ONLY=True)
    assert all("ana@example.com" in text for text in shown(stage, id).values())


def test_a_class_and_the_settings_add_to_what_is_masked():
    stage, id = paid(HORIZON_REDACT=["phone"])
    for text in shown(stage, id).values():
        assert "IT60X" not in text
        assert "555-0100" not in text
    payload = stage.client.get(f"/horizon/api/jobs/{id}").json["payload"]
    assert (payload["iban_of_ana"], payload["phone"], payload["to"]) == (MASK, MASK, "ana@example.com")


def test_functions_and_subclasses_say_it_too():
    @job(name="sight:pay", redact=["card"])
    def pay(card): ...

    class Later(Pay):
        name = "sight:Later"

    assert sight.redacted_by("sight:pay") == ("card",)
    assert sight.redacted_by("sight:Later") == ("iban_of_ana",)
    assert sight.redacted_by("sight:Unknown") == ()


@pytest.mark.parametrize("redact", ["card", [3], [""], 7])
def test_what_names_nothing_is_refused_when_the_class_is_made(redact):
    with pytest.raises(InvalidOption, match="redact is a list of names"):
        type("Wrong", (Job,), {"redact": redact, "handle": lambda self: None})


def test_nobody_may_search_what_they_may_not_see():
    stage, _ = paid(role="viewer")
    answers = [
        stage.client.get("/horizon/jobs?q=state:completed+arg:4111"),
        stage.client.get("/horizon/api/jobs?q=state:completed+arg:4111"),
    ]
    assert {answer.status_code for answer in answers} == {403}
    assert stage.client.get("/horizon/jobs?q=state:completed").status_code == 200


def test_a_token_sees_them_only_with_that_scope(make_app):
    app = make_app(HORIZON_AUTH=...)
    client = app.test_client()
    full, narrow = add_token(app, "operator", scope=["payloads", "operate"]), add_token(app, "operator", scope=["operate"])
    with app.app_context():
        id = Pay(to="ana@example.com").dispatch()
    payloads = [client.get(f"/horizon/api/jobs/{id}", headers=token).json["payload"]["to"] for token in (full, narrow)]
    assert payloads == ["ana@example.com", TEXT]
    assert store_of(app).get(id) is not None


def test_a_page_that_was_seen_with_other_rights_is_drawn_anew(make_app):
    rights = {"role": "operator"}
    app = make_app(HORIZON_AUTH=lambda request: {"name": "ana", **rights})
    with app.app_context():
        id = Pay(to="ana@example.com").dispatch()
    first = app.test_client().get(f"/horizon/jobs/{id}")
    rights["role"] = "viewer"
    again = app.test_client().get(f"/horizon/jobs/{id}", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 200
    assert "ana@example.com" not in again.text
