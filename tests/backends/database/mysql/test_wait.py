"""How often an idle worker looks, counted on a clock of the test's own."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import pytest

from horizon.backends.database.mysql import wait
from horizon.backends.database.mysql.wait import BUSY, IDLE, Bell, Polling, pause_after

NOTHING, A_JOB = (0, 0, None, 0), (0, 0, None, 1)


class Store:
    """One in which nothing is due."""

    def now(self) -> int:
        return 0


class Watched:
    """Counts looks; `finds` says what each of them sees."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.time, self.looks = 1000.0, 0
        self.finds: Callable[[float], Any] = lambda _: NOTHING
        monkeypatch.setattr(wait, "monotonic", lambda: self.time)
        monkeypatch.setattr(Bell, "pause", lambda _, seconds: self._pause(seconds))
        self.polling = Polling(self)  # type: ignore[arg-type]

    def lend(self, use: object) -> object:
        self.looks += 1
        return self.finds(self.time)

    def _pause(self, seconds: float) -> bool:
        assert seconds > 0
        self.time += seconds
        return False

    def wait(self, times: int = 1) -> list[bool]:
        """As an idle worker does: a second, and again."""
        return [self.polling.wait(Store(), (), 1.0) for _ in range(times)]  # type: ignore[arg-type]


@pytest.fixture
def watched(monkeypatch: pytest.MonkeyPatch) -> Watched:
    return Watched(monkeypatch)


def test_who_finds_nothing_looks_ever_more_seldom_however_often_it_comes_again(watched: Watched) -> None:
    assert watched.wait(3) == [False] * 3
    watched.looks = 0
    watched.wait(60)
    assert watched.looks <= 60 * (1 / IDLE + 1)


def test_who_has_just_found_something_looks_often(watched: Watched) -> None:
    watched.wait(10)
    pushed = watched.time + 0.5
    watched.finds = lambda now: A_JOB if now >= pushed else NOTHING
    assert watched.wait() == [True]
    assert watched.time - pushed <= IDLE
    for _ in range(5):
        pushed = watched.time + 0.02
        assert watched.wait() == [True]
        assert watched.time - pushed <= 2 * BUSY


def test_pauses_grow_with_the_quiet_and_end_growing() -> None:
    pauses = [pause_after(quiet) for quiet in (0, 0.02, 0.1, 0.5, 1, 3600)]
    assert pauses == sorted(pauses)
    assert (pauses[0], pauses[-1]) == (BUSY, IDLE)


def test_waiting_again_opens_nothing_anew(watched: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever rings a bell late must not write into something else that has got its number."""
    watched.wait()
    monkeypatch.setattr(os, "pipe", lambda: pytest.fail("another pipe"))
    watched.wait(3)


def test_a_ring_from_before_is_no_hint_for_who_comes_later() -> None:
    bell = Bell()
    bell.ring()
    assert bell.hush() is True
    assert bell.pause(0) is False
    bell.close()
