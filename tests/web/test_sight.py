"""Who sees arguments, results and log lines, and what is masked even then."""

from __future__ import annotations

import pytest

from horizon import Job, job
from horizon.backends.values import ActParams, Verb
from horizon.core.errors import InvalidOption
from horizon.core.outcome import Kind
from horizon.core.query import Selection
from horizon.security.payloads import HIDDEN, TEXT
from horizon.security.redaction import MASK
from horizon.web import sight
from tests.web.conftest import SAME, store_of
from tests.web.doors import add_token
from tests.web.pages.stage import Stage, failure

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


# what jobs say ------------------------------------------------------------------------------------------

SAID = "no such mailbox ana@example.com"
NOTED = "mailing ana@example.com"
PLACES = (
    "/horizon/", "/horizon/jobs", "/horizon/jobs?open={id}", "/horizon/failed", "/horizon/failed?view=causes", "/horizon/jobs/{id}",
    "/horizon/jobs/{id}/traceback", "/horizon/jobs/{id}/log", "/horizon/jobs/export?format=csv", "/horizon/jobs/export?format=json", "/horizon/failed/export?format=csv",
    "/horizon/api/jobs", "/horizon/api/jobs/{id}", "/horizon/api/failures", "/horizon/api/removed", "/horizon/removed",
)  # fmt: skip


def failed(**config: object) -> tuple[Stage, str]:
    """A job that failed with words, one that was forgotten, and one that says how far it is."""
    stage = Stage(**config)
    stage.worker()
    trace = 'Traceback (most recent call last):\n  File "/srv/shop/mail.py", line 3, in send\n    send(to)\nMailError: ' + SAID + "\n"
    error = failure("shop.MailError", f"{SAID}, password=hunter2", "c1", traceback=trace)
    id = stage.run(stage.push("sight:Pay", max_tries=1), Kind.FAILED, error=error, logs=stage.log(("INFO", NOTED)))
    gone = stage.fail("sight:Pay", error=error)
    stage.store.act(Selection(ids=(gone,)), Verb.FORGET, ActParams(), audit=None)
    stage.progress(stage.start(stage.push("sight:Pay")), 40, NOTED)
    return stage, id


@pytest.mark.parametrize("path", PLACES)
def test_who_may_not_see_data_sees_nowhere_what_jobs_say(path):
    stage, id = failed(role="viewer")
    answer = stage.client.get(path.format(id=id))
    assert answer.status_code == 200
    assert "ana@example" not in answer.text
    assert "/srv/shop" not in answer.text
    if "log" not in path and "removed" not in path:
        assert "MailError" in answer.text


@pytest.mark.parametrize("path", PLACES)
def test_who_may_sees_it_without_what_looks_like_a_secret(path):
    stage, id = failed(role="operator")
    text = stage.client.get(path.format(id=id)).text
    assert ("ana@example" in text) is (path != "/horizon/removed")
    assert "hunter2" not in text


# searching ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("asked", ["arg:4111", "error:mailbox"])
@pytest.mark.parametrize("path", ["/horizon/jobs", "/horizon/api/jobs", "/horizon/failed", "/horizon/jobs/export", "/horizon/api/failures"])
def test_nobody_may_search_what_they_may_not_see(path, asked):
    stage, _ = failed(role="viewer")
    assert stage.client.get(f"{path}?q=state:failed+{asked}").status_code == 403
    assert stage.client.get(f"{path}?q=state:failed").status_code == 200


def test_nor_act_on_what_such_a_search_would_find():
    stage, _ = failed(role="operator", HORIZON_PAYLOADS="admin")
    answer = stage.client.post("/horizon/api/jobs/control", json={"action": "retry", "filter": "state:failed error:mailbox"}, headers=SAME)
    assert answer.status_code == 403
    assert "error:" in answer.json["error"]["message"]


def test_their_plain_words_find_types_but_not_what_exceptions_say():
    found = {}
    for role in ("viewer", "operator"):
        stage, _ = failed(role=role)
        for word in ("MailError", "mailbox"):
            found[role, word] = len(stage.client.get(f"/horizon/api/jobs?q=state:failed+{word}").json["items"])
    assert found == {("viewer", "MailError"): 1, ("viewer", "mailbox"): 0, ("operator", "MailError"): 1, ("operator", "mailbox"): 1}


def test_what_is_masked_is_not_found_by_anybody():
    stage, id = paid(role="admin", HORIZON_REDACT=["phone"])
    for part, there in (("hunter2", False), ("4111", False), ("IT60X", False), ("555-01", False), ("ana@", True)):
        items = stage.client.get(f"/horizon/api/jobs?q=state:completed+arg:{part}").json["items"]
        assert [item["id"] for item in items] == ([id] if there else []), part


def test_two_tokens_of_one_role_do_not_share_what_only_one_may_see(make_app):
    app = make_app(HORIZON_AUTH=...)
    client = app.test_client()
    full, narrow = add_token(app, "operator", scope=["payloads"]), add_token(app, "operator", scope=["operate"])
    tag = client.get("/horizon/api/jobs", headers=full).headers["ETag"]
    assert client.get("/horizon/api/jobs", headers={**full, "If-None-Match": tag}).status_code == 304
    assert client.get("/horizon/api/jobs", headers={**narrow, "If-None-Match": tag}).status_code == 200


# rights -------------------------------------------------------------------------------------------------


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
