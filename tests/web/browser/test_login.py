"""Signing in and out in a browser."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.web.browser.conftest import AXE, drawn, overflows
from tests.web.doors import GOOD, ROOT, add_user, quick_passwords, users
from tests.web.pages.stage import Stage


@pytest.fixture
def stage(monkeypatch):
    quick_passwords(monkeypatch)
    made = Stage(HORIZON_LIVE_SECONDS=0.5)
    made.app.config.update(HORIZON_AUTH=None, SECRET_KEY="k" * 32)
    add_user(made.app)
    return made


def fill(page, name="bea", password=GOOD):
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(password)
    page.keyboard.press("Enter")


@pytest.mark.parametrize("scripts", [True, False])
def test_in_to_the_page_that_was_asked_for_and_out_again(site, stage, scripts):
    served = site(stage)
    served.expects("401")  # the page that is being left may ask for news once more
    page = served.tab("/jobs?q=queue:emails", java_script_enabled=scripts)
    expect(page.get_by_label("Name")).to_be_focused()
    fill(page)
    page.wait_for_url(re.compile(r"/horizon/jobs\?q=queue:emails$"))
    page.get_by_role("button", name="You are bea").click()
    expect(page.get_by_text("operator: looks and acts")).to_be_visible()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_text("You are signed out.")).to_be_visible()
    page.goto(page.url.replace("login?out=1", "jobs"))
    page.wait_for_url(re.compile("/horizon/login"))


def test_a_wrong_password_leaves_the_name_and_asks_for_the_other_again(site, stage):
    served = site(stage)
    served.expects("401")
    page = served.tab("/")
    fill(page, password="wrong")
    expect(page.get_by_role("alert")).to_have_text("This name and password do not belong together.")
    expect(page.get_by_label("Name")).to_have_value("bea")
    expect(page.get_by_label("Password")).to_be_focused()
    page.keyboard.type(GOOD)
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/horizon/$"))


def test_the_menu_opens_by_keyboard_and_closes_with_escape(site, stage):
    page = site(stage).tab("/")
    fill(page)
    button = page.get_by_role("button", name="You are bea")
    button.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#me")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#me")).to_be_hidden()


def test_an_open_page_whose_sign_in_has_ended_says_so_and_keeps_what_was_typed(site, stage):
    served = site(stage)
    served.expects("401")
    page = served.tab("/jobs")
    fill(page)
    page.locator("#q").fill("half a sear")
    users(stage.app).set_role(ROOT, "bea", "viewer")
    expect(page.locator("#stale")).to_contain_text("signed out")
    expect(page.locator("#q")).to_have_value("half a sear")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_on_the_log_in_page_nor_in_the_menu(site, stage, theme):
    served = site(stage)
    served.expects("401")
    page = served.tab("/login", color_scheme=theme)
    assert found_by_axe(page) == []
    fill(page, password="wrong")
    page.get_by_role("alert").wait_for()
    assert found_by_axe(page) == []
    fill(page)
    page.get_by_role("button", name="You are bea").click()
    page.locator("#me").wait_for()
    assert found_by_axe(page) == []


def test_the_page_fits_a_narrow_screen(site, stage):
    page = site(stage).tab("/login", width=320)
    assert not overflows(page, 320)


def found_by_axe(page) -> list[str]:
    drawn(page)
    page.evaluate(AXE)
    return [one["id"] for one in page.evaluate("axe.run()")["violations"]]
