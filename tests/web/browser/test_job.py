"""One job's page in a browser: edit and retry, duplicate, reschedule, the log."""

from __future__ import annotations

import re
from datetime import date

from playwright.sync_api import expect

from horizon.core.query import JobQuery
from horizon.core.states import JobState
from horizon.jobs.codec import decode
from tests.web.browser.conftest import comes_true, overflows, quick
from tests.web.browser.test_look import CONTRAST, RULES, violations
from tests.web.pages.test_job_form import ARGS, Paper

AT_END = "() => { const el = document.querySelector('#lines'); return el.scrollTop > 0 && el.scrollHeight - el.scrollTop - el.clientHeight < 2; }"
SCROLLED_UP = """() => { const el = document.querySelector('#lines'); el.scrollTop = 0;
  return new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(el.scrollTop === 0)))); }"""
"""And the page has been told so: that comes with the next picture."""
REPORT = "form-tests:print-report"


def newest(stage):
    return stage.store.get(stage.store.find(JobQuery(name=REPORT, limit=1)).items[0].id)


def test_edit_and_retry_shows_the_difference_and_dispatches_a_new_job(site):
    stage = quick()
    stage.worker()
    id = stage.fail(REPORT, args=ARGS, queue="reports")
    here = site(stage)
    here.expects("422")
    page = here.tab(f"/jobs/{id}")
    page.get_by_role("link", name="Edit and retry").click()
    page.get_by_label("title").fill("Sales of November")
    page.get_by_label("paper").select_option("A4 ('a4')")
    page.get_by_label("day", exact=True).fill("2026-12-24")
    page.get_by_label("copies").first.fill("100")
    page.get_by_role("button", name="See the difference").click()
    expect(page.get_by_role("alert")).to_contain_text("the printer takes 99 copies at most")
    page.get_by_label("copies").first.fill("9")
    page.get_by_role("button", name="See the difference").click()
    expect(page.locator(".diff tbody tr")).to_have_count(4)
    assert newest(stage).id == id
    page.get_by_role("button", name="Dispatch it").click()
    expect(page.locator("#toasts")).to_contain_text("Dispatched print-report again, with 4 arguments changed")
    expect(page.locator("#related")).to_contain_text("Made from")
    made = newest(stage)
    assert decode(made.payload) == {**ARGS, "title": "Sales of November", "paper": Paper.A4, "day": date(2026, 12, 24), "copies": 9}
    page.locator("#related a").click()
    expect(page.locator("#job-id")).to_have_text(id)
    expect(page.locator("#related")).to_contain_text("Made from this one")


def test_a_duplicate_is_two_clicks_and_changes_nothing_a_browser_does_to_its_fields(site):
    stage = quick()
    stage.worker()
    id = stage.done(REPORT, args={**ARGS, "title": " two\nlines ", "more": None}, queue="reports")
    page = site(stage).tab(f"/jobs/{id}")
    page.get_by_text("More", exact=True).click()
    page.get_by_role("link", name="Duplicate").click()
    page.get_by_role("button", name="Look at it once more").click()
    expect(page.locator("#main")).to_contain_text("Nothing is changed")
    page.get_by_role("button", name="Dispatch it").click()
    expect(page.locator("#toasts")).to_contain_text("Dispatched print-report again")
    assert newest(stage).id != id
    assert newest(stage).payload == stage.store.get(id).payload


def test_rescheduling_in_a_dialog_takes_the_viewers_own_time_of_day(site):
    stage = quick()
    id = stage.push()
    page = site(stage).tab(f"/jobs/{id}")
    expect(page.locator(".foot")).to_contain_text("Europe/Rome")
    page.get_by_text("More", exact=True).click()
    page.get_by_role("link", name="Reschedule").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("in Europe/Rome")
    dialog.get_by_label("Date and time").fill("2020-01-01T08:00")
    dialog.get_by_role("button", name="Reschedule").click()
    expect(dialog.get_by_role("alert")).to_contain_text("in the past")
    dialog.get_by_label("Date and time").fill("2030-07-01T08:00")
    dialog.get_by_role("button", name="Reschedule").click()
    expect(page.locator(".head .pill")).to_have_text("scheduled")
    expect(dialog).not_to_be_visible()
    assert stage.store.get(id).state is JobState.SCHEDULED
    assert stage.store.get(id).available_at == 1_909_116_000 * 1_000_000  # 06:00 UTC


