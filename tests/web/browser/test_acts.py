"""What people click, and what becomes of it in the store."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from horizon.backends.values import Verb
from horizon.core.query import Selection
from horizon.core.states import JobState
from tests.web.browser.conftest import paused, quick


def test_retry_in_a_row_runs_the_job_again_and_the_row_says_so_where_it_stands(site):
    stage = quick()
    stage.worker()
    id, other = stage.fail(), stage.fail()
    page = site(stage).tab("/failed")
    page.locator(f"#j-{id}").get_by_role("button", name="Retry").click()
    expect(page.locator(f"#j-{id} .pill")).to_have_text("pending")
    expect(page.locator("#toasts")).to_contain_text("Retried SendEmail")
    expect(page).to_have_url(re.compile("/failed$"))
    assert [stage.store.get(one).state for one in (id, other)] == [JobState.PENDING, JobState.FAILED]


def test_a_waiting_job_is_cancelled_at_once_and_undo_brings_it_back(site):
    stage = quick()
    id = stage.push()
    page = site(stage).tab("/jobs")
    page.locator(f"#j-{id}").get_by_role("button", name="Cancel").click()
    expect(page.locator(f"#j-{id} .pill")).to_have_text("cancelled")
    assert stage.store.get(id).state is JobState.CANCELLED
    page.locator("#toasts").get_by_role("button", name="Undo").click()
    expect(page.locator(f"#j-{id} .pill")).to_have_text("pending")


def test_cancelling_a_running_job_asks_first_and_keeps_the_reason(site):
    stage = quick()
    stage.worker()
    id = stage.push("shop.jobs:ImportCatalogue")
    stage.start(id)
    page = site(stage).tab(f"/jobs/{id}")
    page.get_by_role("button", name="Cancel").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Cancel ImportCatalogue?")
    dialog.get_by_role("link", name="Keep").click()
    expect(dialog).not_to_be_visible()
    assert not stage.store.get(id).cancel_requested
    page.get_by_role("button", name="Cancel").click()
    dialog.get_by_label("Reason").fill("wrong file")
    dialog.get_by_role("button", name="Cancel the job").click()
    expect(page.locator("#stopping")).to_contain_text("Cancelled, not stopped yet")
    expect(page.locator("#stopping li").first).to_contain_text(re.compile("^Requested.*: wrong file$"))
    expect(dialog).not_to_be_visible()
    assert stage.store.get(id).cancel_requested
    assert "wrong file" in next(iter(stage.report("w1").stops.values()))


def test_prioritize_raises_the_job_in_the_list_and_to_any_priority_on_its_page(site):
    stage = quick()
    id = stage.push()
    here = site(stage)
    page = here.tab("/jobs?state=pending")
    page.get_by_role("button", name="Prioritize", exact=True).click()
    expect(page.locator(f"#j-{id}")).to_contain_text("priority 10")
    assert stage.store.get(id).priority == 10
    page.goto(here.url(f"/jobs/{id}"), wait_until="domcontentloaded")
    page.get_by_label("Priority").select_option("-10")
    page.get_by_role("button", name="Prioritize").click()
    expect(page.locator("#toasts")).to_contain_text("Prioritized SendEmail to -10")
    assert stage.store.get(id).priority == -10


def test_run_now_starts_a_scheduled_job_before_its_time(site):
    stage = quick()
    id = stage.push(delay=3_600_000_000)
    page = site(stage).tab(f"/jobs/{id}")
    page.get_by_role("button", name="Run now").click()
    expect(page.locator(".head .pill")).to_have_text("pending")
    assert stage.store.get(id).state is JobState.PENDING


def test_forget_hides_a_job_and_undo_restores_it(site):
    stage = quick()
    stage.worker()
    id = stage.fail()
    page = site(stage).tab("/failed")
    page.locator(f"#j-{id}").get_by_role("button", name="Forget").click()
    expect(page.locator(f"#j-{id}")).to_contain_text("forgotten")
    page.locator("#toasts").get_by_role("button", name="Undo").click()
    expect(page.locator("#toasts")).to_contain_text("Restored")
    expect(page.locator(f"#j-{id}")).not_to_contain_text("forgotten")
    assert not stage.store.get(id).forgotten


def test_ticked_rows_are_counted_and_retried_together(site):
    stage = quick()
    stage.worker()
    ids = [stage.fail() for _ in range(4)]
    page = site(stage).tab("/failed")
    expect(page.locator(".bulk")).not_to_be_visible()
    for id in ids[:3]:
        page.locator(f"#j-{id} input").check()
    expect(page.locator("#picked")).to_have_text("3 selected")
    page.locator(".bulk").get_by_role("button", name="Retry").click()
    expect(page.locator("#toasts")).to_contain_text("Retried 3 jobs")
    expect(page.locator(".bulk")).not_to_be_visible()
    assert [stage.store.get(id).state for id in ids] == [JobState.PENDING] * 3 + [JobState.FAILED]


def test_retry_all_asks_with_the_count_in_words_and_escape_says_no(site):
    stage = quick()
    stage.worker()
    ids = [stage.fail() for _ in range(3)]
    page = site(stage).tab("/failed")
    page.get_by_role("button", name="Retry all 3").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Retry all 3 jobs?")
    page.keyboard.press("Escape")
    expect(dialog).not_to_be_visible()
    assert stage.store.get(ids[0]).state is JobState.FAILED
    page.get_by_role("button", name="Retry all 3").click()
    dialog.get_by_role("button", name="Retry 3 jobs").click()
    expect(page.locator("#toasts")).to_contain_text("Retried 3 jobs")
    assert {stage.store.get(id).state for id in ids} == {JobState.PENDING}


def test_a_queue_is_paused_and_resumed_where_it_stands(site):
    stage = quick()
    stage.push()
    page = site(stage).tab("/")
    page.get_by_role("button", name="Pause emails").click()
    expect(page.locator("#q-emails .pill")).to_have_text("paused")
    assert stage.store.queues.get("emails").paused
    page.get_by_role("button", name="Resume emails").click()
    expect(page.get_by_role("button", name="Pause emails")).to_be_visible()
    assert not stage.store.queues.get("emails").paused


def test_an_act_that_came_too_late_says_why_nothing_changed(site):
    stage = quick()
    stage.worker()
    id = stage.fail()
    page = site(stage).tab(f"/jobs/{id}")
    paused(page)
    stage.store.act(Selection(ids=(id,)), Verb.RETRY)
    page.get_by_role("button", name="Retry").click()
    expect(page.locator("#toasts .wrong")).to_contain_text("Nothing was changed")


def test_everything_works_without_javascript(site):
    stage = quick()
    stage.worker()
    id = stage.fail()
    here = site(stage)
    page = here.tab("/failed", java_script_enabled=False)
    page.locator(f"#j-{id}").get_by_role("button", name="Retry").click()
    expect(page.locator("#toasts")).to_contain_text("Retried SendEmail")
    expect(page).to_have_url(re.compile("/failed$"))
    page.goto(here.url(f"/jobs/{id}"), wait_until="domcontentloaded")
    page.get_by_role("button", name="Cancel").click()
    expect(page.locator(".head .pill")).to_have_text("cancelled")
    page.get_by_role("button", name="Theme: auto").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")


def test_without_javascript_a_question_is_a_page(site):
    stage = quick()
    stage.worker()
    id = stage.push()
    stage.start(id)
    here = site(stage)
    page = here.tab(f"/jobs/{id}", java_script_enabled=False)
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("heading", name="Cancel SendEmail?")).to_be_visible()
    page.get_by_role("button", name="Cancel the job").click()
    expect(page).to_have_url(here.url(f"/jobs/{id}"))
    assert stage.store.get(id).cancel_requested


def test_a_viewer_sees_no_button_that_they_may_not_use(site):
    stage = quick()
    stage.worker()
    id = stage.fail()
    stage.push()
    stage.role = "viewer"
    here = site(stage)
    page = here.tab()
    for path in ("/", "/jobs", "/failed", "/failed?view=causes", f"/jobs/{id}"):
        page.goto(here.url(path), wait_until="domcontentloaded")
        assert page.locator("main").get_by_role("button", name="Retry").count() == 0
        assert page.locator("main button[name=do]").count() == 0
