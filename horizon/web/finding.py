"""Everything that can be gone to by typing a little of its name: pages, queues, classes, tags, views, flows, schedules, jobs.

`Thing` is one of them, without an address; `find` decides which fit and in which order. What is asked of the stores is bounded, and
shared by all who ask at about the same moment.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from horizon.backends.base import Backend
from horizon.control.views import SavedView
from horizon.core.group import GroupQuery, GroupRecord
from horizon.core.record import Record
from horizon.jobs.groups.pushing import GATE
from horizon.monitor.naming import bare
from horizon.web import ranking
from horizon.web.lexicon import Lexicon, tags_like

MOST, OF_A_KIND = 20, 6
FLOWS = 100
"""Batches, chains and workflows, the latest, whose names are looked at."""
IDS = 3
"""Ids in what was pasted that are looked up."""
LEAST_ID = 4
"""Characters of an id from which on its beginning is looked for."""
PLACES = ("page", "view")
LONGEST = 300
"""Characters of what was typed that count."""
_ID = re.compile(r"(?<![0-9a-f])[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}(?![0-9a-f])", re.I)


@dataclass(frozen=True, kw_only=True, slots=True)
class Thing:
    """Something to go to."""

    kind: str
    """`job`, `page`, `queue`, `class`, `tag`, `view`, `batch`, `chain`, `workflow`, `schedule`, `search`."""
    key: str
    """Its id, endpoint or name: with the kind it says where it is."""
    label: str
    hint: str = ""
    also: tuple[str, ...] = field(default=())
    """Other names by which it is found."""


def ids_in(text: str) -> list[str]:
    """Whole ids anywhere in a text: pasted alone, behind `id:`, in an address or in a line of a log."""
    return list(dict.fromkeys(found.lower() for found in _ID.findall(text)))[:IDS]


def find(typed: str, known: Sequence[Thing], recent: Sequence[tuple[str, str]] = ()) -> list[Thing]:
    """Those that fit, best first; where several fit, those that somebody went to lately come before the others. At most `OF_A_KIND`
    of each kind. Nothing typed: those of lately, and the places."""
    typed = typed[:LONGEST].strip()
    fit = ranking.best(typed, known, lambda one: (one.label, *one.also), len(known))
    lately = [one for one in fit if (one.kind, one.key) in recent]
    if not typed:
        lately.sort(key=lambda one: recent.index((one.kind, one.key)))
        fit = [one for one in fit if one.kind in PLACES]
    found: list[Thing] = []
    for one in dict.fromkeys((*lately, *fit)):
        if sum(other.kind == one.kind for other in found) < (MOST if not typed else OF_A_KIND):
            found.append(one)
    return found[:MOST]


def places(pages: Iterable[Thing], views: Iterable[SavedView]) -> list[Thing]:
    """What is offered to somebody who has not typed anything yet."""
    return [*pages, *(Thing(kind="view", key=view.id, label=view.name, hint="saved view") for view in views)]


def things(typed: str, first: Sequence[Thing], lexicon: Lexicon, flows: Iterable[GroupRecord], schedules: Iterable[str]) -> list[Thing]:
    """Everything that may fit, in the order in which kinds come where they fit alike."""
    return [
        *first,
        *(Thing(kind="queue", key=name, label=name, hint="queue") for name in lexicon.queues),
        *(Thing(kind="class", key=name, label=bare(name), hint="jobs of a class", also=(name,)) for name in lexicon.classes),
        *(Thing(kind="tag", key=name, label=name, hint="jobs with this tag") for name in tags_like(lexicon, typed.strip())),
        *(_flow(flow) for flow in flows if GATE not in flow.options),
        *(Thing(kind="schedule", key=name, label=name, hint="schedule") for name in schedules),
        *(_job(job) for job in lexicon.jobs if _begins(job.id, typed)),
    ]


def by_id(ids: Sequence[str], store: Backend) -> list[Thing]:
    """What has one of these ids."""
    if not ids:
        return []
    return [*(_job(job) for job in store.many(ids)), *(_flow(flow) for flow in store.groups.many(list(ids)))]


def latest_flows(store: Backend) -> Sequence[GroupRecord]:
    """The latest batches, chains and workflows."""
    return store.groups.find(GroupQuery(limit=FLOWS, top=True)).items


def _begins(id: str, typed: str) -> bool:
    start = typed.strip().lower()
    return len(start) >= LEAST_ID and id.startswith(start)


def _job(job: Record) -> Thing:
    return Thing(kind="job", key=job.id, label=bare(job.name), hint=f"job, {job.state}, {job.id}", also=(job.id,))


def _flow(flow: GroupRecord) -> Thing:
    return Thing(kind=flow.kind.value, key=flow.id, label=flow.name or flow.id, hint=f"{flow.kind.value}, {flow.state}", also=(flow.id,))
