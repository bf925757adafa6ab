"""Ids made by the client: UUIDv7 (RFC 9562, section 5.7), so that they sort by time and land at the end of an index."""

from __future__ import annotations

import os
import uuid

from horizon.core.clock import now

_HEX = "0123456789abcdef"


def uuid7() -> str:
    """A new UUIDv7 in its usual text form: 48 bits of milliseconds, then 74 random bits."""
    random = int.from_bytes(os.urandom(10))
    millis = now() // 1000
    value = (millis << 80) | (0x7 << 76) | ((random >> 68 & 0xFFF) << 64) | (0b10 << 62) | (random & 0x3FFF_FFFF_FFFF_FFFF)
    text = f"{value:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def derived(base: str, label: str) -> str:
    """An id that follows from another one: the same base and label always give the same id (UUIDv5)."""
    return str(uuid.uuid5(uuid.UUID(base), label))


def token() -> str:
    """96 random bits as text; names one act of reserving, and with the row's number one attempt."""
    return os.urandom(12).hex()


def is_id(text: str) -> bool:
    """True for 36 characters in the shape of a lower-case UUID."""
    return len(text) == 36 and all((c == "-") if i in (8, 13, 18, 23) else (c in _HEX) for i, c in enumerate(text))
