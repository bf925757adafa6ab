"""What was said of causes of failure, as it is stored: notes of the default connection, and what older versions kept in the audit log."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from horizon.backends.base import Backend
from horizon.core.audit import AuditQuery
from horizon.core.errors import BackendUnavailable
from horizon.monitor import triage
from horizon.monitor.triage import KIND, Act, Said, Word

OLD_VERB = "resolve"
"""Under which resolutions stood in the audit log before there were notes; nobody writes it any more."""
MARK = "cause:"
REMEMBERED = 500
"""The latest of them that are looked at."""


class Stores(Protocol):
    """What is needed of a runtime."""

    def backend(self, connection: str | None = None) -> Backend:
        """The store of a connection; None: the default one."""


def of_all(stores: Stores) -> dict[str, Said]:
    """By cause, what was said; nothing where the store that keeps it does not answer, which is told elsewhere."""
    try:
        store = stores.backend()
        return {**_of_log(store), **_of_notes(store)}
    except BackendUnavailable:
        return {}


def of(stores: Stores, cause: str) -> Said | None:
    """Of one cause."""
    store = stores.backend()
    note = store.notes.get(KIND, cause) if cause else None
    said = None if note is None else triage.read(note.body, note.version)
    return said or _of_log(store).get(cause)


class Words:
    """What was said, for whoever asks every second: the log, to which no such entry is added any more, is read once."""

    def __init__(self) -> None:
        self._log: Mapping[str, Said] | None = None

    def of_all(self, store: Backend) -> dict[str, Said]:
        """By cause, what was said."""
        if self._log is None:
            self._log = _of_log(store)
        return {**self._log, **_of_notes(store)}


def _of_notes(store: Backend) -> Mapping[str, Said]:
    read = ((note.name, triage.read(note.body, note.version)) for note in store.notes.all(KIND))
    return {cause: said for cause, said in read if said is not None}


def _of_log(store: Backend) -> Mapping[str, Said]:
    found: dict[str, Said] = {}
    for one in store.audit.find(AuditQuery(verb=OLD_VERB, limit=REMEMBERED)).items:
        if one.at is not None and one.target.startswith(MARK):
            act = Act(word=Word.RESOLVE, at=one.at, by=one.actor, note=one.detail or "")
            found.setdefault(one.target.removeprefix(MARK), Said(last=act))
    return found
