from __future__ import annotations

from horizon.core.clock import HOUR, SECOND
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


def test_a_cause_tells_its_trend_its_versions_and_its_hosts(look, stage):
    stage.worker()
    for version in ("a41f9c2", "b7e0d11"):
        stage.fail(error=failure(cause="aaa"), code_version=version)
        stage.clock.advance(3 * HOUR / SECOND)
    page = look("/failed?view=causes")
    assert "versions" in page.text
    assert {"a41f9c2", "b7e0d11"} <= set(page.text.replace(",", " ").split())
    assert "on web-2" in page.text
    assert page.all("svg", role="img")[0]["aria-label"] == "When they failed"
    assert "Nothing has failed in the past hour" in look("/failed?view=causes&after=1h").text
    assert look("/failed?view=causes&after=24h").all("tr", id="c-aaa")
    assert look("/failed?view=causes&after=rubbish").all("tr", id="c-aaa")


def test_a_cause_is_retried_and_forgotten_as_a_whole_after_a_question(look, stage, act):
    stage.worker()
    ids = [stage.fail(error=failure(cause="aaa")) for _ in range(3)]
    other = stage.fail(error=failure(cause="bbb"))
    values = {one["value"] for one in look("/failed?view=causes").all("button", name="do")}
    assert {"retry:?state:failed cause:aaa", "forget:?state:failed cause:aaa"} <= values
    assert "Forget all 3 jobs?" in act(do="forget:?state:failed cause:aaa").text
    act(do="forget:?state:failed cause:aaa", sure="1")
    assert [stage.store.get(id).forgotten for id in (*ids, other)] == [True, True, True, False]


def test_nasty_causes_are_text(stage):
    text = stage.nasty().client.get("/horizon/failed?view=causes").text
    assert "<script>alert" not in text
    assert "\u202e" not in text


def test_a_cause_says_where_to_begin_and_is_marked_as_resolved_until_it_comes_again(look, stage, act):
    stage.worker()
    stage.fail(error=failure(cause="aaa"))
    assert "The mail server did not answer" in look("/failed?view=causes").text
    stage.clock.advance(1)
    assert act("/causes/act", do="resolve", cause="aaa", note="mended in b7").status_code == 303
    assert "Nothing needs you" in look("/failed?view=causes").text
    page = look("/failed?view=causes&state=resolved")
    assert "Resolved by ana" in page.text
    assert "mended in b7" in page.text
    assert page.all("button", name="reopen", value="aaa")
    assert [(entry.verb, entry.target, entry.detail) for entry in stage.store.audit.list()] == [
        ("resolve cause", "cause:aaa", "mended in b7")
    ]
    stage.clock.advance(1)
    stage.fail(error=failure(cause="aaa"), code_version="b7e0d11")
    page = look("/failed?view=causes")
    assert "regressed" in page.text
    assert "seen again just now in version b7e0d11" in page.text
    assert page.all("button", name="resolve", value="aaa")
