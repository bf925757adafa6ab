"""What every store asks of an act, and of an operation before it drives it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields

from horizon.backends.values import ActParams, Verb
from horizon.core import dead
from horizon.core.errors import InvalidOption, UnknownAction
from horizon.core.states import MAX_PRIORITY, MIN_PRIORITY


def parsed(verb: str, params: Mapping[str, object]) -> tuple[Verb, ActParams]:
    """The verb and its parameters as values. Raises UnknownAction, InvalidOption."""
    if verb not in set(Verb):
        raise UnknownAction(f"an operation's verb is one of {', '.join(Verb)}; got {verb!r}")
    known = {field.name for field in fields(ActParams)}
    if unknown := sorted(set(params) - known):
        raise InvalidOption(f"an operation takes the parameters {', '.join(sorted(known))}; got {', '.join(unknown)}")
    return Verb(verb), ActParams(**params)  # type: ignore[arg-type]


def check(verb: Verb, params: ActParams) -> None:
    """Refuse a verb without what it needs. Raises InvalidOption."""
    needed = {Verb.RESCHEDULE: "at", Verb.PRIORITIZE: "priority", Verb.MOVE: "queue"}.get(verb)
    if needed is not None and getattr(params, needed) is None:
        raise InvalidOption(f"{verb} needs `{needed}`, which was not given")
    if params.priority is not None and not MIN_PRIORITY <= params.priority <= MAX_PRIORITY:
        raise InvalidOption(f"a priority is from {MIN_PRIORITY} to {MAX_PRIORITY}, got {params.priority}")
    if params.queue is not None:
        dead.refuse(params.queue)
