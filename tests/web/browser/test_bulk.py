"""Acts on many and the steps of a chain, as people click them."""

from __future__ import annotations

from playwright.sync_api import expect

from horizon.core.states import JobState
from tests.web import shop_jobs
from tests.web.browser.conftest import quick
from tests.web.pages import flows


def test_the_buttons_above_a_list_say_how_many_they_are_about(site):
    stage = quick()
    stage.worker()
    ids = [stage.fail() for _ in range(3)]
    page = site(stage).tab("/jobs?state=failed")
    page.locator(f"#j-{ids[0]} input").check()
    expect(page.locator(".bulk").get_by_role("button", name="Retry 1 job", exact=True)).to_be_visible()
    page.locator("#pick-all").check()
    expect(page.locator(".bulk").get_by_role("button", name="Forget 3 jobs", exact=True)).to_be_visible()
    page.locator(".bulk").get_by_role("button", name="Retry 3 jobs", exact=True).click()
    expect(page.locator("#toasts")).to_contain_text("Retried 3 jobs")


def test_a_canary_is_chosen_in_the_dialog_and_its_page_tells_what_it_waits_for(site):
    stage = quick()
    stage.worker()
    for _ in range(3):
        stage.fail()
    page = site(stage).tab("/failed")
    page.get_by_role("button", name="Retry all 3").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("A few first").select_option("10")
    dialog.get_by_label("Reason, kept in the audit log").fill("the relay is back")
    dialog.get_by_role("button", name="Retry 3 jobs").click()
    expect(page.locator("#toasts")).to_contain_text("10 first, stops when more than 20 % fail again")
    page.locator("#toasts").get_by_role("link", name="Show").click()
    expect(page.locator("h1")).to_have_text("Retry 3 jobs")
    expect(page.locator("#live")).to_contain_text("the relay is back")


def test_a_step_is_added_while_news_come_and_another_is_removed(site):
    stage = quick()
    stage.worker()
    id, ids = flows.chain(stage, "Extract", "Load", "Report")
    page = site(stage).tab(f"/chains/{id}")
    page.get_by_text("Add a step", exact=True).click()
    page.get_by_label("Job, by its registered name").fill(shop_jobs.SendMail.name)
    flows.done(stage, ids["Extract"])
    expect(page.locator(f"#s-{ids['Extract']} .pill")).to_have_text("completed")
    page.get_by_label("Arguments").fill('{"to": "a@b.c"}')
    page.get_by_role("button", name="Add the step").click()
    expect(page.locator("#toasts")).to_contain_text("Added send-mail to the chain")
    expect(page.locator("#steps li")).to_have_count(4)
    page.get_by_role("button", name="Remove step 3").click()
    page.get_by_role("button", name="Remove the step").click()
    expect(page.locator(f"#s-{ids['Report']} .pill")).to_have_text("removed")
    assert stage.store.get(ids["Report"]).state is JobState.CANCELLED
