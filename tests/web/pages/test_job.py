from __future__ import annotations

from horizon.core.clock import HOUR
from horizon.core.ids import uuid7
from horizon.core.outcome import Kind, LogLine
from tests.web.pages.stage import failure


def test_the_story_of_a_failed_job_is_complete(look, stage):
    stage.plenty()
    page = look(f"/jobs/{stage.tried}")
    for shown in (
        "Timeline", "Backoff", "Attempt 3", "Exception", "Connection unexpectedly closed", "in deliver", "2 frames in libraries", "Arguments", "ana@example.com",
        "Log", "smtp.example.com answers slowly", "Attempts", stage.tried, "shop.jobs:SendEmail", "3 of 3", "order_confirmation", "60 MB", "priority".title(),
    ):  # fmt: skip
        assert shown in page.text
    assert page.all("a", href="/horizon/failed?q=cause:c0ffee")


def test_every_attempt_can_be_looked_at(look, stage):
    stage.worker()
    id = stage.push()
    stage.run(id, Kind.RETRY, error=failure(message="the first"), delay=0, logs=(LogLine(stage.clock(), "INFO", "from the first"),))
    stage.run(id, Kind.FAILED, error=failure(message="the second"), logs=(LogLine(stage.clock(), "INFO", "from the second"),))
    assert "from the second" in look(f"/jobs/{id}").text
    first = look(f"/jobs/{id}?attempt=1")
    assert "from the first" in first.text
    assert "from the second" not in first.text
    assert "from the second" in look(f"/jobs/{id}?attempt=999").text


def test_a_result_is_shown_as_a_tree(look, stage):
    stage.worker()
    id = stage.run(stage.push(), result=b'{"result":{"rows":1000,"rejected":[1,2,3]}}')
    page = look(f"/jobs/{id}")
    assert "rows: 1000" in page.text.replace("\n", "")
    assert "3 items" in page.text


def test_a_running_job_shows_how_far_it_is(look, stage):
    stage.worker()
    id = stage.push()
    stage.progress(stage.start(id), 41, "rows 41 of 100")
    page = look(f"/jobs/{id}")
    assert page.all("progress", value="41")
    assert "rows 41 of 100" in page.text


def test_a_long_log_shows_its_end_and_a_way_to_the_rest(look, stage):
    stage.worker()
    id = stage.run(stage.push(), logs=tuple(LogLine(stage.clock(), "INFO", f"line {index} of many") for index in range(300)))
    page = look(f"/jobs/{id}")
    assert "line 299 of many" in page.text
    assert "line 7 of many" not in page.text
    assert "Show 200 earlier lines" in page.text
    assert "line 7 of many" in look(f"/jobs/{id}?attempt=1&log=all").text


def test_a_traceback_in_a_form_we_do_not_know_is_shown_as_it_is(look, stage):
    stage.worker()
    id = stage.fail(error=failure(traceback="something else entirely\n  with lines"))
    assert "something else entirely" in look(f"/jobs/{id}").text


def test_waiting_jobs_say_for_what(look, stage):
    page = look(f"/jobs/{stage.push(delay=HOUR)}")
    assert "due in 1 h" in page.text
    assert "Scheduled" in page.text
    assert "No worker is running" in look(f"/jobs/{stage.push()}").text


def test_a_job_that_is_not_there_is_a_404_that_says_why(look):
    assert "there is no job" in look(f"/jobs/{uuid7()}", 404).text
    assert look("/jobs/rubbish", 404)


def test_a_forgotten_job_can_be_restored_from_its_page(look, stage, act):
    stage.worker()
    id = stage.fail()
    act(do=f"forget:{id}")
    page = look(f"/jobs/{id}")
    assert "This job is forgotten" in page.text
    assert page.acts() == {"restore"}
