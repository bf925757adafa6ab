"""Ids made by the client: UUIDv7 (RFC 9562, section 5.7), so that they sort by time and land at the end of an index."""

from __future__ import annotations

import os
import uuid

from horizon.core.clock import now

_HEX = "0123456789abcdef"
_VARIANT = "89ab"
"""The digits whose first two bits are 10; the other two are random."""
_VARIANT_OF = {digit: _VARIANT[int(digit, 16) & 3] for digit in _HEX}


def uuid7() -> str:
    """A new UUIDv7 in its usual text form: 48 bits of milliseconds, then 74 random bits."""
    random, time = os.urandom(10), f"{now() // 1000:012x}"
    digits = random.hex()
    return f"{time[:8]}-{time[8:]}-7{digits[:3]}-{_VARIANT[random[9] & 3]}{digits[3:6]}-{digits[6:18]}"


def uuid7s(count: int) -> list[str]:
    """So many of them at once: of the same moment, and a third as dear."""
    random, time = os.urandom(10 * count).hex(), f"{now() // 1000:012x}"
    head = f"{time[:8]}-{time[8:]}-7"
    return [
        f"{head}{random[at : at + 3]}-{_VARIANT_OF[random[at + 19]]}{random[at + 3 : at + 6]}-{random[at + 6 : at + 18]}"
        for at in range(0, 20 * count, 20)
    ]


def derived(base: str, label: str) -> str:
    """An id that follows from another one: the same base and label always give the same id (UUIDv5)."""
    return str(uuid.uuid5(uuid.UUID(base), label))


def token() -> str:
    """96 random bits as text; names one act of reserving, and with the row's number one attempt."""
    return os.urandom(12).hex()


def is_id(text: str) -> bool:
    """True for 36 characters in the shape of a lower-case UUID."""
    return len(text) == 36 and all((c == "-") if i in (8, 13, 18, 23) else (c in _HEX) for i, c in enumerate(text))
