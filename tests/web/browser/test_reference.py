"""The page of the API."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.web.browser.conftest import overflows, quick
from tests.web.browser.test_look import CONTRAST, RULES, violations


def test_axe_finds_nothing_on_it_and_it_fits_every_width(site):
    here = site(quick("empty"))
    page = here.tab("/api?op=control", color_scheme="light", reduced_motion="reduce")
    assert violations(page, RULES) == []
    page.emulate_media(color_scheme="dark")
    assert violations(page, CONTRAST) == []
    for width in (360, 620, 980, 1280):
        assert not overflows(page, width)


def test_it_is_found_from_the_help_sheet_and_leads_from_one_operation_to_the_next(site):
    page = site(quick("empty")).tab("/help")
    page.locator("main").get_by_role("link", name="API", exact=True).click()
    page.wait_for_url("**/api")
    page.get_by_role("link", name="Dispatch a job").click()
    page.wait_for_url("**/api?op=new_job")
    expect(page.locator("#chosen")).to_have_text("Dispatch a job")
