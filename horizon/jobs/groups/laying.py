"""From a group as it was written to what is pushed, one step at a time: groups, members with their edges, ends.

1. What a nested group waits for, those of its members wait for that wait for nobody in it; and those that would go on even
   where these did not (`failed`, `any`).
2. Who follows a group that may turn out empty waits for what that group waits for, too.
3. Words said of a group hold for each of its members, under the member's own words.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from horizon.core.envelope import Edge, On
from horizon.core.group import NewGroup
from horizon.core.ids import uuid7
from horizon.jobs.groups.callbacks import Callback
from horizon.jobs.groups.form import Form, Node
from horizon.jobs.said import Said
from horizon.jobs.shape import Shape
from horizon.jobs.unique import ShouldBeUnique

Named = Shape | Form
NewId = Callable[[Named], str]
Edges = tuple[Edge, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Begin:
    """A group begins."""

    group: NewGroup
    callbacks: Sequence[Callback]
    said: Said | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Member:
    """A job of a group."""

    job: Shape
    id: str
    group: str
    edges: Edges
    said: Said | None
    linked: bool
    """Others of its group may wait for it."""
    first: bool
    """It waits for nobody in the groups around it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class End:
    """All of a group has been told."""

    group: str


Step = Begin | Member | End


class Around(NamedTuple):
    """Where a group is laid."""

    id: str
    parent: str | None = None
    edges: Edges = ()
    said: Said | None = None
    first: bool = True
    """Nobody in the groups around it comes before it."""


class _Exit(NamedTuple):
    """What those wait for that follow a member."""

    id: str
    of_group: bool
    also: Edges = ()


def random_id(item: Named) -> str:
    """An id for something new."""
    return uuid7()


def lay(form: Form, around: Around, new_id: NewId = random_id) -> Generator[Step, None, bool]:
    """The steps of a group; whether there is certainly a job in it."""
    said, edges = _words(form, around)
    yield Begin(group=_new(form, around, said), callbacks=form._callbacks, said=said)
    filled = yield from lay_members(form, Around(around.id, around.parent, edges, said, around.first), new_id)
    yield End(group=around.id)
    return filled


def lay_members(form: Form, around: Around, new_id: NewId = random_id) -> Generator[Step, None, bool]:
    """The steps of what is in a group that is there already; `around.said` are the words that hold in it."""
    exits: list[_Exit] = []
    certain = False
    for node in form._nodes:
        edges = _edges(node, around.edges, exits)
        id, first = new_id(node.item), around.first and not node.after
        if isinstance(node.item, Form):
            filled = yield from lay(node.item, Around(id, around.id, edges, around.said, first), new_id)
            out = _Exit(id, True, () if filled else edges)
        else:
            yield Member(job=node.item, id=id, group=around.id, edges=edges, said=around.said, linked=form.linked, first=first)
            filled, out = not may_be_held(node.item), _Exit(id, False)
        certain = certain or filled
        if form.linked:
            exits.append(out)
    return certain


def may_be_held(job: Shape) -> bool:
    """Whether a job has a unique key, so that it may turn out to be a duplicate, and never to have been a member."""
    said = job._horizon.said
    return isinstance(job, ShouldBeUnique) or (said is not None and said.unique_key is not None)


def _edges(node: Node, waits: Edges, exits: Sequence[_Exit]) -> Edges:
    if not node.after:
        return waits
    own = [Edge(job_id=exits[at].id, on=on, of_group=exits[at].of_group) for at, on in node.after]
    own += [edge for at, _ in node.after for edge in exits[at].also]
    follows_alone = all(on is On.COMPLETED for _, on in node.after)
    return tuple(dict.fromkeys(own if follows_alone else (*waits, *own)))


def _words(form: Form, around: Around) -> tuple[Said | None, Edges]:
    """The words that hold in this group, and all that it waits for."""
    own = form._said
    if own is None:
        return around.said, around.edges
    alone = replace(own, edges=())
    return alone.over(around.said), tuple(dict.fromkeys((*around.edges, *own.edges)))


def _new(form: Form, around: Around, said: Said | None) -> NewGroup:
    return NewGroup(
        id=around.id,
        kind=form.kind,
        name=form._title,
        parent=around.parent,
        allow=form._allow,
        allow_all=form._allow_all,
        options=dict(form._kept),
        user=said.user if said else None,
        tenant=said.tenant if said else None,
    )
