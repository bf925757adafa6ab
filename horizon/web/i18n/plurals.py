"""Which form of a noun stands after a number, by language: the cardinal rules of CLDR for whole numbers. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping

Rule = Callable[[int], int]
"""From a number to the place of its form in the list that a catalogue gives."""


def _two(count: int) -> int:
    return 0 if count == 1 else 1


def _none_as_one(count: int) -> int:
    return 0 if count < 2 else 1


def _alike(count: int) -> int:
    return 0


def _dual(count: int) -> int:
    return {1: 0, 2: 1}.get(count, 2)


def _czech(count: int) -> int:
    return 0 if count == 1 else 1 if 2 <= count <= 4 else 2


def _few(count: int) -> bool:
    return 2 <= count % 10 <= 4 and not 12 <= count % 100 <= 14


def _polish(count: int) -> int:
    return 0 if count == 1 else 1 if _few(count) else 2


def _slavic(count: int) -> int:
    return 0 if count % 10 == 1 and count % 100 != 11 else 1 if _few(count) else 2


def _arabic(count: int) -> int:
    if count < 3:
        return count
    return 3 if 3 <= count % 100 <= 10 else 4 if count % 100 >= 11 else 5


RULES: Mapping[str, Rule] = {
    **dict.fromkeys(("fr", "pt", "hi", "fa"), _none_as_one),
    **dict.fromkeys(("ja", "zh", "ko", "vi", "th", "id", "ms"), _alike),
    **dict.fromkeys(("ru", "uk", "be", "sr", "hr", "bs"), _slavic),
    **dict.fromkeys(("cs", "sk"), _czech),
    "pl": _polish, "he": _dual, "ar": _arabic,
}  # fmt: skip


def form(code: str, count: int) -> int:
    """The place of the form that stands after this number."""
    return RULES.get(code, _two)(count)
