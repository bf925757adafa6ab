"""The connections of one app, as configured: stores, names that fail over, names that run in the caller. Pure.

`HORIZON_CONNECTIONS` maps a name to an address, to a dict of options with a `url`, or to a list of names: the first of
them takes what is dispatched, the next ones while it is down.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from horizon.core.errors import ConfigurationError

DEFAULT = "default"
SYNC = "sync://"
"""The address of a connection that keeps nothing: its jobs run where they are dispatched."""
OPTIONS = ("url", "failover", "max_tries", "timeout", "backoff")


@dataclass(frozen=True, kw_only=True, slots=True)
class Connections:
    """What the names of an app mean."""

    stores: Mapping[str, Mapping[str, Any]]
    """Name to options, the default one first."""
    ways: Mapping[str, tuple[str, ...]]
    """Name to the stores that take its jobs, in order; of a plain store, itself alone."""
    here: frozenset[str]
    """Names whose jobs run in the caller."""

    def __iter__(self) -> Iterator[str]:
        return iter((*self.ways, *sorted(self.here)))

    def way(self, name: str) -> tuple[str, ...]:
        """The stores behind a name, the first choice first. Raises ConfigurationError for a name that is not configured."""
        found = self.ways.get(name)
        if found is not None:
            return found
        if name in self.here:
            raise ConfigurationError(
                f"the connection {name!r} runs jobs where they are dispatched and keeps nothing, so there is no store to ask"
            )
        raise ConfigurationError(
            f"there is no connection {name!r}; there are: {', '.join(self)}. Add it to HORIZON_CONNECTIONS, name to address"
        )


def parse(given: Mapping[str, Any], url: str) -> Connections:
    """From the setting; `url` is the address of the default store. Raises ConfigurationError for anything that is none."""
    stores: dict[str, Mapping[str, Any]] = {DEFAULT: {"url": url}}
    aliases: dict[str, tuple[str, ...]] = {}
    for name, value in given.items():
        if isinstance(value, (list, tuple)):
            aliases[name] = _names(name, value)
        else:
            stores[name] = _options(name, value, url)
    here = frozenset(name for name, options in stores.items() if options["url"] == SYNC)
    if DEFAULT in here or DEFAULT in aliases:
        raise ConfigurationError(
            "the connection 'default' is a store: everything that belongs to the installation lives there. "
            'For failover give it a dict: {"url": "redis://...", "failover": ["database"]}'
        )
    kept = {name: options for name, options in stores.items() if name not in here}
    ways = {name: (name, *_names(name, options.get("failover", ()))) for name, options in kept.items()}
    for name, members in (ways | aliases).items():
        _check(name, members, kept)
    return Connections(stores=kept, ways=ways | aliases, here=here)


def _options(name: str, value: object, url: str) -> Mapping[str, Any]:
    given = {"url": value} if isinstance(value, str) else value
    if not isinstance(given, Mapping) or not isinstance(given.get("url"), str) or not set(given) <= set(OPTIONS):
        raise ConfigurationError(
            f"HORIZON_CONNECTIONS[{name!r}] is an address, a list of other connections, or a dict of {', '.join(OPTIONS)} with at "
            f"least the url; got {value!r}"
        )
    if name == DEFAULT and given["url"] != url:
        raise ConfigurationError("the connection 'default' is set by HORIZON_URL; leave one of the two out, or make them the same")
    return given


def _names(name: str, value: object) -> tuple[str, ...]:
    names = (value,) if isinstance(value, str) else value
    if not isinstance(names, (list, tuple)) or not all(isinstance(one, str) for one in names):
        raise ConfigurationError(f"the failover of the connection {name!r} is a list of names of other connections; got {value!r}")
    return tuple(names)


def _check(name: str, members: tuple[str, ...], stores: Mapping[str, object]) -> None:
    unknown = [member for member in members if member not in stores]
    if unknown or not members or len(set(members)) < len(members):
        raise ConfigurationError(
            f"the connection {name!r} stands for the stores {', '.join(members) or '(none)'}; name each of these once: {', '.join(stores)}"
            + (f" ({', '.join(unknown)} is none of them)" if unknown else "")
        )
