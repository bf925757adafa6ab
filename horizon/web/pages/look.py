"""How the dashboard looks and is handled: the theme, the columns of lists, and the page that explains keys and search."""

from __future__ import annotations

from flask import request, url_for
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from horizon.web import render
from horizon.web.i18n import scripts
from horizon.web.i18n.language import find
from horizon.web.pages import columns
from horizon.web.state import state_of
from horizon.web.viewer import COLUMNS_COOKIE, LANGUAGE_COOKIE, THEME_COOKIE, THEMES

YEAR = 365 * 86_400


def keys() -> Response:
    """GET /help"""
    return render.page("help/page.html")


def brand_css() -> Response:
    """GET /brand.css: the host's colours; nothing where it has none."""
    return Response(state_of().brand.stylesheet, mimetype="text/css")


def words(code: str) -> Response:
    """GET /words/CODE.js: what the scripts say by themselves, in this language; nothing in one that they do not speak."""
    language = find(code[:20])
    return Response(scripts.source(language) if language else "", mimetype="text/javascript")


def choose() -> Response:
    """POST /look: keep the theme, the language, or the columns of lists, in a cookie. The script does the theme by itself; this is for
    whoever has none."""
    form = request.form
    response = render.refreshed() or redirect(render.safe_back(form.get("back"), url_for("horizon.overview")), 303)
    if "columns" in form:
        chosen = "" if form["columns"] == "usual" else columns.spelt(form.getlist("column"))
        _keep(response, COLUMNS_COOKIE, chosen)
    elif "language" in form:
        chosen_language = find(form["language"][:20])
        _keep(response, LANGUAGE_COOKIE, chosen_language.code if chosen_language else "")
    else:
        theme = form.get("theme", "auto")
        _keep(response, THEME_COOKIE, theme if theme in THEMES else "auto")
    return response


def _keep(response: Response, cookie: str, value: str) -> None:
    response.set_cookie(cookie, value, max_age=YEAR, path=render.cookie_path(), samesite="Lax", secure=request.is_secure)
