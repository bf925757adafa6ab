"""Coming in: with name and password, with a token, and going out. What fails is counted over all web processes.

1. Attempts are counted before anything is compared, so that many at once are no way around the limit.
2. Whether a name exists shows neither in the answer nor in the time it takes, nor is a mistyped name kept anywhere:
   people type passwords into the wrong field.
3. A token that fits is never counted: 256 random bits are not guessed.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address, ip_network

from horizon.backends.people import ApiToken, User
from horizon.control.acting import Stores, entry
from horizon.control.users import key
from horizon.core.clock import MINUTE, SECOND, Micros, iso
from horizon.core.errors import NotSignedIn, TooManyAttempts
from horizon.security import passwords, secrets
from horizon.security.permissions import Actor

WINDOW: Micros = 5 * MINUTE
PER_ADDRESS = 3
"""How many times as much an address may try as one name: offices and proxies share theirs."""
MOST_NOTED = 500
"""Failures of everybody together that the audit log keeps of one window."""
UNKNOWN = "somebody"
"""The actor of an attempt under a name that nobody has."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Attempt:
    """Where somebody tries to come in from."""

    address: str | None
    """Of the peer; None for a socket of this machine."""
    origin: str
    """As the audit log keeps it."""
    known: str | None = None
    """Names a browser in which this user signed in before: counted apart, so that strangers cannot lock its owner out."""


class DoorControl:
    """The doors of one app. `attempts`: failed log-ins that one name may have in five minutes."""

    def __init__(self, stores: Stores, *, attempts: int) -> None:
        self.backend = stores.backend()
        self.attempts = attempts

    def sign_in(self, name: str, password: str, attempt: Attempt) -> User:
        """The user of this name and password. Raises NotSignedIn, TooManyAttempts."""
        who = key(name[:1_000])
        counted = self._count_sign_in(who, attempt)
        user = self.backend.accounts.user(who)
        if not passwords.matches(user.password if user else None, password) or user is None:
            self._note("sign in refused", f"user:{user.name}" if user else "user", attempt)
            raise NotSignedIn("this name and password do not belong together")
        for one in counted:
            self.backend.meters.give_back(one)
        self.backend.accounts.signed_in(who, audit=entry(self._actor(user, attempt), "sign in", f"user:{who}"))
        return user

    def sign_out(self, user: str, sign_in: str, until: Micros, origin: str) -> None:
        """End one sign-in, in whatever browser its cookie is."""
        actor = Actor(name=user, origin=origin)
        self.backend.accounts.sign_out(sign_in, until, audit=entry(actor, "sign out", f"user:{user}"))

    def token(self, text: str, attempt: Attempt) -> ApiToken:
        """The token that a program showed. Raises NotSignedIn, TooManyAttempts where an address showed many bad ones."""
        id, secret = secrets.parse(text) or ("", "")
        found = self.backend.accounts.token(id) if id else None
        if not secrets.fits(found.digest if found else None, secret) or found is None:
            self._refuse_token(found, attempt)
            raise NotSignedIn("this token is not known here, or was revoked; `horizon tokens add NAME --role ROLE` makes one")
        if found.expires_at is not None and found.expires_at <= self.backend.now():
            self._refuse_token(found, attempt)
            raise NotSignedIn(f"this token expired at {iso(found.expires_at)}; `horizon tokens add NAME --role ROLE` makes another")
        self.backend.accounts.used(found)
        return found

    def _count_sign_in(self, name: str, attempt: Attempt) -> tuple[str, str]:
        address = meter("log-in address", neighbourhood(attempt.address))
        person = meter("log-in browser", attempt.known) if attempt.known else meter("log-in name", name)
        self._take(address, self.attempts * PER_ADDRESS)
        self._take(person, self.attempts)
        return address, person

    def _refuse_token(self, found: ApiToken | None, attempt: Attempt) -> None:
        self._take(meter("token address", neighbourhood(attempt.address)), self.attempts * PER_ADDRESS)
        self._note("token refused", f"token:{found.id}" if found else "token", attempt)

    def _take(self, name: str, limit: int) -> None:
        taken = self.backend.meters.take(name, limit, WINDOW)
        if not taken.granted:
            seconds = max(1, -(-taken.retry_after // SECOND))
            raise TooManyAttempts(f"too many attempts; wait {in_words(seconds)} and try again", retry_after=seconds)

    def _note(self, what: str, target: str, attempt: Attempt) -> None:
        """Keep a failure in the audit log; of a flood of them only so many, for strangers must not be able to fill it."""
        if self.backend.meters.take("failures noted", MOST_NOTED, WINDOW).granted:
            self.backend.audit.append(entry(Actor(name=UNKNOWN, origin=attempt.origin), what, target))

    def _actor(self, user: User, attempt: Attempt) -> Actor:
        return Actor(name=user.name, role=user.role, origin=attempt.origin)


def meter(kind: str, what: str) -> str:
    """The key of a meter: of one length, whatever somebody typed."""
    return f"{kind} {hashlib.sha256(what.encode(errors='replace')).hexdigest()[:40]}"


def neighbourhood(address: str | None) -> str:
    """What counts as one address: of IPv6 the /64, which one household has to itself."""
    try:
        found = ip_address(address or "")
    except ValueError:
        return address or "this machine"
    if isinstance(found, IPv6Address):
        return str(found.ipv4_mapped or ip_network((found, 64), strict=False))
    return str(found)


def in_words(seconds: int) -> str:
    """`40 seconds`, `5 minutes`."""
    if seconds <= 90:
        return "a second" if seconds == 1 else f"{seconds} seconds"
    return f"{-(-seconds // 60)} minutes"
