"""What never changes about a job and is not asked for by any script: a line of JSON before its payload.

Jobs of one class mostly have the same line, so both ways are remembered.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from horizon.core.envelope import Envelope
from horizon.core.limit import Limit


class Header(NamedTuple):
    """As read."""

    name: str
    version: int = 1
    tags: tuple[str, ...] = ()
    user: str | None = None
    tenant: str | None = None
    deadline: int | None = None
    backoff: str | None = None
    retry_until: int | None = None
    max_crashes: int | None = None
    hook: bool = False
    code_version: str | None = None
    signature: str | None = None
    unique_key: str | None = None
    limits: tuple[Limit, ...] = ()


LETTERS = {
    "n": "name", "v": "version", "t": "tags", "u": "user", "T": "tenant", "d": "deadline", "b": "backoff", "r": "retry_until",
    "X": "max_crashes", "H": "hook", "V": "code_version", "S": "signature", "K": "unique_key", "L": "limits",
}  # fmt: skip


def write(envelope: Envelope) -> bytes:
    """The line of an envelope."""
    return _write(
        Header(
            envelope.name, envelope.version, envelope.tags, envelope.user, envelope.tenant, envelope.deadline, envelope.backoff,
            envelope.retry_until, envelope.max_crashes, envelope.hook, envelope.code_version, envelope.signature, envelope.unique_key,
            envelope.limits,
        )
    )  # fmt: skip


@lru_cache(maxsize=1024)
def _write(header: Header) -> bytes:
    given = header._asdict()
    said = {letter: given[name] for letter, name in LETTERS.items() if given[name] not in (None, (), False)}
    if header.limits:
        said["L"] = rows_of(header.limits)
    return json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode()


@lru_cache(maxsize=1024)
def read(line: bytes) -> Header:
    """What `write` wrote."""
    said = {LETTERS[letter]: value for letter, value in json.loads(line).items()}
    said["tags"] = tuple(said.get("tags", ()))
    said["limits"] = limits_of(said.get("limits", ()))
    return Header(**said)


def rows_of(limits: Iterable[Limit]) -> list[tuple[str, int, int, str]]:
    """Limits as JSON holds them, and scripts take them."""
    return [(limit.key, limit.most, limit.per, limit.strategy) for limit in limits]


def limits_of(rows: Iterable[tuple[str, int, int, str]]) -> tuple[Limit, ...]:
    """What `rows_of` made of them."""
    return tuple(Limit(key=key, most=most, per=per, strategy=strategy) for key, most, per, strategy in rows)


def pack_id(id: str) -> bytes:
    """An id as it is stored: the sixteen bytes of a UUID, else its text behind a zero."""
    if len(id) == 36 and id[8] == id[13] == id[18] == id[23] == "-" and id.lower() == id:
        try:
            packed = bytes.fromhex(id.replace("-", ""))
        except ValueError:
            packed = b""
        if len(packed) == 16:
            return packed
    text = b"\0" + id.encode(errors="surrogatepass")
    return text + b"\0" if len(text) == 16 else text


def unpack_id(packed: bytes) -> str:
    """What `pack_id` packed."""
    if len(packed) != 16:
        return packed.strip(b"\0").decode(errors="surrogatepass")
    digits = packed.hex()
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"
