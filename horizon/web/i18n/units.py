"""What is translated as a whole: a run of text with the expressions and the inline tags in it, such as

    <b>{count}</b> jobs wait for {queue}.

Its key is this text in English. A translation holds the same placeholders and tags, in whatever order its language wants. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from horizon.web.i18n.literals import with_texts
from horizon.web.i18n.naming import placeholder
from horizon.web.i18n.pieces import EXPRESSION, STATEMENT, TAG, TEXT, Piece, end_of_code, pieces

INLINE = frozenset({"a", "abbr", "b", "bdi", "code", "em", "i", "kbd", "small", "span", "strong", "sub", "sup", "time"})
"""Tags that stand inside a sentence."""
APART = frozenset({"script", "style", "pre", "template"})
"""Tags whose content is no text of ours."""
SPOKEN = ("title", "aria-label", "placeholder", "alt", "data-label", "data-one", "data-many")
"""Attributes that people read or hear, some of them once a script or the stylesheet has shown them."""
_ATTRIBUTE = re.compile(rf"(?<=\s)({'|'.join(SPOKEN)})=\"")
_MARK = re.compile(r"\{([a-z_][a-z0-9_]*)\}|<(/?)([a-z]+)(\d*)>")
_LETTERS = re.compile(r"[A-Za-z]{2}")
_EXPRESSION = re.compile(r"(\{\{[-+]?\s*)(.*?)(\s*[-+]?\}\})", re.DOTALL)
_SETS = re.compile(r"\{%-?\s*(set|call|with)\b")

Translate = Callable[[str], str | None]


@dataclass(slots=True)
class Unit:
    """A run under way."""

    key: str = ""
    sources: dict[str, str] = field(default_factory=dict)
    """Placeholder or tag → what stands for it in the source."""
    taken: set[str] = field(default_factory=set)
    open_tags: list[str] = field(default_factory=list)
    counted: dict[str, int] = field(default_factory=dict)

    def add(self, piece: Piece) -> None:
        """Take one more piece."""
        if piece.kind == TEXT:
            self.key += piece.source
        elif piece.kind == EXPRESSION:
            name = placeholder(piece.source[2:-2], self.taken)
            self._keep("{" + name + "}", piece.source)
        elif piece.closes:
            self._keep(f"</{self.open_tags.pop()}>" if self.open_tags else "</>", piece.source)
        else:
            number = self.counted[piece.tag] = self.counted.get(piece.tag, 0) + 1
            name = piece.tag + (str(number) if number > 1 else "")
            self.open_tags.append(name)
            self._keep(f"<{name}>", piece.source)

    def _keep(self, mark: str, source: str) -> None:
        self.key += mark
        self.sources[mark] = source

    def source(self, text: str) -> str:
        """The text as source again."""
        return re.sub(r"\{[a-z_][a-z0-9_]*\}|</?[a-z]*\d*>", lambda found: self.sources.get(found[0], found[0]), text)


def translated(source: str, translate: Translate) -> str:
    """A template's source in another language. What `translate` has nothing for stays as it is.

    What is put into a text, or into an attribute that people read, goes through the filter `told`: it may be a sentence that the
    code made. What is put anywhere else (addresses, values of forms) is left alone.
    """
    return "".join(_walk(source, translate))


def keys(source: str) -> list[str]:
    """Everything in a source that can be translated, in order."""
    found: list[str] = []

    def note(key: str) -> None:
        found.append(key)

    translated(source, note)
    return found


def marks(text: str) -> list[str]:
    """Placeholders and tags of a key or a translation, in order of the alphabet: both must hold the same."""
    return sorted(found[0] for found in _MARK.finditer(text))


def _walk(source: str, translate: Translate) -> Iterator[str]:
    run: list[Piece] = []
    apart = ""
    for piece in pieces(source):
        if apart:
            apart = "" if piece.closes and piece.tag == apart else apart
            yield piece.source
            continue
        if piece.kind in (TEXT, EXPRESSION) or (piece.kind == TAG and piece.tag in INLINE):
            run.append(piece)
            continue
        if piece.tag in APART and not piece.closes:
            apart = piece.tag
        yield from _told(run, translate)
        run = []
        yield _piece(piece, translate)
    yield from _told(run, translate)


def _told(run: list[Piece], translate: Translate) -> Iterator[str]:
    """A run in the other language; tags and expressions around it, and white space, stay where they are."""
    first, last = _bounds(run)
    inner = run[first:last]
    unit = Unit()
    for piece in inner:
        unit.add(piece)
    key = " ".join(unit.key.split())
    told = translate(key) if _LETTERS.search(_MARK.sub("", key)) else None
    yield from (_piece(piece, translate) for piece in run[:first])
    if told is None:
        yield from (_piece(piece, translate) for piece in inner)
    else:
        unit.sources = {mark: _piece(Piece(TAG if mark[0] == "<" else EXPRESSION, one), translate) for mark, one in unit.sources.items()}
        yield _around(unit.key, unit.source(told))
    yield from (_piece(piece, translate) for piece in run[last:])


def _around(before: str, text: str) -> str:
    """With the white space that stood around it: lines of a template keep their numbers."""
    lead, trail = before[: len(before) - len(before.lstrip())], before[len(before.rstrip()) :]
    inside = before.count("\n") - lead.count("\n") - trail.count("\n")
    return lead + text + "\n" * inside + trail


def _bounds(run: list[Piece]) -> tuple[int, int]:
    """Where the text of a run begins and ends: without tags that have no partner in it, and pairs that wrap all of it."""
    first, last = 0, len(run)
    while first < last:
        one, other = run[first], run[last - 1]
        if _is_drawn(one) or _is_blank(one) or one.closes or (one.kind == TAG and _partner(run, first, last) is None):
            first += 1
        elif (
            _is_drawn(other)
            or _is_blank(other)
            or (other.kind == TAG and not other.closes)
            or (other.closes and not _is_closed_within(run, first, last))
        ):
            last -= 1
        elif one.kind == TAG and _partner(run, first, last) == last - 1:
            first, last = first + 1, last - 1
        else:
            break
    return first, last


def _is_drawn(piece: Piece) -> bool:
    """Whether it calls one of our macros: an icon, a button."""
    return piece.kind == EXPRESSION and piece.source[2:].lstrip("- ").startswith("ui.")


def _is_blank(piece: Piece) -> bool:
    return piece.kind == TEXT and not piece.source.strip()


def _partner(run: list[Piece], at: int, last: int) -> int | None:
    """Where the tag that is opened here is closed."""
    deep = 0
    for index in range(at, last):
        if run[index].kind == TAG and run[index].tag == run[at].tag:
            deep += -1 if run[index].closes else 1
            if deep == 0:
                return index
    return None


def _is_closed_within(run: list[Piece], first: int, last: int) -> bool:
    """Whether the end tag that stands last has its beginning in the run."""
    return any(run[index].kind == TAG and not run[index].closes and _partner(run, index, last) == last - 1 for index in range(first, last))


def _piece(piece: Piece, translate: Translate) -> str:
    """A piece on its own: the spoken attributes of a tag, the texts in an expression."""
    if piece.kind == EXPRESSION:
        return _EXPRESSION.sub(r"\1(\2) | told\3", with_texts(piece.source, translate))
    if piece.kind == STATEMENT and _SETS.match(piece.source):
        return with_texts(piece.source, translate)
    return _tag(piece, translate) if piece.kind == TAG and not piece.closes else piece.source


def _tag(piece: Piece, translate: Translate) -> str:
    parts, at = [], 0
    for found in _ATTRIBUTE.finditer(piece.source):
        if found.start() < at:
            continue
        end = _end_of_value(piece.source, found.end())
        value = piece.source[found.end() : end]
        parts += [piece.source[at : found.end()], "".join(_value(value, translate))]
        at = end
    return "".join(parts) + piece.source[at:]


def _end_of_value(source: str, at: int) -> int:
    while at < len(source) and source[at] != '"':
        opening = source[at : at + 2]
        at = end_of_code(source, at + 2, {"{{": "}}", "{%": "%}"}[opening]) if opening in ("{{", "{%") else at + 1
    return at


def _value(value: str, translate: Translate) -> Iterator[str]:
    """The value of an attribute: runs of text and expressions between statements."""
    run: list[Piece] = []
    for piece in pieces(value):
        if piece.kind in (TEXT, EXPRESSION):
            run.append(piece)
            continue
        yield from _told(run, translate)
        run = []
        yield piece.source
    yield from _told(run, translate)
