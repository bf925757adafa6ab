"""A job's record as it is kept: one text, laid out as `scripts/parts/layout.lua` says.

Whoever reads takes it apart here, into letters (docs/redis.md) and what they stand for; only scripts write it.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from typing import Any, NamedTuple

Fields = Mapping[str, Any]
"""By letter: numbers where a place of its own is kept for them, else text."""

HEAD = struct.Struct("<cBIIidIIdddiIIIidIB")
ATTEMPT = struct.Struct("<dIB")
ENDED = struct.Struct("<dddddd")
TAGGED, HOOK = 1, 2
SAID = 17


class Head(NamedTuple):
    """What every record begins with; a limit that was not set is negative."""

    state: bytes
    bits: int
    tries: int
    runs: int
    max_tries: int
    timeout: float
    queue: int
    name: int
    pushed: float
    available: float
    place: float
    priority: int
    header: int
    round: int
    crashes: int
    max_crashes: int
    created: float
    size: int
    id_size: int


def fields_of(text: bytes) -> Fields:
    """A whole record; what is not there is left out."""
    head = Head._make(HEAD.unpack_from(text))
    body = HEAD.size + head.id_size
    given = {"m": head.max_tries, "o": head.timeout, "X": head.max_crashes, "C": head.created, "p": head.place}
    counted = {"t": head.tries, "n": head.runs, "R": head.round, "x": head.crashes, "g": head.bits & TAGGED, "H": head.bits & HOOK}
    return {
        "i": text[HEAD.size : body], "s": int(head.state), "q": head.queue, "c": head.name, "P": int(head.pushed),
        "a": int(head.available), "r": head.priority, "h": head.header, "hp": head.size,
        **{letter: int(value) for letter, value in given.items() if value >= 0},
        **{letter: value for letter, value in counted.items() if value},
        **_body(text[body : body + 1], text[body + 1 :]),
    }  # fmt: skip


def _body(kind: bytes, text: bytes) -> dict[str, Any]:
    if kind == b"J":
        made: dict[str, Any] = json.loads(text)
        return made
    if kind == b"A":
        reserved, executor, size = ATTEMPT.unpack_from(text)
        session, word = text[ATTEMPT.size : ATTEMPT.size + size], text[ATTEMPT.size + size :]
        return {"b": int(reserved), "e": executor, "w": session.decode(), "k": word.decode()}
    if kind == b"E":
        finished, started, waited, runtime, memory, number = map(int, ENDED.unpack_from(text))
        said, worker = text[ENDED.size : ENDED.size + SAID].decode(), text[ENDED.size + SAID :].decode()
        ended = {"F": finished, "B": started, "D": waited, "T": runtime, "f": number, "z": said, "W": worker, "L": "1"}
        return {**ended, "M": memory} if memory else ended
    return {}
