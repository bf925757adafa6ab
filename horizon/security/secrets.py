"""API tokens: `hz_`, a public part by which a token is found, and 32 random bytes of which only SHA-256 is kept.

A secret of 256 random bits cannot be guessed, so a fast hash is enough, and each request pays next to nothing for it.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets

_TOKEN = re.compile(r"hz_(?P<id>[0-9a-f]{12})_(?P<secret>[A-Za-z0-9_-]{43})")
_NO_TOKEN = hashlib.sha256(b"").hexdigest()


def new() -> tuple[str, str, str]:
    """A new token: its public id, the whole text (shown once and never kept), the digest of its secret part."""
    id, secret = secrets.token_hex(6), secrets.token_urlsafe(32)
    return id, f"hz_{id}_{secret}", digest(secret)


def parse(text: str) -> tuple[str, str] | None:
    """Public id and secret part, None for what is no token of ours."""
    found = _TOKEN.fullmatch(text)
    return (found["id"], found["secret"]) if found else None


def digest(secret: str) -> str:
    """What is kept of a secret part."""
    return hashlib.sha256(secret.encode()).hexdigest()


def fits(kept: str | None, secret: str) -> bool:
    """Whether the secret part is the one kept (None: there is no such token), in a time that does not tell."""
    return hmac.compare_digest(kept or _NO_TOKEN, digest(secret)) and kept is not None


def stamp() -> str:
    """128 random bits as text: what ties sign-ins to a user, and names one of them."""
    return secrets.token_urlsafe(16)
