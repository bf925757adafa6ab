"""The acts in Lua: `scripts/*.lua`, with the parts they name on their `--include` line spliced in when first asked for."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import NamedTuple

FOLDER = Path(__file__).with_name("scripts")
INCLUDE = "--include "
BASE = "base"
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
    lines, based = [], False
    for line in (FOLDER / f"{name}.lua").read_text(encoding="utf-8").splitlines():
        lines.append(line)
        for part in line[len(INCLUDE) :].split() if line.startswith(INCLUDE) else ():
            lines.append((FOLDER / "parts" / f"{part}.lua").read_text(encoding="utf-8"))
            if part == BASE:
                lines.append("local function whole()")
                based = True
    if based:
        lines.append("end\nreturn whole()")
    text = lean("\n".join(lines)).encode()
    return Script(name, text, hashlib.sha1(text, usedforsecurity=False).hexdigest().encode())


def lean(text: str) -> str:
    """Without comments on lines of their own: what a server that does not know the script is sent, and keeps."""
    return "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("--"))
