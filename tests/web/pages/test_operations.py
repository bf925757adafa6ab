from __future__ import annotations

import re

from horizon.core.clock import SECOND
from horizon.core.ids import uuid7
from horizon.core.states import JobState
from tests.web.pages.conftest import HTMX


def begun(stage, act, verb: str = "cancel", count: int = 510, **more: object) -> str:
    """The id of an operation on so many pending jobs, one of them held back by a priority of its own."""
    for _ in range(count):
        stage.push()
    answer = act(do=verb, match="queue:emails state:pending", sure="1", **more)
    assert answer.status_code == 303
    return stage.store.operations.list(1)[0].id


def test_an_empty_page_says_what_bulk_acts_are_and_how_to_begin_one(look):
    page = look("/operations")
    assert "No bulk action yet" in page.text
    assert "horizon retry all --search queue:emails" in page.text


def test_the_list_and_the_page_of_one_tell_what_was_asked_and_by_whom(look, stage, act):
    id = begun(stage, act, reason="sale is over")
    rows = look("/operations")
    assert "Cancel 510 jobs" in rows.text
    page = look(f"/operations/{id}")
    for said in ("Cancel 510 jobs", "running", "0 of 510", "ana", "sale is over", "state:pending queue:emails"):
        assert said in page.text
    assert {"Stop", "Stop and undo"} <= set(re.findall(r"Stop and undo|Stop", page.text))


def test_its_end_tells_what_was_done_what_was_left_and_why(look, stage, act):
    id = begun(stage, act, "prioritize", priority="20")
    stage.clock.advance(10)
    for job in [record.id for record in stage.store.find(_all()).items[:3]]:
        act(do=f"prioritize:{job}", priority="20")
    for _ in range(4):
        stage.store.tick()
    page = look(f"/operations/{id}")
    for said in ("done", "507 jobs", "3 jobs", "its priority is 20 already", "priority 20", "It is over."):
        assert said in page.text
    assert not page.all("button", name="id")
    assert "Prioritized 507 jobs" in look("/").text
    stage.clock.advance(60)
    assert "Prioritized 507 jobs" not in look("/").text


def _all():
    from horizon.core.query import JobQuery

    return JobQuery(states=(JobState.PENDING,))


def test_progress_stands_on_every_page_until_it_is_stopped(look, stage, act):
    id = begun(stage, act)
    stage.store.operations.step()
    for path in ("/", "/jobs", "/failed", "/operations"):
        page = look(path)
        assert page.all("progress", value="500"), path
        assert page.all("a", href=f"/horizon/operations/{id}"), path
    assert look(f"/operations/{id}").all("progress", value="500")
    act("/operations/stop", id=id)
    assert "It was stopped" in look(f"/operations/{id}").text


def test_an_operation_under_way_is_stopped_and_undone(stage, act, look):
    id = begun(stage, act)
    stage.store.operations.step()
    answer = act("/operations/undo", id=id)
    assert answer.headers["Location"] == "/horizon/operations"
    assert "Stopped. 500 jobs are back where they were" in look("/operations").text
    for _ in range(4):
        stage.store.tick()
    assert {row.queue: row.counts for row in stage.store.numbers.counts()}["emails"][JobState.PENDING] == 510


def test_of_one_that_is_over_nobody_is_told_that_it_was_stopped(stage, act):
    id = begun(stage, act)
    for _ in range(4):
        stage.store.tick()
    said = act("/operations/stop", id=id, headers=HTMX).text
    assert "Nothing was stopped: it is over, after 510 jobs" in said
    said = act("/operations/undo", id=id, headers=HTMX).text
    assert "What it has done is being undone in the background" in said
    assert "Stopped" not in said
    assert f"/horizon/operations/{stage.store.operations.list(1)[0].id}" in said


def test_the_toast_of_an_operation_undoes_it(stage, act, look):
    begun(stage, act)
    page = look("/jobs")
    assert page.all("form", action="/horizon/operations/undo")


def test_how_long_it_will_take_is_told_from_its_pace(stage, act, look):
    id = begun(stage, act, count=1_100)
    stage.clock.advance(10)
    stage.store.operations.step()
    assert "about 12 s left" in look(f"/operations/{id}").text
    assert stage.store.now() % SECOND == 0


def test_a_viewer_sees_operations_and_no_buttons(stage, act, look):
    id = begun(stage, act)
    stage.role = "viewer"
    assert not look(f"/operations/{id}").all("button", name="id")
    assert act("/operations/undo", id=id).status_code == 403
    assert act("/operations/stop", id=id).status_code == 403


def test_one_that_does_not_exist_is_not_found(look, act):
    assert "no operation" in look("/operations/nothing", 404).text
    assert act("/operations/undo", id=uuid7()).status_code == 404


def test_an_undo_that_is_an_operation_itself_says_what_it_undoes(stage, act, look):
    id = begun(stage, act, count=1_100)
    for _ in range(4):
        stage.store.tick()
    act("/operations/undo", id=id)
    undo = stage.store.operations.list(1)[0]
    assert undo.id != id
    assert "what was cancelled by ana" in look(f"/operations/{undo.id}").text
