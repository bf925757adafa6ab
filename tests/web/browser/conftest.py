from __future__ import annotations

import importlib.util
import logging
import os
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from werkzeug.serving import make_server

from tests.web.pages.stage import Stage

CHROMIUM = next((found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), None)
INSTALL = "browser tests need Chromium and Playwright: apt-get install -y chromium && pip install playwright"
PATIENCE = 20_000
"""Milliseconds within which what is expected must come to be: a machine may be busy with other things."""
AXE = (Path(__file__).parent / "axe" / "axe.min.js").read_text()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in Path(item.path).parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    if CHROMIUM is None or importlib.util.find_spec("playwright") is None:
        if os.environ.get("CI") == "true":
            pytest.fail(INSTALL)
        pytest.skip(INSTALL)
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"])
        yield browser
        browser.close()


class Site:
    """A stage that is served over HTTP, and tabs that look at it; what they complain about is kept."""

    def __init__(self, stage: Stage, chromium: Any) -> None:
        self.stage, self.chromium = stage, chromium
        stage.real = True
        logging.getLogger("werkzeug").setLevel(logging.ERROR)
        self.server = make_server("127.0.0.1", 0, stage.app, threaded=True)
        self.origin = f"http://127.0.0.1:{self.server.port}"
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        self.contexts: list[Any] = []
        self.complaints: list[str] = []

    def tab(self, path: str = "/", *, width: int = 1280, **options: Any) -> Any:
        """A tab of a browser that knows nothing yet, at a path below the mount point."""
        context = self.chromium.new_context(viewport={"width": width, "height": 800}, timezone_id="Europe/Rome", **options)
        context.set_default_timeout(PATIENCE)
        self.contexts.append(context)
        page = context.new_page()
        page.on("console", lambda said: self.complaints.append(said.text) if said.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on(
            "request", lambda asked: None if asked.url.startswith(self.origin) else self.complaints.append(f"foreign request: {asked.url}")
        )
        page.goto(self.url(path), wait_until="domcontentloaded")
        return page

    def url(self, path: str) -> str:
        return f"{self.origin}/horizon{path}"

    def close(self) -> None:
        for context in self.contexts:
            context.close()
        self.server.shutdown()


@pytest.fixture
def site(chromium: Any) -> Iterator[Callable[..., Site]]:
    """Serve a stage; at the end no tab may have complained about anything."""
    made: list[Site] = []

    def serve(stage: Stage) -> Site:
        made.append(Site(stage, chromium))
        return made[-1]

    yield serve
    for one in made:
        one.close()
    assert [complaint for one in made for complaint in one.complaints] == []


def quick(scene: str = "empty") -> Stage:
    """A stage whose pages ask for news twice a second."""
    return getattr(Stage(HORIZON_LIVE_SECONDS=0.5), scene)()
