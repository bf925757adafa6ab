"""The search that completes itself, and the palette."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from horizon.control.views import ViewControl
from tests.web.browser.conftest import AXE, comes_true, paused, quick
from tests.web.pages.kept import ANA


def options(page, box: str = "#q-choices"):
    return page.locator(f"{box}:not([hidden]) li")


def violations(page) -> list[str]:
    page.evaluate(
        AXE
        + ";window.axed = axe.run(document, {resultTypes: ['violations']}).then(found => found.violations.map(one => one.id + ' ' + one.nodes[0].html))"
    )
    return page.evaluate("window.axed")


def shop():
    stage = quick()
    stage.worker()
    stage.push(queue="emails", tags=("tenant:7",))
    stage.push(queue="reports", tags=("tenant:8",))
    return stage


def test_a_filter_is_typed_with_arrows_tab_and_enter_while_the_page_renews_itself(site):
    stage = shop()
    page = site(stage).tab("/jobs")
    q = page.get_by_role("combobox", name="Search jobs")
    q.focus()
    page.keyboard.type("qu")
    expect(options(page).first).to_have_text(re.compile("^queue:"))
    page.keyboard.press("Tab")
    expect(q).to_have_value("queue:")
    expect(options(page)).to_have_count(2)
    seen = stage.push(queue="images")  # something new is drawn below what is being typed
    expect(page.locator("#news")).to_be_visible()
    expect(q).to_have_value("queue:")
    expect(q).to_be_focused()
    page.keyboard.type("re")
    expect(options(page)).to_have_count(1)
    page.keyboard.press("ArrowDown")
    expect(q).to_have_attribute("aria-activedescendant", "q-choices-0")
    expect(options(page).first).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Enter")
    expect(q).to_have_value("queue:reports ")
    page.keyboard.press("Escape")
    expect(page.locator("#q-choices")).to_be_hidden()
    expect(q).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"q=queue%3Areports"))
    expect(page.locator(f"#j-{seen}")).to_have_count(0)
    expect(page.locator("tbody tr")).to_have_count(1)


def test_what_was_searched_lately_stands_below_the_empty_box_until_it_is_forgotten(site):
    stage = shop()
    page = site(stage).tab("/jobs")
    page.keyboard.press("/")
    page.keyboard.type("tag:tenant:7")
    expect(options(page).first).to_be_visible()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("tenant"))
    page.locator("#q").fill("")
    expect(options(page).first).to_have_text(re.compile("tag:tenant:7.*searched lately"))
    options(page).filter(has_text="Forget recent searches and views").click()
    expect(options(page).first).to_have_text(re.compile("^queue:"))
    expect(page.get_by_text("Forget recent searches and views")).to_have_count(0)


def test_the_palette_goes_anywhere_and_the_focus_comes_back(site):
    stage = shop()
    page = site(stage).tab("/audit")
    page.get_by_role("link", name="Skip to content").focus()
    page.keyboard.press("Control+k")
    dialog = page.get_by_role("dialog", name="Find anything")
    expect(dialog).to_be_visible()
    field = dialog.get_by_role("combobox")
    expect(field).to_be_focused()
    expect(options(page, "#palette-choices").first).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Tab")
    assert page.evaluate("document.querySelector('#palette').contains(document.activeElement) || document.activeElement === document.body")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    page.keyboard.press("Control+k")
    page.keyboard.type("reports")  # in full: a class that is loaded may be called Report, and fits its own name better
    expect(options(page, "#palette-choices").last).to_have_text(re.compile("^reports.*search all jobs"))  # the answer to all of it
    expect(options(page, "#palette-choices").first).to_contain_text("reports")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/queues/reports$"))
    page.get_by_role("link", name=re.compile("Find anything")).click()
    expect(options(page, "#palette-choices").first).to_contain_text("reports")  # where one was lately


def test_an_id_that_is_pasted_opens_its_job(site):
    stage = shop()
    id = stage.push()
    page = site(stage).tab("/")
    page.locator("#q").fill(f" {id} ")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/jobs/{id}")
    page.keyboard.press("Control+k")
    page.keyboard.type(f"see job {id} of last night")
    expect(options(page, "#palette-choices").first).to_contain_text(id)


def test_lists_of_choices_are_right_for_whoever_does_not_see_them(site):
    stage = shop()
    page = site(stage).tab("/jobs")
    paused(page)
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        page.locator("#q").fill("tag:ten")
        expect(options(page)).to_have_count(3)
        page.keyboard.press("ArrowDown")
        assert violations(page) == []
        page.keyboard.press("Escape")
        page.keyboard.press("Control+k")
        expect(options(page, "#palette-choices").first).to_be_visible()
        assert violations(page) == []
        page.keyboard.press("Escape")
        comes_true(page, "!document.querySelector('dialog[open]')")


def test_without_javascript_the_box_is_a_plain_one_with_a_way_to_its_words(site):
    stage = shop()
    page = site(stage).tab("/jobs", java_script_enabled=False)
    expect(page.get_by_role("searchbox", name="Search jobs")).to_be_visible()
    page.get_by_role("link", name="What can be searched").click()
    expect(page.get_by_role("heading", name="Keys and search")).to_be_visible()
    page.get_by_role("link", name=re.compile("Find anything")).click()
    expect(page.get_by_role("heading", name="Find")).to_be_visible()


def test_a_view_is_saved_from_its_list_in_a_dialog(site):
    stage = shop()
    page = site(stage).tab("/jobs?q=tag:tenant:7")
    page.locator("#views summary").click()
    page.get_by_role("link", name="Save this view").click()
    page.get_by_role("textbox", name="Name").fill("Tenant seven")
    page.get_by_role("button", name="Save the view").click()
    expect(page.get_by_role("navigation", name="Pinned views")).to_contain_text("Tenant seven")
    page.goto(page.url.split("?")[0])
    page.get_by_role("link", name="Tenant seven").first.click()
    expect(page.locator("tbody tr")).to_have_count(1)


@pytest.mark.parametrize("width", [1440, 390])
def test_a_name_that_is_taken_is_said_at_its_field_and_nobody_leaves_the_list(site, width):
    stage = shop()
    ViewControl(stage.runtime).save(ANA, "Tenant seven", "jobs", "q=old")
    page = site(stage).tab("/jobs?q=tag:tenant:7", width=width)
    here = page.url
    page.locator("#views summary").focus()
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Save this view").focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Save this view")
    expect(dialog.get_by_role("textbox", name="Name")).to_be_focused()
    page.keyboard.type("Tenant seven")
    page.keyboard.press("Enter")
    expect(dialog.get_by_role("alert")).to_contain_text("there is a view 'Tenant seven' of this list already")
    name = dialog.get_by_role("textbox", name="Name")
    expect(name).to_have_value("Tenant seven")
    expect(name).to_be_focused()
    expect(name).to_have_attribute("aria-invalid", "true")
    assert page.url == here
    dialog.get_by_role("button", name="Replace “Tenant seven”").click()
    expect(page.locator(".toast")).to_contain_text("Replaced the view Tenant seven")
    expect(dialog).to_be_hidden()
    expect(page.get_by_role("navigation", name="Pinned views").get_by_role("link", name="Tenant seven")).to_have_attribute(
        "aria-current", "true"
    )
    assert page.url == here


def test_a_view_opened_lately_stands_below_the_empty_box_and_first_in_the_palette_until_it_is_forgotten(site):
    stage = shop()
    views = ViewControl(stage.runtime)
    view = views.save(ANA, "Tenant seven", "jobs", "q=tag:tenant:7", shared=True)
    views.save(ANA, "Tenant eight", "jobs", "q=tag:tenant:8", shared=True)
    page = site(stage).tab("/jobs")
    page.locator("#views summary").click()
    page.locator("#views").get_by_role("link", name="Tenant seven").click()
    page.wait_for_url(re.compile("tenant"))
    page.goto(page.url.split("?")[0])
    page.locator("#q").focus()
    expect(options(page).first).to_have_text(re.compile("Tenant seven.*saved view"))
    expect(options(page).filter(has_text="Tenant eight")).to_have_count(0)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("tenant"))
    expect(page.locator("tbody tr")).to_have_count(1)
    page.goto(page.url.split("?")[0])
    page.keyboard.press("Control+k")
    expect(options(page, "#palette-choices").first).to_have_attribute("data-href", re.compile(f"/views/{view.id}$"))
    page.keyboard.press("Escape")
    said = {"do": f"change:{view.id}", "name": "Seven", "shared": "1"}
    assert stage.client.post("/horizon/views/act", data=said, headers={"Sec-Fetch-Site": "same-origin"}).status_code == 303
    page.reload()
    page.locator("#q").focus()
    expect(options(page).first).to_have_text(re.compile("Seven.*saved view"))
    options(page).filter(has_text="Forget recent searches and views").click()
    expect(options(page).first).to_have_text(re.compile("^queue:"))
    page.keyboard.press("Escape")
    page.keyboard.press("Control+k")
    expect(options(page, "#palette-choices").first).to_contain_text("Overview")


def test_tab_goes_on_from_the_search_where_nothing_is_begun_though_choices_are_shown(site):
    page = site(quick("plenty")).tab("/queues")
    field = page.locator("#q")
    field.focus()
    expect(field).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("Tab")
    expect(field).not_to_be_focused()
    expect(field).to_have_value("")
