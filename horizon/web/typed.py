"""What came from outside and should be a number. Pure."""

from __future__ import annotations

LONGEST = 9
"""Digits: a longer one than that is no place in a list and no page."""


def whole(text: str) -> int | None:
    """A whole number from 0; None for anything else."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= LONGEST else None


def place(text: str, count: int) -> int | None:
    """A place in a list of so many, from 0; None for what is none."""
    at = whole(text)
    return at if at is not None and at < count else None
