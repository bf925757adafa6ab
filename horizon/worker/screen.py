"""Lines for the person at the terminal, on stderr."""

from __future__ import annotations

import sys

from horizon.core import clock

PREFIX = "horizon"


def clean(text: str) -> str:
    """The text without control characters: a job's name must not be able to paint the terminal."""
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text)


def say(text: str) -> None:
    """One line with the time; a closed stderr is nobody's problem."""
    moment = clock.iso(clock.now())
    try:
        sys.stderr.write(f"{(moment or '')[11:19]} {PREFIX}: {text}\n")
        sys.stderr.flush()
    except (OSError, ValueError):
        pass


def is_terminal() -> bool:
    """Whether somebody is likely to watch."""
    try:
        return sys.stderr.isatty()
    except ValueError:
        return False


def counted(number: int, noun: str) -> str:
    """`1 slot`, `2 slots`, `2 processes`."""
    plural = f"{noun}es" if noun.endswith("s") else f"{noun}s"
    return f"{number} {noun if number == 1 else plural}"


def took(micros: int) -> str:
    """A duration a person can read at a glance."""
    if micros < 1000:
        return f"{micros} µs"
    if micros < 1_000_000:
        return f"{micros / 1000:.1f} ms"
    return f"{micros / 1_000_000:.1f} s"
