"""A cause of failure from the day it is new to the day it comes back, and a careful retry of it that stops by itself."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from horizon.core.outcome import Kind
from tests.web.browser.conftest import quick
from tests.web.pages.stage import failure

AT = "/failed/causes/c0ffee"


def fail(stage, times: int = 1) -> None:
    """So many more jobs fail with it."""
    for _ in range(times):
        stage.clock.advance(1)
        stage.fail()


def test_a_cause_is_snoozed_until_it_has_happened_twice_more_resolved_and_told_when_it_is_back(site):
    stage = quick()
    stage.worker()
    fail(stage)
    page = site(stage).tab(AT)
    state = page.locator("h1 ~ .pill, .head .pill").first
    expect(state).to_have_text("new")
    page.get_by_label("Until it has happened so many times more").fill("2")
    page.get_by_role("button", name="Snooze", exact=True).click()
    expect(state).to_have_text("snoozed")
    fail(stage, 3)
    expect(state).to_have_text("ongoing")
    expect(page.locator("#said")).to_contain_text("is over")
    page.get_by_label("Note, kept with it").fill("the relay was full")
    page.get_by_role("button", name="Resolve", exact=True).click()
    expect(state).to_have_text("resolved")
    fail(stage)
    expect(state).to_have_text("regressed")
    expect(page.locator("#history")).to_contain_text("the relay was full")


def test_a_snooze_without_its_number_is_told_in_words_and_keeps_the_note(site):
    stage = quick()
    stage.worker()
    fail(stage)
    here = site(stage)
    here.expects("422")
    page = here.tab(AT)
    page.get_by_label("Note, kept with it").fill("looking")
    page.get_by_role("button", name="Snooze", exact=True).click()
    expect(page.locator("#toasts")).to_contain_text("say after how many more failures it is told again")
    expect(page.get_by_label("Note, kept with it")).to_have_value("looking")


def test_on_a_phone_a_retry_of_a_cause_tries_a_few_stops_by_itself_when_they_fail_again_and_says_which(site):
    stage = quick()
    stage.worker()
    fail(stage, 12)
    page = site(stage).tab(AT, width=390)
    page.get_by_role("button", name="Retry 12 jobs").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("A few first").select_option("10")
    dialog.get_by_role("button", name="Retry 12 jobs").click()
    page.locator("#toasts").get_by_role("link", name="Show").click()
    expect(page.locator("h1")).to_have_text("Retry 12 jobs")
    stage.store.operations.step()
    expect(page.locator("#live")).to_contain_text("It has tried 10 jobs first")
    (one,) = stage.store.operations.list()
    for id in stage.store.operations.get(one.id).trace.acted[:3]:
        stage.end(stage.start(id), Kind.FAILED, error=failure())
    stage.store.operations.step()
    expect(page.locator("#live")).to_contain_text("3 of the first 10 failed again, more than 20 %")
    expect(page.locator("#again")).to_contain_text(re.compile("3 jobs"))
    expect(page.get_by_role("button", name="Stop", exact=True)).to_have_count(0)
