"""The groups that a job belongs to, and those that it follows."""

from __future__ import annotations

from dataclasses import dataclass

from horizon.backends.base import Backend
from horizon.control.acting import backend_of
from horizon.core.group import GroupKind, GroupRecord
from horizon.core.record import Record
from horizon.jobs.groups.pushing import GATE
from horizon.monitor.groups_graph import MOST, graph
from horizon.web.pages import frame
from horizon.web.pages.group import around

MOST_FOLLOWED = 3


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """One group around a job."""

    group: GroupRecord
    step: int | None = None
    """Where the job, or the group inside that holds it, stands; of a batch it is nowhere in particular."""


def places(record: Record) -> list[Place]:
    """The groups around a job, the innermost first."""
    if record.group is None:
        return []
    store = backend_of(frame.stores(), record.connection)
    own = store.groups.get(record.group)
    if own is None:
        return []
    found, inside = list[Place](), record.id
    for group in (own, *reversed(around(store, own))):
        found.append(Place(group=group, step=_step(store, group, inside)))
        inside = group.id
    return found


def _step(store: Backend, group: GroupRecord, inside: str) -> int | None:
    return None if group.kind is not GroupKind.CHAIN or group.total > MOST else graph(store, group).number_of(inside)


def followed(record: Record) -> list[GroupRecord]:
    """The groups that a job waits for or waited for: it is a callback of theirs, or the step after them."""
    groups = backend_of(frame.stores(), record.connection).groups
    jobs = set(record.depends_on)
    asked = [id for id in groups.parents(record.id) if id not in jobs][-MOST_FOLLOWED:]
    return [found for id in asked if (found := groups.get(id)) is not None and GATE not in found.options]
