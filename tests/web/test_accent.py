"""Whatever colour a host chooses can be read in both themes."""

from __future__ import annotations

import colorsys

import pytest

from horizon.web import accent
from horizon.web.accent import DARK, LIGHT, Shades, contrast, parse, stylesheet

COLOURS = ["#000", "#fff", "#ffff00", "#00ff00", "#0000ff", "#ff0000", "#6941de", "#0b7285", "#808080", "#fefefe", "#ffd43b"]


def ratio(one: str, other: str) -> float:
    first, second = parse(one), parse(other)
    assert first is not None
    assert second is not None
    return contrast(first, second)


def faults(shades: Shades, behind: tuple[str, ...]) -> list[tuple[str, str]]:
    """What axe would find."""
    text = [(shades.text, one) for one in (*behind, shades.soft)] + [(shades.on_accent, shades.accent)]
    shapes = [(shades.accent, one) for one in behind]
    return [pair for pair in text if ratio(*pair) < 4.5] + [pair for pair in shapes if ratio(*pair) < 3]


@pytest.mark.parametrize("given", COLOURS)
def test_text_and_lines_stand_out_on_everything_they_stand_on(given: str) -> None:
    colour = parse(given)
    assert colour is not None
    assert faults(accent.light(colour), LIGHT) == []
    assert faults(accent.dark(colour), DARK) == []


def test_a_colour_that_can_be_read_stays_as_it_is_and_others_keep_their_hue() -> None:
    assert accent.light((105, 65, 222)).accent == "#6941de"
    pale = parse(accent.light((255, 212, 59)).accent)
    assert pale is not None
    assert abs(colorsys.rgb_to_hsv(*pale)[0] - colorsys.rgb_to_hsv(255, 212, 59)[0]) < 0.01


def test_contrast_is_what_wcag_says() -> None:
    assert ratio("#000", "#fff") == pytest.approx(21)
    assert ratio("#777", "#fff") == pytest.approx(4.48, abs=0.01)
    assert ratio("#abc", "#abc") == 1


@pytest.mark.parametrize("text", ["red", "#12345", "rgb(1,2,3)", "#ggg", "#fff;}", "", "#FFFFFF0"])
def test_nothing_else_than_a_hex_colour_gets_into_the_stylesheet(text: str) -> None:
    assert parse(text) is None


def test_the_stylesheet_sets_the_tokens_of_ours_in_both_themes() -> None:
    text = stylesheet((11, 114, 133))
    assert [
        token for token in ("--accent:", "--on-accent:", "--accent-text:", "--accent-soft:") if f"{token}light-dark(#" not in text
    ] == []
