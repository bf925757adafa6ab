"""When which version of the code came into use: a note is kept once for each version that a worker says it runs."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from horizon.backends.base import Backend
from horizon.backends.notes import LONGEST_NAME, NoteChange
from horizon.backends.values import SessionRecord
from horizon.core.clock import DAY, Micros

KIND = "deploy"
KEPT: Micros = 120 * DAY
"""For so long a mark stands: no chart goes back farther."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Deploy:
    """A version of the code, and since when workers have run it."""

    version: str
    at: Micros
    host: str
    """Of the first worker that had it."""


def noted(store: Backend, since: Micros) -> Sequence[Deploy]:
    """Versions that came into use from a time on, oldest first. Raises BackendUnavailable."""
    found = (_read(note.name, note.body) for note in store.notes.all(KIND))
    return sorted((one for one in found if one.at >= since), key=lambda one: (one.at, one.version))


def unseen(workers: Iterable[SessionRecord], known: Collection[str]) -> list[NoteChange]:
    """The notes to write about versions that are not known yet: each since the first of its workers started. Pure."""
    first: dict[str, SessionRecord] = {}
    for worker in sorted(workers, key=lambda one: one.started_at):
        version = (worker.info.code_version or "")[:LONGEST_NAME]
        if version and version not in known:
            first.setdefault(version, worker)
    return [
        NoteChange(
            kind=KIND,
            name=version,
            body=json.dumps({"at": one.started_at, "host": one.info.host}),
            version=0,
            until=one.started_at + KEPT,
        )
        for version, one in first.items()
    ]


def _read(version: str, body: str) -> Deploy:
    said = json.loads(body)
    return Deploy(version=version, at=int(said["at"]), host=str(said["host"]))
