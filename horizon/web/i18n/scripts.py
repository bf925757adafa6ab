"""What the scripts of the dashboard say by themselves: in another language a script of its own brings their words.

Browsers keep it for ever, so that the words are not sent with every page: its address changes with them.
"""

from __future__ import annotations

import hashlib
import json
from functools import lru_cache

from horizon.web.i18n.catalogue import Catalogue
from horizon.web.i18n.language import Language

TEXTS = (
    "Resume live updates", "Pause live updates", "These figures are from {time}; trying again.", "You are signed out; reload.",
    "The store does not answer.", "The server has a problem.", "The server does not answer.", "The server does not answer; try again.",
    "You are signed out; reload the page.", "The store does not answer, so nothing was changed; try again.",
    "That was refused (error {status}).", "This browser does not allow copying.", "just now", "now", "{span} ago", "in {span}",
    "Theme: {theme}", "auto", "light", "dark", "All that match", "{n} selected",
    "{n} suggestions", "1 suggestion", "No suggestion", "Suggestions", "searched lately", "Forget recent searches and views",
    "A page, queue, class, tag, batch, view or id", "Find anything", "Found", )  # fmt: skip


def source(language: Language) -> str:
    """The script that brings their texts in this language; empty where they say all of it in English."""
    return _source(language.catalogue)


def version(language: Language) -> str:
    """What changes with the script; empty where there is none to fetch."""
    return _version(language.catalogue)


@lru_cache(maxsize=32)
def _source(catalogue: Catalogue) -> str:
    said = {text: told for text in TEXTS if (told := catalogue.text(text)) is not None}
    return f"window.horizonWords = {json.dumps(said, ensure_ascii=False)};\n" if said else ""


@lru_cache(maxsize=32)
def _version(catalogue: Catalogue) -> str:
    text = _source(catalogue)
    return hashlib.blake2s(text.encode(), digest_size=4).hexdigest() if text else ""
