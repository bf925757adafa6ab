"""How the dashboard looks and is handled: the theme, and the page that explains keys and search."""

from __future__ import annotations

from flask import request, url_for
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from horizon.web import render
from horizon.web.viewer import THEME_COOKIE, THEMES

YEAR = 365 * 86_400


def keys() -> Response:
    """GET /help"""
    return render.page("help/page.html")


def choose() -> Response:
    """POST /look: keep the theme in a cookie. The script does the same by itself; this is for whoever has none."""
    theme = request.form.get("theme", "auto")
    back = render.safe_back(request.form.get("back"), url_for("horizon.overview"))
    response = redirect(back, 303)
    kept = theme if theme in THEMES else "auto"
    response.set_cookie(THEME_COOKIE, kept, max_age=YEAR, path=render.cookie_path(), samesite="Lax", secure=request.is_secure)
    return response
