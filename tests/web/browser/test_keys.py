"""Everything by keyboard."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from horizon.core.states import JobState
from tests.web.browser.conftest import quick


def test_slash_goes_to_the_search_and_escape_leaves_it(site):
    stage = quick()
    page = site(stage).tab("/")
    page.keyboard.press("/")
    expect(page.locator("#q")).to_be_focused()
    page.keyboard.type("j")
    expect(page.locator("#q")).to_have_value("j")
    page.keyboard.press("Escape")
    expect(page.locator("#q")).not_to_be_focused()


def test_g_and_a_letter_go_to_a_page(site):
    stage = quick()
    page = site(stage).tab("/")
    for letter, path in (("j", "/horizon/jobs"), ("f", "/horizon/failed"), ("o", "/horizon/")):
        page.keyboard.press("g")
        page.keyboard.press(letter)
        page.wait_for_url(re.compile(f".*{path}$"))


def test_j_and_k_walk_the_rows_x_ticks_r_retries_and_enter_opens(site):
    stage = quick()
    stage.worker()
    first, second = stage.fail("shop.jobs:First"), stage.fail("shop.jobs:Second")
    page = site(stage).tab("/failed")
    page.keyboard.press("j")
    expect(page.locator(f"#j-{second} a.name")).to_be_focused()
    page.keyboard.press("j")
    page.keyboard.press("x")
    expect(page.locator(f"#j-{first} input")).to_be_checked()
    page.keyboard.press("k")
    page.keyboard.press("r")
    expect(page.locator(f"#j-{second} .pill")).to_have_text("pending")
    assert [stage.store.get(id).state for id in (first, second)] == [JobState.FAILED, JobState.PENDING]
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/jobs/{first}")


def test_r_retries_the_job_of_the_page(site):
    stage = quick()
    stage.worker()
    id = stage.fail()
    page = site(stage).tab(f"/jobs/{id}")
    page.keyboard.press("r")
    expect(page.locator(".head .pill")).to_have_text("pending")


def test_question_mark_shows_the_keys_and_focus_comes_back(site):
    stage = quick()
    page = site(stage).tab("/jobs")
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog", name="Keys and search")
    expect(dialog).to_contain_text("next and previous row")
    page.keyboard.press("Escape")
    expect(dialog).not_to_be_visible()


def test_the_first_tab_stop_skips_to_the_content_and_every_stop_shows_where_it_is(site):
    stage = quick("plenty")
    page = site(stage).tab("/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    for _ in range(12):
        page.keyboard.press("Tab")
        outline = "(s => s.outlineStyle !== 'none' || s.boxShadow !== 'none')(getComputedStyle(document.activeElement.closest('.search') || document.activeElement))"
        assert page.evaluate(outline)


def test_copy_puts_the_id_on_the_clipboard(site):
    stage = quick()
    id = stage.push()
    page = site(stage).tab(f"/jobs/{id}", permissions=["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy id").click()
    page.wait_for_function("navigator.clipboard.readText().then(text => text.length > 0)")
    assert page.evaluate("navigator.clipboard.readText()") == id
