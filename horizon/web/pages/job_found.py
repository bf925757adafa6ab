"""The job that an address names."""

from __future__ import annotations

from horizon.backends.base import Backend
from horizon.core.errors import NotFound
from horizon.core.record import Record


def find(store: Backend, id: str) -> Record:
    """The job of an address. Raises NotFound."""
    record = store.get(id)
    if record is None:
        raise NotFound(f"there is no job {id[:40]!r}; it may have been removed after the time it was to be kept")
    return record
