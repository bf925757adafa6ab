from __future__ import annotations

import pytest

from horizon.core.clock import HOUR, iso
from horizon.core.ids import uuid7
from horizon.core.states import JobState
from horizon.web.pages import buttons
from tests.web.pages.conftest import HTMX, Page


def test_a_plain_form_goes_back_to_where_it_came_from_and_the_page_says_what_was_done(stage, act):
    stage.worker()
    id = stage.fail()
    answer = act(do=f"retry:{id}", back="/horizon/failed?q=x")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/horizon/failed?q=x")
    assert stage.store.get(id).state is JobState.PENDING
    assert "Retried SendEmail" in stage.client.get("/horizon/failed").text
    assert "Retried SendEmail" not in stage.client.get("/horizon/failed").text


def test_htmx_gets_a_toast_and_the_wish_to_ask_again(stage, act):
    id = stage.push()
    answer = act(do=f"cancel:{id}", back="/horizon/jobs", headers=HTMX)
    assert answer.status_code == 200
    assert answer.headers["HX-Retarget"] == "#toasts"
    assert answer.headers["HX-Trigger"] == "horizon:refresh"
    assert "Cancelled SendEmail" in answer.text
    assert Page(answer.text).all("input", name="do", value=f"retry:{id}")


@pytest.mark.parametrize(
    ("verb", "expected"), [("cancel", JobState.CANCELLED), ("run_now", JobState.PENDING), ("prioritize", JobState.SCHEDULED)]
)
def test_verbs_on_a_scheduled_job(stage, act, verb, expected):
    id = stage.push(delay=HOUR)
    assert act(do=f"{verb}:{id}").status_code == 303
    assert stage.store.get(id).state is expected


def test_undoing_a_cancellation_brings_back_the_time_as_well(stage, act):
    id = stage.push(delay=HOUR)
    due = stage.store.get(id).available_at
    undo = Page(act(do=f"cancel:{id}", headers=HTMX).text)
    fields = {attrs["name"]: attrs["value"] for attrs in undo.all("input", type="hidden")}
    act(**fields)
    back = stage.store.get(id)
    assert (back.state, back.available_at) == (JobState.SCHEDULED, due)


def test_each_click_on_prioritize_is_a_step_up(stage, act):
    id = stage.push()
    seen = []
    for _ in range(5):
        act(do=f"prioritize:{id}")
        seen.append(stage.store.get(id).priority)
    assert seen == [10, 20, 50, 100, 100]
    assert buttons.raised(-100) == 10


def test_a_priority_that_is_named_is_taken_and_one_out_of_range_refused(stage, act):
    id = stage.push()
    act(do=f"prioritize:{id}", priority="-100")
    assert stage.store.get(id).priority == -100
    assert act(do=f"prioritize:{id}", priority="1000").status_code == 422
    assert act(do=f"prioritize:{id}", priority="soon").status_code == 422
    assert stage.store.get(id).priority == -100


def test_cancelling_a_running_job_asks_first(stage, act):
    stage.worker()
    id = stage.push()
    stage.start(id)
    question = act(do=f"cancel:{id}", headers=HTMX)
    assert question.headers["HX-Retarget"] == "#dialog"
    assert "Cancel SendEmail?" in question.text
    assert not stage.store.get(id).cancel_requested
    fields = {attrs["name"]: attrs["value"] for attrs in Page(question.text).all("input", type="hidden")}
    assert act(**fields, reason="enough").status_code == 303
    assert stage.store.get(id).cancel_requested


def test_two_people_retry_the_same_job_and_the_second_is_told(stage, act):
    stage.worker()
    id = stage.fail()
    act(do=f"retry:{id}")
    answer = act(do=f"retry:{id}", headers=HTMX)
    assert "Nothing was changed" in answer.text
    assert len([entry for entry in stage.store.audit.list() if entry.verb == "retry"]) == 1


def test_what_is_skipped_is_said(stage, act):
    stage.worker()
    failed, waiting = stage.fail(), stage.push()
    answer = act(do="retry", id=[failed, waiting], headers=HTMX)
    assert "Retried SendEmail; 1 job left as it was" in answer.text


