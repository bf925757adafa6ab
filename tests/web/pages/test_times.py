"""Times are told in the viewer's own zone: relative ones with the moment itself on hover."""

from __future__ import annotations

import re
from collections import defaultdict
from datetime import datetime
from types import SimpleNamespace

import pytest

from tests.web.browser.scenes import everything, live
from tests.web.pages.conftest import Page

EXACT = re.compile(r"\d{1,2} [A-Z][a-z]{2} \d{4}, \d\d:\d\d:\d\d CES?T")
FOREIGN = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d|\bUTC\b")
"""Moments as programs write them."""


@pytest.fixture(scope="module")
def stage():
    made = everything()
    made.client.set_cookie("horizon_tz", "Europe/Rome", path="/horizon")
    yield made
    made.runtime.close()


NAMES = list(live(SimpleNamespace(job="", operation="", cause="", flows=defaultdict(str))))


@pytest.mark.parametrize("name", NAMES)
def test_every_moment_on_a_page_is_in_the_zone_of_whoever_looks_and_exact_on_hover(stage, name):
    page = Page(stage.client.get(f"/horizon{live(stage)[name]}").text)
    moments = [moment for moment in page.all("time") if moment]  # but for log lines, which say it to the millisecond
    for moment in moments:
        assert EXACT.fullmatch(moment["title"]), moment
        assert datetime.fromisoformat(moment["datetime"]).utcoffset() is not None
    assert FOREIGN.findall(page.text) == []
    assert "Times in Europe/Rome" in page.text
    assert moments or name in ("queues", "operation", "dead", "metrics", "charts", "class")
