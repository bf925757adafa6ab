"""A few first, stop by itself, the question before and the page after: acts on many, as the pages show them."""

from __future__ import annotations

from horizon.core.outcome import Kind
from tests.web.pages.stage import failure


def failed(stage, count: int = 12) -> list[str]:
    stage.worker()
    ids = [stage.push() for _ in range(count)]
    for id in ids:
        stage.end(stage.start(id), Kind.FAILED, error=failure())
    return ids


def test_the_question_counts_by_cause_and_age_and_offers_care(look, stage, act):
    failed(stage, 3)
    page = act(do="retry", match="state:failed")
    assert page.status_code == 200
    for said in (
        "Retry all 3 jobs?",
        "SMTPServerDisconnected",
        "within an hour",
        "10, then the rest",
        "when more than 20 % fail again",
        "Reason, kept in the audit log",
    ):
        assert said in page.text
    assert 'name="saw" value="3"' in page.text


def test_the_answer_tells_what_has_changed_since_the_question(stage, act, look):
    failed(stage, 3)
    act(do="retry", match="state:failed", sure="1", saw="1")
    assert "Retried 3 jobs; 2 more have come to match since you were asked" in look("/").text
    failed(stage, 1)
    act(do="forget", match="state:failed", sure="1", saw="5")
    assert "4 no longer match since you were asked" in look("/").text
    failed(stage, 1)
    act(do="retry", match="state:failed", sure="1", saw="1000+")
    assert "since you were asked" not in look("/").text


def test_a_canary_says_what_it_waits_for_and_who_failed_again(stage, act, look):
    ids = failed(stage)
    act(do="retry", match="state:failed", sure="1", canary="10", stop="20", reason="the relay is back")
    (one,) = stage.store.operations.list()
    stage.store.operations.step()
    page = look(f"/operations/{one.id}")
    for said in (
        "It has tried 10 jobs first",
        "waits for 10 of them to end",
        "at most 20 %",
        "the relay is back",
        "10 first, stops when more than 20 % fail again",
    ):
        assert said in page.text, said
    assert "No worker is running" not in page.text
    tried = stage.store.operations.get(one.id).trace.acted
    for id in tried[:3]:
        stage.end(stage.start(id), Kind.FAILED, error=failure())
    stage.store.operations.step()
    page = look(f"/operations/{one.id}")
    for said in ("It stopped by itself:", "3 of the first 10 failed again, more than 20 %", "of 3 jobs that ended, 7 not over"):
        assert said in page.text, said
    assert page.all("section", id="again")
    assert set(tried) <= set(ids)
    assert "3 of the first 10 failed again" in look("/audit").text


def test_a_canary_that_nobody_will_run_says_so(stage, act, look):
    failed(stage, 3)
    act(do="retry", match="state:failed", sure="1", canary="2")
    stage.store.operations.step()
    stage.store.sessions.close("w1")
    (one,) = stage.store.operations.list()
    assert "No worker is running, so it does not go on before one does." in look(f"/operations/{one.id}").text


def test_jobs_left_alone_are_linked(stage, act, look):
    failed(stage, 2)
    waiting = stage.push()
    act(do="retry", match="queue:emails", sure="1", pace="100/s")
    (one,) = stage.store.operations.list()
    stage.clock.advance(5)
    stage.store.operations.step()
    assert look(f"/operations/{one.id}").all("a", href=f"/horizon/jobs/{waiting}")


def test_the_toast_of_an_act_in_the_background_leads_to_its_page(stage, act, look):
    failed(stage, 2)
    act(do="retry", match="state:failed", sure="1", canary="1")
    (one,) = stage.store.operations.list()
    assert look("/").all("a", href=f"/horizon/operations/{one.id}")