def test_the_log_is_filtered_and_a_live_one_stays_at_its_end_unless_somebody_scrolls_up(site):
    stage = quick()
    stage.worker()
    id = stage.push()
    taken = stage.start(id)
    stage.progress(taken, 1, "", stage.log(*[("INFO", f"row {n}") for n in range(60)], ("WARNING", "row 60 is odd")))
    page = site(stage).tab(f"/jobs/{id}")
    lines = page.locator("#lines")
    comes_true(page, AT_END)
    stage.progress(taken, 2, "", stage.log(*[("INFO", f"row {n}") for n in range(61, 81)]))
    expect(lines).to_contain_text("row 80")
    comes_true(page, AT_END)
    comes_true(page, SCROLLED_UP)
    stage.progress(taken, 3, "", stage.log(("INFO", "row 81")))
    expect(lines).to_contain_text("row 81")
    assert lines.evaluate("el => el.scrollTop") < 30
    page.get_by_role("link", name="Warnings 1").click()
    expect(lines.locator("li")).to_have_count(1)
    expect(page).to_have_url(re.compile("level=WARNING"))


def test_python_is_shown_to_copy_and_the_traceback_is_copied(site):
    stage = quick()
    stage.worker()
    id = stage.fail(REPORT, args={"title": "Sales", "copies": 2})
    page = site(stage).tab(f"/jobs/{id}", permissions=["clipboard-read", "clipboard-write"])
    page.get_by_role("link", name="Copy the traceback").click()
    comes_true(page, "navigator.clipboard.readText().then((text) => text.startsWith('Traceback'))")
    page.get_by_text("More", exact=True).click()
    page.get_by_role("link", name="Copy as Python").click()
    expect(page.get_by_role("dialog")).to_contain_text('PrintReport.dispatch("Sales", copies=2)')
    page.get_by_role("dialog").get_by_role("button", name="Copy").click()
    comes_true(page, "navigator.clipboard.readText().then((text) => text.includes('import PrintReport'))")


def test_the_forms_and_the_open_menu_are_for_everybody_on_any_width(site):
    stage = quick()
    stage.worker()
    id = stage.fail(REPORT, args=ARGS, queue="reports", tags=("from:" + stage.done(),))
    here = site(stage)
    page = here.tab(f"/jobs/{id}/edit", reduced_motion="reduce")
    wrong = violations(page, RULES)
    page.get_by_label("title").fill("Other")
    page.get_by_role("button", name="See the difference").click()
    page.locator(".diff").wait_for()
    wrong += violations(page, RULES)
    for path in ("", "/edit", "/reschedule", "/move", "/curl"):
        page.goto(here.url(f"/jobs/{id}{path}"), wait_until="domcontentloaded")
        if not path:
            page.get_by_text("More", exact=True).click()
        wrong += violations(page, RULES)
        page.emulate_media(color_scheme="dark")
        wrong += violations(page, CONTRAST)
        page.emulate_media(color_scheme="light")
        wrong += [(path, "wide")] if overflows(page, 360) else []
        page.set_viewport_size({"width": 1280, "height": 800})
    assert wrong == []


def test_without_javascript_the_forms_are_pages_and_do_the_same(site):
    stage = quick()
    stage.worker()
    id = stage.fail(REPORT, args=ARGS, queue="reports")
    page = site(stage).tab(f"/jobs/{id}", java_script_enabled=False)
    page.get_by_role("link", name="Edit and retry").click()
    page.get_by_label("title").fill("Other")
    page.get_by_role("button", name="See the difference").click()
    page.get_by_role("button", name="Change it again").click()
    expect(page.get_by_label("title")).to_have_value("Other")
    page.get_by_role("button", name="See the difference").click()
    page.get_by_role("button", name="Dispatch it").click()
    expect(page.locator("#toasts")).to_contain_text("with 1 argument changed")
    assert decode(newest(stage).payload) == {**ARGS, "title": "Other"}
    page.get_by_text("More", exact=True).click()
    page.get_by_role("link", name="Move to a queue").click()
    page.get_by_role("combobox", name="Queue").fill("elsewhere")
    page.get_by_role("button", name="Move").click()
    expect(page.locator("#toasts")).to_contain_text("Moved print-report to elsewhere")
    assert newest(stage).queue == "elsewhere"
