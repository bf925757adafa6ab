"""One row of the table of routes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from horizon.security.permissions import Ability


@dataclass(frozen=True, kw_only=True, slots=True)
class Route:
    """A view with its address and what somebody must be able to do to ask for it. `endpoint` begins with `api_`."""

    endpoint: str
    rule: str
    view: Callable[..., Any]
    methods: tuple[str, ...] = ("GET",)
    ability: Ability = Ability.VIEW
    open: bool = False
    """Answered to anybody, so it must reveal nothing."""
