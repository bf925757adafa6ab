"""Who may come in, as a store keeps it: users, API tokens, and what is counted so that nobody guesses at leisure."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field

from horizon.core.clock import MINUTE, Micros

USED_EVERY: Micros = MINUTE
"""How exactly it is kept when a token was used last: a busy program must not write at every request."""


MOST_METERS = 100_000
"""Slices of meters that are kept at once: strangers make most of them, one for each address they have."""
SHARED_METERS = 256
"""Beyond that, so many are shared by all keys that have none."""


def shared(key: str) -> str:
    """The meter that a key shares with others."""
    return f"shared {zlib.crc32(key.encode()) % SHARED_METERS}"


@dataclass(frozen=True, kw_only=True, slots=True)
class User:
    """Somebody who signs in with a name and a password."""

    name: str
    role: str
    password: str = field(repr=False)
    """Its hash, with method and salt; never the password itself."""
    stamp: str = field(repr=False)
    """Random, and new whenever all of the user's sign-ins are to end."""
    created_at: Micros = 0
    """Filled in by the store."""
    seen_at: Micros | None = None
    """When this user last signed in."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ApiToken:
    """What a program shows instead of a password."""

    id: str
    """The public part of it, by which it is found and revoked."""
    name: str
    """What it is for, in a person's words."""
    role: str
    digest: str = field(repr=False)
    """SHA-256 of the secret part, in hexadecimal."""
    scope: tuple[str, ...] | None = None
    """Abilities it is narrowed to; None: all that its role has."""
    created_by: str = ""
    created_at: Micros = 0
    """Filled in by the store."""
    expires_at: Micros | None = None
    used_at: Micros | None = None
    """When it was used last, to the minute."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Taken:
    """The answer of a meter."""

    granted: int
    """How many of those asked for; 0: none are left."""
    retry_after: Micros
    """Until some are there again; 0 where some were granted."""
    good_for: Micros
    """For how long what was granted counts as used when it was granted: whoever keeps it longer breaks the limit."""
