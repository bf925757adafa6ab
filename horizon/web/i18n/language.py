"""A language as the dashboard speaks it: its name, how its numbers look, which way it runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from horizon.web.i18n import catalogue
from horizon.web.i18n.catalogue import Catalogue


@dataclass(frozen=True, slots=True)
class Language:
    """One of them."""

    code: str
    name: str
    """In itself."""
    decimal: str = "."
    thousands: str = ","
    direction: str = "ltr"
    none_is_single: bool = False
    """Whether nothing is counted like one: `0 tâche`."""

    @property
    def catalogue(self) -> Catalogue:
        """Its texts."""
        return catalogue.of(self.code)

    def number(self, text: str) -> str:
        """An English number such as 12,408.5 as it is written here."""
        return text.translate(str.maketrans(",.", self.thousands + self.decimal))

    def counts_as_one(self, count: int) -> bool:
        """Whether so many take the singular."""
        return count == 1 or (count == 0 and self.none_is_single)


ENGLISH = Language("en", "English")
NARROW = "\u202f"
"""A space that does not break, as the French put between thousands."""
KNOWN: Mapping[str, Language] = {
    one.code: one
    for one in (
        ENGLISH,
        Language("de", "Deutsch", decimal=",", thousands="."),
        Language("it", "Italiano", decimal=",", thousands="."),
        Language("fr", "Français", decimal=",", thousands=NARROW, none_is_single=True),
    )
}


@lru_cache(maxsize=1)
def available() -> list[Language]:
    """Those that have texts; one that somebody added without telling how its numbers look writes them as English does."""
    return [KNOWN.get(code) or Language(code, code) for code in catalogue.codes()]


def find(code: str) -> Language | None:
    """The language of a code such as `de` or `de-AT`; None where there are no texts in it."""
    short = code.strip().lower().replace("_", "-").partition("-")[0]
    return next((one for one in available() if one.code == short), None)


def choose(kept: str, settled: str, accepted: str) -> Language:
    """What somebody chose, else what the app says, else the first that the browser asks for, else English.

    accepted: an Accept-Language header.
    """
    for code in (kept, settled, *_preferred(accepted)):
        if code and (found := find(code)) is not None:
            return found
    return ENGLISH


def _preferred(header: str) -> list[str]:
    """Codes, the most wanted first; what is wanted with q=0 is not."""
    wanted: list[tuple[float, str]] = []
    for part in header[:500].split(","):
        code, _, weight = part.partition(";")
        try:
            share = float(weight.partition("=")[2] or 1)
        except ValueError:
            share = 0.0
        if share > 0:
            wanted.append((-share, code.strip()))
    return [code for _, code in sorted(wanted, key=lambda pair: pair[0])]
