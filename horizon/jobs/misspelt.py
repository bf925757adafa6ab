"""Options of a class that were probably meant, but written in another way: `weigth = 4` would otherwise say nothing to anybody."""

from __future__ import annotations

import warnings
from collections import Counter

from horizon.core.errors import ComesLater, InvalidOption
from horizon.jobs import options

SHORTEST = 4
"""Letters; shorter words are like too many others."""
FEW = 3
"""So many letters may be missing or too many."""


def wonder(cls: type) -> None:
    """Warn of each attribute of the class's own body that is nearly an option's name, and whose value that option would take."""
    for key, value in list(vars(cls).items()):
        if key in options.ALL or key.startswith("_") or len(key) < SHORTEST or callable(value):
            continue
        if (near := _nearest(key)) and _takes(near, value):
            warnings.warn(
                f"{cls.__module__}.{cls.__qualname__} has an attribute {key!r}, which is no option; did you mean {near!r}?", stacklevel=3
            )


def _nearest(key: str) -> str | None:
    """The option whose name is nearly this one; the letters are looked at first, since most attributes are like none."""
    letters = Counter(key)
    alike = [name for name in options.ALL if ((letters - Counter(name)) + (Counter(name) - letters)).total() <= FEW]
    if not alike:
        return None
    import difflib  # here, so that a module that only defines jobs stays light

    return next(iter(difflib.get_close_matches(key, alike, 1, 0.8)), None)


def _takes(name: str, value: object) -> bool:
    try:
        options.ALL[name](value)
    except (InvalidOption, ComesLater):
        return False
    return True
