"""The jobs of this process by name: filled as classes are made, asked by workers and the API. Nothing is ever imported."""

from __future__ import annotations

import threading
from collections.abc import Sequence

from horizon.core.errors import InvalidOption, UnknownJobName
from horizon.jobs.classes import name_of
from horizon.jobs.shape import Shape


class Registry:
    """Names (and former names) → classes."""

    def __init__(self) -> None:
        self._classes: dict[str, type[Shape]] = {}
        self._names: list[str] = []
        self._lock = threading.Lock()

    def add(self, cls: type[Shape], name: str, aliases: Sequence[str] = ()) -> None:
        """Make a class known. The same class made again (a reload) takes its place.

        Raises InvalidOption where another class has the name or one of the aliases.
        """
        with self._lock:
            for word in (name, *aliases):
                holder = self._classes.get(word)
                if holder is not None and name_of(holder) != name_of(cls):
                    raise InvalidOption(
                        f"two jobs are named {word!r}: {name_of(holder)} and {name_of(cls)}; give one of them another `name` (or alias)"
                    )
            for word in (name, *aliases):
                self._classes[word] = cls
            if name not in self._names:
                self._names.append(name)

    def find(self, name: str) -> type[Shape] | None:
        """The class stored under this name, now or formerly; None where no module loaded here defines it."""
        return self._classes.get(name)

    def require(self, name: str) -> type[Shape]:
        """Like `find`, but raises UnknownJobName with the nearest names there are."""
        found = self._classes.get(name)
        if found is None:
            import difflib

            last = name.rpartition(":")[2]
            near = [one for one in self._names if one.rpartition(":")[2] == last][:3] or difflib.get_close_matches(name, self._names, 3)
            if not near:
                raise UnknownJobName(f"no job is registered as {name!r}; is its module in HORIZON_IMPORTS?")
            alike = ", ".join(near)
            raise UnknownJobName(f"no job is registered as {name!r}; did you mean {alike}?")
        return found

    def every_name(self) -> Sequence[str]:
        """Present names and former ones: all under which a stored job finds its class."""
        return sorted(self._classes)

    def names(self) -> Sequence[str]:
        """Every present name, in alphabetical order."""
        return sorted(self._names)


REGISTRY = Registry()
"""The process's own: a class belongs to the process, not to an app."""
