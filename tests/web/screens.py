"""Pictures of every page, to be looked at: `make screenshots`, or `python -m tests.web.screens [--only WORD] [--out FOLDER]
[--width 360,2560]`.

Each page is taken empty, full and with nasty data, light and dark, 1440 and 390 px wide; `index.html` in the folder shows
them side by side.
"""

from __future__ import annotations

import argparse
import html
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from tests.web.browser.conftest import CHROMIUM, INSTALL, Site
from tests.web.sights import SCENES, Scene, Sight

OUT = Path("test-results/screens")
THEMES, WIDTHS = ("light", "dark"), "1440,390"
TALL = 6000
"""Pixels of a page that are taken at most: what a page of nasty data says further down, it says above."""
POST = """form => { const made = document.createElement("form"); made.method = "post"; made.action = form.action;
  for (const [name, value] of form.fields) { const one = document.createElement("input"); one.type = "hidden"; one.name = name; one.value = value; made.append(one); }
  document.body.append(made); made.submit(); }"""


def go(site: Site, page: Any, sight: Sight) -> None:
    """Open it in a tab, by its address or by a form posted there."""
    if not sight.form:
        page.goto(site.url(sight.path), wait_until="load")
        return
    if "/horizon" not in page.url:
        page.goto(site.url("/help"), wait_until="load")
    with page.expect_navigation(wait_until="load"):
        page.evaluate(POST, {"action": site.url(sight.path), "fields": list(sight.form.items())})


def take(site: Site, tab: Any, theme: str, sight: Sight, widths: list[int], folder: Path) -> list[Path]:
    """One picture for each width."""
    made = []
    for width in widths:
        tab.set_viewport_size({"width": width, "height": 900 if width > 640 else 800})
        if width == widths[0]:
            go(site, tab, sight)
        tab.wait_for_timeout(80)
        target = folder / f"{sight.name}-{theme}-{width}.png"
        tall = min(TALL, tab.evaluate("document.documentElement.scrollHeight"))
        tab.screenshot(path=str(target), full_page=True, clip={"x": 0, "y": 0, "width": width, "height": tall}, animations="disabled")
        made.append(target)
    return made


def tell(site: Site, about: str, told: int) -> int:
    """Print what was complained about since the last time; how much that is by now."""
    for complaint in site.unexpected[told:]:
        print(f"{about}: {complaint}", flush=True)
    return len(site.unexpected)


def shoot(browser: Any, scene: Scene, sights: list[Sight], widths: list[int], folder: Path) -> list[Path]:
    """Every sight of a scene, in one tab for each theme."""
    site, made, told = Site(scene.stage, browser), [], 0
    site.expects("Failed to load resource")  # a page that says no on purpose
    folder.mkdir(parents=True, exist_ok=True)
    for theme in THEMES:
        tab = site.tab("/help" if scene.name != "doors" else "/login", color_scheme=theme)
        for sight in sights:
            made += take(site, tab, theme, sight, widths, folder)
            told = tell(site, f"{folder.name}/{sight.name}", told)
    site.close()
    tell(site, folder.name, told)
    return made


def index(out: Path, made: list[Path]) -> None:
    """One page with all of them."""
    cells = "".join(
        f'<figure><img loading="lazy" src="{html.escape(str(one.relative_to(out)))}"><figcaption>{html.escape(one.stem)}</figcaption></figure>'
        for one in made
    )
    style = "body{font:14px sans-serif;display:flex;flex-wrap:wrap;gap:16px;align-items:start}img{max-width:480px;border:1px solid #999}"
    (out / "index.html").write_text(f"<!doctype html><meta charset=utf-8><title>Screens</title><style>{style}</style>{cells}")


def main() -> None:
    """Take them all."""
    parser = argparse.ArgumentParser(prog="python -m tests.web.screens", description="Take pictures of every page.")
    parser.add_argument("--only", default="", help="a word of scene/page, such as full/jobs")
    parser.add_argument("--out", type=Path, default=OUT)
    parser.add_argument("--width", default=WIDTHS, help=f"widths in pixels, by commas ({WIDTHS})")
    given = parser.parse_args()
    if CHROMIUM is None:
        raise SystemExit(INSTALL)
    widths, made = [int(width) for width in given.width.split(",")], []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"])
        for name, make in SCENES.items():
            if given.only.partition("/")[0] in ("", name) or given.only in name or "/" not in given.only:
                scene = make()
                sights = [one for one in scene.sights if given.only in f"{name}/{one.name}"]
                made += shoot(browser, scene, sights, widths, given.out / name) if sights else []
        browser.close()
    index(given.out, made)
    print(f"{len(made)} pictures; see {given.out}/index.html")


if __name__ == "__main__":
    main()
