"""The pages of metrics in a browser: the figures under the pointer, a span drawn over a chart, what axe says."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.web.browser.conftest import overflows, quick
from tests.web.browser.test_look import RULES, violations

PAGES = ("/metrics", "/metrics?view=charts", "/metrics?view=queues", "/metrics?view=table", "/metrics/jobs/shop.jobs:SendEmail")


@pytest.fixture
def busy():
    stage = quick("plenty")
    stage.store.queues.override("emails", {"start_within": 1000})
    return stage


def test_axe_finds_nothing_and_nothing_runs_out_of_the_window(site, busy):
    page = site(busy).tab("/help")
    for path in PAGES:
        page.goto(page.url.rpartition("/horizon")[0] + f"/horizon{path}", wait_until="load")
        assert violations(page, RULES) == [], path
        for width in (2560, 1280, 620, 360):
            assert not overflows(page, width), (path, width)


def test_the_figures_of_a_column_stand_beside_the_pointer_and_a_span_leads_to_its_jobs(site, busy):
    page = site(busy).tab("/metrics/jobs/shop.jobs:SendEmail")
    box = page.locator("#c-runtime svg[data-brush]").bounding_box()
    right, middle = box["x"] + box["width"] - 2, box["y"] + box["height"] / 2
    with page.expect_response(re.compile("view=table")):
        page.mouse.move(right, middle)
    expect(page.locator(".tip")).to_contain_text("Completed")
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 2, middle, steps=4)
    expect(page.locator(".band")).to_have_count(1)
    page.mouse.up()
    page.wait_for_url(re.compile(r"/jobs\?q=class.*after|/jobs\?q=after"))
    expect(page.locator("tr[id^=j-]").first).to_be_visible()
    expect(page.locator("main")).not_to_contain_text("cannot be read")
