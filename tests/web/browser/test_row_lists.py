"""Several batches and several schedules at once, from their lists, in a browser."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.schedule.office import Report, alone  # noqa: F401 (a job that is registered)
from tests.web import sights
from tests.web.browser.conftest import quick
from tests.web.pages import flows

JOB = "tests.schedule.office:Report"


@pytest.mark.parametrize("scripts", [True, False], ids=["with JavaScript", "without"])
def test_batches_are_found_ticked_and_cancelled_and_the_act_is_undone(site, scripts):
    stage = quick()
    known = {name: flows.batch(stage, 2, name=name)[0] for name in ("Import of June", "Import of July", "Letters")}
    page = site(stage).tab("/batches", java_script_enabled=scripts)
    page.get_by_label("Search batches").fill("import")
    page.get_by_label("Search batches").press("Enter")
    expect(page.locator(f"#g-{known['Letters']}")).to_have_count(0)
    page.get_by_label("Select Import of June").check()
    page.get_by_label("Select Import of July").check()
    page.locator(".bulk").get_by_role("button", name="Cancel 2 batches" if scripts else "Cancel", exact=True).click()
    expect(page.get_by_text("Cancel 2 batches?", exact=True)).to_be_visible()
    page.get_by_label("Reason").fill("wrong file")
    page.get_by_role("button", name="Cancel 2 batches", exact=True).last.click()
    expect(page.locator("#toasts")).to_contain_text("Cancelled 2 batches")
    expect(page.locator(f"#g-{known['Import of June']} .pill")).to_have_text("cancelled")
    page.locator("#toasts").get_by_role("button", name="Undo").click()
    expect(page.locator(f"#g-{known['Import of June']} .pill")).to_have_text("waiting")
    assert stage.store.groups.get(known["Letters"]).state == "running"


def test_schedules_are_ticked_by_keyboard_paused_and_resumed_by_undo(site):
    stage = quick()
    for name in ("nightly", "weekly"):
        stage.client.post(
            "/horizon/new/schedule",
            data={"job": JOB, "name": name, "when": "every 90s", "args": "{}"},
            headers={"Sec-Fetch-Site": "same-origin"},
        )
    page = site(stage).tab("/schedules")
    page.keyboard.press("j")
    expect(page.get_by_role("link", name="nightly")).to_be_focused()
    page.keyboard.press("Shift+J")
    page.locator(".bulk").get_by_role("button", name="Pause 2 schedules", exact=True).click()
    expect(page.locator("#toasts")).to_contain_text("Paused 2 schedules")
    expect(page.locator("#s-weekly .pill")).to_have_text("paused")
    page.locator("#toasts").get_by_role("button", name="Undo").click()
    expect(page.locator("#s-weekly .pill")).to_have_count(0)
    assert not [one.name for one in stage.store.schedules.all() if one.paused]


def test_on_a_phone_one_box_that_says_so_ticks_every_schedule_of_the_page(site):
    stage = quick("plenty")
    sights.scheduled(stage, ("a reason",))
    page = site(stage).tab("/schedules", width=390)
    expect(page.get_by_text("Select every row of this page")).to_be_visible()
    page.get_by_text("Select every row of this page").click()
    every = page.locator("tbody input[name=id]")
    expect(page.locator("tbody input[name=id]:checked")).to_have_count(every.count())
    assert every.count() == len(stage.store.schedules.all())


def test_queues_are_stepped_through_and_ticked_by_keyboard(site):
    stage = quick()
    for queue in ("a", "b"):
        stage.push(queue=queue)
    page = site(stage).tab("/queues")
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(page.get_by_role("link", name="b", exact=True)).to_be_focused()
    page.keyboard.press("k")
    page.keyboard.press("x")
    expect(page.locator(".bulk").get_by_role("button", name="Pause 1 queue", exact=True)).to_be_visible()
