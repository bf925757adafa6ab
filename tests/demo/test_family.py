"""Processes that start and stop together."""

from __future__ import annotations

import sys

from horizon.demo.family import Family
from tests.waiting import until

SAY = [sys.executable, "-c", "print('first'); print('last')"]


def test_what_a_process_says_last_is_passed_on_though_nobody_listened_before_it_ended() -> None:
    heard: list[tuple[str, str]] = []
    family = Family(lambda name, line: heard.append((name, line)))
    family.start("one", SAY)
    until(family.ended)
    family.again(family.members["one"])
    assert heard == [("one", "first"), ("one", "last")]
    until(family.ended)
    family.close()
    assert heard == [("one", "first"), ("one", "last")] * 2
