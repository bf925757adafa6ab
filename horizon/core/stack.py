"""The Python stack of a running job: asked for by a person, told by its worker, kept for a few minutes as a note.

Code only: files, lines and names as in a traceback, never what a variable holds.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from enum import StrEnum

from horizon.core.clock import SECOND, Micros

KIND = "stack"
"""Of the note; its name is the job's id. It lies in the job's own store, since its worker knows no other."""
VERB = "stack:"
"""A command to a session begins so; the job's id follows."""
KEPT = 600 * SECOND
LONGEST = 40_000
"""Characters of a stack; the middle of a longer one is left out."""


class How(StrEnum):
    """Where a stack is from, which says what it shows."""

    PYTHON = "python"
    """Read by another thread of the process: what the job's thread was doing at that moment."""
    TASK = "task"
    """An async job that awaited something: the chain of coroutines down to what it awaits."""
    LOOP = "loop"
    """An async job whose event loop was busy, with it or with another job."""
    HELD = "held"
    """Python did not answer: C code holds the interpreter. Told by the system's signal from within the thread."""
    ENDED = "ended"
    """Nothing of the job runs any more."""
    SILENT = "silent"
    """It could not be told; `text` is empty."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Stack:
    """What was asked, and what came of it."""

    by: str
    asked_at: Micros
    session: str = ""
    heard: bool = True
    """False: the worker's lease had run out already when it was asked, so nobody got the question."""
    at: Micros | None = None
    """When the stack was read; None: nobody has answered yet."""
    how: How | None = None
    text: str = ""
    """As Python writes a traceback, the innermost call last."""
    thread: str = ""
    """`running`, `sleeping`, `waiting for the disk` or `stopped`, as the system saw the thread; empty where it did not say."""
    beside: int = 0
    """Of an async job: tasks that it waits for together, of which the first is shown."""
    pid: int = 0

    @property
    def answered(self) -> bool:
        """Whether the worker has said something."""
        return self.at is not None


def encode(stack: Stack) -> str:
    """As the note keeps it."""
    return json.dumps(asdict(stack))


def decode(body: str) -> Stack | None:
    """What `encode` wrote; None for what another version wrote and this one does not understand."""
    try:
        values = json.loads(body)
        known = {name: values[name] for name in Stack.__dataclass_fields__ if name in values}
        return Stack(**{**known, "how": None if known.get("how") is None else How(known["how"])})
    except (ValueError, TypeError, KeyError):
        return None


def answered(stack: Stack, asked: Stack | None, at: Micros) -> Stack:
    """The answer with the question that it is to; None: the note of the question is gone."""
    before = asked or Stack(by="", asked_at=at)
    return replace(stack, by=before.by, asked_at=before.asked_at, session=before.session, heard=True, at=at)


def cut(text: str) -> str:
    """A stack that fits into a note: its beginning and its end, which say most."""
    if len(text) <= LONGEST:
        return text
    half = LONGEST // 2
    head, tail = text[:half].rpartition("\n")[0], text[-half:].partition("\n")[2]
    return f"{head}\n  … {len(text) - len(head) - len(tail):,} characters are left out here …\n{tail}"
