"""The log-in page: name and password in, a signed cookie out; and the way out again."""

from __future__ import annotations

from flask import request, url_for
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from horizon.backends.people import User
from horizon.control.doors import Attempt
from horizon.control.users import key
from horizon.core import clock
from horizon.core.errors import NotFound, NotSignedIn, TooManyAttempts
from horizon.web import auth, login, render
from horizon.web.state import state_of

STALE = "This form was not from this browser, or was too old (or cookies are switched off). Please try again."


def show() -> Response:
    """GET and POST /login"""
    with auth.discreet(auth.this_app(), request):
        return enter() if request.method == "POST" else _look()


def _look() -> Response:
    app = auth.this_app()
    _check_door()
    if auth.signed_in(app, request) is not None:
        return redirect(_next(), 303)
    return _form(said="You are signed out." if "out" in request.args else "")


def enter() -> Response:
    """What the form sends."""
    app = auth.this_app()
    _check_door()
    if not login.form_is_ours(app, request):
        return _form(wrong=STALE, status=400)
    name = request.form.get("name", "")
    known = login.known_browser(app, request, key(name[:1_000]))
    attempt = Attempt(address=request.remote_addr, origin=auth.origin_of(request, "web"), known=known)
    try:
        user = state_of().doors().sign_in(name, request.form.get("password", ""), attempt)
    except NotSignedIn:
        response = _form(wrong="This name and password do not belong together.", status=401)
        response.headers["WWW-Authenticate"] = login.FORM  # every 401 names a way in; of this one browsers make no dialog
        return response
    except TooManyAttempts as error:
        response = _form(wrong=f"{str(error)[:1].upper()}{str(error)[1:]}.", status=429)
        response.headers["Retry-After"] = str(error.retry_after)
        return response
    return _let_in(user)


def leave() -> Response:
    """POST /logout"""
    app = auth.this_app()
    found = login.read(app, request, clock.now())
    if found is not None and auth.signed_in(app, request) is not None:
        state_of().doors().sign_out(found.name, found.id, found.until, auth.origin_of(request, "web"))
    response = redirect(url_for("horizon.login", out=1) if found else url_for("horizon.overview"), 303)
    response.delete_cookie(login.SIGN_IN_COOKIE, path=render.cookie_path(), httponly=True, samesite="Lax", secure=request.is_secure)
    return response


def way_in() -> Response:
    """To the log-in page, and from there back to where somebody wanted to go."""
    wanted = request.full_path.rstrip("?") if request.method == "GET" else ""
    back = render.safe_back(request.script_root + wanted, "") if wanted and len(wanted) < 1_000 else ""
    return redirect(url_for("horizon.login", next=back or None), 303)


def _check_door() -> None:
    """Raise where nobody comes in this way, saying which way it is."""
    app = auth.this_app()
    if app.config.get("HORIZON_AUTH") is not None:
        raise NotFound("people sign in to the app itself here, not on a page of ours: HORIZON_AUTH is set")
    if not state_of().doors().backend.accounts.any_user():
        raise auth.closed(app)
    if not login.has_key(app):
        raise auth.sign_in_first(app)


def _form(*, wrong: str = "", said: str = "", status: int = 200) -> Response:
    app, nonce, name = auth.this_app(), login.nonce_of(request), request.form.get("name", "")[:200]
    response = render.page(
        "login/page.html",
        status=status,
        shell="page",
        form=login.form_token(app, nonce),
        next=_next(),
        name=name,
        wrong=wrong,
        said=said,
    )
    login.give(response, login.FORM_COOKIE, nonce, path=render.cookie_path(), seconds=None, secure=request.is_secure, strict=True)
    return response


def _let_in(user: User) -> Response:
    app, path, secure = auth.this_app(), render.cookie_path(), request.is_secure
    lasts = state_of().settings.SIGN_IN
    response = redirect(_next(), 303)
    begun = login.write(app, login.SignIn.begin(user, clock.now(), lasts))
    login.give(response, login.SIGN_IN_COOKIE, begun, path=path, seconds=lasts, secure=secure)
    login.give(
        response, login.KNOWN_COOKIE, login.write_known(app, user.name), path=path, seconds=login.KNOWN_FOR, secure=secure, strict=True
    )
    return response


def _next() -> str:
    """Where to go afterwards: only below our own mount point, and not to the doors themselves."""
    wanted = request.form.get("next") or request.args.get("next")
    home = url_for("horizon.overview")
    back = render.safe_back(wanted, home)
    return home if back.partition("?")[0] in (url_for("horizon.login"), url_for("horizon.logout")) else back
