from __future__ import annotations

import asyncio
import importlib.util
import logging
import os
import re
import shutil
import threading
from collections.abc import Callable, Generator, Iterator, Mapping
from pathlib import Path
from typing import Any, NoReturn

import pytest
from werkzeug.serving import WSGIRequestHandler, make_server

from tests.waiting import until
from tests.web.i18n import pseudo
from tests.web.pages.stage import Stage

NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
"""The first is the same browser without windows and what belongs to them: it opens a page in half the time."""
CHROMIUM = next((found for name in NAMES if (found := shutil.which(name))), None)
INSTALL = "browser tests need Chromium and Playwright: apt-get install -y chromium && pip install playwright"
FIREFOX = os.environ.get("HORIZON_TEST_BROWSER") == "firefox"
"""Whether the same is to be seen in Firefox: the one that Playwright has brought, for it drives no other."""
NO_FIREFOX = "HORIZON_TEST_BROWSER=firefox needs the Firefox of Playwright: python -m playwright install firefox"
PATIENCE = 30_000
"""Milliseconds within which what is expected must come to be: a machine may be busy with other things."""
AXE = (Path(__file__).parent / "axe" / "axe.min.js").read_text()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = f"{Path(__file__).parent}{os.sep}"  # text, for there are many thousands of them
    for item in items:
        if str(item.path).startswith(here):
            item.add_marker(pytest.mark.browser)
            # a browser schedules as it likes; nowhere else is a test tried twice, for a race in a store must not be hidden
            item.add_marker(pytest.mark.flaky(reruns=1))


class Loop:
    """Playwright's event loop runs on in the thread of the tests, from the first that needs a browser; it is put away while
    others have their turn, for `asyncio.run` refuses where a loop runs."""

    def __init__(self) -> None:
        self._away: asyncio.AbstractEventLoop | None = None

    def put_away(self) -> None:
        self._away = asyncio._get_running_loop()
        asyncio._set_running_loop(None)

    def bring_back(self) -> None:
        asyncio._set_running_loop(self._away)


LOOP = Loop()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    if item.get_closest_marker("browser") is None:
        return (yield)
    LOOP.bring_back()
    try:
        return (yield)
    finally:
        LOOP.put_away()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    if importlib.util.find_spec("playwright") is None:
        missing(INSTALL)
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        browser = launched(playwright)
        yield browser
        LOOP.bring_back()  # the last test may have been somebody else's
        browser.close()


def launched(playwright: Any) -> Any:
    """The browser that tests look with: Chromium, or Firefox where that is asked for."""
    if FIREFOX:
        if not Path(playwright.firefox.executable_path).exists():
            missing(NO_FIREFOX)
        return playwright.firefox.launch()
    if CHROMIUM is None:
        missing(INSTALL)
    return playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"])


def missing(what: str) -> NoReturn:
    """Skip what cannot be looked at on this machine; where nothing may be skipped, fail."""
    if os.environ.get("CI") == "true":
        pytest.fail(what)
    pytest.skip(what)


