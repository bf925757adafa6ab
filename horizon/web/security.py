"""What every answer carries and every change must prove, decided in pure functions.

1. A change comes from one of our own pages, or from a program: `cross_site` tells the rest.
2. Headers: a strict content policy, no sniffing, no framing, no referrer for others, nothing kept by caches.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from ipaddress import ip_address
from urllib.parse import urlsplit

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": CSP,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # `no-referrer` would make browsers send `Origin: null` with a plain form, which is what an attacker's page can
    # send too; this one tells other sites just as little
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
NO_STORE = "no-store"
FOREVER = "public, max-age=31536000, immutable"
"""For static files asked for with their version: another version has another address."""
VARY = ("Cookie", "Authorization", "HX-Request")

_FORWARDED = frozenset({"forwarded", "via", "cdn-loop"})
_FORWARDED_PART = re.compile(r"x-forwarded|x-original|x-envoy|client-?ip|real-?ip|connecting-?ip|user-?ip|cf-ray")
"""Parts of names under which proxies tell whom they speak for."""
_HOST = re.compile(r"(?P<name>[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?")


def with_pictures_of(origin: str) -> str:
    """The content policy, with pictures from one more place: where the host's logo is."""
    return CSP.replace("img-src 'self'", f"img-src 'self' {origin}")


def cross_site(method: str, headers: Mapping[str, str], host: str) -> str | None:
    """Why this request must not change anything, or None where it may.

    Browsers say where a request comes from: Sec-Fetch-Site, else Origin, else Referer. A request with a bearer token
    or a JSON body cannot be sent by another site's page without asking first (a CORS preflight, which nobody answers),
    so a program that says nothing about its origin is let through with one of those.
    """
    if method in SAFE_METHODS or _bearer(headers):
        return None
    site = headers.get("Sec-Fetch-Site")
    if site is not None:
        return None if site in ("same-origin", "none") else f"it comes from another site (Sec-Fetch-Site: {site})"
    origin = headers.get("Origin") or headers.get("Referer")
    if origin is not None:
        return None if _netloc(origin) == host.lower() else f"it comes from {_netloc(origin) or origin!r}, not from {host}"
    if headers.get("Content-Type", "").split(";")[0].strip().lower() == "application/json":
        return None
    return "it does not say where it comes from (no Sec-Fetch-Site, Origin or Referer); programs send JSON or a bearer token"


def _bearer(headers: Mapping[str, str]) -> bool:
    return headers.get("Authorization", "").lower().startswith("bearer ")


def _netloc(url: str) -> str:
    try:
        return urlsplit(url).netloc.lower()
    except ValueError:
        return ""


def is_loopback(address: str | None) -> bool:
    """True for an address of this machine that no other can have."""
    try:
        found = ip_address(address or "")
    except ValueError:
        return False
    # a socket that listens on both protocols shows IPv4 peers as ::ffff:127.0.0.1
    return (getattr(found, "ipv4_mapped", None) or found).is_loopback


def is_loopback_host(host: str | None) -> bool:
    """True for a Host header that names this machine: `localhost`, 127.x.x.x or [::1], with or without a port.

    Any other name may be an attacker's that was pointed at 127.0.0.1 (DNS rebinding).
    """
    found = _HOST.fullmatch(host or "")
    name = found["name"].lower().strip("[]") if found else ""
    return name == "localhost" or is_loopback(name)


def was_forwarded(headers: Mapping[str, str]) -> bool:
    """True where a proxy stands in between, so that the peer's address says nothing about the visitor."""
    names = [name.lower() for name in headers.keys()]  # noqa: SIM118 - werkzeug iterates pairs
    return any(name in _FORWARDED or _FORWARDED_PART.search(name) for name in names)


def is_this_machine(peer: str | None, headers: Mapping[str, str]) -> bool:
    """True where somebody at this machine asks it by its own name, with nothing in between."""
    return is_loopback(peer) and is_loopback_host(headers.get("Host")) and not was_forwarded(headers)
