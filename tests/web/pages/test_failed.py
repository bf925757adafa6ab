from __future__ import annotations

from horizon.core.states import JobState
from tests.web.pages.stage import failure


def test_nothing_failed_is_good_news(look):
    assert "Nothing has failed" in look("/failed").text
    assert "Nothing has failed" in look("/failed?view=causes").text


def test_only_failed_jobs_whatever_the_address_says(look, stage):
    stage.worker()
    id = stage.fail()
    stage.done()
    assert look("/failed").rows() == [id]
    assert look("/failed?state=completed").rows() == [id]
    assert look("/failed?q=state:completed").rows() == [id]


def test_causes_gather_what_failed_in_the_same_way(look, stage):
    stage.worker()
    ids = [stage.fail(error=failure(cause="aaa")) for _ in range(3)]
    stage.fail("shop.jobs:Report", failure("KeyError", "'branch'", "bbb"))
    page = look("/failed?view=causes")
    assert {"c-aaa", "c-bbb"} <= {row.get("id") for row in page.all("tr")}
    assert "KeyError" in page.text
    assert look("/failed?q=cause:aaa").rows() == ids[::-1]


def test_retry_all_asks_with_the_count_and_then_does_it(look, stage, act):
    stage.worker()
    ids = [stage.fail() for _ in range(3)]
    assert "Retry all 3" in look("/failed").text
    question = act(do="retry", match="state:failed")
    assert question.status_code == 200
    assert "Retry all 3 jobs?" in question.text
    assert stage.store.get(ids[0]).state is JobState.FAILED
    assert act(do="retry", match="state:failed", sure="1").status_code == 303
    assert {stage.store.get(id).state for id in ids} == {JobState.PENDING}


def test_with_a_search_all_means_all_that_match(look, stage):
    stage.worker()
    stage.fail(queue="emails")
    stage.fail(queue="reports")
    page = look("/failed?queue=emails")
    assert "Retry those that match" in page.text
    assert page.all("input", name="match", value="state:failed queue:emails")


def test_more_than_one_act_takes_runs_in_the_background_with_a_bar(look, stage, act):
    stage.worker()
    for _ in range(510):
        stage.fail()
    answer = act(do="retry", match="state:failed", sure="1", back="/horizon/failed")
    assert answer.status_code == 303
    page = look("/failed")
    assert "Retrying 510 jobs in the background" in page.text
    assert page.all("progress", max="510")
    (stop,) = page.all("button", name="id")
    assert act("/operations/stop", id=stop["value"]).status_code == 303
    assert not look("/failed").all("progress")
