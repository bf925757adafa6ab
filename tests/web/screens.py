"""Pictures of every page, to be looked at: `make screenshots`, or `python -m tests.web.screens [--only WORD] [--out FOLDER]`.

Each page is taken empty, full and with nasty data, light and dark, 1440 and 390 px wide; `index.html` in the folder shows
them side by side.
"""

from __future__ import annotations

import argparse
import html
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from tests.web.addresses import addresses
from tests.web.browser.conftest import CHROMIUM, INSTALL, Site
from tests.web.pages.stage import Stage

OUT = Path("test-results/screens")
THEMES, WIDTHS = ("light", "dark"), (1440, 390)
MORE = {"jobs": ("state=failed", "q=queue:emails+after:1h"), "failed": ("tab=causes",)}
"""Further states of a page, by endpoint: what is asked for after the `?`."""


def scenes() -> Iterator[tuple[str, Stage, dict[str, str]]]:
    """(name, stage, what to put into the holes of addresses)."""
    yield "empty", Stage().empty(), {}
    full = Stage().plenty()
    yield "full", full, {"id": full.tried, "name": "emails"}
    nasty = Stage().nasty()
    yield "nasty", nasty, {"id": nasty.hurt, "name": "emails"}


def pages(stage: Stage, fill: dict[str, str]) -> Iterator[tuple[str, str]]:
    """(name of the picture, path below the mount point) of every page that is there."""
    for method, path, endpoint in addresses(stage.app, fill, default=""):
        if method != "GET" or endpoint.startswith("api_") or endpoint in ("static", "nowhere") or "//" in path or path.endswith("/jobs/"):
            continue
        below = path.removeprefix("/horizon")
        answer = stage.client.get(path)
        if answer.status_code != 200 or answer.mimetype != "text/html":
            continue
        yield endpoint, below
        for number, query in enumerate(MORE.get(endpoint, ()), 2):
            yield f"{endpoint}-{number}", f"{below}?{query}"


def take(site: Site, name: str, path: str, folder: Path) -> list[Path]:
    """Four pictures of one page; says what its tab complained about."""
    made = []
    for theme in THEMES:
        for width in WIDTHS:
            page = site.tab(path, width=width, color_scheme=theme)
            page.wait_for_timeout(150)
            target = folder / f"{name}-{theme}-{width}.png"
            page.screenshot(path=str(target), full_page=True)
            made.append(target)
            page.context.close()
    for complaint in site.complaints:
        print(f"{folder.name}/{name}: {complaint}")
    site.complaints.clear()
    return made


def shoot(browser: Any, out: Path, only: str) -> list[Path]:
    """Every scene, every page."""
    made = []
    for scene, stage, fill in scenes():
        wanted = [(name, path) for name, path in pages(stage, fill) if only in f"{scene}/{name}"]
        site, folder = Site(stage, browser), out / scene
        folder.mkdir(parents=True, exist_ok=True)
        for name, path in wanted:
            made += take(site, name, path, folder)
        site.close()
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
    given = parser.parse_args()
    if CHROMIUM is None:
        raise SystemExit(INSTALL)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"])
        made = shoot(browser, given.out, given.only)
        browser.close()
    index(given.out, made)
    print(f"{len(made)} pictures; see {given.out}/index.html")


if __name__ == "__main__":
    main()
