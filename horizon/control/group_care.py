"""Retry what failed of many groups with care: at a pace, a few first, and no further once too many fail again.

Pace, canary and share speak of jobs, as everywhere; the figures of the act count groups. So it goes through one group after the other,
through those nested in it too, and may stay in a wide one for many steps. It takes what had failed when it was asked for: what fails
again meanwhile is not put to work a second time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from horizon.backends import guarding
from horizon.backends.base import Backend
from horizon.backends.driven import portion
from horizon.backends.guarding import guard_of
from horizon.backends.values import ActParams, Verb
from horizon.control.acting import Stores, backend_of
from horizon.control.group_act import GroupAct, moved
from horizon.control.groups import within
from horizon.core.clock import Micros
from horizon.core.group import GroupRecord
from horizon.core.query import MAX_LIMIT, JobQuery, Selection
from horizon.core.states import JobState

NOTHING_FAILED = "nothing of it has failed"
GONE = "it is not kept any longer"


class Stretch(NamedTuple):
    """The next failed jobs of a group, and where it goes on behind them."""

    jobs: Sequence[str]
    inside: str = ""
    """The group, it or one nested in it, whose failed jobs come next; empty: there is none left."""
    cursor: str | None = None


def step(stores: Stores, act: GroupAct, ids: Sequence[str]) -> GroupAct:
    """How it stands once it has gone on as far as it may now; the same where it may not. Raises BackendUnavailable."""
    now = stores.backend().now()
    act = judged(stores, act)
    if act.trace.stopped:
        return replace(act, state="stopped", finished_at=now)
    most = portion(act.params, act.paid, now, guarding.room(guard_of(act.params), act.trace, MAX_LIMIT)).rows
    if not most:
        return act
    id = ids[act.looked] if act.looked < len(ids) else None
    group = None if id is None else backend_of(stores, act.connection).groups.get(id)
    if id is None or group is None:  # its ids are kept no longer than itself
        return replace(act, state="done", finished_at=now) if id is None else _over(act, id, GONE, now)
    store = backend_of(stores, group.connection)
    found = ahead(store, group, act, most)
    after = retried(store, act, found.jobs, now) if found.jobs else act
    if found.inside:
        return replace(after, inside=found.inside, cursor=found.cursor)
    return _over(after, id, "" if after.here else after.refused or NOTHING_FAILED, now)


def judged(stores: Stores, act: GroupAct) -> GroupAct:
    """With what the jobs have shown that it watches."""
    if not act.trace.watch:
        return act
    states = {job.id: job.state for job in backend_of(stores, act.connection).many(act.trace.watch)}
    return replace(act, trace=guarding.judged(guard_of(act.params), act.trace, states))


def ahead(store: Backend, group: GroupRecord, act: GroupAct, most: int) -> Stretch:
    """The next failed jobs of a group, at most so many."""
    inner = [group.id, *(one.id for one in within(store, group.id))]
    start = inner.index(act.inside) if act.inside in inner else 0
    for at, id in enumerate(inner[start:], start):
        asked = JobQuery(group=id, states=(JobState.FAILED,), before=act.created_at, limit=most)
        page = store.find(replace(asked, cursor=act.cursor if id == act.inside else None))
        if page.items:
            following = id if page.next else next(iter(inner[at + 1 :]), "")
            return Stretch([job.id for job in page.items], following, page.next)
    return Stretch(())


def retried(store: Backend, act: GroupAct, jobs: Sequence[str], now: Micros) -> GroupAct:
    """With these jobs put to work, watched where they are to be, and the pace used up so far."""
    said = store.act(Selection(ids=tuple(jobs)), Verb.RETRY, ActParams())
    watched = said.done if guarding.watches(guard_of(act.params), act.trace) else ()
    return replace(
        act,
        jobs=act.jobs + len(said.done),
        here=act.here + len(said.done),
        refused=next((why[:200] for _, why in said.skipped), act.refused),
        paid=portion(act.params, act.paid, now, len(jobs)).paid,
        trace=replace(act.trace, watch=(*act.trace.watch, *watched)),
    )


def _over(act: GroupAct, id: str, why: str, now: Micros) -> GroupAct:
    """With one group dealt with; the next begins at its own first job."""
    return replace(moved(act, [(id, why, 0, ())], now), here=0, refused="", inside="", cursor=None)
