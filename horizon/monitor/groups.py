"""To which batch and which chain jobs belong: their group, or one of those around it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple, Protocol

from horizon.core.group import GroupKind, GroupRecord
from horizon.core.record import Record


class Home(NamedTuple):
    """The nearest of each kind around a job."""

    batch: str | None = None
    chain: str | None = None
    workflow: str | None = None


NOWHERE = Home()


class Reads(Protocol):
    """A store, or several as one."""

    @property
    def groups(self) -> ReadsGroups:
        """Its groups."""


class ReadsGroups(Protocol):
    """As far as this is concerned."""

    def many(self, ids: list[str]) -> Iterable[GroupRecord]:
        """See `Groups.many`."""


def homes(store: Reads, records: Iterable[Record]) -> Mapping[str, Home]:
    """By the id of a group; one read for each level of nesting, and none where no job is in a group."""
    known: dict[str, GroupRecord] = {}
    asked = {record.group for record in records if record.group is not None}
    wanted = sorted(asked)
    while wanted:
        found = {group.id: group for group in store.groups.many(wanted)}
        known.update(found)
        wanted = sorted({group.parent for group in found.values() if group.parent is not None and group.parent not in known})
    return {id: _home(id, known) for id in asked}


def _home(id: str, known: Mapping[str, GroupRecord]) -> Home:
    nearest: dict[GroupKind, str] = {}
    group = known.get(id)
    while group is not None:
        nearest.setdefault(group.kind, group.id)
        group = known.get(group.parent or "")
    return Home(nearest.get(GroupKind.BATCH), nearest.get(GroupKind.CHAIN), nearest.get(GroupKind.WORKFLOW))
