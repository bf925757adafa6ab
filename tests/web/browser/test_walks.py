"""What a person does from end to end, on a wide window and on a phone, by keyboard where that is another way."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from horizon.control.alerts import AlertControl
from horizon.core.alert import Severity, Sighting
from horizon.core.outcome import Kind
from horizon.core.states import JobState
from tests.schedule.office import Report, alone  # noqa: F401 (a job that is registered)
from tests.web.browser.conftest import quick
from tests.web.pages import flows

WIDTHS = pytest.mark.parametrize("width", [1440, 390])
SAME = {"Sec-Fetch-Site": "same-origin"}


def press(button) -> None:
    """By keyboard."""
    button.focus()
    button.press("Enter")


@WIDTHS
def test_a_chain_is_retried_from_its_broken_step(site, width):
    stage = quick()
    stage.worker()
    id, ids = flows.chain(stage, "Extract", "Load", "Report")
    flows.done(stage, ids["Extract"])
    stage.end(stage.start(ids["Load"]), Kind.FAILED)
    page = site(stage).tab(f"/chains/{id}", width=width)
    expect(page.locator(f"#s-{ids['Report']} .pill")).to_have_text("cancelled")
    press(page.get_by_role("button", name=re.compile("^Retry")).first)
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("The broken step runs again, and the steps after it wait for it as before.")
    press(dialog.get_by_role("button", name="Retry 1 failed job"))
    expect(page.locator("#toasts")).to_contain_text("Retried 1 job")
    expect(page.locator(f"#s-{ids['Load']} .pill")).to_have_text("pending")
    expect(page.locator(f"#s-{ids['Report']} .pill")).to_have_text("blocked")
    assert stage.store.groups.get(id).state == "running"


@WIDTHS
def test_a_removed_step_is_no_part_of_the_progress_and_is_put_back_by_undo(site, width):
    stage = quick()
    stage.worker()
    from tests.web import shop_jobs

    id, ids = flows.chain(stage, "Extract", shop_jobs.SendMail.name.rpartition(":")[2], "Report")
    page = site(stage).tab(f"/chains/{id}", width=width)
    expect(page.locator("#live")).to_contain_text("0 of 3 steps")
    press(page.get_by_role("button", name="Remove step 3"))
    press(page.get_by_role("button", name="Remove the step"))
    expect(page.locator("#live")).to_contain_text("0 of 2 steps")
    expect(page.locator("#live")).to_contain_text("1 step was removed.")
    expect(page.locator(f"#s-{ids['Report']} .pill")).to_have_text("removed")
    page.goto(page.url.rsplit("/", 1)[0])
    expect(page.locator(f"#g-{id}")).to_contain_text("2")
    expect(page.locator(f"#g-{id}")).not_to_contain_text("33 %")


@WIDTHS
def test_many_are_cancelled_by_a_filter_stopped_on_the_way_and_undone(site, width):
    stage = quick()
    for _ in range(510):
        stage.push(queue="emails")
    page = site(stage).tab("/jobs?q=queue:emails&state=pending", width=width)
    page.locator("#pick-all").check()
    page.locator("#all-match").check()
    page.locator(".bulk").get_by_role("button", name="Cancel 510 jobs").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("heading", name="Cancel all 510 jobs?")).to_be_visible()
    expect(dialog).to_contain_text("This runs in the background; a bar shows how far it is.")
    dialog.get_by_label("Reason").fill("the sale is over")
    press(dialog.get_by_role("button", name="Cancel 510 jobs"))
    toast = page.locator("#toasts")
    expect(toast).to_contain_text("Cancelling 510 jobs in the background")
    toast.get_by_role("link", name="Show").click()
    expect(page.locator("h1")).to_have_text("Cancel 510 jobs")
    stage.store.operations.step()
    expect(page.locator(".meter")).to_contain_text("500 of 510")
    press(page.get_by_role("button", name="Stop", exact=True))
    expect(toast).to_contain_text("Stopped after 500 jobs; what was done stays done")
    expect(page.locator("#live")).to_contain_text("It was stopped")
    expect(page.locator("#live")).to_contain_text("the sale is over")
    press(page.get_by_role("button", name="Undo", exact=True).first)
    expect(toast).to_contain_text("500 jobs are back where they were")
    expect(toast.get_by_text("Stopped.")).to_have_count(0)
    assert stage.store.numbers.counts()[0].counts == {JobState.PENDING: 510}


@WIDTHS
def test_an_alert_is_acknowledged_snoozed_and_resolved(site, width):
    stage = quick()
    seen = Sighting(key="unserved", severity=Severity.HIGH, title="Nobody serves mails", text="Jobs wait.", todo="Start a worker.")
    AlertControl(stage.runtime).raise_(seen)
    page = site(stage).tab("/alerts", width=width)
    press(page.get_by_role("button", name=re.compile("Acknowledge")).first)
    expect(page.locator("#toasts")).to_contain_text("Nobody serves mails")
    expect(page.locator("#live")).to_contain_text("Acknowledged by ana")
    press(page.get_by_role("link", name="More about: Nobody serves mails"))
    dialog = page.get_by_role("dialog")
    press(dialog.get_by_role("button", name="Snooze for an hour"))
    expect(page.locator("#toasts")).to_contain_text("Snoozed")
    expect(dialog).to_be_hidden()
    press(page.get_by_role("link", name="More about: Nobody serves mails"))
    press(dialog.get_by_role("button", name="Resolve"))
    expect(page.locator("#live")).to_contain_text("Nothing calls for you")
    page.get_by_role("link", name=re.compile("Past")).click()
    expect(page.locator("#live")).to_contain_text("Nobody serves mails")


@WIDTHS
def test_a_cause_is_muted_resolved_and_forgotten_as_a_whole_and_brought_back(site, width):
    stage = quick()
    stage.worker()
    for _ in range(3):
        stage.fail()
    page = site(stage).tab("/failed?view=causes", width=width)
    page.locator("#causes a.name, td.wide a").first.click()
    press(page.get_by_role("button", name="Mute", exact=True))
    expect(page.locator("#toasts")).to_contain_text("Muted")
    press(page.get_by_role("button", name="Reopen"))
    expect(page.locator("#toasts")).to_contain_text("Reopened")
    expect(page.get_by_role("button", name="Reopen")).to_have_count(0)  # the buttons stand as they stay
    press(page.get_by_role("button", name="Resolve"))
    expect(page.locator("#toasts")).to_contain_text("Resolved")
    expect(page.get_by_role("button", name="Reopen")).to_be_visible()
    press(page.get_by_role("button", name="Forget 3"))
    press(page.get_by_role("dialog").get_by_role("button", name="Forget 3 jobs"))
    expect(page.locator("#toasts")).to_contain_text("Forgot 3 jobs")
    page.locator("#toasts").get_by_role("button", name="Undo").last.click()
    expect(page.locator("#toasts")).to_contain_text("Restored 3 jobs")
    expect(page.get_by_role("button", name="Retry 3 jobs")).to_be_visible()


@WIDTHS
def test_who_saves_second_in_another_tab_is_told_and_overwrites_only_on_purpose(site, width):
    stage = quick()
    said = {"job": "tests.schedule.office:Report", "when": "@daily", "name": "daily"}
    stage.client.post("/horizon/api/schedules", json=said, headers=SAME)
    here = site(stage)
    here.expects("status of 422")
    first, second = (here.tab("/schedules/daily/edit", width=width) for _ in range(2))
    first.get_by_label("When", exact=True).fill("0 3 * * *")
    press(first.get_by_role("button", name=re.compile("^(Save|Keep)")))
    expect(first.get_by_role("heading", level=1)).to_have_text("daily")
    second.get_by_label("When", exact=True).fill("0 5 * * *")
    press(second.get_by_role("button", name=re.compile("^(Save|Keep)")))
    expect(second.get_by_role("alert")).to_contain_text("Somebody has changed this schedule since you opened the form")
    expect(second.get_by_label("When", exact=True)).to_have_value("0 5 * * *")
    assert stage.store.schedules.get("daily").when == "0 3 * * *"
    press(second.get_by_role("button", name=re.compile("^(Save|Keep)")))
    expect(second.get_by_role("heading", level=1)).to_have_text("daily")
    assert stage.store.schedules.get("daily").when == "0 5 * * *"


@WIDTHS
def test_the_cancel_of_a_running_job_is_proven_step_by_step(site, width):
    stage = quick()
    stage.worker()
    id = stage.push()
    taken = stage.start(id)
    page = site(stage).tab(f"/jobs/{id}", width=width)
    press(page.get_by_role("button", name="Cancel", exact=True).first)
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("It is asked to stop, and stopped from outside if it does not")
    dialog.get_by_label("Reason").fill("wrong list")
    press(dialog.get_by_role("button", name="Cancel the job"))
    expect(page.locator("#stopping")).to_contain_text("wrong list")
    expect(page.locator("#stopping")).to_contain_text(re.compile("requested", re.I))
    stage.end(taken, Kind.CANCELLED)
    expect(page.locator("h1 + .pill, .head .pill").first).to_have_text("cancelled")
    expect(page.locator("#stopping")).to_contain_text(re.compile("stopped", re.I))


@WIDTHS
def test_two_jobs_of_a_list_are_compared(site, width):
    stage = quick()
    stage.worker()
    one, two, third = stage.done(), stage.fail(), stage.push()
    page = site(stage).tab("/jobs", width=width)
    compare = page.locator(".bulk").get_by_role("button", name=re.compile("Compare"))
    page.locator(f"#j-{one} input").check()
    page.locator(f"#j-{two} input").check()
    expect(compare).to_be_enabled()
    page.locator(f"#j-{third} input").check()
    expect(compare).to_be_disabled()  # of three nobody knows which two are meant
    page.locator(f"#j-{third} input").uncheck()
    compare.click()
    page.wait_for_url(re.compile("/jobs/compare"))
    for said in (one[:8], two[:8], "completed", "failed"):
        expect(page.locator("#live")).to_contain_text(said)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
