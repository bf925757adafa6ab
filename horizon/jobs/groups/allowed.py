"""How many failures a batch bears, as people write it."""

from __future__ import annotations

import math

from horizon.core.errors import InvalidOption

_EXPECTED = 'allow_failures takes how many jobs may fail: a number, a share such as "10%" or 0.1, True for any number or False for none'


def allowed(given: int | float | str | bool) -> tuple[float | None, bool]:
    """(a number of failures or a share of all jobs, whether any number is borne). Raises InvalidOption."""
    if isinstance(given, bool):
        return None, given
    if isinstance(given, int) and given >= 0:
        return given, False
    share = given if isinstance(given, float) else _percent(given)
    if share is None or not math.isfinite(share) or not 0 <= share <= 1:
        raise InvalidOption(f"{_EXPECTED}; got {given!r}")
    return share, False


def _percent(given: object) -> float | None:
    if not isinstance(given, str) or not given.strip().endswith("%"):
        return None
    try:
        return float(given.strip()[:-1]) / 100
    except ValueError:
        return None
