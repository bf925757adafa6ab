from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from horizon.core.clock import HOUR
from horizon.core.envelope import Edge, Envelope
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
    assert page.all("a", href="/horizon/failed/causes/c0ffee")


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


def test_a_missed_deadline_is_marked_and_whose_turn_it_is_told(look, stage):
    late = stage.push(deadline=stage.clock() - 1, fair="tenant 7")
    soon = stage.push(deadline=stage.clock() + HOUR, expires=True)
    assert "missed" in look(f"/jobs/{late}").text
    assert "tenant 7" in look(f"/jobs/{late}").text
    page = look(f"/jobs/{soon}")
    assert "then it fails" in page.text
    assert "missed" not in page.text


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


def test_a_long_log_shows_its_end_and_goes_back_a_screen_at_a_time(look, stage):
    stage.worker()
    id = stage.run(stage.push(), logs=tuple(LogLine(stage.clock(), "INFO", f"line {index} of many") for index in range(1, 301)))
    page = look(f"/jobs/{id}")
    assert "lines 221 to 300 of 300" in page.text
    assert "line 300 of many" in page.text
    assert "line 220 of many" not in page.text
    assert page.all("a", href=f"/horizon/jobs/{id}?upto=220#log")
    middle = look(f"/jobs/{id}?upto=220")
    assert "lines 141 to 220 of 300" in middle.text
    assert middle.all("a", href=f"/horizon/jobs/{id}?upto=140#log")
    assert middle.all("a", href=f"/horizon/jobs/{id}?upto=300#log")
    assert "lines 1 to 1 of 300" in look(f"/jobs/{id}?upto=0").text
    assert "lines 221 to 300 of 300" in look(f"/jobs/{id}?upto=rubbish").text


def test_log_lines_of_a_level_and_above(look, stage):
    stage.worker()
    id = stage.run(stage.push(), logs=stage.log(("INFO", "all is well"), ("WARNING", "slow"), ("TRACE", "odd"), ("ERROR", "lost")))
    page = look(f"/jobs/{id}?level=warning")
    assert "slow" in page.text
    assert "lost" in page.text
    assert "all is well" not in page.text
    assert "odd" not in page.text
    assert "2 lines" in page.text
    assert "all is well" in look(f"/jobs/{id}?level=rubbish").text


@pytest.mark.parametrize("say", ["imported row {} of 10,000", "row {}: " + "é<b>" * 120, "{}" + "x" * 9000])
def test_a_log_of_10_000_lines_makes_no_page_beyond_40_kB(stage, say):
    stage.worker()
    id = stage.push(max_tries=12)
    logs = tuple(LogLine(stage.clock(), "INFO", say.format(index)) for index in range(1 if "x" in say else 10_000))
    for _ in range(11):
        stage.run(id, Kind.RETRY, error=failure(), delay=0, logs=logs)
    stage.run(id, Kind.FAILED, error=failure(), logs=logs)
    for query in ("", "?upto=5000"):
        assert len(stage.client.get(f"/horizon/jobs/{id}{query}").data) < 40_000


def test_long_lines_are_fewer_on_a_page_and_none_is_left_out_on_the_way_back_and_forth(look, stage):
    stage.worker()
    id = stage.run(stage.push(), logs=tuple(LogLine(stage.clock(), "INFO", f"{index} " + "x" * 1000) for index in range(1, 41)))
    assert "lines 31 to 40 of 40" in look(f"/jobs/{id}").text
    earlier = look(f"/jobs/{id}?upto=30")
    assert "lines 21 to 30 of 40" in earlier.text
    assert earlier.all("a", href=f"/horizon/jobs/{id}?upto=40#log")
    assert "lines 1 to 4 of 40" in look(f"/jobs/{id}?upto=4").text


def test_the_whole_log_and_the_traceback_are_there_as_plain_text(stage):
    stage.worker()
    id = stage.run(stage.push(), Kind.FAILED, error=failure(), logs=stage.log(("INFO", "<b>one</b>"), ("ERROR", "two")))
    log = stage.client.get(f"/horizon/jobs/{id}/log?attempt=1")
    assert log.content_type == "text/plain; charset=utf-8"
    assert [line.split(" ", 1)[1] for line in log.text.splitlines()] == ["INFO <b>one</b>", "ERROR two"]
    assert "ERROR two\n" in stage.client.get(f"/horizon/jobs/{id}/log?level=ERROR").text
    trace = stage.client.get(f"/horizon/jobs/{id}/traceback?attempt=1")
    assert trace.text.startswith("Traceback (most recent call last)")
    assert stage.client.get(f"/horizon/jobs/{id}/log?attempt=7").status_code == 404


def test_the_rounds_of_a_job_are_told_apart(look, stage, act):
    stage.worker()
    id = stage.run(stage.push(), Kind.RETRY, error=failure(), delay=0)
    stage.run(id, Kind.FAILED, error=failure())
    stage.clock.advance(86_400)
    act(do=f"retry:{id}")
    stage.clock.advance(2)
    stage.run(id, Kind.FAILED, error=failure())
    page = look(f"/jobs/{id}")
    assert "2.8 s from re-opening to failure" in page.text
    assert "Round 1 2 attempts, failed 1 d ago" in " ".join(page.text.split())
    first = look(f"/jobs/{id}?round=1")
    assert "1.6 s from dispatch to the end of round 1" in first.text
    assert "Attempt 2" in first.text
    assert "Exceptionattempt 2" in first.text
    assert look(f"/jobs/{id}?round=99").text.count("re-opening") == 1


