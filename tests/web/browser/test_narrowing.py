"""Lists that are narrowed where they stand, and the question how carefully many batches are retried, in a browser."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from horizon.backends.values import ActParams, Verb
from horizon.control.alerts import AlertControl
from horizon.control.watching import WatchControl
from horizon.core.alert import Severity, Sighting
from horizon.core.query import Selection
from tests.web.browser.conftest import quick
from tests.web.pages import flows
from tests.web.pages.kept import ANA

SCRIPTS = pytest.mark.parametrize("scripts", [True, False], ids=["with JavaScript", "without"])


def failed_twice():
    """A shop where two batches have failed."""
    stage = quick()
    stage.worker()
    for name in ("Import of June", "Import of July"):
        _, own = flows.batch(stage, 2, name=name, allow=2)
        for job in own:
            flows.failed(stage, job)
    return stage


def narrow(page, label: str, typed: str) -> None:
    page.get_by_role("searchbox", name=label).fill(typed)
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("q="))


@SCRIPTS
def test_alerts_are_narrowed_by_a_word_a_severity_and_a_time_until_the_filter_is_cleared(site, scripts):
    stage = quick()
    for key, severity, text in (("mail", Severity.HIGH, "The relay is away."), ("disk", Severity.LOW, "The disk is full.")):
        AlertControl(stage.runtime).raise_(Sighting(key=key, severity=severity, title=f"Title of {key}", text=text, todo="Look at it."))
    page = site(stage).tab("/alerts", java_script_enabled=scripts)
    alerts = page.locator(".alerts > li")
    expect(alerts).to_have_count(2)
    narrow(page, "Filter alerts", "relay")
    expect(alerts).to_have_count(1)
    page.get_by_role("navigation", name="Time range").get_by_role("link", name="24 h").click()
    page.get_by_role("navigation", name="Severity").get_by_role("link", name=re.compile("High")).click()
    page.wait_for_url(re.compile("severity=high"))
    expect(alerts).to_contain_text("Title of mail")
    expect(page.get_by_role("searchbox", name="Filter alerts")).to_have_value("relay")
    expect(page.get_by_role("navigation", name="Time range").locator("[aria-current]")).to_have_text("24 h")
    page.get_by_role("link", name="Remove the filter relay").click()
    expect(page.get_by_role("searchbox", name="Filter alerts")).to_have_value("")
    expect(alerts).to_have_count(1)  # the severity and the time are still asked for
    page.get_by_role("navigation", name="Severity").get_by_role("link", name=re.compile("^All")).click()
    expect(alerts).to_have_count(2)


@SCRIPTS
def test_watched_tags_are_narrowed_by_a_word_and_all_of_them_stand_there_again(site, scripts):
    stage = quick()
    for tag in ("tenant:7", "tenant:8", "mail"):
        WatchControl(stage.runtime).watch(ANA, tag)
    page = site(stage).tab("/monitoring", java_script_enabled=scripts)
    tags = page.locator(".watched tbody tr")
    expect(tags).to_have_count(3)
    narrow(page, "Filter watched tags", "tenant")
    expect(tags).to_have_count(2)
    narrow(page, "Filter watched tags", "tag:nobody")
    expect(page.get_by_role("heading", name="Nothing fits")).to_be_visible()
    page.get_by_role("link", name="Clear", exact=True).click()
    expect(tags).to_have_count(3)


@SCRIPTS
def test_removed_jobs_are_narrowed_and_what_fits_is_ticked_and_restored(site, scripts):
    stage = quick()
    stage.worker()
    mail, image = stage.done(queue="emails"), stage.done(queue="images")
    stage.store.act(Selection(ids=(mail, image)), Verb.FORGET, ActParams(reason="sale is over"))
    page = site(stage).tab("/removed", java_script_enabled=scripts)
    expect(page.locator(f"#j-{image}")).to_be_visible()
    narrow(page, "Filter removed jobs", "queue:emails sale")
    expect(page.locator(f"#j-{mail}")).to_be_visible()
    expect(page.locator(f"#j-{image}")).to_have_count(0)
    page.locator(f"#j-{mail} input[name=id]").check()
    page.locator(".bulk").get_by_role("button", name="Restore 1 job" if scripts else "Restore", exact=True).click()
    expect(page.locator(f"#j-{mail}")).to_have_count(0)
    expect(page.locator("#toasts")).to_contain_text("Restored")
    page.goto(page.url.split("?")[0])
    expect(page.locator(f"#j-{image}")).to_be_visible()
    assert stage.store.get(mail).state == "completed"


CUT = """() => [...document.querySelectorAll("dialog[open] select")].filter((select) => {
  const style = getComputedStyle(select), pen = document.createElement("canvas").getContext("2d");
  pen.font = style.font;
  const room = select.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight) - 20;  // the arrow
  return [...select.options].some((one) => pen.measureText(one.text).width > room);
}).map((select) => select.name)"""
"""Lists of choices of which one is too long for its field."""


@pytest.mark.parametrize("language", ["en", "de", "it", "fr"])
@pytest.mark.parametrize("width", [390, 1440])
def test_every_choice_of_a_careful_retry_fits_its_field(site, width, language):
    page = site(failed_twice()).tab("/batches", width=width, locale=language)
    page.locator("tbody input[name=id]").first.check()
    page.locator(".bulk button[value=retry]").click()
    expect(page.locator("dialog[open] select")).to_have_count(3)
    assert page.evaluate(CUT) == []


@pytest.mark.parametrize("width", [390, 1440])
def test_a_retry_of_many_batches_asks_how_carefully_and_says_what_was_chosen(site, width):
    page = site(failed_twice()).tab("/batches", width=width)
    for name in ("Import of June", "Import of July"):
        page.get_by_label(f"Select {name}").check()
    page.locator(".bulk").get_by_role("button", name=re.compile("^Retry.* 2 batches$")).click()
    dialog = page.get_by_role("dialog")
    for name, chosen in (("pace", "1/s"), ("canary", "10"), ("stop", "20")):
        dialog.locator(f"select[name={name}]").select_option(chosen)
        expect(dialog.locator(f"select[name={name}]")).to_be_in_viewport()
    assert page.evaluate("document.querySelector('dialog[open]').scrollWidth <= document.querySelector('dialog[open]').clientWidth")
    dialog.get_by_role("button", name=re.compile("^Retry")).click()
    expect(page.locator("#toasts")).to_contain_text("Retrying what failed of 2 batches in the background, at 1 a second, 10 first")
