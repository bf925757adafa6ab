"""What makes a page live: a tag that says what it shows, and the rows it shows.

A page asks again every `HORIZON_LIVE_SECONDS` and hands back its tag; while the tag is the same, nothing is read and
nothing is sent. A list hands back its rows too: they are drawn again where they stand, and what is new waits in a line
above them until somebody asks for it, so that nothing moves under a pointer.
"""

from __future__ import annotations

import hashlib
import uuid
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from collections.abc import Sequence

from horizon.control.acting import Stores
from horizon.core.clock import SECOND, Micros
from horizon.core.errors import BackendUnavailable
from horizon.core.ids import is_id
from horizon.core.query import MAX_LIMIT

ROWS_HEADER = "Horizon-Rows"
SEEN_HEADER = "Horizon-Seen"
"""The version of the store that a page shows, which asks for news."""
AFRESH_HEADER = "Horizon-Afresh"
"""Sent where a page asks because of something its viewer did."""


def tag(version: int, now: Micros, every: int, *about: object) -> str:
    """An entity tag: it changes with the store's version, every `every` seconds (figures age by themselves), and with
    whatever else (`about`) the page depends on."""
    known = (version, now // (every * SECOND), *about)
    return hashlib.blake2s(repr(known).encode(), digest_size=9).hexdigest()


def versions(stores: Stores) -> tuple[int | None, ...]:
    """How far each store is, None for one that does not answer."""
    return tuple(_version(stores, name) for name in stores.connections())


def _version(stores: Stores, name: str) -> int | None:
    try:
        return stores.outages.ask(name, lambda: stores.backend(name).version())
    except BackendUnavailable:
        return None


def pack(ids: Sequence[str]) -> str:
    """Ids in as few characters as a header field needs."""
    return urlsafe_b64encode(b"".join(uuid.UUID(id).bytes for id in ids)).decode().rstrip("=")


def unpack(text: str) -> list[str]:
    """The ids that `pack` packed; nothing where the text is something else, for it came from outside."""
    try:
        raw = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (NotBase64, ValueError):
        return []
    ids = [str(uuid.UUID(bytes=raw[at : at + 16])) for at in range(0, len(raw) - len(raw) % 16, 16)]
    return [id for id in ids[:MAX_LIMIT] if is_id(id)]
