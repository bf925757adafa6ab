"""Keeping secrets off the screen: a value whose key looks like the name of a secret is shown as dots.

This is about showing, not about storing: the worker still gets the real arguments.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence

from horizon.security.sealed import is_sealed

MASK = "••••••"
"""What stands in place of a masked value, whatever its length or type."""

WORDS = (
    "password", "passwd", "passphrase", "pwd", "secret", "token", "authorization", "bearer", "api[_-]?key", "access[_-]?key",
    "private[_-]?key", "(?:horizon|encryption|signing|fernet)[_-]?keys?", "credential", "cookie", "session[_-]?id", "csrf", "signature", "cvv", "cvc", r"(?:^|[\W_])(?:auth|iban|ssn|otp|pin)$",
    r"(?:^|[\W_])card$", "card[_-]?(?:no$|number|data|details|holder)", "(?:credit|debit|bank|payment)[_-]?card",
)  # fmt: skip
"""Parts of key names (regular expressions, any case) behind which secrets are kept."""

_SECRET = re.compile("|".join(WORDS), re.IGNORECASE)
_TOKEN = re.compile(r"\bhz_([0-9a-f]{12})_[A-Za-z0-9_-]{43}")
"""An API token of ours; its public part may be shown."""
_IN_URL = re.compile(r"(?<=://)([^/\s:@]*):([^/\s@]+)@")


def secret(key: str, extra: Sequence[str] = ()) -> bool:
    """Whether a key of this name holds a secret; `extra` are more names, compared as a whole and in any case."""
    return _SECRET.search(key) is not None or key.lower() in {name.lower() for name in extra}


def mask(value: object, extra: Sequence[str] = ()) -> object:
    """A copy of plain data (as read from JSON) with every secret masked, at any depth; passwords in addresses too."""
    if isinstance(value, Mapping):
        return {key: MASK if secret(str(key), extra) and inner is not None else mask(inner, extra) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [mask(inner, extra) for inner in value]
    if isinstance(value, str):
        return mask_text(value)
    return value


def mask_text(text: str) -> str:
    """The text with the password of every address in it (`scheme://user:password@host`) masked, and our API tokens."""
    if "hz_" in text:
        text = _TOKEN.sub(rf"hz_\1_{MASK}", text)
    return _IN_URL.sub(rf"\1:{MASK}@", text) if "://" in text else text


_PAIR = re.compile(
    r"""(?P<quote>["']?)(?P<key>[\w-]{1,100})(?P=quote)(?P<sign>\s{0,3}[:=]\s{0,3})(?P<value>"(?:[^"\\]|\\.)*"?|'(?:[^'\\]|\\.)*'?|[^\s,;)}\]"']+)"""
)
"""A key and its value as JSON or Python write them; the value may be cut off."""


def mentions(payload: bytes, part: str, extra: Sequence[str] = ()) -> bool:
    """Whether stored data has this text anywhere (any case), but for what is masked of it."""
    if is_sealed(payload):
        return False
    text, wanted = payload.decode(errors="replace"), part.lower()
    if wanted not in text.lower():
        return False
    try:
        shown = json.dumps(mask(json.loads(text), extra), ensure_ascii=False, separators=(",", ":"))
    except (ValueError, RecursionError):
        shown = mask_written(text, extra)
    return wanted in shown.lower()


SHORTEST = 4
"""Characters of a value that is looked for in other text; a shorter one would be found everywhere."""
MOST_VALUES = 100


def secrets_in(value: object, extra: Sequence[str] = ()) -> tuple[str, ...]:
    """The texts and numbers that stand behind names of secrets, at any depth of plain data; the longest first."""
    found: set[str] = set()
    left: list[tuple[object, bool]] = [(value, False)]
    while left and len(found) < MOST_VALUES:
        item, hide = left.pop()
        if isinstance(item, Mapping):
            left += [(inner, hide or secret(str(key), extra)) for key, inner in item.items() if key != "~"]
        elif isinstance(item, (list, tuple)):
            left += [(inner, hide) for inner in item]
        elif hide and isinstance(item, (str, int, float)) and not isinstance(item, bool):
            found |= {said for said in _as_said(str(item)) if len(said) >= SHORTEST}
    return tuple(sorted(found, key=len, reverse=True))


def _as_said(value: str) -> set[str]:
    """The text, and how Python and JSON write it within quotes."""
    return {value, repr(value)[1:-1], json.dumps(value)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1]}


def without(text: str, secrets: Sequence[str]) -> str:
    """The text with each of these masked, wherever it stands."""
    for one in secrets:
        text = text.replace(one, MASK)
    return text


def mask_written(text: str, extra: Sequence[str] = ()) -> str:
    """The same for data that is there as text only, such as the beginning of a result that was too long to keep."""

    text = mask_text(text)
    if "=" not in text and ":" not in text:
        return text
    pieces, done, at = [], 0, 0
    while (found := _PAIR.search(text, at)) is not None:
        if secret(found["key"], extra) and found["value"] not in ("null", "None"):
            pieces += [text[done : found.start("value")], MASK]
            done = at = found.end()
        else:
            at = found.end("sign")  # what stands behind it may be a pair itself: `ValueError: password=...`
    return "".join([*pieces, text[done:]])


def mask_trace(text: str, extra: Sequence[str] = ()) -> str:
    """The same for a traceback, but for its indented lines: those are code, in which `token = ...` gives nothing away."""
    lines = text.splitlines(keepends=True)
    return "".join(mask_text(line) if line[:1] == " " else mask_written(line, extra) for line in lines)
