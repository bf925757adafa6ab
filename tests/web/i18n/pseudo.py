"""A language of ours in which every letter that goes through the catalogue has an accent: what is left without one is nobody's
translation, or a name that somebody gave."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

from horizon.web.i18n import catalogue, language, speech
from horizon.web.i18n.catalogue import Catalogue
from tests.web.i18n import harvest
from tests.web.i18n.names import NAMES, SAYINGS

PLAIN = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
ACCENTED = "àßçδèƒĝĥìĵķļɱñòþqŕšťùvŵxýžÀßÇÐÈƑĜĤÌĴĶĻṀÑÒÞQŔŠŤÙVŴXÝŽ"
LETTERS = "אבגדהוזחטיכלמנסעפצקרשת"
"""From the right."""
SPOKEN = ("title", "aria-label", "placeholder", "alt", "data-label", "data-one", "data-many")
SILENT = ("pre", "code", "script", "style", "kbd", "textarea")
ENGLISH = ("audit", "audit_entry", "reference")
"""Pages of which the most is English: what the log was written in, and the reference of the API."""
VOID = ("br", "hr", "img", "input", "link", "meta", "source", "wbr")
UNITS = frozenset({"ms", "min", "kB", "MB", "GB", "UTC", "vs"})
_HOLES = re.compile(r"(\{[^}]*\}|<[^>]*>)")
_CODE = re.compile(r"[0-9_:/@=\\*#…]|\w\.\w|[a-z][A-Z]|^[A-Z]{2,}$|\(\)|^--|^(?:n|x){20,}$")
_JSON = re.compile(r"\{\".*\}")
_WORD = re.compile(r"[A-Za-z]{2,}")


def accented(text: str) -> str:
    """The text as it is in that language; what is put in is left alone."""
    return "".join(part if part[:1] in "{<" else part.translate(str.maketrans(PLAIN, ACCENTED)) for part in _HOLES.split(text))


def made() -> Catalogue:
    """Everything in it."""
    return Catalogue({key: [accented(one) for one in key.split("|")] if "|" in key else accented(key) for key in harvest.everything()})


def install(monkeypatch: Any) -> None:
    """In the place of German."""
    texts = made()
    monkeypatch.setattr(catalogue, "of", lambda code: texts if code == "de" else catalogue.EMPTY)
    monkeypatch.setattr(catalogue, "codes", lambda: ("de", "en"))
    forget()


def turned(text: str) -> str:
    """As long as the English text, in letters that run from right to left; what is put in is left alone."""
    return "".join(
        part if part[:1] in "{<" else re.sub("[A-Za-z]", lambda one: LETTERS[ord(one[0].lower()) % 22], part) for part in _HOLES.split(text)
    )


def install_from_the_right(monkeypatch: Any) -> None:
    """A language of a host's that runs from right to left, by the code `he`."""
    texts = {key: [turned(one) for one in key.split("|")] if "|" in key else turned(key) for key in harvest.everything()}
    made = Catalogue(texts, {"name": "עברית", "direction": "rtl"})
    shipped = catalogue.of
    monkeypatch.setattr(catalogue, "of", lambda code: made if code == "he" else shipped(code))
    monkeypatch.setattr(catalogue, "codes", lambda: ("de", "en", "fr", "he", "it"))
    forget()


def forget() -> None:
    """What was kept of another catalogue."""
    for kept in (speech._found, speech._patterns, language.available):
        kept.cache_clear()


class Seen(HTMLParser):
    """Every text of a page that somebody sees or hears."""

    def __init__(self) -> None:
        super().__init__()
        self.silent: list[str] = []
        """Tags that are open since one began whose text is not ours."""
        self.texts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if self.silent or tag in SILENT or ("lang", "en") in attrs:
            self.silent += [tag] if tag not in VOID else []
        else:
            self.texts += [value for name, value in attrs if name in SPOKEN and value]

    def handle_endtag(self, tag: str) -> None:
        if tag in self.silent:
            while self.silent.pop() != tag:
                pass

    def handle_data(self, data: str) -> None:
        if not self.silent and data.strip():
            self.texts.append(" ".join(data.split()))


def left(html: str, names: frozenset[str] = frozenset()) -> Iterator[str]:
    """Texts of a page in which a word is left that is neither translated nor a name. `names`: what is one here, and a word of ours elsewhere."""
    page = Seen()
    page.feed(html)
    yield from (text for text in page.texts if not names.issuperset(_words(text)))


def _words(text: str) -> list[str]:
    text = _JSON.sub(" ", text)
    for saying in SAYINGS:
        text = text.replace(saying, " ")
    found = []
    for chunk in re.split(r"[\s,;()“”·|+→–]+", text):
        bare = chunk.strip(".:!?\"'[]{}…%’")
        if not _CODE.search(bare) and not _accents(bare):
            found += [word for word in _WORD.findall(bare) if word not in NAMES and word not in UNITS]
    return found


def _accents(word: str) -> bool:
    return not word.isascii()
