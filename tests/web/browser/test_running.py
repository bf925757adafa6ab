"""A job that runs or ran several times, as somebody looks at it: its stack on demand, its attempts beside one another; and a store
that is away meanwhile."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from horizon.core.errors import BackendUnavailable
from horizon.core.outcome import Kind
from horizon.core.stack import How
from tests.web.browser.conftest import quick
from tests.web.pages.stage import failure
from tests.web.pages.test_running import TRACE, keep

WIDTHS = pytest.mark.parametrize("width", [1440, 390])


@WIDTHS
def test_an_operator_asks_for_the_stack_by_keys_and_it_appears_by_itself_with_its_age(site, width):
    stage = quick()
    stage.role = "operator"
    stage.worker()
    id = stage.push()
    stage.start(id)
    page = site(stage).tab(f"/jobs/{id}", width=width)
    stack = page.locator("#stack")
    stack.get_by_role("button", name="Show stack").press("Enter")
    expect(stack).to_contain_text("waiting for the worker")
    expect(stack.get_by_role("button", name="Show it anew")).to_be_focused()
    assert stage.report().commands == (f"stack:{id}",)
    keep(stage, id, at=stage.store.now(), how=How.PYTHON, text=TRACE, thread="sleeping")
    stage.report(memory_kb=1)  # the store has changed, so that the page looks
    expect(stack).to_contain_text("mail.py")
    expect(stack).to_contain_text("the thread is sleeping")
    expect(stack).to_contain_text("as of")
    expect(stack.get_by_role("button", name="Show it anew")).to_be_focused()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@WIDTHS
def test_two_attempts_of_one_job_are_compared_from_its_page_and_swapped(site, width):
    stage = quick()
    stage.worker()
    id = stage.push()
    stage.run(id, Kind.RETRY, error=failure("KeyError", "one", "k1"))
    stage.run(id, Kind.FAILED, error=failure("ValueError", "two", "v1"))
    page = site(stage).tab(f"/jobs/{id}", width=width)
    page.get_by_role("link", name=re.compile("^Compare")).first.press("Enter")
    page.wait_for_url(re.compile(rf"/jobs/compare\?a={id}(:|%3A)2&b={id}(:|%3A)1"))
    for said in ("the same job, so the same arguments", "KeyError: one", "ValueError: two"):
        expect(page.locator("#main")).to_contain_text(said)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_role("link", name="Swap").press("Enter")
    page.wait_for_url(re.compile(rf"a={id}(:|%3A)1&b={id}(:|%3A)2"))


@WIDTHS
def test_while_the_store_is_away_the_page_says_so_an_act_changes_nothing_and_both_heal(site, width, monkeypatch):
    stage = quick()
    stage.worker()
    id = stage.fail()
    here = site(stage)
    here.expects("503", "htmx:")
    page = here.tab(f"/jobs/{id}", width=width)
    retry = page.get_by_role("button", name=re.compile("^Retry")).first

    def away(*_: object, **__: object) -> None:
        raise BackendUnavailable("gone")

    with monkeypatch.context() as patch:
        patch.setattr(stage.runtime, "backend", away)
        expect(page.locator("#stale")).to_contain_text("The store does not answer. These figures are from")
        retry.press("Enter")
        expect(page.locator("#toasts")).to_contain_text("The store does not answer, so nothing was changed; try again.")
        expect(page.locator(".head .pill")).to_have_text("failed")
        expect(retry).to_be_focused()
    expect(page.locator("#stale")).to_be_hidden()
    assert stage.store.get(id).state == "failed"
    retry.press("Enter")
    expect(page.locator(".head .pill")).to_have_text("pending")
