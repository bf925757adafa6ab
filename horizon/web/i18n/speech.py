"""Sentences that the code makes, in another language: `3 jobs wait until one is started:` is found by the pattern
`{many} wait until one is started:` of the catalogue, and what is put in is told in its turn where it is a phrase of its own.

So the code that makes sentences stays plain, and says them in English.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from horizon.web.i18n import catalogue, words
from horizon.web.i18n.language import Language

LONGEST = 600
"""Characters of a text that is looked for among the patterns; nobody makes longer sentences."""
DEEPEST = 4
SURE = 14
"""Letters of a pattern that are not holes, from which on whatever is put in may be long."""
_HOLE = re.compile(r"\{([a-z_][a-z0-9_]*)\}")
_LETTERS = re.compile(r"[A-Za-z]{2}")


@dataclass(frozen=True, slots=True)
class Pattern:
    """A sentence with holes."""

    shape: re.Pattern[str]
    begins: str
    """The text before the first hole."""
    weight: int
    """Letters that are not holes: the more, the surer."""
    told: str

    def is_sure(self, found: re.Match[str]) -> bool:
        """Whether so few letters do not fit by chance: with them, what is put in is no sentence."""
        return self.weight >= SURE or all(len(value.split()) <= 3 for value in found.groups())


def told(text: str, language: Language, deep: int = 0) -> str:
    """The sentence in this language; as it is where nobody has translated it."""
    if language.code == "en" or not text or len(text) > LONGEST or not _LETTERS.search(text):
        return text if language.code == "en" else words.numbers(text, language)
    return _told(text, language, deep)


@lru_cache(maxsize=4096)
def _told(text: str, language: Language, deep: int) -> str:
    exact = language.catalogue.text(text)
    if exact is not None:
        return exact
    for pattern in _patterns(language.code):
        if text.startswith(pattern.begins) and (found := pattern.shape.fullmatch(text)) and pattern.is_sure(found):
            return _filled(pattern, found, language, deep)
    return words.phrase(text, language) or text


def _filled(pattern: Pattern, found: re.Match[str], language: Language, deep: int) -> str:
    def value(hole: re.Match[str]) -> str:
        given = found[hole[1]]
        is_phrase = " " in given or given[:1].isdigit()
        return told(given, language, deep + 1) if is_phrase and deep < DEEPEST else given

    return _HOLE.sub(value, pattern.told)


@lru_cache
def _patterns(code: str) -> tuple[Pattern, ...]:
    """Those of a language, the surest first."""
    return tuple(sorted(_made(code), key=lambda one: -one.weight))


def _made(code: str) -> Iterator[Pattern]:
    for key, text in catalogue.of(code).texts.items():
        if isinstance(text, str) and "<" not in key and _HOLE.search(key):
            fixed = _HOLE.sub("", key)
            if _LETTERS.search(fixed):
                yield Pattern(_shape(key), _HOLE.split(key, maxsplit=1)[0], len(fixed), text)


def _shape(key: str) -> re.Pattern[str]:
    """A regular expression in which a name that comes twice means the same text twice, and what follows another at once begins with a mark, or is nothing."""
    parts, at, seen = [], 0, set[str]()
    for hole in _HOLE.finditer(key):
        parts.append(re.escape(key[at : hole.start()]))
        some = r"(?:[ ;,:(.].*?)?" if hole.start() and key[hole.start() - 1] == "}" else ".+?"
        parts.append(f"(?P={hole[1]})" if hole[1] in seen else f"(?P<{hole[1]}>{some})")
        seen.add(hole[1])
        at = hole.end()
    return re.compile("".join(parts) + re.escape(key[at:]), re.DOTALL)
