"""Text that others wrote, made safe to look at: escaped, its invisible characters shown, its direction kept to itself."""

from __future__ import annotations

import re

from markupsafe import Markup, escape

_HIDDEN = (
    "\x00-\x08\x0b-\x1f\x7f-\x9f"  # control characters, all but tab and line feed
    "\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb"  # invisible, or turning the direction of what follows
    "\ud800-\udfff\U000e0000-\U000e007f"  # halves of characters, which no page can carry, and tags
)
_IN_LINE = re.compile(f"([{_HIDDEN}\t\n]+)")
_IN_BLOCK = re.compile(f"([{_HIDDEN}]+)")
_LEFT_TO_RIGHT = re.compile("[\x00-\u058f\u2010-\u2027]*")
"""Latin, Greek, Cyrillic and Armenian, with dashes, quotes and the ellipsis: nothing that turns what stands beside it."""
_SHORT = {"\n": "\\n", "\t": "\\t", "\r": "\\r", "\0": "\\0"}


def _spelt(character: str) -> str:
    code = ord(character)
    return _SHORT.get(character) or (f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}")


def _marked(text: str, hidden: re.Pattern[str]) -> Markup:
    if hidden.search(text) is None:
        return escape(text)  # nearly every text
    pieces = hidden.split(text)
    shown = [
        Markup('<span class="esc">{}</span>').format("".join(map(_spelt, piece))) if index % 2 else escape(piece)
        for index, piece in enumerate(pieces)
    ]
    return Markup("").join(shown)


def cut(text: str, limit: int) -> str:
    """At most `limit` characters; what is missing is marked by an ellipsis near the end, since ends tell names apart."""
    if len(text) <= limit:
        return text
    tail = limit // 4
    return f"{text[: limit - tail - 1]}…{text[-tail:]}"


def line(text: object, limit: int = 200) -> Markup:
    """One line of foreign text, isolated from the direction of the text around it, unless it cannot but run from left to right.

    limit: characters. Wide ones count for more, and so do those that a page must spell at length.
    """
    shown = _marked(cut(str(text), limit), _IN_LINE)
    weight = len(shown) if shown.isascii() else len(shown.encode())
    if weight > 2 * limit and limit > 8:
        shown = _marked(cut(str(text), max(8, 2 * limit * limit // weight)), _IN_LINE)
    return shown if _LEFT_TO_RIGHT.fullmatch(shown) else Markup(f"<bdi>{shown}</bdi>")


def block(text: object, limit: int = 20_000) -> Markup:
    """Foreign text of several lines, for a `<pre>`."""
    return _marked(cut(str(text), limit), _IN_BLOCK)


def plain(text: object, limit: int = 200) -> str:
    """One line for an attribute such as a title or a label: nothing invisible, not escaped yet."""
    return _IN_LINE.sub(lambda found: "".join(map(_spelt, found[0])), cut(str(text), limit))


def short_name(name: str) -> str:
    """The class of a registered name: `SendEmail` of `shop.jobs:SendEmail`."""
    return name.rpartition(":")[2].rpartition(".")[2] or name
