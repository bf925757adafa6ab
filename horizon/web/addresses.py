"""Addresses of our pages, for less: a page links to a hundred places, and most of them differ in their query only."""

from __future__ import annotations

import re
from urllib.parse import quote_plus

from flask import current_app, g, url_for

OURS = "horizon."
"""What the names of our endpoints begin with."""
SAFE = "!$'()*,/:;?@"
"""Characters that a query holds as they are, as Werkzeug has it."""
_PLAIN = re.compile(r"[\w.~!$'()*,/:;?@-]*", re.ASCII)


class Addresses:
    """Of one request. What stands before a query is asked of Flask once, so that what the host adds to addresses counts."""

    def __init__(self) -> None:
        self._arguments: dict[str, frozenset[str]] = {}
        self._paths: dict[tuple[object, ...], str] = {}

    def to(self, endpoint: str, values: dict[str, object]) -> str:
        """As `url_for`."""
        arguments = self._arguments_of(endpoint)
        query: list[str] = []
        for name, value in values.items():
            if name.startswith("_") or isinstance(value, (list, tuple)):
                return url_for(endpoint, **values)  # type: ignore[arg-type]
            if value is not None and name not in arguments:
                query.append(f"{name}={spelt(str(value))}")
        path = self._path(endpoint, {name: values[name] for name in arguments if name in values})
        if not query:
            return path
        return url_for(endpoint, **values) if "?" in path else f"{path}?{'&'.join(query)}"  # type: ignore[arg-type]

    def _arguments_of(self, endpoint: str) -> frozenset[str]:
        """Those that stand in the path."""
        found = self._arguments.get(endpoint)
        if found is None:
            rules = current_app.url_map.iter_rules(endpoint)
            self._arguments[endpoint] = found = frozenset(name for rule in rules for name in rule.arguments)
        return found

    def _path(self, endpoint: str, within: dict[str, object]) -> str:
        key = (endpoint, *within.values())
        if key not in self._paths:
            self._paths[key] = url_for(endpoint, **within)  # type: ignore[arg-type]
        return self._paths[key]


def to(endpoint: str, **values: object) -> str:
    """As `url_for`, within a request."""
    if not endpoint.startswith(OURS):
        return url_for(endpoint, **values)  # type: ignore[arg-type]
    known: Addresses | None = g.get("_horizon_addresses")
    if known is None:
        g._horizon_addresses = known = Addresses()
    return known.to(endpoint, values)


def spelt(value: str) -> str:
    """A value as a query holds it. Pure."""
    return value if _PLAIN.fullmatch(value) else quote_plus(value, SAFE)
