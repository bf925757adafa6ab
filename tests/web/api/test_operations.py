from __future__ import annotations

import pytest

from horizon.core.query import JobQuery
from tests.web.api.conftest import Api, problem
from tests.web.conftest import SAME
from tests.web.shop_jobs import SendMail


@pytest.fixture
def running(api: Api) -> str:
    """The id of an operation that nobody has carried on yet."""
    with api.app.app_context():
        SendMail.dispatch_many([(f"{n}@b.c",) for n in range(501)])
    return str(api.act(action="cancel", filter="queue:mail state:pending").json["operation"])


def test_an_operation_tells_how_far_it_is(api: Api, running: str):
    shown = api.get(f"/operations/{running}").json
    assert (shown["state"], shown["action"], shown["expected"], shown["done"], shown["actor"]) == ("running", "cancel", 501, 0, "ana")
    api.store.tick()
    api.store.tick()
    assert api.get(f"/operations/{running}").json["done"] == 501


def test_one_that_is_stopped_goes_no_further_and_keeps_what_it_did(api: Api, running: str):
    api.store.operations.step()
    answer = api.post(f"/operations/{running}/stop")
    assert (answer.status_code, answer.json["state"], answer.json["done"]) == (200, "stopped", 500)
    api.store.tick()
    assert api.get(f"/operations/{running}").json["done"] == 500
    assert api.store.audit.list()[0].verb == "stop"


def test_stopping_one_that_is_over_changes_nothing(api: Api, running: str):
    while api.store.operations.step():
        pass
    assert api.post(f"/operations/{running}/stop").json["state"] == "done"


def test_one_that_does_not_exist_cannot_be_stopped(api: Api):
    problem(api.post("/operations/none/stop"), 404, "not_found")


def test_somebody_who_only_looks_may_not_stop_one(api: Api, running: str):
    api.app.config["HORIZON_AUTH"] = lambda request: {"name": "vera", "role": "viewer"}
    problem(api.post(f"/operations/{running}/stop"), 403, "forbidden")
    assert api.store.operations.get(running).state == "running"


def test_the_list_is_bounded_and_says_nothing_new_while_nothing_is(api: Api, running: str):
    answer = api.get("/operations?limit=1")
    assert [one["id"] for one in answer.json["items"]] == [running]
    again = api.client.get("/horizon/api/operations?limit=1", headers={**SAME, "If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304
    problem(api.get("/operations?limit=201"), 400, "invalid_filter")


# undo ---------------------------------------------------------------------------------------------------------------


def test_what_an_operation_cancelled_is_brought_back(api: Api, running: str):
    while api.store.operations.step():
        pass
    answer = api.post(f"/operations/{running}/undo")
    assert answer.status_code == 202
    assert answer.headers["Location"].endswith(f"/operations/{answer.json['operation']}")
    while api.store.operations.step():
        pass
    assert api.get("/jobs?state=pending&limit=1").json["total"] == 501


def test_of_one_that_hardly_began_the_rest_is_spared_and_the_first_come_back_at_once(api: Api, running: str):
    answer = api.post(f"/operations/{running}/undo")
    assert (answer.status_code, answer.json["done"]) == (200, 0)
    assert api.store.operations.get(running).state == "stopped"


def test_what_cannot_be_undone_says_so(api: Api):
    problem(api.post("/operations/none/undo"), 404, "not_found")


def test_the_list_goes_on_where_the_page_before_ended(api: Api):
    made = [api.store.operations.start("cancel", JobQuery(queue=f"q{n}"), {}, actor="ana").id for n in range(5)]
    seen, cursor = [], ""
    while cursor is not None:
        page = api.get(f"/operations?limit=2&cursor={cursor}").json
        assert (page["total"], len(page["items"]) <= 2) == (5, True)
        seen += [one["id"] for one in page["items"]]
        cursor = page["next"]
    assert seen == made[::-1]
    problem(api.get("/operations?cursor=nobody"), 400, "invalid_cursor")
