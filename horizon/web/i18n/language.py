"""A language as the dashboard speaks it: its name, how its numbers look, which way it runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from horizon.web.i18n import catalogue, plurals
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

    @property
    def catalogue(self) -> Catalogue:
        """Its texts."""
        return catalogue.of(self.code)

    def number(self, text: str) -> str:
        """An English number such as 12,408.5 as it is written here."""
        return text.translate(str.maketrans(",.", self.thousands + self.decimal))

    def form(self, count: int) -> int:
        """Which form of a noun stands after this number."""
        return plurals.form(self.code, count)

    def figure(self, text: str) -> str:
        """A number with its unit, kept in its order."""
        return f"{LEFT}{text}{POP}" if self.direction == "rtl" else text

    def apart(self, text: str) -> str:
        """Text that somebody else wrote, kept from turning round what stands beside it."""
        return f"{ISOLATE}{text}{POP}" if self.direction == "rtl" else text


ENGLISH = Language("en", "English")
ISOLATE, LEFT, POP = "\u2068", "\u2066", "\u2069"
"""Around what runs in a direction of its own, or from left to right."""
NARROW = "\u202f"
"""A space that does not break, as the French put between thousands."""
KNOWN: Mapping[str, Language] = {
    one.code: one
    for one in (
        ENGLISH,
        Language("de", "Deutsch", decimal=",", thousands="."),
        Language("it", "Italiano", decimal=",", thousands="."),
        Language("fr", "Français", decimal=",", thousands=NARROW),
    )
}


@lru_cache(maxsize=1)
def available() -> list[Language]:
    """Those that have texts; one that somebody added without telling how its numbers look writes them as English does."""
    return [_with_head(KNOWN.get(code) or Language(code, code), catalogue.of(code).head) for code in catalogue.codes()]


def add(folder: Path) -> None:
    """Take the languages of a folder of the host's as well. Raises ConfigurationError."""
    catalogue.add(folder)
    available.cache_clear()


def _with_head(known: Language, head: Mapping[str, str]) -> Language:
    """As its file says."""
    said = {key: head[key] for key in ("name", "decimal", "thousands") if isinstance(head.get(key), str)}
    direction = "rtl" if head.get("direction") == "rtl" else known.direction
    return replace(known, **said, direction=direction)


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
