"""Batches, chains and workflows over HTTP."""

from __future__ import annotations

from typing import Any

import pytest

from horizon import batch, chain, workflow
from horizon.core.outcome import Kind
from tests.web.api.conftest import NOBODY, Api, problem
from tests.web.shop_jobs import SendMail


def dispatch(api: Api, made: Any) -> str:
    with api.app.app_context():
        return str(made.dispatch())


def mails(count: int) -> list[SendMail]:
    return [SendMail(f"{n}@b.c") for n in range(count)]


def test_batches_are_listed_newest_first_without_those_inside_others(api):
    first = dispatch(api, batch(mails(2)).name("One").allow_failures(1).options(password="x", file="june.csv").for_user(7))
    second = dispatch(api, batch([*mails(1), batch(mails(1)).name("Inner")]).name("Two").allow_failures("10%"))
    chained = dispatch(api, chain(mails(1)))
    answer = api.get("/batches").json
    assert [one["id"] for one in answer["items"]] == [second, first]
    assert (answer["next"], answer["total"]) == (None, 2)
    two, one = answer["items"]
    assert (one["name"], one["state"], one["total"], one["pending"], one["progress"], one["user"]) == ("One", "running", 2, 2, 0, "7")
    assert (one["allow_failures"], two["allow_failures"]) == (1, 0.1)
    assert (one["options"]["file"], one["options"]["password"] == "x") == ("june.csv", False)
    (inner,) = api.get(f"/batches?parent={second}").json["items"]
    assert (inner["name"], inner["parent_id"]) == ("Inner", second)
    assert [one["id"] for one in api.get("/chains").json["items"]] == [chained]
    assert [one["id"] for one in api.get("/batches?name=One").json["items"]] == [first]


def test_pages_follow_each_other_by_cursor(api):
    ids = [dispatch(api, batch(mails(1))) for _ in range(3)]
    first = api.get("/batches?limit=2").json
    second = api.get(f"/batches?limit=2&cursor={first['next']}").json
    assert [one["id"] for one in (*first["items"], *second["items"])] == ids[::-1]
    assert second["next"] is None
    problem(api.get("/batches?cursor=x"), 400, "invalid_cursor")
    problem(api.get("/batches?state=done"), 400, "invalid_filter")


def test_a_chain_is_shown_with_its_steps_and_what_failed_first(api):
    id = dispatch(api, chain(mails(3)).name("Mails"))
    (ran,) = api.run()
    (failed,) = api.run(Kind.FAILED)
    shown = api.get(f"/chains/{id}").json
    assert (shown["state"], shown["current_step"], shown["completed"], shown["failed"]) == ("failed", 2, 1, 1)
    assert [(step["number"], step["kind"], step["state"]) for step in shown["steps"]] == [
        (1, "job", "completed"), (2, "job", "failed"), (3, "job", "cancelled"),
    ]  # fmt: skip
    assert [step["id"] for step in shown["steps"][:2]] == [ran, failed]
    assert shown["steps"][1]["after"] == [ran]
    assert shown["failure"] == {"job_id": failed, "type": "SMTPError", "message": "refused <b>"}
    job = api.get(f"/jobs/{failed}").json
    assert (job["chain_id"], job["batch_id"]) == (id, None)


def test_what_failed_is_retried_and_a_group_cancelled(api):
    id = dispatch(api, batch(mails(1)))
    api.run(Kind.FAILED)
    assert api.get("/batches?state=failed").json["total"] == 1
    assert api.post(f"/batches/{id}/control", {"action": "retry"}).json == {"action": "retry", "done": 1, "skipped": [], "operations": []}
    assert api.get(f"/batches/{id}").json["state"] == "running"
    answer = api.post(f"/batches/{id}/control", {"action": "cancel", "reason": "wrong file"}).json
    assert (answer["state"], answer["reason"], answer["cancelled"]) == ("cancelled", "wrong file", 1)
    assert [entry.verb for entry in api.store.audit.list(limit=2)] == ["cancel", "retry"]


def test_what_failed_is_retried_with_care_as_an_operation(api):
    id = dispatch(api, batch(mails(2)).allow_failures())
    api.run(Kind.FAILED, count=2)
    said = api.post(f"/batches/{id}/control", {"action": "retry", "canary": 1, "stop_when_failing": "20%", "reason": "fixed"}).json
    assert (said["done"], len(said["operations"])) == (0, 1)
    assert api.get(f"/operations/{said['operations'][0]}").json["expected"] == 2
    problem(api.post(f"/batches/{id}/control", {"action": "retry", "canary": -1}), 422, "invalid_option")


def test_a_workflow_is_neither_a_batch_nor_a_chain(api):
    made = workflow("W")
    made.add(SendMail("a@b.c"))
    id = dispatch(api, made)
    assert api.get(f"/workflows/{id}").json["steps"][0]["state"] == "pending"
    for path in (f"/chains/{id}", f"/batches/{id}", f"/workflows/{NOBODY}", "/workflows/x"):
        problem(api.get(path), 404, "not_found")


def test_a_cancel_is_taken_back(api):
    id = dispatch(api, batch(mails(2)))
    assert api.post(f"/batches/{id}/control", {"action": "cancel", "reason": "wrong file"}).json["reason"] == "wrong file"
    assert api.post(f"/batches/{id}/control", {"action": "uncancel"}).json["done"] == 2
    assert (api.get(f"/batches/{id}").json["state"], api.get(f"/batches/{id}").json["reason"]) == ("running", None)
    assert api.post(f"/batches/{id}/control", {"action": "uncancel"}).status_code == 422


@pytest.mark.parametrize("body", [{"action": "explode"}, {}])
def test_an_unknown_action_is_refused_with_those_there_are(api, body):
    id = dispatch(api, batch(mails(1)))
    assert problem(api.post(f"/batches/{id}/control", body), 400, "unknown_action")["allowed"] == ["cancel", "uncancel", "retry"]


def test_a_step_is_added_to_a_chain_and_taken_out(api: Api):
    with api.app.app_context():
        id = chain([SendMail("a@b.c"), SendMail("b@b.c")]).dispatch()
    name = api.get(f"/chains/{id}").json["steps"][0]["name"]
    added = api.post(f"/chains/{id}/steps", json={"action": "add", "name": name, "args": {"to": "c@b.c"}, "after": 1})
    assert (added.status_code, added.json["action"]) == (200, "add")
    assert [step["id"] for step in api.get(f"/chains/{id}").json["steps"]][1] == added.json["job_id"]
    removed = api.post(f"/chains/{id}/steps", json={"action": "remove", "step": added.json["job_id"]})
    assert removed.json == {"action": "remove", "job_id": added.json["job_id"]}
    assert [step["removed"] for step in api.get(f"/chains/{id}").json["steps"] if not step["needed"]] == [True]
    listed = next(one for one in api.get("/chains").json["items"] if one["id"] == str(id))
    for told in (api.get(f"/chains/{id}").json, listed):  # as its page counts them
        assert (told["total"], told["cancelled"], told["progress"]) == (2, 0, 0)
    assert api.post(f"/chains/{id}/steps", json={"action": "remove", "step": 1}).status_code == 422
    assert api.post(f"/chains/{id}/steps", json={"action": "remove"}).status_code == 422
