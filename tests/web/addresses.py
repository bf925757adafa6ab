"""Every address of the dashboard, with something real put where its rule has a hole: for whoever wants to go to all of them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from flask import Flask

HOLE = re.compile(r"<(?:[a-z]+:)?([a-z_]+)>")


def addresses(app: Flask, fill: Mapping[str, str], *, default: str = "x") -> Iterator[tuple[str, str, str]]:
    """(method, path, endpoint without the blueprint) of every route. `fill` says what to put, by `endpoint.hole` or `hole`."""
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule):
        blueprint, _, endpoint = rule.endpoint.rpartition(".")
        if blueprint != "horizon":
            continue

        def put(hole: re.Match[str], endpoint: str = endpoint) -> str:
            return fill.get(f"{endpoint}.{hole[1]}", fill.get(hole[1], default))

        path = HOLE.sub(put, rule.rule)
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield method, path, endpoint
