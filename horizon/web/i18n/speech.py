"""Sentences that the code makes, in another language: `3 jobs wait until one is started:` is found by the pattern
`{many} wait until one is started:` of the catalogue, and what is put in is told in its turn where it is a phrase of its own.

So the code that makes sentences stays plain, and says them in English.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from horizon.web.i18n import catalogue, plans, words
from horizon.web.i18n.language import Language

LONGEST = 600
"""Characters of a text that is looked for among the patterns; nobody makes longer sentences."""
DEEPEST = 4
SURE = 14
"""Letters of a pattern that are not holes, from which on whatever is put in may be long."""
_OURS = "kind state verb role unit word severity outcome outcomes status mode floor counted one many day days months nth start stop first second last"
OURS = frozenset(_OURS.split())
"""Holes that hold words of ours; what stands alone in any other may be a name."""
MOST_WORDS = 8
LOOSE = 8
"""Letters by which a pattern that begins with a hole is less sure."""
SCRIPTED = "n"
"""The hole that scripts fill: for the server it is text."""
_SENTENCES = re.compile(r"(?<=[.?!]) (?=\S)")
_PARTS = (re.compile(" · "), re.compile("; "), re.compile(", "))
"""What parts of a text are put together with, the strongest first."""
_IN_QUOTES = re.compile("“\\{([a-z_0-9]+)\\}”")
_QUOTED = re.compile("“[^”]*”")
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
    quoted: frozenset[str] = frozenset()
    """Holes between quotes: whatever stands there ends where they do."""

    def is_sure(self, found: re.Match[str]) -> bool:
        """Whether so few letters do not fit by chance: with them, what is put in is no sentence."""
        given = found.groupdict()
        ours = {name: value for name, value in given.items() if is_ours(name)}
        if any(len(value.split()) > MOST_WORDS or "“" in value for value in ours.values()):
            return False
        few = all(
            len(_QUOTED.sub("x", value).split()) <= 3 for name, value in given.items() if name not in ours and name not in self.quoted
        )
        return self.weight >= SURE or (few and (bool(self.begins) or found[1][:1].isdigit() or len(ours) == len(given)))


def is_ours(hole: str) -> bool:
    """Whether what a hole holds is a word of ours."""
    return hole.rstrip("0123456789") in OURS


def told(text: str, language: Language, deep: int = 0) -> str:
    """The sentence in this language; as it is where nobody has translated it."""
    if language.code == "en" or not text or len(text) > LONGEST or not _LETTERS.search(text):
        return text if language.code == "en" else words.numbers(text, language)
    return _told(text, language, deep)


def _told(text: str, language: Language, deep: int) -> str:
    found = _found(text, language, deep)
    return text if found is None else found


@lru_cache(maxsize=8192)
def _found(text: str, language: Language, deep: int) -> str | None:
    """As a whole, sentence by sentence, by a pattern, part by part, or as something counted; None where nothing of it is known."""
    exact = language.catalogue.text(text)
    if exact is not None:
        return exact
    whole = plans.told(text, language.catalogue.text) or _sentences(text, language, deep) or _by_pattern(text, language, deep)
    if whole is not None:
        return whole
    some = _sentences(text, language, deep, some=True)
    if some is not None:
        return some
    parts = (_each(between, text, language, deep, some=between is _PARTS[0]) for between in _PARTS)
    return next((found for found in parts if found is not None), None) or words.phrase(text, language)


def _by_pattern(text: str, language: Language, deep: int) -> str | None:
    for pattern in _patterns(language.code):
        if text.startswith(pattern.begins) and (found := pattern.shape.fullmatch(text)) and pattern.is_sure(found):
            filled = _filled(pattern, found, language, deep)
            if filled is not None:
                return filled
    return None


def _run(text: str, many: bool, language: Language, deep: int) -> str | None:
    """One sentence, or several that are known together."""
    return language.catalogue.text(text) or _by_pattern(text, language, deep) if many else _found(text, language, deep)


def _sentences(text: str, language: Language, deep: int, some: bool = False) -> str | None:
    """Sentence by sentence, several together where they are known together; None where there is but one, or none is known."""
    given = _SENTENCES.split(text)
    if len(given) < 2 or deep >= DEEPEST:
        return None
    made: list[str] = []
    at, known = 0, 0
    while at < len(given):
        ends = (end for end in range(len(given), at, -1) if (at, end) != (0, len(given)))
        found = next(
            ((end, one) for end in ends if (one := _run(" ".join(given[at:end]), end - at > 1, language, deep + 1)) is not None), None
        )
        if found is None and not some:
            return None
        end, one = found or (at + 1, given[at])
        made.append(one)
        at, known = end, known + (found is not None)
    return " ".join(made) if known else None


def _each(between: re.Pattern[str], text: str, language: Language, deep: int, some: bool = False) -> str | None:
    """The parts of a text, each in this language; None where there is but one, or (unless some are enough) one that is not known."""
    given = between.split(text)
    if len(given) < 2 or deep >= DEEPEST:
        return None
    made = [_found(one, language, deep + 1) for one in given]
    if all(one is None for one in made) or (None in made and not some):
        return None
    joins = between.findall(text)
    told = [one if other is None else other for one, other in zip(given, made, strict=True)]
    return "".join(part + join for part, join in zip(told, [*joins, ""], strict=True))


def _filled(pattern: Pattern, found: re.Match[str], language: Language, deep: int) -> str | None:
    """With what stands in its holes, in this language; None where a word of ours is expected and another one stands there. A sentence
    that begins with a phrase of ours begins with a capital, wherever that phrase stands in English."""
    values: dict[str, str] = {}
    known: set[str] = set()
    for name, given in found.groupdict().items():
        told_ = _found(given, language, deep + 1) if deep < DEEPEST and (is_ours(name) or " " in given or given[:1].isdigit()) else None
        if told_ is None and is_ours(name) and given[:1].isalpha():
            return None
        values[name] = language.apart(words.numbers(given, language) if told_ is None else told_)
        known |= {name} if told_ is not None else set()
    made = _HOLE.sub(lambda hole: values.get(hole[1], hole[0]), pattern.told)
    first = _HOLE.match(pattern.told)
    return made[:1].upper() + made[1:] if first and first[1] in known and pattern.begins[:1].isupper() else made


@lru_cache
def _patterns(code: str) -> tuple[Pattern, ...]:
    """Those of a language, the surest first."""
    return tuple(sorted(_made(code), key=lambda one: 2 * one.shape.groups - one.weight + (0 if one.begins else LOOSE)))


def _made(code: str) -> Iterator[Pattern]:
    for key, text in catalogue.of(code).texts.items():
        if isinstance(text, str) and "<" not in key and _HOLE.search(key):
            fixed = _HOLE.sub("", key)
            if _LETTERS.search(fixed):
                yield Pattern(_shape(key), _HOLE.split(key, maxsplit=1)[0], len(fixed), text, frozenset(_IN_QUOTES.findall(key)))


def _shape(key: str) -> re.Pattern[str]:
    """A regular expression in which a name that comes twice means the same text twice, and what follows another at once begins with a mark, or is nothing."""
    parts, at, seen = [], 0, set[str]()
    for hole in _HOLE.finditer(key):
        if hole[1] == SCRIPTED:
            continue
        parts.append(re.escape(key[at : hole.start()]))
        some = r"(?:[ ;,:(.].*?)?" if hole.start() and key[hole.start() - 1] == "}" else ".+?"
        parts.append(f"(?P={hole[1]})" if hole[1] in seen else f"(?P<{hole[1]}>{some})")
        seen.add(hole[1])
        at = hole.end()
    return re.compile("".join(parts) + re.escape(key[at:]), re.DOTALL)
