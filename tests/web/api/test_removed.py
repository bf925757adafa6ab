from __future__ import annotations

from tests.web.api.conftest import Api, problem


def test_what_was_forgotten_is_listed_until_it_is_restored(api: Api):
    ids = [api.dispatch() for _ in range(3)]
    api.run(count=3)
    for id in ids[:2]:
        assert api.act(action="forget", job_id=id).json["done"] == 1
    found = api.get("/removed").json
    assert {job["id"] for job in found["items"]} == set(ids[:2])
    assert found["items"][0]["removed_at"] < found["items"][0]["restorable_until"]
    api.act(action="restore", job_id=ids[0])
    assert [job["id"] for job in api.get("/removed").json["items"]] == [ids[1]]


def test_pages_follow_each_other_by_the_cursor(api: Api):
    ids = [api.dispatch() for _ in range(3)]
    api.run(count=3)
    api.act(action="forget", job_ids=ids)
    first = api.get("/removed?limit=2").json
    second = api.get(f"/removed?limit=2&cursor={first['next']}").json
    assert {job["id"] for job in first["items"] + second["items"]} == set(ids)
    assert second["next"] is None


def test_a_cursor_that_is_none_is_refused(api: Api):
    problem(api.get("/removed?cursor=x"), 400, "invalid_cursor")
    problem(api.get("/removed?limit=0"), 400, "invalid_filter")
