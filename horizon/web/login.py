"""Who is signed in on our log-in page: a signed cookie of our own. The host's session is neither read nor written.

The cookie says who, and which sign-in it is; the store is asked at every request whether that still stands. So a new
password, a removed user and a sign-out hold at once, in every web process.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from typing import Any

from flask import Flask, Request
from itsdangerous import BadData, URLSafeSerializer
from werkzeug.wrappers import Response

from horizon.backends.people import User
from horizon.core.clock import SECOND, Micros
from horizon.security import secrets

SIGN_IN_COOKIE = "horizon_sign_in"
FORM_COOKIE = "horizon_form"
KNOWN_COOKIE = "horizon_known"
KNOWN_FOR = 180 * 86_400
"""Seconds for which a browser counts as known to the user who signed in there."""
NO_KEY = "signing in needs a SECRET_KEY, with which cookies are signed; this app has none"
SET_KEY = (
    'app.config["SECRET_KEY"] = os.environ["SECRET_KEY"]',
    "# make one, once:  python -c 'import secrets; print(secrets.token_hex(32))'",
)
FORM = 'Form realm="horizon"'
"""What a 401 of the log-in page asks for."""
_LONGEST = 2_000


@dataclass(frozen=True, kw_only=True, slots=True)
class SignIn:
    """What the cookie says."""

    id: str
    name: str
    stamp: str
    """Of the user at the time: with another one this sign-in is over."""
    until: Micros

    @classmethod
    def begin(cls, user: User, now: Micros, seconds: float) -> SignIn:
        """A new one; its id is drawn afresh, so none can be foisted on anybody beforehand."""
        return cls(id=secrets.stamp(), name=user.name, stamp=user.stamp, until=now + round(seconds * SECOND))

    def stands(self, user: User | None) -> bool:
        """Whether it is (still) a sign-in of this user."""
        return user is not None and hmac.compare_digest(user.stamp, self.stamp)


# cookies ----------------------------------------------------------------------------------------------------------------


def read(app: Flask, request: Request, now: Micros) -> SignIn | None:
    """The sign-in that a request carries, None for none, a forged one, or one whose time is over."""
    found = _read(app, "sign-in", request.cookies.get(SIGN_IN_COOKIE))
    try:
        sign_in = SignIn(id=str(found["i"]), name=str(found["n"]), stamp=str(found["s"]), until=int(found["e"]))
    except (KeyError, TypeError, ValueError):
        return None
    return sign_in if sign_in.until > now else None


def write(app: Flask, sign_in: SignIn) -> str:
    """The cookie's value."""
    return _write(app, "sign-in", {"i": sign_in.id, "n": sign_in.name, "s": sign_in.stamp, "e": sign_in.until})


def known_browser(app: Flask, request: Request, name: str) -> str | None:
    """The name of this browser, if somebody of this name signed in here before."""
    found = _read(app, "known", request.cookies.get(KNOWN_COOKIE))
    return str(found.get("b")) if isinstance(found, dict) and found.get("n") == name else None


def write_known(app: Flask, name: str) -> str:
    """The value of the cookie by which this browser is known from now on."""
    return _write(app, "known", {"n": name, "b": secrets.stamp()})


# forms ------------------------------------------------------------------------------------------------------------------


def form_token(app: Flask, nonce: str) -> str:
    """What the log-in form carries to prove that it is ours, drawn for the browser with this nonce in its cookie."""
    return _write(app, "form", nonce)


def nonce_of(request: Request) -> str:
    """The nonce this browser has, or a new one."""
    kept = request.cookies.get(FORM_COOKIE, "")
    return kept if len(kept) == len(secrets.stamp()) and kept.isascii() else secrets.stamp()


def form_is_ours(app: Flask, request: Request) -> bool:
    """Whether the form comes from a page of ours in this very browser."""
    kept, sent = request.cookies.get(FORM_COOKIE), _read(app, "form", request.form.get("form"))
    return isinstance(sent, str) and bool(kept) and hmac.compare_digest(sent.encode(), (kept or "").encode(errors="replace"))


def give(response: Response, name: str, value: str, *, path: str, seconds: float | None, secure: bool, strict: bool = False) -> None:
    """Set one of these cookies: out of reach of scripts, not sent from other sites' forms."""
    response.set_cookie(
        name,
        value,
        max_age=None if seconds is None else round(seconds),
        path=path,
        httponly=True,
        secure=secure,
        samesite="Strict" if strict else "Lax",
    )


# signing ----------------------------------------------------------------------------------------------------------------


def has_key(app: Flask) -> bool:
    """Whether cookies can be signed."""
    return bool(app.secret_key)


def _serializer(app: Flask, purpose: str) -> URLSafeSerializer:
    older = app.config.get("SECRET_KEY_FALLBACKS") or []
    keys = [*reversed(older), app.secret_key]  # the last one signs, any of them verifies
    return URLSafeSerializer(
        keys, salt=f"flask-horizon {purpose}", signer_kwargs={"key_derivation": "hmac", "digest_method": hashlib.sha256}
    )


def _write(app: Flask, purpose: str, value: object) -> str:
    signed = _serializer(app, purpose).dumps(value)
    return signed if isinstance(signed, str) else signed.decode()


def _read(app: Flask, purpose: str, value: str | None) -> Any:
    """What was signed for this purpose; an empty dict for anything else."""
    if not value or len(value) > _LONGEST or not has_key(app):
        return {}
    try:
        return _serializer(app, purpose).loads(value)
    except BadData:
        return {}
