"""The filters of templates in one language."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any

from markupsafe import Markup

from horizon.web.i18n import words
from horizon.web.i18n.language import ENGLISH, ISOLATE, LEFT, POP, Language
from horizon.web.i18n.speech import told

FIGURES = ("number", "compact", "percent", "duration", "seconds", "memory", "bytes")
"""Filters that make nothing but a number and its unit."""


def of(language: Language, english: Mapping[str, Callable[..., Any]]) -> dict[str, Callable[..., Any]]:
    """All of them; those of English, but for what this language says in another way."""
    if language == ENGLISH:
        return {**english, "told": lambda value: value}
    english = {**english, **_names(english, language)}
    figures = {name: _figure(english[name], language) for name in FIGURES}
    return {**english, **figures, "plural": _plural(language), "told": _told(language)}


ISOLATES = (ISOLATE, LEFT, POP)
_PARTS = re.compile(f"([{ISOLATE}{LEFT}{POP}])")


class Told(str):
    """A sentence of ours in which names are kept apart by characters that foreign text may not have."""

    __slots__ = ()


class Name(str):
    """What somebody else has named: nobody's to translate."""

    __slots__ = ()


def _names(english: Mapping[str, Callable[..., Any]], language: Language) -> dict[str, Callable[..., Any]]:
    """What shows names: left alone, and kept to their own direction."""

    def line(value: object, *args: Any) -> Markup:
        if isinstance(value, Told):
            return Markup("").join(part if part in ISOLATES else english["line"](part, *args) for part in _PARTS.split(value))
        shown: Markup = english["line"](value, *args)
        return shown if language.direction == "ltr" or shown.startswith("<bdi>") else Markup("<bdi>{}</bdi>").format(shown)

    def block(value: object, *args: Any) -> Markup:
        parts = _PARTS.split(value) if isinstance(value, Told) else [value]
        return Markup("").join(part if part in ISOLATES else english["block"](part, *args) for part in parts)

    def plain(value: object, *args: Any) -> str:
        if isinstance(value, Told):
            return Told("".join(part if part in ISOLATES else english["plain"](part, *args) for part in _PARTS.split(value)))
        return Name(english["plain"](value, *args))

    def short_name(*args: Any, **named: Any) -> str:
        return Name(english["short_name"](*args, **named))

    return {"line": line, "block": block, "plain": plain, "short_name": short_name}


def _figure(make: Callable[..., str], language: Language) -> Callable[..., str]:
    def figure(*args: Any, **named: Any) -> str:
        """Told, and not to be told again."""
        text = make(*args, **named)
        return Told(words.phrase(text, language) or language.figure(language.number(text)))

    return figure


def _plural(language: Language) -> Callable[..., str]:
    def plural(count: int, one: str, many: str = "") -> str:
        """Told, and not to be told again: `10 code` are queues in Italian, and no English code."""
        return Told(words.plural(count, one, many or one + "s", language))

    return plural


def _told(language: Language) -> Callable[[Any], Any]:
    def say(value: Any) -> Any:
        """Names of jobs and queues come as markup, and are nobody's to translate."""
        if isinstance(value, StrEnum):
            return language.catalogue.text(value.value) or value
        if type(value) is not str:
            return value
        said = told(value, language)
        return Told(said) if language.direction == "rtl" else said

    return say
