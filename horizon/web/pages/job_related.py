"""The jobs that have to do with this one, each found by its id or by an index."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from horizon.backends.base import Backend
from horizon.control.editing import FROM, made_from
from horizon.core.envelope import FOLLOW_UP
from horizon.core.ids import derived, is_id
from horizon.core.query import JobQuery
from horizon.core.record import Record

MOST = 5
ROUNDS = 20
_ID = re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b")


@dataclass(frozen=True, kw_only=True, slots=True)
class Related:
    """One of them."""

    how: str
    """In words: `Made from`, `Waits for`, `Waited for by`, `Has its unique key now` ..."""
    job: Record


def of(store: Backend, record: Record) -> tuple[Related, ...]:
    """Those that still exist, in the order of `how`."""
    wanted: dict[str, str] = {}
    if (origin := made_from(record)) is not None:
        wanted[origin] = "Made from"
    for id in (*record.waits_for[:MOST], *record.depends_on[:MOST]):
        wanted.setdefault(id, "Waits for" if id in record.waits_for else "Waited for")
    for id in record.dependants[:MOST]:
        wanted.setdefault(id, "Waited for by")
    if record.key_holder is not None:
        wanted.setdefault(record.key_holder, "Has its unique key now")
    if (failed := _follows(record)) is not None:
        wanted.setdefault(failed, "Calls failed() of")
    for round in range(max(0, record.round - ROUNDS), record.round + 1) if is_id(record.id) else ():
        wanted.setdefault(derived(record.id, f"failed:{round}"), "Its failed() is called by")
    for id in _ID.findall(record.reason or "")[:MOST]:
        wanted.setdefault(id, "Named in the reason")
    found = [Related(how=wanted[job.id], job=job) for job in store.many(list(wanted)) if job.id != record.id] if wanted else []
    again = store.find(JobQuery(tag=FROM + record.id, limit=MOST)).items
    return (*found, *(Related(how="Made from this one", job=job) for job in again))


def _follows(record: Record) -> str | None:
    """The job whose `failed()` this one calls."""
    if record.name != FOLLOW_UP:
        return None
    try:
        id = json.loads(record.payload or b"")["args"]["job_id"]
    except (ValueError, KeyError, TypeError):
        return None
    return id if isinstance(id, str) and is_id(id) else None
