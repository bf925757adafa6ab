"""Everything by keyboard."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Route, expect

from horizon.core.states import JobState
from horizon.web import resources
from tests.web.browser.conftest import comes_true, go_by_keys, quick
from tests.web.browser.scenes import everything

FINDING = {"ArrowDown": "↓", "ArrowUp": "↑", "Enter": "Enter", "Tab": "Tab", "Escape": "Esc", "k": "K"}
"""Keys of the search and the palette, as the sheet names them."""


def test_slash_goes_to_the_search_and_escape_leaves_it(site):
    stage = quick()
    page = site(stage).tab("/")
    page.keyboard.press("/")
    expect(page.locator("#q")).to_be_focused()
    page.keyboard.type("qu")
    expect(page.locator("#q")).to_have_value("qu")
    expect(page.locator("#q-choices")).to_be_visible()
    page.keyboard.press("Escape")  # the first closes what is suggested
    expect(page.locator("#q-choices")).to_be_hidden()
    page.keyboard.press("Escape")
    expect(page.locator("#q")).not_to_be_focused()


def test_g_and_a_letter_go_to_a_page(site):
    stage = quick()
    page = site(stage).tab("/")
    for letter, path in (("j", "/horizon/jobs"), ("f", "/horizon/failed"), ("o", "/horizon/")):
        go_by_keys(page, letter)
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
    expect(page.locator("#toasts")).to_contain_text("Retried")
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
        comes_true(page, outline)


def test_copy_puts_the_id_on_the_clipboard(site):
    stage = quick()
    id = stage.push()
    page = site(stage).tab(f"/jobs/{id}", permissions=["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy id").click()
    comes_true(page, "id => navigator.clipboard.readText().then(text => text === id)", arg=id)


LISTS = ("/", "/jobs", "/failed", "/failed?view=causes", "/queues", "/workers", "/audit", "/removed", "/operations")
HERE = "(document.activeElement.closest('tr[id], article[id], li[id]') || {}).id"


def in_row(page, id: str) -> None:
    """Wait until the focus is there."""
    comes_true(page, f"id => {HERE} === id", arg=id)


def test_j_and_k_walk_every_list_and_enter_opens_what_the_row_is_about(site):
    here = site(everything())
    page = here.tab()
    for path in LISTS:
        page.goto(here.url(path), wait_until="domcontentloaded")
        page.keyboard.press("j")
        first = comes_true(page, HERE)
        page.keyboard.press("j")
        comes_true(page, f"first => ![undefined, '', first].includes({HERE})", arg=first)
        page.keyboard.press("k")
        in_row(page, first)
        page.keyboard.press("Enter")
        comes_true(page, "address => location.href !== address", arg=here.url(path))


def test_r_retries_a_cause_and_brings_back_what_was_removed_and_x_selects_there(site):
    stage = everything()
    here = site(stage)
    page = here.tab("/removed")
    page.keyboard.press("j")
    page.keyboard.press("x")
    expect(page.locator("#picked")).to_have_text("1 selected")
    page.keyboard.press("r")
    expect(page.locator("#toasts")).to_contain_text("Restored SendEmail")
    page.goto(here.url("/failed?view=causes"), wait_until="domcontentloaded")
    page.keyboard.press("j")
    page.keyboard.press("r")
    expect(page.locator("#dialog, #toasts .toast").first).to_contain_text("etr")


def test_o_opens_a_row_where_it_stands_or_its_page_where_it_cannot(site):
    here = site(everything())
    page = here.tab("/jobs")
    page.keyboard.press("j")
    page.keyboard.press("o")
    expect(page.locator("tr.peek")).to_have_count(1)
    page.goto(here.url("/queues"), wait_until="domcontentloaded")
    page.keyboard.press("j")
    page.keyboard.press("o")
    page.wait_for_url("**/queues/*")


def test_u_undoes_and_the_focus_is_back_in_the_row(site):
    stage = quick()
    id = stage.push()
    page = site(stage).tab("/jobs")
    page.keyboard.press("j")
    page.locator(f"#j-{id}").get_by_role("button", name="Cancel").press("Enter")
    expect(page.locator(f"#j-{id} .pill")).to_have_text("cancelled")
    in_row(page, f"j-{id}")
    # the row may say so before the act is answered: with a refresh that was just being drawn
    expect(page.locator("#toasts").get_by_role("button", name="Undo")).to_be_visible()
    page.keyboard.press("u")
    expect(page.locator(f"#j-{id} .pill")).to_have_text("pending")
    page.keyboard.press("k")
    in_row(page, f"j-{id}")


def test_after_a_dialog_the_focus_is_where_it_was_or_in_the_page_where_that_is_gone(site):
    stage = quick()
    stage.worker()
    stage.start(id := stage.push())
    page = site(stage).tab(f"/jobs/{id}")
    page.get_by_role("button", name="Cancel").press("Enter")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Cancel")).to_be_focused()
    page.keyboard.press("Enter")
    page.get_by_role("dialog").get_by_role("button", name="Cancel the job").press("Enter")
    expect(page.get_by_role("button", name="Cancel")).to_have_count(0)
    expect(page.locator("#main")).to_be_focused()


def test_the_focus_is_in_the_page_too_where_the_button_went_while_its_dialog_still_asked(site):
    stage = quick()
    stage.worker()
    stage.start(id := stage.push())
    page = site(stage).tab(f"/jobs/{id}")

    def answer_late(route: Route) -> None:
        answer = route.fetch()
        expect(page.get_by_role("button", name="Cancel", exact=True, include_hidden=True)).to_have_count(0)
        route.fulfill(response=answer)

    page.route("**/cancel", lambda route: answer_late(route) if route.request.method == "POST" else route.continue_())
    page.get_by_role("button", name="Cancel").press("Enter")
    page.get_by_role("dialog").get_by_role("button", name="Cancel the job").press("Enter")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.locator("#main")).to_be_focused()


def test_the_sheet_names_every_key_that_does_something_and_no_other(site):
    page = site(quick()).tab("/help")
    told = set(page.locator("dl.keys kbd").all_inner_texts())
    letters = set(page.locator("a.nav").evaluate_all("all => all.map(a => a.dataset.key)"))
    source = (Path(resources.static()) / "keys.js").read_text().partition("const KEYS = {")[2].partition("\n  };")[0]
    bound = set(re.findall(r'(?m)^    "?(.)"?: \(\) =>', source))
    assert len(bound) == source.count("() =>")
    finding = set(re.findall(r'e\.key(?:\.toLowerCase\(\))? === "(\w+)"', (Path(resources.static()) / "find.js").read_text()))
    assert finding <= FINDING.keys(), "a key of the search or the palette that the sheet has no name for"
    assert told == letters | bound - {"J", "K"} | {FINDING[key] for key in finding} | {"Shift", "Ctrl", "⌘"}, "J: Shift with j"
    for title, letter in page.locator("a.nav").evaluate_all(
        "all => all.map(a => [a.firstChild.nextSibling.textContent.trim(), a.dataset.key])"
    ):
        assert f"g {letter}\ngo to {title}" in page.locator("dl.keys").last.inner_text().replace("\n\n", "\n")


def test_every_letter_leads_to_its_page_and_menus_open_and_close_by_keyboard(site):
    here = site(everything())
    page = here.tab("/help")
    ways = page.locator("a.nav").evaluate_all("all => all.map(a => [a.dataset.key, a.href])")
    assert len(ways) >= 8
    for letter, address in ways:
        go_by_keys(page, letter)
        page.wait_for_url(address, wait_until="domcontentloaded")
    page.goto(here.url("/jobs"), wait_until="domcontentloaded")
    for menu in ("#range", "#cols", "#export"):
        page.locator(f"{menu} summary").press("Enter")
        expect(page.locator(menu)).to_have_attribute("open", "")
        page.keyboard.press("Tab")
        comes_true(page, f"document.querySelector('{menu}').contains(document.activeElement)")
        page.keyboard.press("Escape")
        expect(page.locator(menu)).not_to_have_attribute("open", "")
        expect(page.locator(f"{menu} summary")).to_be_focused()
