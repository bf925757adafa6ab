from __future__ import annotations

from horizon.backends.values import QueueSettings
from horizon.core.states import JobState


def letters(stage, count: int = 2, queue: str = "emails") -> list[str]:
    """So many dead letters of a queue, the first failure of each being one too many."""
    stage.worker()
    stage.store.queues.define([QueueSettings(name=queue, dead_after=1)])
    return [stage.fail(queue=queue) for _ in range(count)]


def test_without_dead_letters_their_page_says_what_they_are(look):
    assert "Dead letters" not in look("/failed").text
    page = look("/failed?view=dead")
    assert "There are no dead letters" in page.text
    assert "horizon queues set emails dead_after=3" in page.text


def test_dead_letters_are_a_view_of_the_failed_jobs_by_queue(look, stage):
    ids = letters(stage)
    page = look("/failed")
    assert page.rows() == ids[::-1]
    assert "Dead letters2" in page.text
    rows = look("/failed?view=dead")
    assert rows.all("tr", id="d-emails-default")
    assert "1 failed round" in rows.text
    assert look("/failed?q=queue:dead:emails").rows() == ids[::-1]


def test_they_count_among_what_failed_and_not_among_the_queues(look, stage):
    letters(stage)
    assert "Retry all 2" in look("/failed").text
    page = look("/queues")
    assert "dead:emails" not in page.text
    assert "emails" in page.text


def test_the_page_of_their_queue_tells_of_them(look, stage):
    letters(stage)
    (strip,) = look("/queues/emails").all("div", id="dead")
    assert strip
    assert "2 dead letters." in look("/queues/emails").text
    moved = stage.client.get("/horizon/queues/dead:emails")
    assert moved.status_code == 302
    assert moved.headers["Location"].endswith("/failed?q=queue:dead:emails")


def test_the_page_of_one_says_of_which_queue_it_is_a_dead_letter(look, stage):
    (id,) = letters(stage, 1)
    page = look(f"/jobs/{id}")
    assert page.all("div", id="dead")
    assert "A dead letter of emails" in page.text


def test_requeue_asks_with_their_number_and_puts_them_back_to_their_queue(look, stage, act):
    ids = letters(stage)
    (button,) = [button for button in look("/failed?view=dead").all("button", name="do") if button["value"].startswith("retry:?state")]
    question = act(do=button["value"])
    assert "Retry all 2 jobs?" in question.text
    assert act(do=button["value"], sure="1").status_code == 303
    assert {(stage.store.get(id).queue, stage.store.get(id).state) for id in ids} == {("emails", JobState.PENDING)}


def test_purge_forgets_them(look, stage, act):
    letters(stage)
    (button,) = [
        button
        for button in look("/failed?view=dead").all("button", name="do")
        if button["value"].startswith("forget:?state:failed queue:dead")
    ]
    assert act(do=button["value"], sure="1").status_code == 303
    assert look("/failed").rows() == []
    assert "There are no dead letters" in look("/failed?view=dead").text


def test_a_viewer_sees_them_and_no_button(look, stage):
    letters(stage)
    stage.role = "viewer"
    page = look("/failed?view=dead")
    assert page.all("tr", id="d-emails-default")
    assert not page.all("button", name="do")


# at a pace ------------------------------------------------------------------------------------------


def test_the_question_of_a_retry_of_many_offers_a_pace(stage, act):
    letters(stage)
    question = act(do="retry", match="state:failed")
    assert "How fast" in question.text
    assert "50 a second" in question.text
    assert "How fast" not in act(do="forget", match="state:failed").text


def test_a_retry_at_a_pace_goes_on_in_the_background_and_tells_its_pace(look, stage, act):
    ids = letters(stage, 3)
    assert act(do="retry", match="state:failed", sure="1", pace="1/s").status_code == 303
    (operation,) = stage.store.operations.list()
    page = look(f"/operations/{operation.id}")
    for said in ("Retry 3 jobs", "0 of 3", "1 a second", "about 3 s left"):
        assert said in page.text
    stage.clock.advance(1)
    stage.store.tick()
    assert "1 of 3" in look(f"/operations/{operation.id}").text
    assert sorted(str(stage.store.get(id).state) for id in ids) == ["failed", "failed", "pending"]


def test_selected_jobs_are_retried_at_the_pace_that_is_chosen_beside_them(look, stage, act):
    ids = letters(stage, 2)
    assert look("/failed").all("select", name="pace")
    act(do="retry", id=ids, pace="10/m")
    (operation,) = stage.store.operations.list()
    assert (operation.expected, operation.query.ids) == (2, tuple(ids))


def test_the_button_of_one_row_takes_no_notice_of_the_pace_chosen_for_many(stage, act):
    (id,) = letters(stage, 1)
    act(do=f"retry:{id}", pace="10/m")
    assert stage.store.get(id).state is JobState.PENDING
    assert list(stage.store.operations.list()) == []


def test_what_is_no_pace_is_refused(stage, act):
    (id,) = letters(stage, 1)
    answer = act(do="retry", match="state:failed", sure="1", pace="soon")
    assert answer.status_code in (303, 400, 422)
    assert stage.store.get(id).state is JobState.FAILED


def test_what_is_made_of_a_dead_letter_goes_to_the_queue_it_belongs_to(look, stage, act):
    (id,) = letters(stage, 1)
    assert '"queue": "emails"' in look(f"/jobs/{id}/curl").text
    assert "dead:emails" not in look(f"/jobs/{id}/edit").text
