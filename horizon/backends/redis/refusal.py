"""Why a push was refused: what its script tells, as the errors that every store raises."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from horizon.backends.grouping import asked_of, check_before, check_edge, check_groups, check_members, check_seals
from horizon.backends.redis import header
from horizon.backends.values import PushStatus
from horizon.core.envelope import Envelope
from horizon.core.errors import HorizonError, QueueFull, UnknownDependency, UnknownGroup
from horizon.core.group import STATE_OF, GroupState, NewGroup
from horizon.core.states import JobState

STATUS = (PushStatus.CREATED, PushStatus.EXISTS, PushStatus.DUPLICATE, PushStatus.GONE)


def refusal(reply: Any, envelopes: Sequence[Envelope], groups: Sequence[NewGroup] = (), seal: Sequence[str] = ()) -> HorizonError:
    """Why nothing was stored."""
    if reply[0] == b"groups":
        return _refused_by_groups(reply, envelopes, groups, seal)
    if reply[0] == b"full":
        _, name, most, waiting, more = reply
        return QueueFull(
            f"queue {name.decode()!r} takes at most {most} waiting jobs, holds {waiting} and was given {more} more; "
            "push again when some have started, or raise its max_jobs"
        )
    child, parent, state = header.unpack_id(reply[1]), header.unpack_id(reply[2]), reply[3].decode()
    if state:
        return UnknownDependency(f"job {child} waits for {parent}, which already ended {state}: it would wait for ever")
    return UnknownDependency(
        f"job {child} waits for {parent}, which is not on this connection; push that one first, or together with this one"
    )


def _refused_by_groups(reply: Any, envelopes: Sequence[Envelope], groups: Sequence[NewGroup], seal: Sequence[str]) -> HorizonError:
    """The script has seen that something is wrong; what it is is said by those who say it for every store."""
    _, statuses, states, jobs = reply
    new = {one.id: one for one, status in zip(envelopes, statuses, strict=True) if STATUS[status - 1] is PushStatus.CREATED}
    known = {id: STATE_OF[int(code)] for id, code in zip(asked_of(envelopes, groups, seal), states, strict=True) if code}
    others = [id for one in envelopes for id in (*(edge.job_id for edge in one.edges), *one.before)]
    stored = {id: JobState(state.decode()) for id, state in zip(others, jobs, strict=True) if state}
    try:
        refuse_groups(list(new.values()), groups, seal, known)
        _refuse_edges(new, known, stored)
    except HorizonError as error:
        return error
    return UnknownGroup("a group that this push speaks of changed meanwhile; push again")


def refuse_groups(new: Sequence[Envelope], groups: Sequence[NewGroup], seal: Sequence[str], known: dict[str, GroupState]) -> None:
    """Adds the new ones to those that are known. Raises UnknownGroup, GroupEnded."""
    fresh = [group for group in groups if group.id not in known]
    check_groups(fresh, known)
    known.update((group.id, GroupState.OPEN) for group in fresh)
    check_members(new, known)
    check_seals(seal, known)


def _refuse_edges(new: Mapping[str, Envelope], known: Mapping[str, GroupState], stored: Mapping[str, JobState]) -> None:
    for envelope in new.values():
        for edge in envelope.edges:
            if edge.of_group:
                check_edge(envelope.id, edge, known, member=envelope.group is not None)
        if envelope.before:
            check_before(envelope, stored, new, {})  # what others wait for was not told: it may blame a wrong one of several
