"""Ways through the dashboard, from the first click to what became of it."""

from __future__ import annotations

import csv
import json
import re

import pytest
from playwright.sync_api import expect

from horizon.backends.values import Verb
from horizon.core.query import Selection
from horizon.core.states import JobState
from tests.web.browser.conftest import quick


def states(stage, ids):
    return [stage.store.get(id).state for id in ids]


@pytest.mark.parametrize("scripts", [True, False])
def test_a_search_becomes_chips_and_a_chip_is_taken_away_again(site, scripts):
    stage = quick()
    stage.worker()
    mine = stage.fail(tags=("user:1",))
    other = stage.fail(queue="reports", tags=("user:1",))
    here = site(stage)
    page = here.tab("/", java_script_enabled=scripts)
    box = page.get_by_role("combobox" if scripts else "searchbox", name="Search jobs")  # with scripts it completes what is typed
    box.fill("tag:user:1 queue:emails")
    page.keyboard.press("Enter")
    page.wait_for_url("**/jobs?q=*")
    expect(page.locator(f"#j-{mine}")).to_be_visible()
    expect(page.locator(f"#j-{other}")).to_have_count(0)
    page.get_by_role("link", name="Remove the filter queue:emails").click()
    expect(page.locator(f"#j-{other}")).to_be_visible()
    expect(box).to_have_value("tag:user:1")
    page.get_by_role("link", name="Clear", exact=True).click()
    expect(page.locator(".chip")).to_have_count(0)


def test_more_rows_to_a_page_and_the_older_ones_behind_it(site):
    stage = quick()
    ids = [stage.push() for _ in range(60)][::-1]
    page = site(stage).tab("/jobs")
    rows = page.locator("tbody tr[id^=j-]")
    expect(rows).to_have_count(25)
    page.get_by_role("link", name="Older").click()
    expect(page.locator(f"#j-{ids[25]}")).to_be_visible()
    expect(rows).to_have_count(25)
    page.get_by_role("link", name="Newest").click()
    page.get_by_role("navigation", name="Rows on a page").get_by_role("link", name="50", exact=True).click()
    expect(rows).to_have_count(50)
    expect(page).to_have_url(re.compile("limit=50"))


def test_columns_are_chosen_and_kept_without_javascript(site):
    stage = quick()
    stage.push()
    here = site(stage)
    page = here.tab("/jobs", java_script_enabled=False)
    page.locator("#cols summary").click()
    page.get_by_label("Worker").check()
    page.get_by_role("button", name="Keep").click()
    expect(page.get_by_role("columnheader", name="Worker")).to_be_visible()
    page.goto(here.url("/failed"), wait_until="domcontentloaded")
    page.goto(here.url("/jobs"), wait_until="domcontentloaded")
    expect(page.get_by_role("columnheader", name="Worker")).to_be_visible()


def test_a_list_is_taken_away_as_csv_and_as_json(site):
    stage = quick()
    ids = [stage.push() for _ in range(3)]
    page = site(stage).tab("/jobs?q=queue:emails")
    for kind in ("CSV", "JSON"):
        page.locator("#export summary").click()
        with page.expect_download() as found:
            page.get_by_role("link", name=f"{kind}, all that match").click()
        with open(found.value.path(), newline="") as file:
            rows = list(csv.DictReader(file)) if kind == "CSV" else json.load(file)
        rows = rows if isinstance(rows, list) else next(value for value in rows.values() if isinstance(value, list))
        assert {row["id"] for row in rows} == set(ids)
        expect(page.locator("#export")).not_to_have_attribute("open", "")


def test_an_act_on_many_is_previewed_and_its_page_says_what_was_done_and_what_was_not(site):
    stage = quick()
    stage.worker()
    ids = [stage.push() for _ in range(510)]
    page = site(stage).tab("/jobs?state=pending")
    page.locator("#pick-all").check()
    page.get_by_label("that match").check()
    page.locator(".bulk").get_by_role("button", name="Cancel").click()
    page.get_by_role("dialog").get_by_role("button", name="Cancel 510 jobs").click()
    expect(page.locator("#toasts")).to_contain_text("in the background")
    stage.run(ids[0])
    page.get_by_role("link", name="Details").click()
    expect(page.get_by_role("heading", name="Cancel 510 jobs")).to_be_visible()
    for _ in range(4):
        stage.store.tick()
    expect(page.locator(".head .pill")).to_have_text("done")
    expect(page.locator("dl.kv")).to_contain_text("509 jobs")
    assert stage.store.get(ids[0]).state is JobState.COMPLETED


