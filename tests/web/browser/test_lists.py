"""Lists in a browser: rows that open, selections, acts on many."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from horizon.core.states import JobState
from tests.web.browser.conftest import AXE, quick


def test_a_row_opens_where_it_stands_lives_on_and_closes_again(site):
    stage = quick()
    stage.worker()
    id = stage.push("shop.jobs:ImportCatalogue", args={"path": "spring.csv"})
    other = stage.push()
    page = site(stage).tab("/jobs")
    page.locator(f"#j-{id} .more").click()
    expect(page.locator(f"#p-{id}")).to_contain_text("spring.csv")
    expect(page.locator(f"#j-{id} .more")).to_be_focused()
    expect(page).to_have_url(re.compile(rf"\?open={id}$"))
    taken = stage.start(id)
    stage.progress(taken, 40, "", stage.log(("INFO", "opened spring.csv")))
    expect(page.locator(f"#p-{id}")).to_contain_text("opened spring.csv")
    new = stage.push()
    expect(page.locator("#news")).to_have_text("1 new, show")
    assert page.locator(f"#j-{new}").count() == 0, "opening a row does not let new ones in"
    page.reload()
    expect(page.locator(f"#p-{id}")).to_be_visible()
    page.locator(f"#j-{other} a.name").focus()
    page.keyboard.press("o")
    expect(page.locator(f"#p-{other}")).to_be_visible()
    page.locator(f"#j-{id} .more").click()
    expect(page.locator(f"#p-{id}")).to_have_count(0)
    expect(page.locator(f"#p-{other}")).to_be_visible()


def test_shift_selects_a_range_by_click_and_by_key_and_the_box_on_top_the_page(site):
    stage = quick()
    ids = [stage.push() for _ in range(6)][::-1]
    page = site(stage).tab("/jobs")
    box = lambda index: page.locator(f"#j-{ids[index]} input")  # noqa: E731
    box(1).check()
    box(3).click(modifiers=["Shift"])
    expect(page.locator("#picked")).to_have_text("3 selected")
    expect(page.locator("#pick-all")).to_have_js_property("indeterminate", True)
    page.locator(f"#j-{ids[3]} a.name").focus()
    page.keyboard.press("Shift+J")
    page.keyboard.press("Shift+J")
    expect(page.locator("#picked")).to_have_text("5 selected")
    page.locator("#pick-all").check()
    expect(page.locator("#picked")).to_have_text("6 selected")
    page.locator("#pick-all").uncheck()
    expect(page.locator(".bulk")).not_to_be_visible()


def test_all_that_match_become_an_operation_with_a_bar_and_a_way_back(site):
    stage = quick()
    for _ in range(620):
        stage.push()
    page = site(stage).tab("/jobs?state=pending")
    page.locator("#pick-all").check()
    page.get_by_label("that match").check()
    expect(page.locator("#picked")).to_have_text("All that match")
    page.locator(".bulk").get_by_role("button", name="Cancel").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Cancel all 620 jobs?")
    dialog.get_by_role("button", name="Cancel 620 jobs").click()
    expect(page.locator("#toasts")).to_contain_text("Cancelling 620 jobs in the background")
    page.locator("#toasts .toast").hover()  # it stays as long as somebody points at it, and Undo is needed below
    stage.store.operations.step()
    expect(page.locator(".strip progress")).to_have_attribute("value", "500")
    page.locator("#toasts").get_by_role("button", name="Undo").click()
    expect(page.locator("#toasts")).to_contain_text("500 jobs are back where they were")
    for _ in range(4):
        stage.store.tick()
    expect(page.locator(".strip", has_text="in the background")).to_have_count(0)
    (row,) = stage.store.numbers.counts()
    assert row.counts[JobState.PENDING] == 620


def test_a_selection_is_moved_to_a_queue_that_is_asked_for(site):
    stage = quick()
    ids = [stage.push() for _ in range(2)]
    page = site(stage).tab("/jobs")
    page.locator("#pick-all").check()
    page.locator(".bulk").get_by_role("button", name="Move").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("To the queue").fill("slow")
    dialog.get_by_role("button", name="Move").click()
    expect(page.locator("#toasts")).to_contain_text("Moved 2 jobs to slow")
    assert {stage.store.get(id).queue for id in ids} == {"slow"}


def test_menus_open_survive_news_and_close_with_escape(site):
    stage = quick()
    id = stage.push()
    page = site(stage).tab("/jobs")
    page.locator("#cols summary").click()
    page.get_by_label("Worker").check()
    stage.push()
    expect(page.locator("#news")).to_be_visible()
    expect(page.get_by_label("Worker")).to_be_checked()
    page.keyboard.press("Escape")
    expect(page.get_by_label("Worker")).not_to_be_visible()
    page.locator("#cols summary").click()
    page.get_by_role("button", name="Keep").click()
    expect(page.get_by_role("columnheader", name="Worker")).to_be_visible()
    expect(page.locator(f"#j-{id}")).to_have_count(1)


def test_columns_are_chosen_where_one_is_without_the_page_being_loaded_anew(site):
    stage = quick()
    for _ in range(40):
        stage.push()
    page = site(stage).tab("/jobs")
    page.set_viewport_size({"width": 1440, "height": 500})
    page.evaluate("window.same = true; scrollTo(0, 200)")
    page.locator("#cols summary").focus()
    page.keyboard.press("Enter")
    page.get_by_label("Worker").focus()
    page.keyboard.press("Space")
    page.get_by_role("button", name="Keep").focus()
    scrolled = page.evaluate("scrollY")
    page.keyboard.press("Enter")
    expect(page.get_by_role("columnheader", name="Worker")).to_be_visible()
    expect(page.locator("#cols summary")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_label("Worker")).to_be_checked()
    page.get_by_role("button", name="As usual").press("Enter")
    expect(page.get_by_role("columnheader", name="Worker")).to_have_count(0)
    expect(page.locator("#cols summary")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_label("Worker")).not_to_be_checked()
    assert page.evaluate("[window.same, scrollY]") == [True, scrolled]


def test_lists_and_operations_pass_axe_with_rows_open_and_menus(site):
    stage = quick("plenty")
    stage.real = True
    here = site(stage)
    for scheme in ("light", "dark"):
        page = here.tab(f"/failed?open={stage.tried}&after=30d", color_scheme=scheme)
        page.locator("#range summary").click()
        page.evaluate(AXE)
        found = page.evaluate("axe.run().then(r => r.violations.map(v => v.id + ' ' + v.nodes.map(n => n.html).join(' | ')))")
        assert found == []
