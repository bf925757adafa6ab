"""What stands for an expression in a text to be translated: `{name}`. Pure."""

from __future__ import annotations

import re

_STRING = re.compile(r"\"[^\"]*\"|'[^']*'")
_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_SAY_NOTHING = frozenset({"self", "loop", "ui", "if", "else", "not", "and", "or", "in", "is", "none", "None", "true", "false"})


def placeholder(code: str, taken: set[str]) -> str:
    """A name for the expression: the last word of what it is about, without its filters; numbered where others have it."""
    about = _STRING.sub(" ", code).split("|")[0]
    words = [word for word in _WORD.findall(about) if word not in _SAY_NOTHING]
    name = (words[-1] if words else "value").lower()
    found, number = name, 2
    while found in taken:
        found, number = f"{name}{number}", number + 1
    taken.add(found)
    return found