def test_a_traceback_in_a_form_we_do_not_know_is_shown_as_it_is(look, stage):
    stage.worker()
    id = stage.fail(error=failure(traceback="something else entirely\n  with lines"))
    assert "something else entirely" in look(f"/jobs/{id}").text


def test_waiting_jobs_say_for_what(look, stage):
    page = look(f"/jobs/{stage.push(delay=HOUR)}")
    assert "due in 1 h" in page.text
    assert "Scheduled" in page.text
    assert "No worker runs on this connection" in look(f"/jobs/{stage.push()}").text


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


def test_related_jobs_are_linked_with_what_they_are_to_this_one(look, stage):
    stage.worker()
    first = stage.push("shop.jobs:Import", unique_key="import")
    second = stage.push("shop.jobs:Report", edges=(Edge(job_id=first),))
    assert "Waits for" in look(f"/jobs/{second}").text
    assert "Waited for by" in look(f"/jobs/{first}").text
    stage.run(first)
    assert "Waited for" in look(f"/jobs/{second}").text
    other = stage.push("shop.jobs:Import", unique_key="import")
    page = look(f"/jobs/{first}")
    assert "Has its unique key now" in page.text
    assert {f"/horizon/jobs/{id}" for id in (second, other)} <= {link["href"] for link in page.all("a")}


def test_a_cancelled_job_links_the_job_its_reason_names(look, stage):
    stage.worker()
    first = stage.fail("shop.jobs:Import")
    again = stage.push("shop.jobs:Import")
    second = stage.push("shop.jobs:Report", edges=(Edge(job_id=again),))
    stage.run(again, Kind.FAILED, error=failure())
    page = look(f"/jobs/{second}")
    assert page.all("a", href=f"/horizon/jobs/{again}")
    assert not page.all("a", href=f"/horizon/jobs/{first}")


def test_data_of_any_size_and_depth_makes_a_page_of_bounded_size(stage):
    stage.worker()
    deep: object = "bottom"
    for _ in range(100):
        deep = [deep]
    large = stage.run(
        stage.push(args={"deep": deep, "long": "x" * 500_000, "many": list(range(50_000))}),
        result=b'{"result":"' + b"y" * 5_000_000 + b'"}',
    )
    answer = stage.client.get(f"/horizon/jobs/{large}")
    assert answer.status_code == 200
    assert len(answer.data) < 40_000
    assert "5.0\u00a0MB" in answer.text


def test_arguments_stand_with_their_types_and_secrets_are_masked(look, stage):
    args = {"at": datetime(2026, 1, 2, tzinfo=UTC), "price": Decimal("1.50"), "size": {1, 2}, "password": "hunter2"}
    page = look(f"/jobs/{stage.push(args=args)}")
    for shown in ("2026-01-02 00:00:00+00:00 datetime", "1.50 Decimal", "set · 2 items", "password: ••••••"):
        assert shown in page.text
    assert "hunter2" not in page.text


@pytest.mark.parametrize(
    "payload", [b"rubbish \xff", b'{"args": [1]}', b'{"other": 1}', b"", b'{"args": {"a": {"~": "date"}}}', b"[" * 100_000]
)
def test_a_payload_that_is_none_of_ours_is_shown_as_it_is(stage, payload):
    stage.store.push([Envelope(id=(other := uuid7()), name="x:Y", queue="emails", payload=payload)])
    assert stage.client.get(f"/horizon/jobs/{other}").status_code == 200
    assert stage.client.get(f"/horizon/jobs/{other}/python").status_code == 200
    assert stage.client.get(f"/horizon/jobs/{other}/edit").status_code in (200, 422)


def test_a_running_job_that_was_asked_to_stop_says_why(look, stage, act):
    stage.worker()
    id = stage.push()
    stage.start(id)
    act(do=f"cancel:{id}", sure="1", reason="wrong file")
    page = look(f"/jobs/{id}")
    said = " ".join(page.text.split())
    assert "Cancelled, not stopped yet" in said
    assert ": wrong file" in said
    assert "NoticedNot yet." in said
    assert page.acts() == set()


def test_what_only_this_page_needs_is_loaded_by_no_other(look, stage):
    id = stage.push()

    def scripts(path: str) -> set[str]:
        return {script["src"].rpartition("/")[2].partition("?")[0] for script in look(path).all("script")}

    assert scripts(f"/jobs/{id}") - scripts("/jobs") == {"job.js"}
    served = stage.client.get("/horizon/static/job.js?v=1")
    assert served.content_type.startswith("text/javascript")
    assert len(served.data) < 4_096


def test_how_long_a_job_ran_is_told_apart_from_how_long_its_worker_had_it(look, stage):
    stage.worker()
    taken = stage.start(stage.push())
    stage.clock.advance(0.0165)
    stage.end(taken, runtime=100)
    page = look(f"/jobs/{taken.id}")
    assert "0.1 ms of 16.6 ms between being taken and recorded" in page.text
    again = stage.done()
    assert "between being taken" not in look(f"/jobs/{again}").text
