"""What holds for every page that renews itself, and for every page there is."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import expect

from horizon.core.errors import BackendUnavailable
from tests.web.browser.conftest import Site, drawn, overflows, paused
from tests.web.browser.scenes import everything, live
from tests.web.browser.test_live import answers, until
from tests.web.pages.stage import Stage

SHIFTS = """() => {
  window.moved = [];
  new PerformanceObserver((list) => list.getEntries().forEach((entry) => moved.push(
    [entry.value, ...entry.sources.map((source) => (source.node && (source.node.outerHTML || source.node.textContent) || '?').slice(0, 80))],
  ))).observe({ type: 'layout-shift' });
}"""
AGES = """(text) => {
  for (const age of document.querySelectorAll('table time[title]:not(.at)')) age.textContent = text;
  return [...document.querySelectorAll('table :is(td, th)')].map((cell) => cell.getBoundingClientRect()).map((box) => `${Math.round(box.x)}+${Math.round(box.width)}`);
}"""
WAITED = """(text) => {
  const edges = () => [...document.querySelectorAll('table :is(td, th)')].map((cell) => Math.round(cell.getBoundingClientRect().x));
  const before = edges(), durations = document.querySelectorAll('table .dur');
  if (!durations.length) return 'there are none';
  for (const waited of durations) waited.textContent = text;
  return edges().filter((edge, index) => edge !== before[index]).length;
}"""
STILL = 0.002
"""Of the window, times the way: a figure that gets a digit more."""

AT_ONCE = 8
"""Tabs that are open together."""
FRAMES = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
PUSHED_DOWN = """() => document.body.prepend(Object.assign(document.createElement('h1'), { textContent: 'pushes all the rest down' }))"""


def news(stage: Stage, memory_kb: int) -> None:
    """Something for every page there is. What ends is the first to start: nothing else has to be taken and handed back for it."""
    stage.done(priority=20), stage.fail(priority=20), stage.push(queue="reports"), stage.report("w2", memory_kb=memory_kb)


def test_each_asks_for_itself_only_and_gets_nothing_while_nothing_changes(site):
    stage = everything()
    here = site(stage)
    context = here.tab("/help").context
    asked: dict[str, list[tuple[str, int]]] = {}
    began = time.monotonic()
    tabs = {}
    for name, path in live(stage).items():
        page = tabs[name] = context.new_page()
        page.goto(here.url(path), wait_until="domcontentloaded")
        asked[name] = []
        page.on("response", lambda got, name=name: "/static/" in got.url or asked[name].append((got.url, got.status)))
        expect(page.locator("[hx-trigger*='every']"), path).to_have_count(1)
    until(page, lambda: all([status for _, status in seen].count(204) >= 3 for seen in asked.values()))
    for name, path in live(stage).items():
        assert {url for url, _ in asked[name]} == {here.url(path)}, name
        statuses = Counter(status for _, status in asked[name])
        assert set(statuses) <= {200, 204}, (name, statuses)
        redrawn = 2 + (time.monotonic() - began) // 5  # the quickest of them is drawn anew every five seconds
        assert statuses[200] <= redrawn, (name, "the clock redraws; every other answer is empty", statuses)


def test_the_pause_button_stops_each_of_them(site):
    stage = everything()
    here = site(stage)
    context = here.tab("/help").context
    asked = []
    for path in live(stage).values():
        page = context.new_page()
        page.goto(here.url(path), wait_until="domcontentloaded")
        paused(page)
        page.on("request", lambda sent: "/static/" in sent.url or asked.append(sent.url))  # an icon may come late
    page.wait_for_timeout(1200)
    assert asked == []


def test_nothing_moves_when_news_come_in(site):
    stage = everything()
    for tabs in handfuls(site(stage), stage, reduced_motion="reduce"):
        seen = {name: answers(page) for name, page in tabs.items()}
        until_all(tabs, lambda name, seen=seen: 204 in seen[name])
        for page in tabs.values():
            drawn(page)
            page.evaluate(SHIFTS)
        for number in range(3):
            for statuses in seen.values():
                statuses.clear()
            news(stage, 99_000 + number)
            until_all(tabs, lambda name, seen=seen: 200 in seen[name])
            shown(tabs)
        moved = {name: page.evaluate("moved") for name, page in tabs.items()}
        assert {name: shifts for name, shifts in moved.items() if sum(shift[0] for shift in shifts) > STILL} == {}
        for page in tabs.values():
            page.evaluate(PUSHED_DOWN)  # who says that nothing moved was looking
        until_all(tabs, lambda name, tabs=tabs, moved=moved: len(tabs[name].evaluate("moved")) > len(moved[name]))


def test_an_age_that_grows_moves_nothing_in_any_table(site):
    stage = everything()
    wandering = {}
    for tabs in handfuls(site(stage), stage):
        for name, page in tabs.items():
            paused(page)
            drawn(page)
            young, old = (page.evaluate(AGES, text) for text in ("just now", "59 min ago"))
            wandering[name] = [(before, after) for before, after in zip(young, old, strict=True) if before != after]
    assert {name: cells[:4] for name, cells in wandering.items() if cells} == {}


@pytest.mark.parametrize("path", ["/", "/queues"])
def test_how_long_the_oldest_has_waited_moves_nothing_as_it_grows(site, path):
    page = site(everything()).tab(path)
    paused(page)
    drawn(page)
    assert [page.evaluate(WAITED, text) for text in ("9.8 s", "59 s", "2 min", "59 min 59 s", "23 h 59 min")] == [0] * 5


def handfuls(here: Site, stage: Stage, **options: Any) -> Iterator[dict[str, Any]]:
    """Every page that asks for news, some of them open at a time: what one waits for comes to all of those at once."""
    paths = list(live(stage).items())
    for first in range(0, len(paths), AT_ONCE):
        tabs = here.tabs(dict(paths[first : first + AT_ONCE]), **options)
        yield tabs
        for page in tabs.values():
            page.close()


def shown(tabs: dict[str, Any]) -> None:
    """Until what has come is drawn in all of them."""
    next(iter(tabs.values())).wait_for_timeout(150)
    for page in tabs.values():
        page.evaluate(FRAMES)


def until_all(tabs: dict[str, Any], true: Callable[[str], object]) -> None:
    """Let the tabs live on until something holds of each."""
    open_yet = set(tabs)

    def all_are() -> bool:
        open_yet.difference_update({name for name in open_yet if true(name)})
        return not open_yet

    until(next(iter(tabs.values())), all_are)


@pytest.mark.parametrize("scene", ["plenty", "nasty"])
def test_nothing_runs_out_of_a_window_of_360_to_2560_pixels_in_either_theme(site, scene):
    stage = everything(scene)
    here = site(stage)
    page = here.tab("/", width=360, has_touch=True)
    here.expects("status of 4")
    more = ("/help", "/api", "/queues/emails/clear", "/login", f"/jobs?open={stage.job}", "/jobs?q=error:x", "/nowhere", *(
        f"/jobs/{stage.job}/{form}" for form in ("edit", "reschedule", "move", "python", "curl")
    ))  # fmt: skip
    wrong = []
    for path in (*live(stage).values(), *more):
        page.goto(here.url(path), wait_until="domcontentloaded")
        for scheme, widths in (("light", (360, 2560)), ("dark", (360,))):
            page.emulate_media(color_scheme=scheme)
            wrong += [(path, scheme, width) for width in widths if overflows(page, width)]
    assert wrong == []


AT = """() => [document.activeElement.outerHTML.slice(0, 60), scrollY, getSelection().toString(),
  [...document.querySelectorAll('main details')].map((fold) => fold.open).join()]"""
"""What somebody is at: focus, place, selection, what is folded open."""
BUSY_WITH = """() => {
  scrollTo(0, 60);
  for (const fold of document.querySelectorAll('main details')) fold.open = true;
  const text = document.querySelector('main h1').firstChild;
  getSelection().setBaseAndExtent(text, 0, text, 2);
}"""


def test_what_somebody_is_at_survives_news_on_every_page(site):
    stage = everything()
    before, after = {}, {}
    for tabs in handfuls(site(stage), stage):
        for name, page in tabs.items():
            drawn(page)
            page.keyboard.press("j")
            page.evaluate(BUSY_WITH)
            before[name] = page.evaluate(AT)
        seen = {name: answers(page) for name, page in tabs.items()}
        news(stage, 99_000 + len(tabs))
        until_all(tabs, lambda name, seen=seen: 200 in seen[name])
        shown(tabs)
        after.update({name: page.evaluate(AT) for name, page in tabs.items()})
    assert {name: (before[name], at) for name, at in after.items() if at != before[name]} == {}
    assert not before["jobs"][0].startswith("<body")  # the key has put somebody on a row


def test_a_store_that_dies_is_said_on_open_pages_and_in_acts_and_both_heal_by_themselves(site, monkeypatch):
    stage = everything()
    id = stage.push(queue="emails")
    here = site(stage)
    here.expects("503", "htmx:")
    pages = [here.tab(path) for path in ("/", "/jobs", f"/jobs/{id}", "/workers")]
    with monkeypatch.context() as away:
        away.setattr(stage.runtime, "backend", dead)
        for page in pages:
            expect(page.locator("#stale")).to_contain_text("The store does not answer. These figures are from")
            expect(page.locator("main h1")).to_be_visible()
        pages[2].get_by_role("button", name="Cancel").click()
        expect(pages[2].locator("#toasts")).to_contain_text("The store does not answer")
        opened = here.tab("/failed")
        expect(opened.get_by_role("heading", name="The store does not answer")).to_be_visible()
    for page in pages:
        expect(page.locator("#stale")).not_to_be_visible()
    assert stage.store.get(id).state == "pending"
    pages[2].get_by_role("button", name="Cancel").click()
    expect(pages[2].locator(".head .pill")).to_have_text("cancelled")
    opened.reload()
    expect(opened.get_by_role("heading", name="Failed")).to_be_visible()


def dead(*_: object, **__: object) -> None:
    raise BackendUnavailable("the store is away; start it, or look at HORIZON_URL")
