"""Numbers, durations and ages in another language, from the words in which English has them. Pure."""

from __future__ import annotations

import re

from horizon.web.i18n.language import Language

_NUMBER = re.compile(
    r"(?<![\w.,])\d{1,3}(?:,\d{3})+(?:\.\d+)?(?![\w.])|(?<![\w.,:])(?:0\.\d+|\d+\.(?!\d{3}(?!\d))\d+)(?=[kMB]?(?:[ \u00a0]|$|%))"
)
"""1,204, 12.5 and 1.2k, but no versions, addresses or times of day; nor 1.204, which a filter has told already: nobody here says thousandths but of
one (0.034)."""
_UNIT = r"(?:ms|s|min|h|d|kB|MB|GB|%)"
_WITH_UNIT = re.compile(rf"(?<![\w.,:\u2066])\d[\d.,]*[ \u00a0]?{_UNIT}(?: \d+[ \u00a0]{_UNIT})?(?!\w)")
_COUNTED = re.compile(r"(?P<count>\d[\d,]*) (?P<noun>[A-Za-z][A-Za-z -]*)")
_MONTH = re.compile(r"\b(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)\b")
_MONTH_OF_DATE = re.compile(rf"(?<=\d ){_MONTH.pattern}(?= \d{{4}}\b)")
_DAY_OF_TIME = re.compile(r"\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)(?= \d\d:\d\d\b)")
_AGO = re.compile(r"(?P<span>\d[\d,]* (?:s|min|h|d)) ago")
_IN = re.compile(r"in (?P<span>\d[\d,]* (?:s|min|h|d))")


def numbers(text: str, language: Language) -> str:
    """The text with its numbers as this language writes them."""
    made = _DAY_OF_TIME.sub(lambda found: _word(found, language), _MONTH_OF_DATE.sub(lambda found: _word(found, language), text))
    made = _NUMBER.sub(lambda found: language.number(found[0]), made)
    return made if language.direction == "ltr" else _WITH_UNIT.sub(lambda found: language.figure(found[0]), made)


def plural(count: int, one: str, many: str, language: Language) -> str:
    """`3 Aufträge`."""
    return f"{language.number(f'{count:,}')} {language.catalogue.noun(one, many, language.form(count))}"


def phrase(text: str, language: Language) -> str | None:
    """`3 jobs`, `12 s ago`, `in 4 min` in this language; None for anything else."""
    if found := _AGO.fullmatch(text):
        return (language.catalogue.text("{span} ago") or "{span} ago").replace("{span}", numbers(found["span"], language))
    if found := _IN.fullmatch(text):
        return (language.catalogue.text("in {span}") or "in {span}").replace("{span}", numbers(found["span"], language))
    if (found := _COUNTED.fullmatch(text)) and (said := _counted(found["count"], found["noun"], language)) is not None:
        return said
    made = numbers(text, language)
    return made if made != text else None


def _counted(count: str, noun: str, language: Language) -> str | None:
    """By the pair of the catalogue in which the noun stands."""
    number = int(count.replace(",", ""))
    for key in language.catalogue.texts:
        one, bar, many = key.partition("|")
        if bar and noun in (one, many):
            return plural(number, one, many, language)
    alone = language.catalogue.text(noun)
    return None if alone is None else f"{language.number(f'{number:,}')} {alone}"


def relative(text: str, language: Language) -> str:
    """`12 s ago` and its like."""
    return phrase(text, language) or language.catalogue.text(text) or text


def date(text: str, language: Language) -> str:
    """22 Nov 2026, 14:03:22 CET, its month in this language."""
    return _MONTH.sub(lambda found: _word(found, language), text)


def _word(found: re.Match[str], language: Language) -> str:
    """What stands there, in this language."""
    return language.catalogue.text(found[0]) or found[0]
