"""Who is asking. The doors, in this order:

1. `HORIZON_AUTH`, where it is set: its word is final.
2. An API token, where the request carries one.
3. A sign-in on our log-in page, where there is any user.
4. Where there is none: open to somebody at this very machine, while the app runs in debug mode or as the demo.
5. Otherwise closed, with what to do.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, cast

from flask import Flask, Request, current_app, g
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from horizon.backends.people import User
from horizon.control.doors import Attempt
from horizon.core import clock
from horizon.core.errors import BackendUnavailable, ConfigurationError, HorizonError, SchemaMismatch
from horizon.security.permissions import Ability, Actor, actor_from, rights
from horizon.web import login
from horizon.web.security import is_this_machine
from horizon.web.state import state_of

DEMO = "horizon_demo"
"""A key of `app.extensions` that `horizon demo` sets: open on this machine without debug mode."""
PASTE = (
    "def who(request):",
    '    return {"name": current_user.email, "role": "admin"} if current_user.is_authenticated else None',
    'app.config["HORIZON_AUTH"] = who',
)
"""What a refused visitor is told to set."""

MAX_NAME = 320
"""Characters of an actor's name: the longest address of mail fits."""
NO_ACTOR = "the host's HORIZON_AUTH returned no usable actor, so nobody is let in; the log of the app says why"
_UNKEEPABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")

log = logging.getLogger("horizon.web")


