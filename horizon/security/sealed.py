"""How encrypted things are known: by their beginning, without any key, and without loading what could decrypt them."""

from __future__ import annotations

SEALED = b"hz1:"
"""How everything begins that was encrypted here; the fingerprint of the key follows, then `:`, then the token."""
SEALED_TEXT = SEALED.decode()
FINGERPRINT = 8
"""Hexadecimal digits."""


def is_sealed(data: bytes | str | None) -> bool:
    """Whether this was encrypted here."""
    return data is not None and (data.startswith(SEALED) if isinstance(data, bytes) else data.startswith(SEALED_TEXT))


def fingerprint_of(data: bytes | str | None) -> str | None:
    """Of the key with which something was encrypted or signed; None for what is neither."""
    text = data[:20].decode("ascii", "replace") if isinstance(data, bytes) else data or ""
    named, sign, _ = text.removeprefix(SEALED_TEXT).partition(":")
    return named if sign and len(named) == FINGERPRINT else None


def readable(text: str | None) -> str:
    """The text as far as it can be searched: what is encrypted cannot, and letters of a token mean nothing."""
    return "" if text is None or text.startswith(SEALED_TEXT) else text
