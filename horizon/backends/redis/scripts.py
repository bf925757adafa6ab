"""The acts in Lua: `scripts/*.lua`, with the parts they name on their `--include` line spliced in when first asked for."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import NamedTuple

FOLDER = Path(__file__).with_name("scripts")
INCLUDE = "--include "


class Script(NamedTuple):
    """One act, whole."""

    name: str
    text: bytes
    sha: bytes
    """What Redis calls it once it has seen it."""


@cache
def script(name: str) -> Script:
    """The act of this name. Raises FileNotFoundError."""
    lines = []
    for line in (FOLDER / f"{name}.lua").read_text(encoding="utf-8").splitlines():
        lines.append(line)
        if line.startswith(INCLUDE):
            lines += [(FOLDER / "parts" / f"{part}.lua").read_text(encoding="utf-8") for part in line[len(INCLUDE) :].split()]
    text = lean("\n".join(lines)).encode()
    return Script(name, text, hashlib.sha1(text, usedforsecurity=False).hexdigest().encode())


def lean(text: str) -> str:
    """Without comments on lines of their own: what a server that does not know the script is sent, and keeps."""
    return "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("--"))
