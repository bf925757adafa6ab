"""Dead letters and retries at a pace, as somebody clicks through them."""

from __future__ import annotations

from playwright.sync_api import expect

from horizon.backends.values import QueueSettings
from horizon.core.states import JobState
from tests.web.browser.conftest import quick


def test_dead_letters_are_requeued_at_the_pace_that_the_question_offers(site):
    stage = quick()
    stage.worker()
    stage.store.queues.define([QueueSettings(name="emails", dead_after=1)])
    ids = [stage.fail() for _ in range(2)]
    page = site(stage).tab("/failed")
    page.get_by_role("link", name="Dead letters").click()
    page.get_by_role("button", name="Requeue the dead letters of emails").click()
    page.get_by_label("How fast").select_option("10 a minute")
    page.get_by_role("button", name="Retry 2 jobs").click()
    expect(page.locator("#toasts")).to_contain_text("Retrying 2 jobs in the background, at 10 a minute")
    (operation,) = stage.store.operations.list()
    assert operation.params["per_second"] * 60 == 10
    assert stage.store.get(ids[0]).state is JobState.FAILED


def test_those_selected_are_retried_at_the_pace_beside_the_button(site):
    stage = quick()
    stage.worker()
    ids = [stage.fail() for _ in range(3)]
    page = site(stage).tab("/failed")
    for id in ids[:2]:
        page.locator(f"#j-{id} input[name=id]").check()
    page.locator("#pace").select_option("1 a second")
    page.locator(".bulk").get_by_role("button", name="Retry").click()
    expect(page.locator("#toasts")).to_contain_text("Retrying 2 jobs in the background, at 1 a second")
