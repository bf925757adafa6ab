"""Who looks, as far as the look depends on it: their time zone, theme and language, kept in cookies by the page itself."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

from flask import Request

from horizon.web.i18n.language import ENGLISH, Language, choose

ZONE_COOKIE = "horizon_tz"
THEME_COOKIE = "horizon_theme"
LANGUAGE_COOKIE = "horizon_lang"
COLUMNS_COOKIE = "horizon_columns"
THEMES = ("auto", "light", "dark")
_COLUMNS = re.compile(r"[a-z]{1,12}(\.[a-z]{1,12}){0,19}")
_ZONE = re.compile(r"[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+){0,2}")


@dataclass(frozen=True, kw_only=True, slots=True)
class Viewer:
    """What the cookies say; anything unknown counts as not said."""

    zone: tzinfo = UTC
    zone_name: str = "UTC"
    zone_fixed: bool = False
    """It is the app's choice."""
    theme: str = "auto"
    columns: tuple[str, ...] | None = None
    """Of lists of jobs, by their keys; None: nothing was chosen."""
    language: Language = ENGLISH

    @classmethod
    def of(cls, request: Request, language: str = "", fixed_zone: str | None = None) -> Viewer:
        """From a request. language: what the app says, for whoever chose none; fixed_zone: the zone that it says for everybody."""
        name = fixed_zone or request.cookies.get(ZONE_COOKIE, "")
        zone = find_zone(name)
        theme = request.cookies.get(THEME_COOKIE, "auto")
        kept = request.cookies.get(COLUMNS_COOKIE, "")
        return cls(
            zone=zone or UTC,
            zone_name=name if zone else "UTC",
            zone_fixed=bool(fixed_zone),
            theme=theme if theme in THEMES else "auto",
            columns=tuple(kept.split(".")) if _COLUMNS.fullmatch(kept) else None,
            language=choose(request.cookies.get(LANGUAGE_COOKIE, "")[:20], language, request.headers.get("Accept-Language", "")),
        )


@lru_cache(maxsize=64)
def find_zone(name: str) -> tzinfo | None:
    """A zone by its IANA name, None where there is none: a cookie is foreign text, and would name a path."""
    if len(name) > 64 or not _ZONE.fullmatch(name):
        return None
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return None
