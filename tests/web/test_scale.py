"""How large things are: text and what holds it follow the size of letters that somebody set in their browser."""

from __future__ import annotations

import re
from pathlib import Path

CSS = re.sub(r"/\*.*?\*/", "", (Path(__file__).parents[2] / "static" / "horizon.css").read_text("utf-8"), flags=re.DOTALL)
IN_A_PICTURE = (".ring text", ".graph text", ".graph .how", ".graph .on")
"""Drawn in the units of their picture, which grows as a whole."""
_RULE = re.compile(r"([^{};]+)\{([^{}]*)\}")
_LETTERS = re.compile(r"(?:^|[;\s])(?:font|font-size|line-height)\s*:[^;]*\dpx")


def test_letters_and_lines_are_measured_in_rem() -> None:
    rules = [(" ".join(selector.split()), body) for selector, body in _RULE.findall(CSS)]
    assert len(rules) > 300
    assert [selector for selector, body in rules if _LETTERS.search(body) and selector not in IN_A_PICTURE] == []


def test_how_wide_a_window_is_is_asked_in_letters_and_without_a_gap_between_two_answers() -> None:
    asked = re.findall(r"\(([^()]*width[^()]*)\)", " ".join(re.findall(r"@media[^{]*", CSS)))
    assert len(asked) > 20
    assert [one for one in asked if not re.fullmatch(r"max-width: [\d.]+em|width > [\d.]+em", one)] == []