@pytest.mark.parametrize(
    ("fields", "status", "said"),
    [
        ({"do": "explode:x"}, 400, "is not an action"), ({"do": "retry"}, 422, "no job is selected"), ({}, 422, "no job is selected"),
        ({"do": "retry", "match": "quue:x"}, 400, "is not a filter"), ({"do": "retry", "match": "state:"}, 400, "nothing to look for"),
        ({"do": "retry:?"}, 422, "no job is selected"), ({"do": "retry", "match": "x", "connection": "nowhere"}, 404, "no connection"),
    ],
)  # fmt: skip
def test_forms_that_nobody_sent_are_refused_in_words(stage, act, fields, status, said):
    answer = act(**fields)
    assert answer.status_code == status
    assert said in answer.text
    assert "Traceback" not in answer.text
    assert said in act(**fields, headers=HTMX).text


def test_a_job_that_is_gone_is_skipped(stage, act):
    assert "Nothing was changed" in act(do=f"retry:{uuid7()}", headers=HTMX).text
    assert "Nothing was changed" in act(do="retry:<script>", headers=HTMX).text


@pytest.mark.parametrize("role", ["viewer", "operator"])
def test_the_server_refuses_what_a_role_may_not_do_whatever_was_clicked(stage, act, role):
    stage.worker()
    id = stage.fail()
    stage.role = role
    verb = "retry" if role == "viewer" else "forget"
    assert act(do=f"{verb}:{id}").status_code == 403
    assert act(do=f"{verb}:{id}", match="", sure="1").status_code == 403
    assert act(do=verb, match="state:failed").status_code == 403
    if role == "viewer":
        assert act("/queues/act", do="pause:emails").status_code == 403
    assert stage.store.get(id).state is JobState.FAILED


def test_changes_from_other_sites_are_refused(stage):
    stage.worker()
    id = stage.fail()
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}, {}):
        assert stage.client.post("/horizon/jobs/act", data={"do": f"retry:{id}"}, headers=headers).status_code == 403
    assert stage.store.get(id).state is JobState.FAILED


@pytest.mark.parametrize(
    "back",
    [
        "https://evil.example/",
        "//evil.example",
        "/elsewhere",
        "/horizonx",
        "javascript:alert(1)",
        "/horizon/\r\nX: y",
        "/horizon\\..\\",
        "",
    ],
)
def test_the_way_back_leads_nowhere_else(stage, act, back):
    stage.worker()
    answer = act(do=f"retry:{stage.fail()}", back=back)
    assert answer.headers["Location"] == "/horizon/jobs"


def test_pausing_a_queue_is_told_with_what_still_runs_and_can_be_undone(stage, act):
    stage.worker()
    stage.start(stage.push())
    answer = act("/queues/act", do="pause:emails", headers=HTMX)
    assert "Paused emails; 1 job of it still runs" in answer.text
    assert Page(answer.text).all("input", name="do", value="resume:emails")
    assert stage.store.queues.get("emails").paused
    assert act("/queues/act", do="resume:emails").status_code == 303
    assert not stage.store.queues.get("emails").paused
    assert act("/queues/act", do="flood:emails").status_code == 422


def test_every_act_is_in_the_audit_log_with_who_did_it(stage, act):
    id = stage.push()
    act(do=f"cancel:{id}", reason="not needed")
    (entry,) = stage.store.audit.list()
    assert (entry.actor, entry.verb, entry.target, entry.count) == ("ana", "cancel", id, 1)
    assert entry.origin == "web 127.0.0.1"


def test_a_toast_that_somebody_else_left_in_the_cookie_is_text_or_nothing(stage):
    for value in ("rubbish", "e30=", "bnVsbA==", "W10=", "x" * 3000):
        stage.client.set_cookie("horizon_flash", value, path="/horizon")
        assert stage.client.get("/horizon/").status_code == 200


def test_the_theme_is_kept_in_a_cookie_without_any_script(stage, act):
    answer = act("/look", theme="dark", back="/horizon/jobs")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/horizon/jobs")
    assert Page(stage.client.get("/horizon/").text).all("html", **{"data-theme": "dark"})
    act("/look", theme="<script>")
    assert Page(stage.client.get("/horizon/").text).all("html", **{"data-theme": "auto"})


