"""The list of workers: narrowed, taken away, several asked at once."""

from __future__ import annotations

import pytest

from horizon.web.pages import worker_list
from tests.web.pages.conftest import HTMX, Page


@pytest.fixture(autouse=True)
def crew(stage):
    for id, host, queues, code in (("w1", "web-1", ("emails",), "aaa"), ("w2", "web-1", (), "bbb"), ("w3", "db-7", ("reports",), "bbb")):
        stage.worker(id, host=host, queues=queues, code_version=code, pid=100 + int(id[1]))


def ids(page):
    return [row["id"].removeprefix("w-") for row in page.all("article") if row.get("id", "").startswith("w-")]


def asked(stage):
    told = {id: stage.report(id).commands for id in ("w1", "w2", "w3")}
    return {id: commands[0] for id, commands in told.items() if commands}


def test_workers_are_narrowed_by_host_queue_version_and_words(look, stage):
    for typed, found in (
        ("", {"w1", "w2", "w3"}), ("q=host:web", {"w1", "w2"}), ("q=queue:reports", {"w3"}), ("q=version:aaa", {"w1"}), ("q=-host:web", {"w3"}),
        ("q=db-7:103", {"w3"}), ("state=paused", set()),
    ):  # fmt: skip
        assert set(ids(look(f"/workers?{typed}"))) == found, typed
    page = look("/workers?q=host:web")
    assert page.all("a", href="/horizon/new/view?page=workers&q=host%3Aweb")
    assert "Nothing fits" in look("/workers?q=nobody").text
    assert "state is one of" in look("/workers?state=tired", status=400).text


def test_workers_are_taken_away_with_their_filters(stage):
    assert [row["id"] for row in stage.client.get("/horizon/export/workers?format=json&q=host:db").json] == ["w3"]
    lines = stage.client.get("/horizon/export/workers").text.splitlines()
    assert lines[0].startswith("id,connection,host,pid,state")
    assert len(lines) == 4


def test_several_workers_are_paused_at_once_and_go_on_by_undo(look, stage, act):
    page = look("/workers")
    assert page.all("button", value="stop")[0]["data-many"] == "Stop {n} workers"
    (rows,) = page.all("input", name="rows")
    order = rows["value"].split("\n")
    assert order == ids(page)
    said = act("/workers/act", do="pause", rows=rows["value"], id=[str(order.index("w1")), str(order.index("w3"))], headers=HTMX)
    assert "Asked 2 workers to pause" in said.text
    assert asked(stage) == {"w1": "pause", "w3": "pause"}
    act("/workers/act", **{field["name"]: field["value"] for field in Page(said.text).all("input", type="hidden")})
    assert asked(stage) == {"w1": "resume", "w3": "resume"}


def test_a_worker_that_ends_meanwhile_keeps_nobody_from_asking_the_others(stage, act, monkeypatch):
    read, ends = worker_list.read, ["w1", "w2"]

    def seen(*given):
        found = read(*given)
        stage.store.sessions.close(ends.pop())
        return found

    monkeypatch.setattr(worker_list, "read", seen)
    said = act("/workers/act", do="pause", rows="w2\nw1\nw3", page="1", headers=HTMX)
    assert "Asked 2 workers to pause" in said.text
    assert asked(stage) == {"w1": "pause", "w3": "pause"}
    assert "no living worker" in act("/workers/act", do="resume", rows="w1", page="1", headers=HTMX).text


def test_all_that_match_are_stopped_once_it_was_asked(stage, act):
    question = act("/workers/act", do="stop", match="?q=host:web")
    assert "Stop 2 workers?" in question.text
    assert asked(stage) == {}
    act("/workers/act", do="stop", match="?q=host:web", sure="1")
    assert asked(stage) == {"w1": "stop", "w2": "stop"}


def test_an_operator_ticks_no_worker_and_nobody_acts_on_none(look, stage, act):
    assert "tick the rows" in act("/workers/act", do="pause", headers=HTMX).text
    stage.role = "operator"
    assert not look("/workers").all("input", type="checkbox", name="id")
    assert act("/workers/act", do="pause", match="?", sure="1").status_code == 403
