"""Questions that open over a page: Escape leaves them, and one goes on from where one was."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.web.browser.conftest import quick

WIDTHS = pytest.mark.parametrize("width", [1440, 390])


def left(page) -> None:
    """A dialog is open, and Escape leaves it."""
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()


@WIDTHS
@pytest.mark.parametrize("by", ["keys", "pointer"])
def test_a_dialog_that_was_opened_from_a_menu_gives_the_focus_back_to_the_menu(site, width, by):
    stage = quick()
    stage.worker()
    page = site(stage).tab(f"/jobs/{stage.push()}", width=width)
    more = page.locator("#more summary")
    for name in ("Reschedule", "Move to a queue"):
        link = page.locator("#more").get_by_role("link", name=re.compile(f"^{name}"))
        if by == "keys":
            more.press("Enter")
            link.press("Enter")
        else:
            more.click()
            link.click()
        left(page)
        expect(more).to_be_focused()
        expect(link).to_be_hidden()


@WIDTHS
def test_after_the_act_of_such_a_dialog_the_focus_is_at_the_menu_too(site, width):
    stage = quick()
    page = site(stage).tab("/jobs?q=queue:emails", width=width)
    page.locator("#views summary").press("Enter")
    page.get_by_role("link", name="Save this view").press("Enter")
    page.get_by_role("dialog").get_by_role("textbox", name="Name").fill("Mails")
    page.keyboard.press("Enter")
    expect(page.locator("#toasts")).to_contain_text("Saved the view Mails")
    expect(page.locator("#views summary")).to_be_focused()


def test_on_a_phone_the_keys_are_left_to_the_button_of_the_menu_they_were_opened_from(site):
    page = site(quick()).tab("/jobs", width=390)
    page.get_by_role("button", name="Menu").press("Enter")
    page.locator("#nav").get_by_role("link", name="Keys and search").press("Enter")
    expect(page.get_by_role("dialog", name="Keys and search")).to_be_visible()
    left(page)
    expect(page.get_by_role("button", name="Menu")).to_be_focused()
