"""A job's record as it is kept: one text, laid out as `scripts/parts/layout.lua` says.

Whoever reads takes it apart here, into letters (docs/redis.md) and what they stand for; only scripts write it.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from horizon.backends.redis.header import unpack_id

Fields = Mapping[str, Any]
"""By letter: numbers where a place of its own is kept for them, else text."""

HEAD = struct.Struct("<cBIIidIIIIdddiIIidB")
FRONT, BACK = struct.Struct("<BIIid"), struct.Struct("<IIidB")
"""What a push knows of a head: from its bits to the timeout, and from the round on."""
NEAR = 1000
"""Longest header and payload that lie in a piece, beside others."""
ATTEMPT = struct.Struct("<dIB")
ENDED = struct.Struct("<dddddd")
TAGGED, HOOK, GROUPED = 1, 2, 8
WORD = 16
"""Length of what the attempts of a turn are called."""


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
    line: int
    """Length of the header."""
    size: int
    """Length of header and payload."""
    pushed: float
    available: float
    place: float
    priority: int
    round: int
    crashes: int
    max_crashes: int
    created: float
    id_size: int
    group_size: int = 0
    """Of its group's id, with the length of it."""

    @property
    def body(self) -> int:
        """Where the body begins."""
        return HEAD.size + self.id_size + self.group_size


def head_of(text: bytes) -> Head:
    """The head of a record."""
    head = Head(*HEAD.unpack_from(text))
    return head if head.bits < GROUPED else head._replace(group_size=1 + text[head.body])


def group_in(text: bytes, after: int) -> str | None:
    """The group of a job; `after`: where its own id ends."""
    return None if text[1] < GROUPED else _spelt(text[after + 1 : after + 1 + text[after]])


_spelt = lru_cache(maxsize=256)(unpack_id)
"""Jobs that are handed out together are mostly of one group."""


def fields_of(text: bytes) -> Fields:
    """A whole record; what is not there is left out."""
    head = head_of(text)
    given = {"m": head.max_tries, "o": head.timeout, "X": head.max_crashes, "C": head.created, "p": head.place}
    counted = {"t": head.tries, "n": head.runs, "R": head.round, "x": head.crashes, "g": head.bits & TAGGED, "H": head.bits & HOOK}
    return {
        "i": text[HEAD.size : HEAD.size + head.id_size], "s": int(head.state), "q": head.queue, "c": head.name, "P": int(head.pushed),
        "a": int(head.available), "r": head.priority, "h": head.line, "hp": head.size,
        **{letter: int(value) for letter, value in given.items() if value >= 0},
        **{letter: value for letter, value in counted.items() if value},
        **({"gr": group_in(text, HEAD.size + head.id_size)} if head.group_size else {}),
        **_body(text[-1:], text[head.body : -1]),
    }  # fmt: skip


def _body(kind: bytes, text: bytes) -> dict[str, Any]:
    if kind == b"J":
        made: dict[str, Any] = json.loads(text)
        return made
    if kind == b"A":
        reserved, executor, size = ATTEMPT.unpack_from(text, len(text) - WORD - ATTEMPT.size)
        return {"b": int(reserved), "e": executor, "w": text[:size].decode(), "k": text[-WORD:].decode()}
    if kind == b"E":
        finished, started, waited, runtime, memory, number = map(int, ENDED.unpack_from(text))
        said, worker = text[ENDED.size : ENDED.size + WORD + 1].decode(), text[ENDED.size + WORD + 1 :].decode()
        ended = {"F": finished, "B": started, "D": waited, "T": runtime, "f": number, "z": said, "W": worker, "L": "1"}
        return {**ended, "M": memory} if memory else ended
    return {}