def test_an_act_on_more_jobs_than_a_cookie_can_name_is_undone_by_its_mark(stage, act):
    stage.worker()
    ids = [stage.fail() for _ in range(120)]
    act(do=f"forget:{stage.fail()}")
    cookie = act(do="forget", id=ids).headers["Set-Cookie"]
    assert len(cookie) < 4_000
    page = Page(stage.client.get("/horizon/failed").text)
    assert "Forgot 120 jobs" in page.text
    undo = {attrs["name"]: attrs["value"] for attrs in page.all("input", type="hidden") if attrs["name"] in ("do", "mark", "match")}
    assert undo["do"] == "restore"
    act(**undo)
    assert {stage.store.get(id).forgotten for id in ids} == {False}
    assert len(look_at(stage, "/failed?limit=200").rows()) == 120, "what somebody else forgot stays forgotten"


def look_at(stage, path):
    return Page(stage.client.get(f"/horizon{path}").text)


def hidden(text: str) -> dict[str, str]:
    """The hidden fields of a question or a toast."""
    return {attrs["name"]: attrs["value"] for attrs in Page(text).all("input", type="hidden")}


def test_several_cancelled_jobs_come_back_to_where_they_stood(stage, act):
    waiting, later = stage.push(), stage.push(delay=HOUR)
    due = stage.store.get(later).available_at
    toast = act(do="cancel", id=[waiting, later], sure="1", headers=HTMX)
    assert {stage.store.get(id).state for id in (waiting, later)} == {JobState.CANCELLED}
    act(**hidden(toast.text))
    assert (stage.store.get(waiting).state, stage.store.get(later).state) == (JobState.PENDING, JobState.SCHEDULED)
    assert stage.store.get(later).available_at == due


def test_all_that_match_are_cancelled_with_a_mark_and_brought_back_by_it(stage, act):
    mine, other = stage.push(), stage.push(queue="reports")
    act(do=f"cancel:{other}")
    toast = act(do="cancel", match="queue:emails", sure="1", reason="sale is over", headers=HTMX)
    assert stage.store.get(mine).reason.startswith("cancelled by ana at ")
    assert stage.store.get(mine).reason.endswith(": sale is over")
    act(**hidden(toast.text))
    assert (stage.store.get(mine).state, stage.store.get(other).state) == (JobState.PENDING, JobState.CANCELLED)


def test_what_a_running_job_did_cannot_be_undone_and_no_undo_is_offered(stage, act):
    stage.worker()
    id = stage.push()
    stage.start(id)
    assert "do" not in hidden(act(do=f"cancel:{id}", sure="1", headers=HTMX).text)


@pytest.mark.parametrize(
    ("verb", "field", "value"), [("prioritize", "priority", "50"), ("move", "queue", "slow"), ("reschedule", "in", "1h")]
)
def test_an_act_that_needs_to_know_more_asks_for_it(stage, act, verb, field, value):
    ids = [stage.push(), stage.push()]
    before = [stage.store.get(id) for id in ids]
    question = act(do=verb, id=ids, headers=HTMX)
    assert question.headers["HX-Retarget"] == "#dialog"
    assert Page(question.text).all("input", name=field) + Page(question.text).all("select", name=field)
    assert [stage.store.get(id) for id in ids] == before
    answer = act(**{**hidden(question.text), "id": ids, field: value})
    assert answer.status_code == 303
    after = [stage.store.get(id) for id in ids]
    told = {"prioritize": [record.priority for record in after], "move": [record.queue for record in after]}
    due = [record.available_at for record in after]
    assert told.get(verb, due) == {"prioritize": [50, 50], "move": ["slow"] * 2}.get(verb, [stage.store.now() + HOUR] * 2)


def test_a_time_is_read_in_the_zone_of_whoever_typed_it(stage, act):
    id = stage.push()
    stage.client.set_cookie("horizon_tz", "Europe/Rome", path="/horizon")
    act(do="reschedule", id=id, at="2026-11-23T09:00", sure="1")
    assert iso(stage.store.get(id).available_at) == "2026-11-23T08:00:00.000Z"
    assert act(do="reschedule", id=id, at="soon", sure="1").status_code == 422
    assert act(do="reschedule", id=id, at="2020-01-01T00:00", sure="1").status_code == 422
    assert act(do="reschedule", id=id, sure="1").status_code == 422


def test_what_is_asked_says_how_many_of_what_and_what_is_left_alone(stage, act):
    stage.worker()
    stage.fail(queue="emails")
    stage.fail("shop.jobs:Report", queue="reports")
    stage.push(queue="emails")
    text = Page(act(do="retry", match="after:1d", headers=HTMX).text).text
    for said in ("Retry all 3 jobs?", "failed 2", "pending 1", "Report 1", "reports 1", "cannot be retried: 1 pending"):
        assert said in text
