"""Tests that never ask for a store: they say the same on every kind, so `--store` leaves them out."""

from __future__ import annotations

from functools import cache
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
ALIKE = (
    "cli/test_keys.py",
    "cli/test_make.py",
    "cli/test_moments.py",
    "cli/test_output.py",
    "cli/test_serve.py",
    "cli/test_shells.py",
    "cli/test_work.py",
    "e2e/test_secrets.py",
    "web/draw",
    "web/i18n/test_direction.py",
    "web/i18n/test_speech.py",
    "web/i18n/test_units.py",
    "web/test_accent.py",
    "web/test_completing.py",
    "web/test_filters.py",
    "web/test_words.py",
)
"""Files and folders below tests/. A test in them that asks for a store fails: move it, or take its file off this list."""


@cache
def is_alike(path: Path) -> bool:
    """Whether this file is among them."""
    return any(path.is_relative_to(TESTS / one) for one in ALIKE)