class NotAllowedIn(HorizonError):
    """Nobody that this dashboard knows. A `status` of 401 asks for other credentials."""

    code = "forbidden"

    def __init__(self, message: str, *, status: int = 403, paste: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.status = status
        self.paste = paste


class SignInFirst(NotAllowedIn):
    """There are users, and nobody is signed in here: a person is shown the log-in page, a program gets a 401."""

    code = "unauthorized"


def identify(app: Flask, request: Request, origin: str) -> Actor | Response:
    """The actor who sends this request, or the response that `HORIZON_AUTH` wants to be sent (a way to the log-in).

    Raises NotAllowedIn. Read from the config at each request, so that it may be set after `Horizon(app)` too.
    """
    ask = app.config.get("HORIZON_AUTH")
    if ask is not None:
        found = _asked(app, ask, request)
        return found if isinstance(found, Response) else _seen(app, _actor(found, request, origin))
    with discreet(app, request):
        if (shown := bearer(request)) is not None:
            return _seen(app, _with_token(app, shown, request, origin))
        if (user := signed_in(app, request)) is not None:
            g._horizon_signed_in = True
            return _seen(app, Actor(name=user.name, role=user.role, origin=origin))
        if state_of(app).doors().backend.accounts.any_user():
            raise sign_in_first(app)
    if is_open_here(app, request):
        return _seen(app, Actor(name="local", role="admin", origin=origin))
    raise closed(app)


def is_open_here(app: Flask, request: Request) -> bool:
    """Whether it opens by itself to whoever sends this: somebody at this machine, in debug mode or the demo."""
    return bool(app.debug or app.extensions.get(DEMO)) and is_this_machine(request.remote_addr, cast(Mapping[str, str], request.headers))


@contextmanager
def discreet(app: Flask, request: Request) -> Iterator[None]:
    """Tell nobody whom we do not know where the store is and what ails it; the log of the app says it."""
    try:
        yield
    except (BackendUnavailable, SchemaMismatch, ConfigurationError) as error:
        if is_open_here(app, request):
            raise
        log.error("nobody can be let in: %s", error)
        raise BackendUnavailable("the store does not answer, so nobody can be let in; the log of the app says more") from None


def signed_in(app: Flask, request: Request) -> User | None:
    """The user who is signed in on our log-in page, None where nobody is."""
    accounts = state_of(app).doors().backend.accounts
    found = login.read(app, request, clock.now())
    user = accounts.visitor(found.name, found.id) if found else None
    return user if found is not None and found.stands(user) else None


def bearer(request: Request) -> str | None:
    """The token that a request carries, None where it carries none."""
    kind, _, shown = request.headers.get("Authorization", "").partition(" ")
    return shown.strip() if kind.lower() == "bearer" else None


class NoKey(NotAllowedIn):
    """There are users, and no key to sign their cookies with."""

    code = "configuration"


def sign_in_first(app: Flask) -> NotAllowedIn:
    """What is said to somebody who is not signed in."""
    if not login.has_key(app):
        return NoKey(f"{login.NO_KEY}:", status=503, paste=login.SET_KEY)
    return SignInFirst("sign in first, or send an API token (Authorization: Bearer TOKEN)", status=401)


def closed(app: Flask) -> NotAllowedIn:
    """What is said where nothing lets anybody in."""
    return NotAllowedIn(_closed(app), paste=PASTE)


def _with_token(app: Flask, shown: str, request: Request, origin: str) -> Actor:
    """The actor of an API token. Raises NotSignedIn, TooManyAttempts."""
    state = state_of(app)
    token = state.doors().token(shown, Attempt(address=request.remote_addr, origin=origin))
    state.allowance.spend(token.id)
    scope = None if token.scope is None else frozenset(Ability(word) for word in token.scope)
    return Actor(name=f"token:{token.name}", role=token.role, origin=origin, abilities=scope)


def read_only(app: Flask) -> bool:
    """Whether nobody may change anything through the web."""
    return bool(app.config.get("HORIZON_READ_ONLY", app.extensions["horizon"].settings.READ_ONLY))


def current_actor() -> Actor:
    """Who sends the request being answered. Raises NotAllowedIn where nobody was let in."""
    actor = g.get("_horizon_actor")
    if isinstance(actor, Actor):
        return actor
    raise NotAllowedIn("nobody is signed in here")


def remember(actor: Actor) -> None:
    """Keep the actor for the rest of this request."""
    g._horizon_actor = actor


def _asked(app: Flask, ask: Any, request: Request) -> Any:
    """What the host's callable says. Its failure keeps the door shut; an `abort()` or redirect in it is its answer."""
    if not callable(ask):
        raise ConfigurationError(f"HORIZON_AUTH takes a callable that is given the request; got {ask!r}")
    try:
        return app.ensure_sync(cast(Callable[..., Any], ask))(request)
    except HTTPException:
        raise
    except Exception:
        log.exception("HORIZON_AUTH raised, so nobody is let in")
        raise NotAllowedIn("the host's HORIZON_AUTH failed, so nobody is let in; the log of the app says why") from None


def _actor(found: Any, request: Request, origin: str) -> Actor:
    try:
        actor = actor_from(found or None, origin=origin)
        _check_name(actor)
    except ConfigurationError as error:
        log.error("nobody is let in: %s", error)
        raise NotAllowedIn(NO_ACTOR) from None
    except Exception:  # an object of the host, whose attributes may be anything
        log.exception("what HORIZON_AUTH returned cannot be read, so nobody is let in")
        raise NotAllowedIn(NO_ACTOR) from None
    if actor is None:
        sent = "Authorization" in request.headers
        raise NotAllowedIn(
            "these credentials are not accepted here" if sent else "HORIZON_AUTH does not know you; sign in to the app first",
            status=401 if sent else 403,
        )
    return actor


def _check_name(actor: Actor | None) -> None:
    """Raise ConfigurationError for a name that no line of the audit log can hold."""
    if actor is not None and (len(actor.name) > MAX_NAME or _UNKEEPABLE.search(actor.name)):
        shown = actor.name if len(actor.name) <= 80 else f"{actor.name[:60]}… ({len(actor.name):,} characters)"
        raise ConfigurationError(
            f"HORIZON_AUTH must return a name of at most {MAX_NAME} characters, without control characters; it returned {shown!a}"
        )


def _seen(app: Flask, actor: Actor) -> Actor:
    """The actor with what this dashboard lets the role do. A read-only one sees everybody as somebody who looks."""
    looking_only, settings = read_only(app), app.extensions["horizon"].settings
    able = rights(actor.role, payloads=settings.PAYLOADS, reveal=settings.REVEAL, scope=actor.abilities, looking_only=looking_only)
    return replace(actor, role="viewer" if looking_only else actor.role, abilities=able)


def _closed(app: Flask) -> str:
    where = "in debug mode" if not app.debug else "when it is asked for as localhost, directly and from this machine"
    return (
        f"This dashboard is closed. It opens by itself only {where}. To let people in, either give them a password with "
        "`horizon users add NAME --role admin`, or, where the app knows them already, tell it who they are:"
    )


def origin_of(request: Request, kind: str) -> str:
    """What the audit log keeps of where a request came from."""
    return f"{kind} {request.remote_addr or 'unix'}"


def this_app() -> Flask:
    """The app itself, not the proxy that stands for it."""
    return cast(Flask, current_app._get_current_object())  # type: ignore[attr-defined]
