"""Languages that run from right to left: nothing in the stylesheet knows a left or a right side, but for a few that mean the screen."""

from __future__ import annotations

import re
from pathlib import Path

CSS = Path(__file__).parents[3] / "static" / "horizon.css"
MEANS_THE_SCREEN = ("tr.news td, tr.news td:first-child", ".tip")
"""In the middle of a list; at the pointer."""
_RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")
_PHYSICAL = re.compile(
    r"(?:^|[;\s])((?:margin|padding|border|scroll-margin|scroll-padding)-(?:left|right)[a-z-]*|border-(?:top|bottom)-(?:left|right)-radius|left|right)\s*:"
    r"|(?:text-align|float|clear)\s*:\s*(?:left|right)"
)
_FOUR = re.compile(r"(?:^|[;\s])(margin|padding|inset)\s*:\s*([^;]+)")


def rules() -> list[tuple[str, str]]:
    """(selector, declarations) of the stylesheet, without its comments."""
    text = re.sub(r"/\*.*?\*/", "", CSS.read_text("utf-8"), flags=re.DOTALL)
    return [(" ".join(selector.split()), body) for selector, body in _RULE.findall(text)]


def sides(value: str) -> list[str]:
    """The values of a shorthand, one for each side that it names."""
    flat = value.replace("!important", "")
    while "(" in flat:
        flat = re.sub(r"[a-z-]*\([^()]*\)", lambda found: "f" + str(abs(hash(found[0]))), flat)
    return flat.split()


def test_sides_are_those_of_the_text() -> None:
    wrong = [
        selector
        for selector, body in rules()
        if selector not in MEANS_THE_SCREEN and not selector.startswith("@") and _PHYSICAL.search(body)
    ]
    assert wrong == [], "write margin-inline-start, inset-inline-end, text-align: start and so on"


def test_a_shorthand_of_four_sides_has_the_same_left_and_right() -> None:
    wrong = [
        (selector, value.strip())
        for selector, body in rules()
        for _, value in _FOUR.findall(body)
        if len(given := sides(value)) == 4 and given[1] != given[3]
    ]
    assert wrong == [], "write padding-block and padding-inline apart"


def test_there_are_rules_to_look_at() -> None:
    assert len(rules()) > 300
