"""A template's source in pieces: expressions, statements, tags of HTML, and the text between them. Pure.

Nothing is understood of what stands inside a statement; of a tag its name and attributes are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_OPENS = re.compile(r"\{\{|\{%|\{#|<!--|</?(?:[A-Za-z!]|(?=\{\{))")
_ENDS = {"{{": "}}", "{%": "%}", "{#": "#}", "<!--": "-->"}
QUOTED = re.compile(r"\"[^\"\\]*(?:\\.[^\"\\]*)*\"|'[^'\\]*(?:\\.[^'\\]*)*'")
_TAG_NAME = re.compile(r"</?([A-Za-z!][A-Za-z0-9-]*)")

TEXT, EXPRESSION, STATEMENT, TAG, COMMENT = "text", "expression", "statement", "tag", "comment"


@dataclass(frozen=True, slots=True)
class Piece:
    """One of them, with its source."""

    kind: str
    source: str

    @property
    def tag(self) -> str:
        """The name of a tag in lower case; empty for anything else."""
        found = _TAG_NAME.match(self.source) if self.kind == TAG else None
        return found[1].lower() if found else ""

    @property
    def closes(self) -> bool:
        """Whether it is an end tag."""
        return self.kind == TAG and self.source.startswith("</")


def pieces(source: str) -> Iterator[Piece]:
    """All of a source, in order; put together they are the source again."""
    at = 0
    while at < len(source):
        found = _OPENS.search(source, at)
        if found is None:
            yield Piece(TEXT, source[at:])
            return
        if found.start() > at:
            yield Piece(TEXT, source[at : found.start()])
        end = _end(source, found)
        yield Piece(_kind(found[0]), source[found.start() : end])
        at = end


def _kind(opening: str) -> str:
    return {"{{": EXPRESSION, "{%": STATEMENT, "{#": COMMENT, "<!--": COMMENT}.get(opening, TAG)


def _end(source: str, opening: re.Match[str]) -> int:
    if opening[0] in ("{#", "<!--"):
        return _after(source, _ENDS[opening[0]], opening.end())
    if opening[0] in _ENDS:
        return end_of_code(source, opening.end(), _ENDS[opening[0]])
    return _end_of_tag(source, opening.end())


def _after(source: str, word: str, at: int) -> int:
    found = source.find(word, at)
    return len(source) if found < 0 else found + len(word)


def end_of_code(source: str, at: int, word: str) -> int:
    """Where an expression or statement is over: strings in it may hold anything."""
    while at < len(source):
        if source.startswith(word, at):
            return at + len(word)
        quoted = QUOTED.match(source, at)
        at = quoted.end() if quoted else at + 1
    return at


def _end_of_tag(source: str, at: int) -> int:
    """Attributes may hold expressions and statements, with quotes and angles of their own."""
    quote = ""
    while at < len(source):
        opening = source[at : at + 2]
        if opening in ("{{", "{%"):
            at = end_of_code(source, at + 2, _ENDS[opening])
            continue
        if source[at] == quote:
            quote = ""
        elif not quote and source[at] in "\"'":
            quote = source[at]
        elif not quote and source[at] == ">":
            return at + 1
        at += 1
    return at
