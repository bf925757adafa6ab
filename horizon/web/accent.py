"""An accent colour of the host's own, made to fit: readable in both themes whatever was chosen. Pure.

What is text, or stands behind text, gets darker (in the light theme) or lighter (in the dark one) until its contrast is what WCAG 2.2 AA
asks for: 4.5 to 1 for text, 3 to 1 for what one has to see. The hue stays.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

Colour = tuple[float, float, float]
"""Red, green and blue from 0 to 255."""

TEXT, SHAPE = 4.55, 3.05
"""A little more than is asked for: browsers round."""
BLACK: Colour = (0, 0, 0)
WHITE: Colour = (255, 255, 255)
LIGHT = ("#f5f6fa", "#ffffff", "#fafbfd", "#f0f2f7")
DARK = ("#0e1118", "#161a24", "#1b202c", "#222837")
"""What accents stand on: background, surface, raised, and a little more than that."""
_STEPS = 100
_HEX = re.compile(r"#([0-9a-f]{3}|[0-9a-f]{6})", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True, slots=True)
class Shades:
    """Of one theme, as hex."""

    accent: str
    """Of buttons and lines."""
    on_accent: str
    """Of text on it."""
    text: str
    """Of links."""
    soft: str
    """Behind what is chosen."""


def parse(text: str) -> Colour | None:
    """`#rgb` or `#rrggbb`, None for anything else."""
    if not _HEX.fullmatch(text):
        return None
    digits = text[1:] if len(text) == 7 else "".join(2 * digit for digit in text[1:])
    return (int(digits[:2], 16), int(digits[2:4], 16), int(digits[4:], 16))


def light(colour: Colour) -> Shades:
    """For the light theme."""
    soft = mix(colour, WHITE, 0.9)
    accent = until(colour, BLACK, TEXT, [WHITE])
    return Shades(accent=spelt(accent), on_accent="#ffffff", text=spelt(until(accent, BLACK, TEXT, [*_all(LIGHT), soft])), soft=spelt(soft))


def dark(colour: Colour) -> Shades:
    """For the dark theme."""
    soft, on_accent = mix(colour, _all(DARK)[1], 0.78), mix(colour, BLACK, 0.86)
    accent = until(colour, WHITE, TEXT, [on_accent, *_all(DARK)])
    return Shades(
        accent=spelt(accent), on_accent=spelt(on_accent), text=spelt(until(accent, WHITE, TEXT, [*_all(DARK), soft])), soft=spelt(soft)
    )


def stylesheet(colour: Colour) -> str:
    """The tokens of `horizon.css` anew."""
    day, night = light(colour), dark(colour)
    pairs = {
        "accent": (day.accent, night.accent), "on-accent": (day.on_accent, night.on_accent), "accent-text": (day.text, night.text),
        "accent-soft": (day.soft, night.soft),
    }  # fmt: skip
    return ":root{" + "".join(f"--{name}:light-dark({one},{other});" for name, (one, other) in pairs.items()) + "}\n"


# arithmetic --------------------------------------------------------------------------------------------


def contrast(one: Colour, other: Colour) -> float:
    """As WCAG has it, from 1 to 21."""
    bright, dim = sorted((luminance(one), luminance(other)), reverse=True)
    return (bright + 0.05) / (dim + 0.05)


def luminance(colour: Colour) -> float:
    """From 0 to 1."""
    red, green, blue = ((part / 255 / 12.92) if part <= 10.31475 else ((part / 255 + 0.055) / 1.055) ** 2.4 for part in colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def mix(colour: Colour, other: Colour, share: float) -> Colour:
    """With so much of the other one."""
    red, green, blue = ((1 - share) * a + share * b for a, b in zip(colour, other, strict=True))
    return (red, green, blue)


def until(colour: Colour, towards: Colour, wanted: float, behind: list[Colour]) -> Colour:
    """The colour, with as little of `towards` as it needs to stand out from all of these."""
    for step in range(_STEPS + 1):
        found = _rounded(mix(colour, towards, step / _STEPS))
        if all(contrast(found, _rounded(one)) >= wanted for one in behind):
            return found
    return towards


def spelt(colour: Colour) -> str:
    """`#rrggbb`."""
    return "#" + "".join(f"{round(part):02x}" for part in colour)


def _rounded(colour: Colour) -> Colour:
    red, green, blue = (float(round(part)) for part in colour)
    return (red, green, blue)


def _all(texts: tuple[str, ...]) -> list[Colour]:
    return [found for text in texts if (found := parse(text)) is not None]
