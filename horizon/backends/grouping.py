"""What every store decides alike about groups: pure functions of what it knows of them."""

from __future__ import annotations

from collections.abc import Collection, Container, Mapping, Sequence

from horizon.core.envelope import Edge, Envelope, On
from horizon.core.errors import GroupEnded, InvalidCursor, InvalidInput, UnknownDependency, UnknownGroup
from horizon.core.group import GroupKind, GroupState, NewGroup
from horizon.core.states import JobState

PROGRESS_EVERY = 1_000_000
"""Microseconds: how often progress callbacks are opened at the most while figures change."""


def asked_of(envelopes: Sequence[Envelope], groups: Sequence[NewGroup], seal: Sequence[str]) -> list[str]:
    """The ids of every group that a push speaks of, each once."""
    ids = dict.fromkeys(group.id for group in groups)
    ids.update(dict.fromkeys(group.parent for group in groups if group.parent is not None))
    ids.update(dict.fromkeys(envelope.group for envelope in envelopes if envelope.group is not None))
    ids.update((edge.job_id, None) for envelope in envelopes for edge in envelope.edges if edge.of_group)
    ids.update(dict.fromkeys(seal))
    return list(ids)


def check_members(new: Sequence[Envelope], known: Mapping[str, GroupState]) -> None:
    """Whether these may join their groups. Raises UnknownGroup, GroupEnded."""
    for envelope in new:
        if envelope.group is None:
            continue
        state = known.get(envelope.group)
        if state is None:
            raise UnknownGroup(f"job {envelope.id} belongs to group {envelope.group}, which is not on this connection; push that one first")
        if state.ended:
            raise GroupEnded(f"group {envelope.group} has ended already ({state}), so it takes no more jobs; make a new one")


def check_groups(new: Sequence[NewGroup], known: Mapping[str, GroupState]) -> None:
    """Whether these new groups may be nested where they say. Raises UnknownGroup, GroupEnded."""
    first: set[str] = set()
    for group in new:
        if group.parent is not None and group.parent not in first:
            state = known.get(group.parent)
            if state is None:
                raise UnknownGroup(f"group {group.id} is nested in {group.parent}, which is not on this connection; push that one first")
            if state.ended:
                raise GroupEnded(f"group {group.parent} has ended already ({state}), so it takes no more groups; make a new one")
        first.add(group.id)


def check_seals(seal: Sequence[str], known: Collection[str]) -> None:
    """Raises UnknownGroup."""
    for id in seal:
        if id not in known:
            raise UnknownGroup(f"group {id} cannot be sealed: it is not on this connection")


def check_edge(id: str, edge: Edge, known: Mapping[str, GroupState], *, member: bool = False) -> None:
    """Whether a job may wait for a group; a member of another one may do so in vain. Raises UnknownGroup, UnknownDependency."""
    state = known.get(edge.job_id)
    if state is None:
        raise UnknownGroup(f"job {id} waits for group {edge.job_id}, which is not on this connection; push that one first")
    if state.ended and not member and not met_by_end(edge.on, state):
        raise UnknownDependency(f"job {id} waits for group {edge.job_id}, which already ended {state}: it would wait for ever")


def met_by_end(on: On, state: GroupState) -> bool:
    """Whether a group that ended so lets those go that wait for it with this edge."""
    if on in (On.ANY, On.PROGRESS):
        return True
    return state is (GroupState.COMPLETED if on is On.COMPLETED else GroupState.FAILED)


def parse_cursor(cursor: str | None) -> int | None:
    """See `GroupQuery.cursor`. Raises InvalidCursor."""
    if cursor is None:
        return None
    if not cursor.isascii() or not cursor.isdigit() or len(cursor) > 18:
        raise InvalidCursor(f"{cursor[:80]!r} is not a cursor of this list; start from its first page")
    return int(cursor)


def end_of(
    kind: GroupKind, *, failing: bool, cancelling: bool, total: int, completed: int, failed: int, cancelled: int, needless: int
) -> tuple[GroupState, bool]:
    """How a group ends in which nobody is unfinished; and whether nobody needed it.

    `needless`: those of the cancelled ones that nobody needed. A group of which nothing ran was cancelled from outside, by what
    it waited for; so was a chain or a workflow whose rest can never run although nothing failed: a person cancelled a step.
    """
    if failing:
        return GroupState.FAILED, False
    if cancelling or (total and not completed and not failed):
        return GroupState.CANCELLED, not cancelling and needless == total
    if kind is not GroupKind.BATCH and not failed and cancelled > needless:
        return GroupState.CANCELLED, False
    return GroupState.COMPLETED, False


def refuse_progress_of_jobs(envelopes: Sequence[Envelope]) -> None:
    """Raises InvalidInput: a job has no figures to wait for."""
    for envelope in envelopes:
        if any(edge.on is On.PROGRESS and not edge.of_group for edge in envelope.edges):
            raise InvalidInput(f"job {envelope.id} waits for the progress of a job; only a group has some that others can wait for")


def check_before(
    envelope: Envelope, states: Mapping[str, JobState | None], within: Mapping[str, Envelope], waits: Mapping[str, Container[str]]
) -> None:
    """Whether blocked jobs may be made to wait for this new one. Raises UnknownDependency.

    `states`: of the jobs that it names and of those that it waits for, as they are stored; `within`: the same push; `waits`: what each
    of those that it goes before waits for already. To wait for one that waits itself could close a circle through jobs that are
    stored, unless all of those wait for that one themselves.
    """
    for id in envelope.before:
        if states.get(id) is not JobState.BLOCKED:
            raise UnknownDependency(f"job {envelope.id} is to go before {id}, which is not waiting any more: {states.get(id) or 'unknown'}")
    for edge in _outer_edges(envelope, within):
        waiting = edge.of_group or states.get(edge.job_id) is JobState.BLOCKED
        if waiting and not all(edge.job_id in waits.get(id, ()) for id in envelope.before):
            raise UnknownDependency(
                f"job {envelope.id} is to go before others and waits for {edge.job_id}, which may wait for these itself; "
                "let it wait for jobs that run or can run, or for what all of these wait for"
            )


def _outer_edges(envelope: Envelope, within: Mapping[str, Envelope]) -> list[Edge]:
    """What a new job waits for outside of its push, through whatever else is in it."""
    found: list[Edge] = []
    seen: set[str] = set()
    todo = [envelope]
    while todo:
        for edge in todo.pop().edges:
            if edge.job_id not in within or edge.of_group:
                found.append(edge)
            elif edge.job_id not in seen:
                seen.add(edge.job_id)
                todo.append(within[edge.job_id])
    return found
