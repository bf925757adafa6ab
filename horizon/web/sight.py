"""How much of a job's data and words whoever asks is shown: the one way by which pages, API and exports come to them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cache

from flask import has_request_context

from horizon.backends.values import Cause
from horizon.core.errors import PermissionDenied
from horizon.core.group import GroupRecord
from horizon.core.query import JobQuery, Page
from horizon.core.record import Record
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


def looker() -> Callable[[str], Sight]:
    """What the actor of this request sees of jobs of a name; good for many rows, and after the request too."""
    state, actor = state_of(), current_actor()
    state.imports.ensure()
    redact = state.settings.REDACT
    return cache(lambda name: sight(name, actor, redact))


def records(found: Iterable[Record]) -> list[Record]:
    """Jobs of a list, as the actor of this request sees them."""
    sees = looker()
    return [sees(record.name).record(record) for record in found]


def groups(found: Iterable[GroupRecord]) -> list[GroupRecord]:
    """Groups, with what failed first in them and what they were given as the actor of this request sees it."""
    seen = of("")
    return [_group(one, seen) for one in found]


def _group(one: GroupRecord, seen: Sight) -> GroupRecord:
    first = one.first_failure
    told = first and replace(first, message=first.message and seen.text(first.message))
    options = seen.data(dict(one.options)) if one.options else {}
    return replace(one, first_failure=told, options=options if isinstance(options, Mapping) else {})


def page(found: Page) -> Page:
    """A page of them."""
    return replace(found, items=records(found.items))


def causes(found: Iterable[Cause]) -> list[Cause]:
    """The same of causes of failure."""
    sees = looker()
    return [replace(one, message=sees(one.name).text(one.message)) for one in found]


def as_asked(query: JobQuery) -> JobQuery:
    """The query as the actor of this request may ask it: its answers must not tell what they may not see.

    Raises PermissionDenied where somebody who may not see data looks for what is in it, or in the words of jobs.
    """
    if not has_request_context():
        return query
    if may_see_payloads(current_actor()):
        return query if query.arg is None else replace(query, secret=_secret())
    for asked, what, key in ((query.arg, "arguments", "arg"), (query.error, "what exceptions say", "error")):
        if asked is not None:
            raise PermissionDenied(f"{current_actor().name} may not see {what} (HORIZON_PAYLOADS), nor search for it with {key}:")
    return replace(query, wordless=True) if query.text else query


def sees_data() -> bool:
    """Whether the actor of this request may see what jobs were given, and what exceptions say; outside of one, yes."""
    return not has_request_context() or may_see_payloads(current_actor())


def _secret() -> tuple[tuple[str, tuple[str, ...]], ...]:
    """What settings and classes add to the names of secrets."""
    state = state_of()
    state.imports.ensure()
    by_class = ((name, redacted_by(name)) for name in REGISTRY.names())
    return (("", tuple(state.settings.REDACT)), *((name, names) for name, names in by_class if names))


def sight(name: str, actor: Actor, redact: Sequence[str]) -> Sight:
    """What an actor sees of jobs of this name; `redact`: what the settings add to the names of secrets."""
    return Sight(full=may_see_payloads(actor), secret=(*redact, *redacted_by(name)))


def redacted_by(name: str) -> tuple[str, ...]:
    """What a class says is secret (`redact = ("card",)`); nothing where no class of this name is loaded."""
    found = REGISTRY.find(name)
    return tuple(found.redact) if found is not None else ()
