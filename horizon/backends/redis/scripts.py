"""The acts in Lua: `scripts/*.lua`, with the parts they name on their `--include` line spliced in when first asked for."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

FOLDER = Path(__file__).with_name("scripts")
INCLUDE = "--include "
BASE, WHOLE = "base", "local function whole()"
"""The part whose names nearly every function uses. All that follows it is put into a function: Lua looks for the names that a
function takes from the chunk around it one by one, behind all that came since, but finds those of an outer function at once."""


class Script(NamedTuple):
    """One act, whole."""

    name: str
    text: bytes
    sha: bytes
    """What Redis calls it once it has seen it."""


@cache
def script(name: str) -> Script:
    """The act of this name. Raises FileNotFoundError."""
    lines = list(_spliced(FOLDER / f"{name}.lua"))
    if WHOLE in lines:
        lines.append("end\nreturn whole()")
    text = lean("\n".join(lines)).encode()
    return Script(name, text, hashlib.sha1(text, usedforsecurity=False).hexdigest().encode())


def _spliced(file: Path) -> Iterator[str]:
    """Its lines, with those of the parts that it names."""
    for line in file.read_text(encoding="utf-8").splitlines():
        yield line
        for part in line[len(INCLUDE) :].split() if line.startswith(INCLUDE) else ():
            yield from _spliced(FOLDER / "parts" / f"{part}.lua")
            if part == BASE:
                yield WHOLE


def lean(text: str) -> str:
    """Without comments on lines of their own: what a server that does not know the script is sent, and keeps."""
    return "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("--"))
