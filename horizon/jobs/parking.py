"""Whether a store lets jobs without room wait by itself."""

from __future__ import annotations

import weakref

from horizon.backends.base import Backend
from horizon.core.errors import ComesLater

_PARKS: weakref.WeakKeyDictionary[Backend, bool] = weakref.WeakKeyDictionary()


def parks(store: Backend) -> bool:
    """Whether it does; where not, middleware sends such jobs back."""
    found = _PARKS.get(store)
    if found is None:
        try:
            store.limits.define([])
            found = True
        except ComesLater:
            found = False
        _PARKS[store] = found
    return found
