"""The filters of templates in one language."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any

from horizon.web.i18n import words
from horizon.web.i18n.language import ENGLISH, Language
from horizon.web.i18n.speech import told

FIGURES = ("number", "compact", "percent", "duration", "seconds", "memory", "bytes")
"""Filters that make nothing but a number and its unit."""


def of(language: Language, english: Mapping[str, Callable[..., Any]]) -> dict[str, Callable[..., Any]]:
    """All of them; those of English, but for what this language says in another way."""
    if language == ENGLISH:
        return {**english, "told": lambda value: value}
    figures = {name: _figure(english[name], language) for name in FIGURES}
    return {**english, **figures, "plural": _plural(language), "told": _told(language)}


def _figure(make: Callable[..., str], language: Language) -> Callable[..., str]:
    def figure(*args: Any, **named: Any) -> str:
        text = make(*args, **named)
        return words.phrase(text, language) or language.number(text)

    return figure


def _plural(language: Language) -> Callable[..., str]:
    def plural(count: int, one: str, many: str = "") -> str:
        return words.plural(count, one, many or one + "s", language)

    return plural


def _told(language: Language) -> Callable[[Any], Any]:
    def say(value: Any) -> Any:
        """Names of jobs and queues come as markup, and are nobody's to translate."""
        if isinstance(value, StrEnum):
            return language.catalogue.text(value.value) or value
        return told(value, language) if type(value) is str else value

    return say
