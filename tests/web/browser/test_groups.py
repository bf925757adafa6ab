"""What people do with batches and workflows, in a browser."""

from __future__ import annotations

from playwright.sync_api import expect

from horizon.core.envelope import On
from tests.web.browser.conftest import comes_true, quick
from tests.web.pages import flows


def test_a_batch_is_opened_what_failed_in_it_retried_and_the_rest_cancelled(site):
    stage = quick()
    stage.worker()
    _id, own = flows.batch(stage, 5, allow=2)
    flows.done(stage, own[0])
    flows.failed(stage, own[1])
    page = site(stage).tab("/batches")
    page.get_by_role("link", name="Newsletter").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Newsletter")
    expect(page.locator("#progress .meter > b")).to_have_text("40 %")
    page.get_by_role("button", name="Retry failed").click()
    dialog = page.locator("#dialog")
    expect(dialog).to_contain_text("Retry 1 failed job of the batch “Newsletter”?")
    dialog.get_by_role("button", name="Retry 1 failed job").click()
    expect(page.locator("#toasts")).to_contain_text("Retried 1 job")
    expect(page.locator("#progress .meter > b")).to_have_text("20 %")
    expect(page.get_by_role("button", name="Retry failed")).to_have_count(0)
    page.get_by_role("button", name="Cancel").click()
    dialog.get_by_label("Reason").fill("the sale is over")
    dialog.get_by_role("button", name="Cancel the batch").click()
    expect(page.locator(".head .pill")).to_have_text("cancelled")
    expect(page.locator("#progress")).to_contain_text("Cancelled: the sale is over")
    assert {stage.store.get(job).state for job in own} == {"completed", "cancelled"}


def test_without_scripts_a_batch_is_cancelled_by_a_form_and_a_page_that_asks(site):
    stage = quick()
    id, _own = flows.batch(stage, 2)
    page = site(stage).tab(f"/batches/{id}", java_script_enabled=False)
    page.get_by_role("button", name="Cancel").click()
    page.get_by_role("button", name="Cancel the batch").click()
    expect(page.locator(".toast")).to_contain_text("Cancelled the batch “Newsletter”")
    expect(page.locator(".head .pill")).to_have_text("cancelled")


def test_the_graph_scrolls_in_its_own_box_stays_there_at_news_and_gives_way_to_the_list_on_a_phone(site):
    stage = quick()
    stage.worker()
    id, steps = flows.chain(stage, *"ABCDEFGH")
    page = site(stage).tab(f"/chains/{id}", width=1000)
    box = page.locator("#drawn")
    expect(box.locator("a")).to_have_count(8)
    box.focus()
    page.evaluate("document.querySelector('#drawn').scrollLeft = 200")
    flows.done(stage, steps["A"])
    expect(box.locator("a.s-completed")).to_have_count(1)
    assert page.evaluate("[document.querySelector('#drawn').scrollLeft, document.activeElement.id]") == [200, "drawn"]
    page.keyboard.press("ArrowRight")
    comes_true(page, "document.querySelector('#drawn').scrollLeft > 200")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.set_viewport_size({"width": 390, "height": 800})
    expect(box).to_be_hidden()
    expect(page.locator("#steps li")).to_have_count(8)


def test_on_a_phone_jobs_and_callbacks_of_a_batch_begin_at_one_edge_and_long_names_are_whole(site):
    stage = quick()
    id, _own = flows.batch(stage, 2)
    stage.store.push([flows.after(id, On.COMPLETED, call="shop.newsletters.callbacks.reporting:tell_the_editor_and_whoever_asked")])
    page = site(stage).tab(f"/batches/{id}", width=390)
    edge = "document.querySelector('{}').getBoundingClientRect().left"
    assert page.evaluate(edge.format("#members .name")) == page.evaluate(edge.format("#followers .link"))
    assert page.evaluate(
        "[...document.querySelectorAll('#followers .link')].every(link => link.scrollWidth <= link.parentElement.clientWidth)"
    )
    expect(page.locator("#followers")).to_contain_text("tell_the_editor_and_whoever_asked")
    assert page.evaluate("getComputedStyle(document.querySelector('#followers .link')).textOverflow") != "ellipsis"
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