@pytest.mark.parametrize("scripts", [True, False])
def test_a_queue_is_drained_and_resumed(site, scripts):
    stage = quick()
    stage.worker()
    stage.start(stage.push())
    here = site(stage)
    page = here.tab("/queues/emails", java_script_enabled=scripts)
    page.get_by_role("button", name="Drain").click()
    expect(page.locator("#standing")).to_contain_text("Draining.")
    assert stage.store.queues.get("emails").paused
    page.get_by_role("button", name="Resume", exact=True).click()
    expect(page.locator("#standing")).to_have_count(0)
    assert not stage.store.queues.get("emails").paused


def test_all_that_waits_is_moved_to_another_queue(site):
    stage = quick()
    ids = [stage.push() for _ in range(2)]
    page = site(stage).tab("/queues/emails")
    page.get_by_label("To the queue").fill("slow")
    page.get_by_role("button", name="Move 2 jobs").click()
    expect(page.locator("#toasts")).to_contain_text("Moved 2 jobs from emails to slow")
    assert {stage.store.get(id).queue for id in ids} == {"slow"}


def test_a_worker_is_restarted(site):
    stage = quick()
    stage.worker()
    page = site(stage).tab("/workers/w1")
    page.get_by_role("button", name="Restart").click()
    expect(page.locator("#toasts")).to_contain_text("Restarting web-2:4471: each executor is replaced")
    assert stage.report().commands == ("restart",)


def test_a_cause_is_retried_as_a_whole(site):
    stage = quick()
    stage.worker()
    ids = [stage.fail() for _ in range(3)]
    page = site(stage).tab("/failed?view=causes")
    button = page.get_by_role("button", name="Retry 3", exact=True)
    expect(button).to_have_accessible_description("SMTPServerDisconnected")
    button.click()
    page.get_by_role("dialog").get_by_role("button", name="Retry 3 jobs").click()
    expect(page.locator("#toasts")).to_contain_text("Retried 3 jobs")
    assert set(states(stage, ids)) == {JobState.PENDING}


def test_without_javascript_the_box_on_top_means_every_row_of_the_page(site):
    stage = quick()
    older = [stage.push() for _ in range(5)]
    ids = [stage.push() for _ in range(25)]
    page = site(stage).tab("/jobs", java_script_enabled=False)
    expect(page.locator(".bulk")).not_to_be_visible()
    page.get_by_label("Select every row of this page").check()
    page.locator(".bulk").get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("heading", name="Cancel 25 jobs?")).to_be_visible()
    page.get_by_role("button", name="Cancel them").click()
    expect(page.locator("#toasts")).to_contain_text("Cancelled 25 jobs")
    assert set(states(stage, ids)) == {JobState.CANCELLED}
    assert set(states(stage, older)) == {JobState.PENDING}


def test_without_javascript_all_that_match_are_one_tick_more(site):
    stage = quick()
    ids = [stage.push() for _ in range(40)]
    other = stage.push(queue="reports")
    page = site(stage).tab("/jobs?q=queue:emails", java_script_enabled=False)
    page.get_by_label("Select every row of this page").check()
    page.get_by_label("that match").check()
    page.locator(".bulk").get_by_role("button", name="Cancel").click()
    page.get_by_role("button", name="Cancel 40 jobs").click()
    expect(page.locator("#toasts")).to_contain_text("Cancelled 40 jobs")
    assert set(states(stage, ids)) == {JobState.CANCELLED}
    assert stage.store.get(other).state is JobState.PENDING


def test_without_javascript_everything_removed_on_a_page_is_brought_back(site):
    stage = quick()
    stage.worker()
    ids = [stage.done() for _ in range(3)]
    stage.store.act(Selection(ids=tuple(ids)), Verb.FORGET)
    page = site(stage).tab("/removed", java_script_enabled=False)
    page.get_by_label("Select every row of this page").check()
    page.locator(".bulk").get_by_role("button", name="Restore").click()
    expect(page.locator("#toasts")).to_contain_text("Restored 3 jobs")
    assert not any(stage.store.get(id).forgotten for id in ids)
