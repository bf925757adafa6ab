from __future__ import annotations

from tests.web.api.conftest import Api


def test_nobody_works(api: Api):
    found = api.get("/jobs/status").json
    assert set(found) == {"status", "processes", "workers", "problems", "warnings"}
    assert (found["status"], found["workers"], found["processes"]) == ("inactive", [], {"running": 0, "slots": 0, "busy": 0})


def test_whoever_works_is_told(api: Api):
    api.worker("w1", processes=2, concurrency=3, queues=("mail",), code_version="abc")
    found = api.get("/jobs/status").json
    assert found["status"] == "running"
    (worker,) = found["workers"]
    assert (worker["session"], worker["host"], worker["queues"], worker["processes"], worker["concurrency"], worker["code_version"]) == (
        "w1", "here", ["mail"], 2, 3, "abc",
    )  # fmt: skip