class Site:
    """A stage that is served over HTTP, and tabs that look at it; what they complain about is kept."""

    def __init__(self, stage: Stage, chromium: Any) -> None:
        self.stage, self.chromium = stage, chromium
        stage.real = True
        logging.getLogger("werkzeug").setLevel(logging.ERROR)
        self.under_way: set[int] = set()
        """Threads that answer a request."""
        self.server = make_server("127.0.0.1", 0, stage.app, threaded=True, request_handler=_handler(self.under_way))
        self.origin = f"http://127.0.0.1:{self.server.port}"
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        self.contexts: list[Any] = []
        self.closed = False
        stage.watched.append(self)
        self.complaints: list[str] = []
        self.expected: list[str] = []

    def expects(self, *patterns: str) -> None:
        """Complaints in which one of these is found are meant, whether they have come or are still on their way."""
        self.expected += patterns

    @property
    def unexpected(self) -> list[str]:
        """What was complained about though nobody expected it."""
        return [said for said in self.complaints if not any(re.search(pattern, said) for pattern in self.expected)]

    def tab(self, path: str = "/", *, width: int = 1280, **options: Any) -> Any:
        """A tab of a browser that knows nothing yet, at a path below the mount point."""
        context = self.chromium.new_context(viewport={"width": width, "height": 800}, timezone_id="Europe/Rome", **options)
        context.set_default_timeout(PATIENCE)
        self.contexts.append(context)
        context.on("console", lambda said: self.complaints.append(said.text) if said.type in ("error", "warning") else None)
        context.on("weberror", lambda thrown: self.complaints.append(str(thrown.error)))
        context.on(
            "request", lambda asked: None if asked.url.startswith(self.origin) else self.complaints.append(f"foreign request: {asked.url}")
        )
        page = context.new_page()
        page.goto(self.url(path), wait_until="domcontentloaded")
        return page

    def tabs(self, paths: Mapping[str, str], **options: Any) -> dict[str, Any]:
        """A tab for each of these paths, by name, side by side in one browser: what takes its time passes in all of them at once."""
        context = self.tab("/help", **options).context
        made = {name: context.new_page() for name in paths}
        for name, path in paths.items():
            made[name].goto(self.url(path), wait_until="domcontentloaded")
        return made

    def url(self, path: str) -> str:
        return f"{self.origin}/horizon{path}"

    def close(self) -> None:
        """Also when the stage ends, whose fixture may be gone first: tabs that still ask for news would find another, empty store."""
        if self.closed:
            return
        self.closed = True
        for context in self.contexts:
            context.close()
        self.server.shutdown()
        until(lambda: not self.under_way)  # what is still being answered reads a store that will be somebody else's
        self.server.server_close()


def _handler(under_way: set[int]) -> type[WSGIRequestHandler]:
    """Answers requests, and notes which threads are at it."""

    class Noted(WSGIRequestHandler):
        def run_wsgi(self) -> None:
            under_way.add(threading.get_ident())
            try:
                super().run_wsgi()
            finally:
                under_way.discard(threading.get_ident())

    return Noted


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
    assert [complaint for one in made for complaint in one.unexpected] == []


@pytest.fixture
def from_the_right(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Beside the languages that we ship one of the host's that runs from right to left: `he`."""
    pseudo.install_from_the_right(monkeypatch)
    yield
    pseudo.forget()


def comes_true(page: Any, question: str, arg: object = None) -> Any:
    """Ask the page until its answer is true, and return it. Playwright's own `wait_for_function` asks again with `eval`, which
    our pages forbid: it fails unless the first answer is the one."""
    from playwright.sync_api import Error

    def ask() -> Any:
        try:
            return page.evaluate(question, arg)
        except Error as error:
            if "context was destroyed" in error.message:  # it is on its way to another page
                return None
            raise

    return until(ask, PATIENCE / 1000)


def quick(scene: str = "empty") -> Stage:
    """A stage whose pages ask for news twice a second."""
    return getattr(Stage(HORIZON_LIVE_SECONDS=0.5), scene)()


def paused(page: Any) -> None:
    """Pause the live updates of a page, and wait for the one that is under way."""
    page.get_by_role("button", name="Pause live updates").click()
    still(page)


def still(page: Any) -> None:
    """Wait until a page that asks for nothing more has had its last answer. (`networkidle` is true for ever once it was.)"""
    comes_true(page, "!document.querySelector('#live.htmx-request')")


def drawn(page: Any) -> None:
    """Wait until a page is as it will look: sheets, scripts and letters are there, and it stays until it asks for news."""
    page.wait_for_load_state("load")
    page.evaluate("document.fonts.ready.then(() => true)")


def overflows(page: Any, width: int) -> bool:
    """Whether a page scrolls sideways in a window as wide as this."""
    page.set_viewport_size({"width": width, "height": 800})
    comes_true(page, "width => innerWidth === width", arg=width)
    return bool(page.evaluate("document.documentElement.scrollWidth") > width)


def go_by_keys(page: Any, letter: str) -> None:
    """Press g and a letter, which the page must see within 1.2 s of its own time: that stands meanwhile."""
    page.clock.set_fixed_time(page.evaluate("Date.now() / 1000"))
    page.keyboard.press("g")
    page.keyboard.press(letter)
