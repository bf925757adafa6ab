"""Passwords: what is taken as one, how it is kept, and comparing in a time that tells nothing."""

from __future__ import annotations

import unicodedata
from threading import BoundedSemaphore

from horizon.core.errors import InvalidOption

METHOD = "scrypt:32768:8:1"
"""32 MB and some 60 ms a look. Named here, for `NOBODY` must cost as much as any other hash."""
NOBODY = f"{METHOD}$V2yVJrQTSTVJRuwb$" + "0" * 128
"""The hash of no password at all: compared with where there is no such user."""
_AT_ONCE = BoundedSemaphore(2)
"""Looks under way in one process: each takes 32 MB, and strangers decide how many are wanted."""
LEAST, MOST = 10, 1_000
"""Characters."""


def check(password: str, name: str) -> str:
    """The password, if it may be one. Raises InvalidOption."""
    if not LEAST <= len(password) <= MOST:
        raise InvalidOption(f"a password has {LEAST} to {MOST:,} characters, got {len(password):,}; a few words together make a good one")
    if password.casefold() == name.casefold() or len(set(password)) < 4:
        raise InvalidOption("this password would be the first that anybody tries; a few words together make a good one")
    try:
        password.encode()
    except UnicodeEncodeError:
        raise InvalidOption("a password is text; this one holds half a character, which no keyboard sends") from None
    return password


def hashed(password: str) -> str:
    """What is kept of a password: salted, slow to guess."""
    from werkzeug.security import generate_password_hash

    return generate_password_hash(_normal(password), method=METHOD)


def matches(kept: str | None, password: str) -> bool:
    """Whether this is the password; `kept` is None where there is no such user, which takes just as long."""
    from werkzeug.security import check_password_hash

    with _AT_ONCE:
        same = check_password_hash(kept or NOBODY, _normal(password))
    return same and kept is not None


def _normal(password: str) -> str:
    """The same text however a keyboard composes it, and nothing that cannot be encoded."""
    return unicodedata.normalize("NFKC", password[: MOST + 1]).encode(errors="replace").decode()
