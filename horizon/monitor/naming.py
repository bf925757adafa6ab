"""Which jobs a name means: a class, its registered name, a former one, or the bare name of the class. Pure."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from horizon.core.errors import InvalidOption, NotFound
from horizon.jobs.classes import name_of
from horizon.jobs.function import JobFunction
from horizon.jobs.naming import stored_name
from horizon.jobs.registry import Registry


@dataclass(frozen=True, kw_only=True, slots=True)
class Names:
    """Every job there is, whether its class is loaded here, its jobs are stored, or both."""

    stored_as: Mapping[str, tuple[str, ...]]
    """Present name → every name under which its jobs are stored."""
    used: frozenset[str]
    """Present names of those that have ever been stored, as far as the store remembers."""


def by_present_name(registry: Registry, stored: Iterable[str]) -> Names:
    """What the classes loaded here and the names in a store come to."""
    found: dict[str, dict[str, None]] = {}
    there = list(stored)
    for name in sorted({*registry.names(), *there}):
        found.setdefault(present(registry, name), {})[name] = None
    stored_as = {name: tuple(names) for name, names in found.items()}
    return Names(stored_as=stored_as, used=frozenset(present(registry, name) for name in there))


def present(registry: Registry, name: str) -> str:
    """The name a class has now, given the one its jobs were stored under."""
    cls = registry.find(name)
    return name if cls is None else stored_name(cls)


def name_meant(given: object, registry: Registry, names: Names) -> str:
    """The present name that `given` means: a job class, a `@job` function, or a name of either.

    Of several classes with the same bare name, one whose jobs are stored goes before those that never ran; where none ever
    did, all of them have the same figures. Raises NotFound with the nearest names, InvalidOption where it stays open.
    """
    if isinstance(given, JobFunction):
        given = given.job_class
    if isinstance(given, type) and stored_name(given) in names.stored_as:
        return stored_name(given)
    if not isinstance(given, str) or not given:
        raise InvalidOption(f"expected a job class, a @job function or the name of one, got {given!r}")
    fitting = _fitting(given, registry, names)
    if not fitting:
        raise _unknown(given, registry, names.stored_as)
    ran = [name for name in fitting if name in names.used]
    if len(ran) > 1:
        raise InvalidOption(f"{len(ran)} jobs are called {given}: {', '.join(ran[:5])}; name one of them in full")
    return (ran or fitting)[0]


def _fitting(given: str, registry: Registry, names: Names) -> list[str]:
    whole = [name for name, stored in names.stored_as.items() if given in (name, *stored)]
    return whole or [name for name in names.stored_as if given in _short(name, registry)]


def _short(name: str, registry: Registry) -> set[str]:
    """What people call it for short: the class as it stands in the name, and as it stands in the code."""
    words = {bare(name)}
    cls = registry.find(name)
    return words if cls is None else {*words, bare(name_of(cls))}


def bare(name: str) -> str:
    """The class of a registered name: `SendEmail` of `shop.jobs:SendEmail`."""
    return name.rpartition(":")[2].rpartition(".")[2] or name


def _unknown(given: str, registry: Registry, names: Collection[str]) -> NotFound:
    words = {word: name for name in names for word in (name, *_short(name, registry))}
    near = list(dict.fromkeys(words[word] for word in difflib.get_close_matches(given, words, 3)))
    if near:
        hint = f"did you mean {' or '.join(near)}?"
    elif names:
        hint = f"there are: {', '.join(list(names)[:8])}{' ...' if len(names) > 8 else ''}"
    else:
        hint = "no job is registered here and none was ever stored; is its module in HORIZON_IMPORTS?"
    return NotFound(f"there is no job called {given[:80]!r}; {hint}")
