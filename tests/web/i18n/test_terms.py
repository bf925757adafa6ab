"""One word for one thing, and how people are spoken to (docs/translating.md): what of it can be seen in the letters."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from horizon.web.i18n import catalogue

NARROW, WIDE = "\u202f", "\u00a0"
OTHERWISE = {
    "de": r"Schutzschalter|Vorhersage|neu terminier|Herzschl|\b[Dd]as Tag\b|[Jj]etzt starten|\b[Dd]u\b|\b[Dd]ein",
    "fr": r"étiquette|\b[Rr]aison\b|\brappels?\b|vieux code|\blancé|\b[Ll]ancer\b|\bl’app\b|\bl’essai \{|\b[Tt]u\b",
    "it": r"\bexecutor\b|interruttore|\bgiri\b|[Aa]vvia(re)? ora|pannello",
}
"""Words that mean something for which the language has another one."""
TYPED = re.compile(r"\{\"[^}]*\}|<code\d*>.*?</>|-?\{[a-z_0-9]+\}:|-?\b(?:queue|class|tag|state|after|before):|\b[a-z]+:(?=\S)")
"""What somebody types as it stands."""


def texts(code: str) -> Iterator[tuple[str, str]]:
    for key, told in catalogue.of(code).texts.items():
        yield from ((key, one) for one in ([told] if isinstance(told, str) else told or []))


@pytest.mark.parametrize("code", ["de", "fr", "it"])
def test_one_thing_has_one_word(code: str) -> None:
    assert [(key, told) for key, told in texts(code) if re.search(OTHERWISE[code], told)] == []


def test_french_puts_its_spaces_before_what_ends_a_clause() -> None:
    wrong = []
    for key, told in texts("fr"):
        bare = TYPED.sub("", told)
        high = re.search(rf"[^{NARROW}][;?!](?=\s|$)", bare)
        colon = re.search(rf"[^{WIDE}]:(?=\s|$)", bare)
        quotes = re.search(rf"«[^{WIDE}]|[^{WIDE}]»", bare)
        if high or colon or quotes:
            wrong.append((key, told))
    assert wrong == []


@pytest.mark.parametrize(("code", "person"), [("fr", r"^\w+ez\b|[;,:]\s\w+ez(?:-\w+)?\b"), ("de", r"\bSie\b")])
def test_short_messages_take_the_infinitive(code: str, person: str) -> None:
    short = ((key, told) for key, told in texts(code) if key[:1].islower() and "did you mean" not in key)
    assert [(key, told) for key, told in short if re.search(person, told)] == []


def test_italian_asks_with_the_infinitive() -> None:
    asked = ((key, told) for key, told in texts("it") if re.match(r"[A-Z][a-z]+(?: now:?)?(?: all)? \{\w+\}\?$", key))
    assert [(key, told) for key, told in asked if not re.match(r"\w+re\b", told)] == []
