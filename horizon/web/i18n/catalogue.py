"""The texts of one language: a JSON file of English text → what it is there, beside this module.

    "Retry": "Wiederholen"                                       a text
    "{waiting} waiting in {queue}": "{waiting} warten in {queue}"      with what is put in
    "job|jobs": ["Auftrag", "Aufträge"]                          what is counted: one, several
    "Horizon": null                                              stays as it is

A text that is not there is shown in English.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

FOLDER = Path(__file__).parent / "catalogues"
Texts = Mapping[str, str | list[str] | None]


@dataclass(frozen=True, slots=True, eq=False)
class Catalogue:
    """What is known of one language."""

    texts: Texts

    def text(self, key: str) -> str | None:
        """A text in this language; None where it stays in English."""
        found = self.texts.get(key)
        return found if isinstance(found, str) else None

    def noun(self, one: str, many: str, single: bool) -> str:
        """What is counted, as one or as several."""
        found = self.texts.get(f"{one}|{many}")
        pair = found if isinstance(found, list) and len(found) == 2 else [one, many]
        return pair[0] if single else pair[1]


EMPTY = Catalogue({})


@lru_cache
def of(code: str) -> Catalogue:
    """That of a language by its code; an empty one where there is no file."""
    path = FOLDER / f"{code}.json"
    return Catalogue(json.loads(path.read_text("utf-8"))) if path.is_file() else EMPTY


@lru_cache(maxsize=1)
def codes() -> tuple[str, ...]:
    """Languages that have a file, and English, which needs none; by code."""
    return tuple(sorted({"en", *(path.stem for path in FOLDER.glob("*.json"))}))
