"""What was cancelled and can still be put back to where it waited: by one act on many, with a group, or one by one."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice

from horizon.backends.base import Backend
from horizon.control import marks
from horizon.control.acting import MAX_REASON
from horizon.control.standing import stands
from horizon.core.audit import AuditEntry, AuditQuery
from horizon.core.clock import DAY, Micros
from horizon.core.group import GroupKind
from horizon.core.ids import is_id
from horizon.core.query import JobQuery
from horizon.core.record import Record
from horizon.core.states import JobState
from horizon.web.narrowing import Narrowing
from horizon.web.text import short_name

SHOWN = 10
"""Acts on many that are shown."""
SEARCHED = 30
"""And of which it is looked up whether any of their jobs is still cancelled."""
LOOKED = 100
"""Entries of the audit log that are looked at."""
SINGLES = 20
"""Jobs cancelled one by one that are shown, the latest."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Cancelled:
    """One act that cancelled many, and can be undone."""

    what: str
    by: str
    at: Micros
    count: int
    reason: str
    form: Mapping[str, str]
    """The fields of the form that undoes it."""
    group: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Single:
    """One job that somebody cancelled."""

    job: Record
    by: str
    at: Micros
    reason: str


ACTS: Narrowing[Cancelled | Single] = Narrowing(
    states={},
    words=lambda one: (one.by, one.reason, *((one.what,) if isinstance(one, Cancelled) else (one.job.name, one.job.id, one.job.queue, *one.job.tags))),
    keys={
        "class": lambda one: (one.job.name, short_name(one.job.name)) if isinstance(one, Single) else (),
        "queue": lambda one: (one.job.queue,) if isinstance(one, Single) else (),
        "tag": lambda one: one.job.tags if isinstance(one, Single) else (),
        "user": lambda one: (one.job.user,) if isinstance(one, Single) else (), "by": lambda one: (one.by,),
    },
    when=lambda one: one.at,
)  # fmt: skip
"""How the page narrows them, with the keys that removed jobs have."""


def both(store: Backend) -> tuple[list[Cancelled], list[Single]]:
    """Of the latest cancels of the past day: acts on many jobs, or on a group, of which any can still be put back; and single jobs."""
    log = store.audit.find(AuditQuery(verb="cancel", after=store.now() - DAY, limit=LOOKED)).items
    ids = tuple(id for entry in log if is_id(id := _first(entry)))
    known = {job.id: job for job in store.many(ids)} if ids else {}
    found = [told for entry in log if (told := of_entry(entry, known.get(_first(entry)))) is not None]
    many = (one for one in found if isinstance(one, Cancelled))
    alone = {one.job.id: one for one in reversed(found) if isinstance(one, Single)}
    standing = (one for one in islice(many, SEARCHED) if _stands(store, one))
    return list(islice(standing, SHOWN)), list(reversed(alone.values()))[:SINGLES]


def _first(entry: AuditEntry) -> str:
    """The id of the job that it names first, if it names any."""
    return entry.target.partition(" ")[0]


def _stands(store: Backend, one: Cancelled) -> bool:
    return stands(store, JobQuery(states=(JobState.CANCELLED,), reason=one.form["mark"]), one.at, one.count)


def of_entry(entry: AuditEntry, first: Record | None = None) -> Cancelled | Single | None:
    """What an entry of the audit log tells of a cancel; None where it left no mark, or where its only job is not cancelled any more.

    `first`: the job that it names, of an act on some that were named. Pure.
    """
    named = is_id(_first(entry))
    mark = (first.reason or "" if first is not None else "") if named else (entry.detail or "").removeprefix("reason ")
    told = marks.asked(mark) if len(mark) < MAX_REASON else None
    if told is None or entry.at is None:
        return None
    who, at, reason = told
    if first is not None and entry.target == first.id:
        return Single(job=first, by=who, at=at, reason=reason) if first.state is JobState.CANCELLED else None
    kind, _, id = entry.target.partition(":")
    group = kind in {one.value for one in GroupKind}
    form = {"do": f"uncancel:{id}"} if group else {"do": "retry", "keep_time": "1"}
    searched = re.sub(r"^states:", "state:", entry.target)  # as it is typed into a search
    return Cancelled(
        what=f"{kind} {id[:8]}" if group else searched, by=who, at=at, count=entry.count, reason=reason, form={**form, "mark": mark}, group=group
    )  # fmt: skip
