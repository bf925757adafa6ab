"""Pages in a language that runs from right to left: mirrored, whole, and with what has one direction left as it is."""

from __future__ import annotations

from typing import Any

from tests.web import sights
from tests.web.browser.conftest import Site

PAGES = (
    "overview",
    "jobs",
    "job",
    "queues",
    "queue",
    "failed",
    "metrics",
    "workers",
    "schedules",
    "alerts",
    "audit",
    "help",
    "batches",
    "worker",
    "operation",
)

TURNED_ROUND = r"""() => {
  const found = [], walker = document.createTreeWalker(document.querySelector('main'), NodeFilter.SHOW_TEXT);
  const box = (node, from, to) => { const range = document.createRange(); range.setStart(node, from); range.setEnd(node, to); return range.getBoundingClientRect(); };
  for (let node; (node = walker.nextNode());) {
    if (!node.parentElement.checkVisibility()) continue;
    const sentence = /[\u0590-\u05ff]/.test(node.data);
    for (const figure of node.data.matchAll(/(?<![\w.,:-])(\d[\d.,]*)[ \u00a0](ms|s|min|h|d|kB|MB|GB|%)(?!\w)/g)) {
      const end = figure.index + figure[1].length, number = box(node, figure.index, end), unit = box(node, end + 1, end + 1 + figure[2].length);
      if (sentence && figure[2] === '%') continue;
      if (unit.left < number.left && Math.abs(unit.top - number.top) < 4) found.push(`${figure[0]} in ${node.data.trim().slice(0, 60)}`);
    }
  }
  return [...new Set(found)];
}"""
"""Figures of which the unit stands left of the number; where in a sentence a percent sign stands, its translator says."""

FILLS = "bar => Math.abs(bar.getBoundingClientRect().right - bar.querySelector('.bed + rect').getBoundingClientRect().right)"
"""How far from where reading begins the first share of a bar begins."""


def test_pages_run_from_right_to_left_and_are_no_wider_than_the_screen(from_the_right: None, chromium: Any) -> None:
    scene = sights.full()
    paths = {one.name: one.path.removeprefix("/horizon") for one in scene.sights if not one.form}
    site = Site(scene.stage, chromium)
    try:
        _look(site, paths)
    finally:
        site.close()


def _look(site: Site, paths: dict[str, str]) -> None:
    tab = site.tab("/help", locale="he")
    wide: list[tuple[str, int]] = []
    turned_round: list[tuple[str, str]] = []
    for width in (1440, 390):
        tab.set_viewport_size({"width": width, "height": 900})
        for name in PAGES:
            tab.goto(site.url(paths[name]))
            assert tab.evaluate("document.documentElement.dir") == "rtl"
            if tab.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
                wide.append((name, width))
            turned_round += [(name, figure) for figure in tab.evaluate(TURNED_ROUND)]
            if width == 1440:
                assert tab.evaluate("document.querySelector('#nav').getBoundingClientRect().right") == tab.evaluate(
                    "document.documentElement.clientWidth"
                )
    assert (wide, turned_round) == ([], [])
    tab.goto(site.url(paths["batches"]))
    assert tab.locator(".shares:has(.bed + rect)").first.evaluate(FILLS) < 1
    tab.goto(site.url(paths["job"]))
    assert tab.evaluate("getComputedStyle(document.querySelector('#timeline .track')).direction") == "ltr"
    assert tab.evaluate("getComputedStyle(document.querySelector('main pre')).direction") == "ltr"
    assert tab.evaluate("getComputedStyle(document.querySelector('main .tree')).direction") == "ltr"
