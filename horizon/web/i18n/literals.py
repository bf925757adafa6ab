"""Texts that stand as strings in the code of a template: `{{ "Resume" if paused else "Pause" }}`. Pure."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable

from horizon.web.i18n.pieces import QUOTED

_TEXT = re.compile(r"[A-Z][a-z]+|(?:[^\sA-Za-z]+ )*\S*[A-Za-z]\S* \S")
"""A word that begins large, or several words."""
_NO_TEXT = re.compile(r"^\S*[/_#%]\S*$|^horizon\b|^[a-z]+[:.]\S|^s-[a-z]+ [a-z]+$")
"""Names of templates and endpoints, commands, formats, classes of states."""
_COMPARED = re.compile(
    r"(==|!=|\bin|\[|\bclass=|\bcolour=|\burl_for\(|\bstrftime\(|\bact_form\([^()]*|\blegend\([^()]*|\bplural\([^()]*)\s*$"
)
"""What stands before a string that is not shown, or told in another way (nouns that are counted)."""


def with_texts(code: str, translate: Callable[[str], str | None]) -> str:
    """The code with its texts in another language; what `translate` has nothing for stays as it is."""

    def told(found: re.Match[str]) -> str:
        if _COMPARED.search(code[: found.start()]):
            return found[0]
        text = _value(found[0])
        other = translate(text) if text is not None and _TEXT.match(text) and not _NO_TEXT.search(text) else None
        return found[0] if other is None else _quoted(other, found[0][0])

    return QUOTED.sub(told, code)


def _value(source: str) -> str | None:
    try:
        value = ast.literal_eval(source.replace("\n", "\\n"))
    except (SyntaxError, ValueError):
        return None
    return value if isinstance(value, str) and "\n" not in value else None


def _quoted(text: str, quote: str) -> str:
    return quote + text.replace("\\", "\\\\").replace(quote, "\\" + quote) + quote
