"""How well a name fits what somebody typed: the whole name, its beginning, the beginnings of its words, a part, letters in order. Pure.

The one place that decides it: the completion of searches, the palette, the page that finds things and the API all ask here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import TypeVar

T = TypeVar("T")
WHOLE, START, WORDS, PART, LETTERS = 100, 80, 60, 40, 20
"""What each way of fitting counts; a name that is little longer than what was typed counts up to ten more."""
LONGEST = 200
"""Characters of a name that are looked at."""
LEAST_LETTERS = 3
"""Fewer letters in order are found in almost every name."""
_WORD = re.compile(r"[a-z0-9]+|[A-Z]+(?![a-z])|[A-Z][a-z0-9]*|[^\W\d_]+")


def score(typed: str, name: str) -> int:
    """0 where it does not fit; of two that do, the higher fits better. An empty text fits everything alike."""
    wanted, name = " ".join(typed.split()), name[:LONGEST]
    if not wanted:
        return 1
    low, high = wanted.casefold(), name.casefold()
    closeness = max(0, 10 - (len(high) - len(low)) // 4)
    if high == low:
        return WHOLE + 10
    if high.startswith(low):
        return START + closeness
    if _starts_words(low, name):
        return WORDS + closeness
    if low in high:
        return PART + closeness
    if len(low.replace(" ", "")) >= LEAST_LETTERS and _in_order(low.replace(" ", ""), high):
        return LETTERS + closeness
    return 0


def _starts_words(wanted: str, name: str) -> bool:
    """Whether each part of the text begins a word of the name, in order: `se` and `send em` both find SendEmail."""
    words = [word.casefold() for word in _WORD.findall(name)]
    parts = wanted.split() if " " in wanted else list(wanted)
    if " " not in wanted and any(word.startswith(wanted) for word in words):
        return True
    if len(parts) < 2:
        return False
    left = iter(words)
    return all(any(word.startswith(part) for word in left) for part in parts)


def _in_order(letters: str, name: str) -> bool:
    left = iter(name)
    return all(letter in left for letter in letters)


def best(typed: str, things: Iterable[T], names: Callable[[T], Iterable[str]], limit: int) -> list[T]:
    """Those that fit, the best first; those that fit alike stay in the order given. A thing may have several names."""
    scored = [(max((score(typed, name) for name in names(one) if name), default=0), one) for one in things]
    return [one for points, one in sorted((pair for pair in scored if pair[0]), key=lambda pair: -pair[0])][:limit]
