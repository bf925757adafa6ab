"""What a host adds to the dashboard: entries of the navigation, and panels on the overview.

Guest code is fenced: a panel that raises says so in its place, and the log has the trace; nothing else of the page is touched.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock

from flask import current_app, render_template, url_for
from markupsafe import Markup
from werkzeug.routing import BuildError

from horizon.core.clock import monotonic
from horizon.core.errors import ConfigurationError
from horizon.security.permissions import ROLES, Ability, Actor

PAGES = ("overview",)
"""Where panels can stand."""
MOST = 64_000
"""Characters of a panel; a page is to stay small."""
_ENDPOINT = re.compile(r"[A-Za-z_][\w.]*")
_TOLD: set[str] = set()
"""Endpoints that are known not to be there: said once, not with every page."""
log = logging.getLogger("horizon.web")


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One entry of the navigation."""

    title: str
    to: str
    """An endpoint of the host's, or an address."""
    icon: str = "link"
    role: str = "viewer"
    """The least role that sees it."""


@dataclass(kw_only=True, slots=True)
class Panel:
    """One panel."""

    what: str | Callable[[], object]
    """A template of the host's, or something that returns text."""
    title: str = ""
    every: float = 10.0
    """Seconds that what it said is shown to everybody; 0: it is asked anew each time."""
    role: str = "viewer"
    kept: Markup | None = None
    kept_until: float = 0.0
    lock: Lock = field(default_factory=Lock)


@dataclass(frozen=True, kw_only=True, slots=True)
class Drawn:
    """A panel as it is shown."""

    title: str
    html: Markup
    broken: bool = False


class Hooks:
    """What was added. One object may serve several apps; what it keeps belongs to none of them."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self.panels: dict[str, list[Panel]] = {}

    def nav(self, title: str, to: str, *, icon: str = "link", role: str = "viewer") -> None:
        """See `Horizon.nav`. Raises ConfigurationError."""
        if not title.strip() or role not in ROLES:
            raise ConfigurationError(f"an entry of the navigation has a title and a role among {', '.join(ROLES)}; got {title!r}, {role!r}")
        inside = to.startswith("/") and not to.startswith(("//", "/\\"))
        if not (inside or to.startswith(("https://", "http://")) or _ENDPOINT.fullmatch(to)):
            raise ConfigurationError(f"an entry of the navigation leads to an endpoint, a path or an https address; got {to[:80]!r}")
        if not re.fullmatch(r"[a-z0-9-]{1,40}", icon):
            raise ConfigurationError(f"an icon is a name of static/icons.svg, such as link, chart or package; got {icon[:40]!r}")
        self.entries.append(Entry(title=title, to=to, icon=icon, role=role))

    def panel(self, page: str, what: str | Callable[[], object], *, title: str = "", every: float = 10.0, role: str = "viewer") -> None:
        """See `Horizon.panel`. Raises ConfigurationError."""
        if page not in PAGES or not (callable(what) or isinstance(what, str)):
            raise ConfigurationError(
                f"a panel stands on {' or '.join(PAGES)}, and is the name of a template or a callable; got {page!r} and a {type(what).__name__}"
            )
        if role not in ROLES:
            raise ConfigurationError(f"a panel is seen from a role on, one of {', '.join(ROLES)}; got {role!r}")
        self.panels.setdefault(page, []).append(Panel(what=what, title=title, every=every, role=role))


def entries(hooks: Hooks, actor: Actor | None) -> list[tuple[Entry, str]]:
    """Those that this actor sees, each with its address; one whose endpoint is not there is left out, and logged."""
    found = []
    for entry in hooks.entries:
        address = _address(entry.to) if actor is not None and _sees(actor, entry.role) else None
        if address is not None:
            found.append((entry, address))
    return found


def panels(hooks: Hooks, page: str, actor: Actor) -> list[Drawn]:
    """Those of a page that this actor sees and that have something to say."""
    drawn = (_drawn(panel) for panel in hooks.panels.get(page, ()) if _sees(actor, panel.role))
    return [one for one in drawn if one is not None]


def _sees(actor: Actor, role: str) -> bool:
    order = list(ROLES)
    return actor.can(Ability.VIEW) and order.index(actor.role) >= order.index(role)


def _address(to: str) -> str | None:
    if not _ENDPOINT.fullmatch(to):
        return to
    try:
        return url_for(to)
    except BuildError:
        if to not in _TOLD:
            _TOLD.add(to)
            log.warning(
                "an entry of the navigation is left out: the app %r has no endpoint %r, or it takes arguments", current_app.name, to
            )
        return None


def _drawn(panel: Panel) -> Drawn | None:
    try:
        html = _said(panel)
    except Exception:
        log.exception("the panel %r of the app could not be drawn", panel.title or panel.what)
        return Drawn(title=panel.title, html=Markup(), broken=True)
    return Drawn(title=panel.title, html=html) if html else None


def _said(panel: Panel) -> Markup:
    with panel.lock:
        if panel.kept is not None and monotonic() < panel.kept_until:
            return panel.kept
        said = render_template(panel.what) if isinstance(panel.what, str) else panel.what()
        html = Markup(said) if isinstance(panel.what, str) else Markup.escape("" if said is None else said)
        if len(html) > MOST:
            raise ValueError(f"a panel has at most {MOST:,} characters, got {len(html):,}")
        panel.kept, panel.kept_until = html, monotonic() + panel.every
        return html
