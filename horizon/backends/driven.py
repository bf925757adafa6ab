"""What every store asks of an operation before it drives it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields

from horizon.backends.values import ActParams, Verb
from horizon.core.errors import InvalidOption, UnknownAction


def parsed(verb: str, params: Mapping[str, object]) -> tuple[Verb, ActParams]:
    """The verb and its parameters as values. Raises UnknownAction, InvalidOption."""
    if verb not in set(Verb):
        raise UnknownAction(f"an operation's verb is one of {', '.join(Verb)}; got {verb!r}")
    known = {field.name for field in fields(ActParams)}
    if unknown := sorted(set(params) - known):
        raise InvalidOption(f"an operation takes the parameters {', '.join(sorted(known))}; got {', '.join(unknown)}")
    return Verb(verb), ActParams(**params)  # type: ignore[arg-type]
