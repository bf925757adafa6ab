"""The texts of one language: a JSON file of English text → what it is there, beside this module or in a folder of the host's.

    "Retry": "Wiederholen"                                       a text
    "{waiting} waiting in {queue}": "{waiting} warten in {queue}"      with what is put in
    "job|jobs": ["Auftrag", "Aufträge"]                          what is counted: its forms, as plurals.py orders them
    "Horizon": null                                              stays as it is
    "": {"name": "Deutsch", "decimal": ",", "thousands": "."}    what the language is called, and how its numbers look

A text that is not there is shown in English. Where the host has a file of a language that we have as well, its texts go first.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from horizon.core.errors import ConfigurationError

FOLDER = Path(__file__).parent / "catalogues"
HEAD = ""
"""The key of what a file says of its language."""
Texts = Mapping[str, str | list[str] | None]
_folders: list[Path] = [FOLDER]


@dataclass(frozen=True, slots=True, eq=False)
class Catalogue:
    """What is known of one language."""

    texts: Texts
    head: Mapping[str, str] = field(default_factory=dict)

    def text(self, key: str) -> str | None:
        """A text in this language; None where it stays in English."""
        found = self.texts.get(key)
        return found if isinstance(found, str) else None

    def noun(self, one: str, many: str, form: int) -> str:
        """What is counted, in this of its forms; in the last where it has fewer."""
        found = self.texts.get(f"{one}|{many}")
        forms = found if isinstance(found, list) and found else [one, many]
        return forms[min(form, len(forms) - 1)]


EMPTY = Catalogue({})


def add(folder: Path) -> None:
    """Take the files of a folder as well, for every app of this process. Raises ConfigurationError where one is not usable."""
    if not folder.is_dir():
        raise ConfigurationError(f"HORIZON_CATALOGUES names a folder of files such as ar.json; there is none at {folder}")
    for path in folder.glob("*.json"):
        _read(path)
    if folder not in _folders:
        _folders.append(folder)
        of.cache_clear()
        codes.cache_clear()


@lru_cache
def of(code: str) -> Catalogue:
    """That of a language by its code; an empty one where there is no file."""
    head: dict[str, str] = {}
    texts: dict[str, Any] = {}
    for folder in _folders:
        path = folder / f"{code}.json"
        found = _read(path) if path.is_file() else {}
        head |= found.pop(HEAD, {})
        texts |= found
    return Catalogue(texts, head)


def _read(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text("utf-8"))
    except ValueError as error:
        raise ConfigurationError(f"{path} is to be JSON in UTF-8, English text to text: {error}") from error
    if not isinstance(found, dict) or not isinstance(found.get(HEAD, {}), dict):
        raise ConfigurationError(f'{path} is to be a JSON object, English text to text, with "" for what the language is called')
    for key, text in found.items():
        forms = text if isinstance(text, list) and text else [text]
        if key != HEAD and text is not None and not all(isinstance(one, str) for one in forms):
            raise ConfigurationError(f"{path}: {key!r} is a text, a list of the forms of a noun, or null; got {text!r}")
    return found


@lru_cache(maxsize=1)
def codes() -> tuple[str, ...]:
    """Languages that have a file, and English, which needs none; by code."""
    return tuple(sorted({"en", *(path.stem for folder in _folders for path in folder.glob("*.json"))}))
