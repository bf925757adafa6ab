"""The pages of queues in a browser: acts where they stand, what a refresh leaves alone, and what axe says."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from horizon.core.states import JobState
from tests.web.browser.conftest import go_by_keys, overflows, paused, quick
from tests.web.browser.test_look import CONTRAST, RULES, violations

PAGES = ("/queues", "/queues/emails", "/queues/data", "/queues/emails/clear", "/queues/nobody-uses")


def test_a_queue_is_cleared_after_its_name_was_typed_and_put_back_by_undo(site):
    stage = quick()
    ids = [stage.push(queue="emails") for _ in range(2)]
    page = site(stage).tab("/queues/emails")
    page.get_by_role("link", name="Clear").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("2 jobs will be cancelled")
    dialog.get_by_label("to confirm").fill("wrong")
    dialog.get_by_role("button", name="Clear emails").click()
    expect(dialog).to_be_visible()
    assert stage.store.get(ids[0]).state is JobState.PENDING
    dialog.get_by_label("to confirm").fill("emails")
    dialog.get_by_role("button", name="Clear emails").click()
    expect(page.locator("#toasts")).to_contain_text("2 waiting jobs cancelled")
    expect(page.locator("#cleared")).to_contain_text("2 waiting jobs cancelled")
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("#cleared")).to_have_count(0)
    assert {stage.store.get(id).state for id in ids} == {JobState.PENDING}


def test_a_pause_with_a_reason_and_what_is_typed_meanwhile_stays(site):
    stage = quick()
    stage.push(queue="emails")
    page = site(stage).tab("/queues/emails")
    page.get_by_label("Until, in").fill("2099-01-01T12:00")
    page.get_by_label("Reason, shown").fill("the relay moves")
    stage.push(queue="emails")
    expect(page.locator("#its-jobs")).to_contain_text("2")
    expect(page.get_by_label("Until, in")).to_have_value("2099-01-01T12:00")
    page.get_by_role("button", name="15 min").click()
    expect(page.locator("#standing")).to_contain_text("the relay moves")
    page.get_by_role("button", name="Resume", exact=True).click()
    expect(page.locator("#standing")).to_have_count(0)


def test_the_keys_g_and_q_lead_to_the_queues_and_a_header_sorts(site):
    stage = quick()
    stage.push(queue="few")
    for _ in range(3):
        stage.push(queue="many")
    page = site(stage).tab("/")
    go_by_keys(page, "q")
    page.wait_for_url("**/queues")
    page.get_by_role("link", name="Pending").click()
    page.wait_for_url("**/queues?sort=-pending")
    expect(page.locator("table.queues tbody tr").first).to_contain_text("many")


def test_settings_are_set_and_given_back_to_the_code_without_javascript(site):
    stage = quick()
    stage.push(queue="emails")
    page = site(stage).tab("/queues/emails", java_script_enabled=False)
    page.get_by_label("Most waiting jobs").fill("7")
    page.get_by_label("Most waiting jobs").press("Enter")
    expect(page.locator("#toasts")).to_contain_text("most waiting jobs set to 7")
    page.get_by_role("button", name="Reset to no limit").click()
    expect(page.locator("#toasts")).to_contain_text("as in the code again")
    assert stage.store.queues.get("emails").overridden == ()


@pytest.mark.parametrize("scene", ["plenty", "empty"])
def test_axe_finds_nothing_and_nothing_runs_out_of_the_window(site, scene):
    stage = quick(scene)
    stage.store.queues.override("emails", {"max_jobs": 5})
    here = site(stage)
    page = here.tab("/queues", color_scheme="light", reduced_motion="reduce")
    wrong = []
    for path in PAGES:
        page.emulate_media(color_scheme="light")
        page.goto(here.url(path), wait_until="domcontentloaded")
        wrong += [(path, one) for one in violations(page, RULES)]
        page.emulate_media(color_scheme="dark")
        wrong += [(path, "dark", one) for one in violations(page, CONTRAST)]
        wrong += [(path, width) for width in (360, 800, 1280) if overflows(page, width)]
    assert wrong == []


@pytest.mark.parametrize("width", [1440, 390])
def test_a_setting_that_is_none_is_told_at_its_field_before_anything_is_sent(site, width):
    stage = quick()
    stage.push(queue="emails")
    page = site(stage).tab("/queues/emails", width=width)
    field = page.get_by_label("Most waiting jobs")
    field.fill("many")
    page.get_by_label("Weight").fill("3")
    page.locator("#settings").get_by_role("button", name="Save").press("Enter")
    expect(field).to_be_focused()
    assert field.evaluate("field => [field.validity.patternMismatch, field.title]") == [True, "A whole number, 1 or more, or: unlimited"]
    assert stage.store.queues.get("emails").overridden == ()
    for typed in ("5,000", "Unlimited", "no limit"):
        field.fill(typed)
        assert field.evaluate("field => field.validity.valid"), typed
    field.press("Enter")
    expect(page.locator("#toasts")).to_contain_text("weight set to 3")
    assert stage.store.queues.get("emails").overridden == ("max_jobs", "priority_weight")


def test_all_settings_take_what_they_say_and_two_tabs_do_not_undo_one_another(site):
    stage = quick()
    stage.push(queue="emails")
    here = site(stage)
    one, two = here.tab("/queues/emails"), here.tab("/queues/emails")
    for page in (one, two):
        paused(page)  # neither sees what the other does
    for label, typed in (("Patience, seconds", "1.5"), ("Dead letters after", "3"), ("Start within, seconds", "30")):
        one.get_by_label(label).fill(typed)
    one.locator("#settings").get_by_role("button", name="Save").click()
    expect(one.locator("#settings").get_by_role("button", name="Reset")).to_have_count(3)
    two.get_by_label("Share in time, percent").fill("99.5 %")
    two.get_by_label("Share in time, percent").press("Enter")
    expect(two.locator("#settings").get_by_role("button", name="Reset")).to_have_count(4)
    kept = stage.store.queues.get("emails")
    assert (kept.patience, kept.dead_after, kept.start_within, kept.start_share) == (1_500_000, 3, 30_000_000, 0.995)
