"""Whose dashboard this is: name, logo, accent colour and environment, as the host's settings say."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from horizon.core.errors import ConfigurationError
from horizon.core.settings import Settings
from horizon.web import accent

PRODUCTION = frozenset({"production", "prod", "live"})
CAREFUL = frozenset({"staging", "stage", "preproduction", "preprod", "uat", "acceptance", "qa"})
LONGEST = 24
"""Characters of an environment's word, and twice as many of a name: they stand in a narrow place."""
_HOST = re.compile(r"[A-Za-z0-9.-]+(:[0-9]{1,5})?")


@dataclass(frozen=True, kw_only=True, slots=True)
class Brand:
    """What stands in the corner."""

    name: str = "Horizon"
    logo: str = ""
    """An address; empty: ours."""
    logo_origin: str = ""
    """Where else than here it comes from, for the content policy."""
    environment: str = ""
    tone: str = ""
    """`stop` for production, `warn` for what comes before it, `calm` for the others."""
    stylesheet: str = ""
    """Colours of its own; empty: ours."""

    @property
    def version(self) -> str:
        """Of the stylesheet."""
        return hashlib.blake2s(self.stylesheet.encode(), digest_size=4).hexdigest()


def brand(settings: Settings) -> Brand:
    """As the settings say. Raises ConfigurationError, saying what would do."""
    logo, origin = _logo(settings.LOGO or "")
    word = (settings.ENVIRONMENT or "").strip()
    return Brand(
        name=_short(settings.BRAND, "BRAND", 2 * LONGEST) or "Horizon", logo=logo, logo_origin=origin,
        environment=_short(word, "ENVIRONMENT", LONGEST), tone=tone(word), stylesheet=_stylesheet(settings.ACCENT or ""),
    )  # fmt: skip


def tone(word: str) -> str:
    """How loud the word of an environment is."""
    known = word.lower()
    return "" if not word else "stop" if known in PRODUCTION else "warn" if known in CAREFUL else "calm"


def _short(text: str | None, name: str, most: int) -> str:
    given = (text or "").strip()
    if len(given) > most:
        raise ConfigurationError(
            f"HORIZON_{name} has at most {most} characters, since it stands in the corner of every page; got {len(given)}"
        )
    return given


def _logo(given: str) -> tuple[str, str]:
    """(address, origin where it is not ours). Nothing else than a path of this site or an https address will do."""
    parts = urlsplit(given)
    if not given or (given.startswith("/") and not given.startswith(("//", "/\\")) and not re.search(r"[\s\\]", given)):
        return given, ""
    if parts.scheme == "https" and _HOST.fullmatch(parts.netloc) and not re.search(r"[\s;,\\]", given):
        return given, f"https://{parts.netloc}"
    raise ConfigurationError(
        f"HORIZON_LOGO is a path of this site, such as /static/logo.svg, or an address that begins with https://; got {given[:80]!r}"
    )


def _stylesheet(given: str) -> str:
    if not given:
        return ""
    colour = accent.parse(given.strip())
    if colour is None:
        raise ConfigurationError(f"HORIZON_ACCENT is a colour such as #0b7285; got {given[:40]!r}")
    return accent.stylesheet(colour)
