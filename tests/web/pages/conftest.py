from __future__ import annotations

from collections.abc import Iterator
from html.parser import HTMLParser

import pytest

from horizon.core.clock import SECOND
from tests.web.pages.stage import Stage

SAME = {"Sec-Fetch-Site": "same-origin"}
HTMX = {**SAME, "HX-Request": "true"}
AT = 1_795_357_830 * SECOND
"""A Sunday in November 2026, half a minute past 14:30 UTC."""


class Page(HTMLParser):
    """The elements and the text of a page."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.text = ""
        """As it is read: a space at which no line ends is a space."""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))

    def handle_data(self, data: str) -> None:
        self.text += data.replace("\u00a0", " ")

    def all(self, tag: str, **wanted: str) -> list[dict[str, str]]:
        """Attributes of every element of this kind that has these."""
        return [attrs for name, attrs in self.elements if name == tag and all(attrs.get(key) == value for key, value in wanted.items())]

    def rows(self) -> list[str]:
        """Ids of the jobs in the list, in order."""
        return [attrs["id"][2:] for attrs in self.all("tr") if attrs.get("id", "").startswith("j-")]

    def handed_back(self) -> str:
        """What a list of jobs sends of its rows when it asks for news: the ids in its form, and where the next page begins."""
        after = self.all("div", id="live")[0]["hx-headers"].partition('"Horizon-Rows": "')[2].partition('"')[0]
        return self.all("input", name="rows")[0]["value"] + after

    def acts(self) -> set[str]:
        """What the buttons of this page do."""
        return {attrs["value"].partition(":")[0] for attrs in self.all("button", name="do")}


@pytest.fixture
def stage() -> Iterator[Stage]:
    made = Stage(AT)
    yield made
    made.runtime.close()


@pytest.fixture
def look(stage: Stage):
    """The page at a path below the mount point; it must be there."""

    def at(path: str, status: int = 200, **headers: str) -> Page:
        answer = stage.client.get(f"/horizon{path}", headers=headers)
        assert answer.status_code == status, answer.text[:800]
        return Page(answer.text)

    return at


@pytest.fixture
def act(stage: Stage):
    """Post a form as one of our pages would."""

    def post(path: str = "/jobs/act", *, headers: dict[str, str] = SAME, **fields: object):
        return stage.client.post(f"/horizon{path}", data=fields, headers=headers)

    return post
