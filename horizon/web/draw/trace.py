"""A traceback as text, taken apart: own frames stand open, runs of library frames are folded. Pure, and never fails:
what does not look like Python's format is shown as it is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

MOST_FRAMES = 60
_FRAME = re.compile(r'  File "(?P<file>.*)", line (?P<line>\d+)(?:, in (?P<name>.*))?')
_HEAD = "Traceback (most recent call last):"
_MARKS = re.compile(r"\s*[~^]+[~^\s]*")
_LIBRARY = ("/site-packages/", "/dist-packages/", "/lib/python3", "/lib64/python3", "<frozen ", "\\site-packages\\", "\\lib\\")
_OURS = ("/horizon/jobs/", "/horizon/worker/", "/horizon/middleware/", "/horizon/core/")


@dataclass(frozen=True, kw_only=True, slots=True)
class Frame:
    """One call."""

    file: str
    line: int
    name: str
    source: str
    library: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """A run of frames of one kind, or a line of text between tracebacks."""

    text: str = ""
    frames: tuple[Frame, ...] = ()
    library: bool = False


def parts(traceback: str, type: str = "") -> tuple[Part, ...]:
    """The traceback in order; empty where it holds no frame, so that the caller shows the bare text.

    `type`: of the exception whose message stands above it already, so that it is not repeated at the end.
    """
    found = _without_end(list(_read(traceback.splitlines())), type)
    if not any(isinstance(piece, Frame) for piece in found):
        return ()
    kept = _shortened(found)
    return tuple(part for _, run in groupby(kept, key=_kind) for part in _parts(list(run)))


def _without_end(found: list[Frame | str], type: str) -> list[Frame | str]:
    last = max((index for index, piece in enumerate(found) if isinstance(piece, Frame)), default=-1)
    told = found[last + 1] if last + 1 < len(found) else ""
    name = type.rpartition(".")[2]
    said = name and isinstance(told, str) and re.match(rf"(?:[\w.]+\.)?{re.escape(name)}(?::|$)", told)
    return found[: last + 1] if said else found


def _read(lines: list[str]) -> Iterator[Frame | str]:
    at = 0
    while at < len(lines):
        match = _FRAME.fullmatch(lines[at])
        if match is None:
            if lines[at].strip() and lines[at].strip() != _HEAD:
                yield lines[at]
            at += 1
            continue
        source, at = _source(lines, at + 1)
        file = match["file"]
        yield Frame(file=file, line=int(match["line"]), name=match["name"] or "", source=source, library=is_library(file))


def _source(lines: list[str], at: int) -> tuple[str, int]:
    """The indented lines under a frame, without the marks that point into them."""
    taken = []
    while at < len(lines) and lines[at].startswith("    "):
        if not _MARKS.fullmatch(lines[at]):
            taken.append(lines[at][4:].rstrip())
        at += 1
    return "\n".join(taken), at


def is_library(file: str) -> bool:
    """True for a file that the app's people did not write."""
    path = file.replace("\\", "/")
    return any(mark.replace("\\", "/") in path for mark in _LIBRARY) or any(mark in path for mark in _OURS)


def _shortened(found: list[Frame | str]) -> list[Frame | str]:
    if len(found) <= MOST_FRAMES:
        return found
    half = MOST_FRAMES // 2
    return [*found[:half], f"… {len(found) - 2 * half} more lines …", *found[-half:]]


def _kind(piece: Frame | str) -> str:
    return "text" if isinstance(piece, str) else "library" if piece.library else "own"


def _parts(run: list[Frame | str]) -> Iterator[Part]:
    frames = tuple(piece for piece in run if isinstance(piece, Frame))
    if frames:
        yield Part(frames=frames, library=frames[0].library)
    else:
        yield Part(text="\n".join(piece for piece in run if isinstance(piece, str)))
