"""The names behind the codes, known to every thread of a process at any time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from horizon.backends.redis.store import Names

KEPT = [b"mails", b"reports"]


class Link:
    """Says the names, and lets something happen while it does."""

    def __init__(self) -> None:
        self.openings = 1
        self.meanwhile: Callable[[], object] = lambda: None

    def key(self, name: str) -> str:
        return name

    def call(self, word: str, key: str, first: int, last: int) -> list[bytes]:
        self.meanwhile()
        return KEPT[first:]


@pytest.fixture
def names() -> Names:
    link: Any = Link()
    made = Names(link, "ql")
    assert made.of(2) == "reports"
    return made


def test_while_they_are_learnt_anew_over_another_connection_those_known_are_there(names: Names) -> None:
    link: Any = names._link
    seen: list[list[str]] = []
    link.openings, link.meanwhile = 2, lambda: seen.append(list(names._known))
    assert names.all() == ["mails", "reports"]
    assert seen == [["mails", "reports"]]


def test_a_name_that_was_known_at_the_look_is_told_though_they_are_learnt_anew_behind_it(names: Names) -> None:
    class Known(list[str]):
        def __len__(self) -> int:
            names._known = []
            return super().__len__()

    names._known = Known(names._known)
    assert names.of(2) == "reports"


def test_a_store_that_was_emptied_has_other_names(names: Names, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(globals(), "KEPT", [b"other"])
    names.forget()
    assert names.of(1) == "other"
    assert names.all() == ["other"]
