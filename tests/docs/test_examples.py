"""Every Python example of the README and the docs runs as it stands, page by page, from top to bottom."""

from __future__ import annotations

import contextvars
import os
import re
import sys
import types
from pathlib import Path
from unittest import mock

import pytest
from flask import Flask

from horizon.core import current
from horizon.timetable import wanted
from horizon.web import extension

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
BLOCK = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)


def examples(page: Path) -> list[str]:
    """The Python blocks of a page, each moved down to its own line so that a traceback names the right one."""
    text = page.read_text()
    return ["\n" * text[: match.start(1)].count("\n") + match.group(1) for match in BLOCK.finditer(text)]


WITH_EXAMPLES = [page for page in PAGES if examples(page)]


@pytest.mark.parametrize("page", WITH_EXAMPLES, ids=lambda page: str(page.relative_to(ROOT)))
def test_the_examples_of_a_page_run(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    module = types.ModuleType("page_" + re.sub(r"\W", "_", str(page.relative_to(ROOT))))
    module.__file__ = str(tmp_path / "wsgi.py")
    monkeypatch.setitem(sys.modules, module.__name__, module)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(wanted.PROCESS, "_wanted", {})  # nor do other tests have the schedules of a page
    monkeypatch.setattr(current, "_known", [])  # the reader has one app: those of other tests, should any live on, are not there
    context = contextvars.copy_context()  # an app context that a page leaves active is not that of the next one
    with mock.patch.dict(os.environ):  # keys that a page makes are not those of other tests
        for example in examples(page):
            context.run(exec, compile(example, str(page), "exec"), module.__dict__)
    for app in {id(one): one for one in vars(module).values() if isinstance(one, Flask) and "horizon" in one.extensions}.values():
        extension.stop(app)


def test_the_pages_with_examples_are_found() -> None:
    assert {"README.md", "tutorial.md", "transactions.md"} <= {page.name for page in WITH_EXAMPLES}


LINK = re.compile(r"\]\((?!https?://)([^)#\s]+)")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    broken = [target for target in LINK.findall(page.read_text()) if not (page.parent / target).exists()]
    assert not broken, f"{page.name} links to what does not exist: {broken}"
