"""How much of a job's data whoever asks is shown: the one way by which pages, API and exports come to it."""

from __future__ import annotations

from collections.abc import Sequence

from flask import has_request_context

from horizon.core.errors import PermissionDenied
from horizon.core.query import JobQuery
from horizon.jobs.registry import REGISTRY
from horizon.security.payloads import Sight, may_see_payloads
from horizon.security.permissions import Actor
from horizon.web.auth import current_actor
from horizon.web.state import state_of


def of(name: str) -> Sight:
    """What the actor of this request sees of jobs registered under this name."""
    state = state_of()
    state.imports.ensure()  # the class says what of it is secret
    return sight(name, current_actor(), state.settings.REDACT)


def check_search(query: JobQuery) -> None:
    """Raise PermissionDenied where somebody who may not see arguments looks for what is in them: answers would tell."""
    if query.arg is not None and has_request_context() and not may_see_payloads(current_actor()):
        raise PermissionDenied(f"{current_actor().name} may not see arguments (HORIZON_PAYLOADS), nor search them with arg:")


def sight(name: str, actor: Actor, redact: Sequence[str]) -> Sight:
    """What an actor sees of jobs of this name; `redact`: what the settings add to the names of secrets."""
    return Sight(full=may_see_payloads(actor), secret=(*redact, *redacted_by(name)))


def redacted_by(name: str) -> tuple[str, ...]:
    """What a class says is secret (`redact = ("card",)`); nothing where no class of this name is loaded."""
    found = REGISTRY.find(name)
    return tuple(found.redact) if found is not None else ()
