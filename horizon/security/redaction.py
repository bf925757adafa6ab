"""Keeping secrets off the screen: a value whose key looks like the name of a secret is shown as dots.

This is about showing, not about storing: the worker still gets the real arguments.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

MASK = "••••••"
"""What stands in place of a masked value, whatever its length or type."""

WORDS = (
    "password", "passwd", "passphrase", "pwd", "secret", "token", "authorization", "bearer", "api[_-]?key", "access[_-]?key",
    "private[_-]?key", "credential", "cookie", "session[_-]?id", "csrf", "signature", "cvv", "cvc", r"(?:^|[\W_])(?:auth|iban|ssn|otp|pin)$",
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


def mask_written(text: str, extra: Sequence[str] = ()) -> str:
    """The same for data that is there as text only, such as the beginning of a result that was too long to keep."""

    def masked(found: re.Match[str]) -> str:
        key, value = found["key"], found["value"]
        if not secret(key, extra) or value in ("null", "None"):
            return found[0]
        return f"{found['quote']}{key}{found['quote']}{found['sign']}{MASK}"

    return _PAIR.sub(masked, mask_text(text))
