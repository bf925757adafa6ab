"""Lines for the person at the terminal, on stderr."""

from __future__ import annotations

import select
import sys
from typing import TextIO

from horizon.core import clock

PREFIX = "horizon"
LINE = 1000
"""Characters of one line: less than a pipe that takes anything is sure to take at once."""


def clean(text: str) -> str:
    """The text without control characters: a job's name must not be able to paint the terminal."""
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text)


def say(text: str) -> None:
    """One line with the time. A closed stderr is nobody's problem; one that takes nothing (a pipe nobody reads, a
    terminal stopped with Ctrl-S) goes without the line: a worker must not lose its lease waiting for it."""
    moment = clock.iso(clock.now())
    try:
        if not _takes(sys.stderr):
            return
        sys.stderr.write(f"{(moment or '')[11:19]} {PREFIX}: {text[:LINE]}\n")
        sys.stderr.flush()
    except (OSError, ValueError):
        pass


def _takes(stream: TextIO) -> bool:
    """Whether a line can be written at once; what is no file (in tests) always takes it."""
    try:
        fd = stream.fileno()
    except (OSError, ValueError):
        return True
    return bool(select.select((), (fd,), (), 0)[1])


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
