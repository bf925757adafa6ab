"""What a job waits for and what it keeps others from: edges and unique keys.

Every end of a job goes through `finish`, so that no dependant is ever forgotten. An edge is open, met or shut; it is
decided once, when its parent ends, and a parent that runs again opens its shut edges anew. At most `SPAN` dependants
are looked at in one act: parents with more are noted in `gate`, and `resume` carries on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from horizon.backends.database.db import Db, change, fetch
from horizon.backends.database.kernel import keys, record
from horizon.backends.database.kernel.endings import ended_unrun, set_aside
from horizon.backends.database.kernel.record import Run
from horizon.backends.database.kernel.rows import (
    BLOCKED,
    CANCELLED,
    COMPLETED,
    FAILED,
    HIDDEN,
    HOLD_DONE,
    HOLD_LIVE,
    NEEDLESS,
    PENDING,
    PLAIN,
    PROCESSING,
    SCHEDULED,
    SELECT_DONE,
    SELECT_HELD,
    SELECT_LIVE,
    SHORT_DONE,
    Done,
    Held,
    Live,
)
from horizon.backends.database.kernel.scope import Scope
from horizon.core.envelope import On

OPEN, MET, SHUT = 0, 1, 2
SPAN = 500
NOT_NEEDED = "not needed"
PARENT_ENDED, PARENT_REOPENED, OWED = 1, 2, 3
"""What is noted: of a parent, that its dependants are not all decided; of a callback that ran, that it is to run once more."""
LOOKS = 3
"""How often a job is looked for that changes tables under our eyes."""

OPEN_EDGES = "SELECT parent, child, condition FROM horizon_edge WHERE state = 0 AND parent IN ({in}) ORDER BY parent, child LIMIT ?"
OPEN_EDGES_FOR = "SELECT parent, child, condition FROM horizon_edge WHERE state = 0 AND parent = ? AND condition = ? ORDER BY child LIMIT ?"
SHUT_EDGES = "SELECT parent, child, condition FROM horizon_edge WHERE state = 2 AND parent IN ({in}) ORDER BY parent, child LIMIT ?"
UNMET = "SELECT DISTINCT child FROM horizon_edge WHERE state <> 1 AND child IN ({in})"
SHUT_PARENTS = "SELECT child, min(parent) FROM horizon_edge WHERE state = 2 AND child IN ({in}) GROUP BY child"
AGAIN_EDGES = f"SELECT parent, child, condition FROM horizon_edge WHERE state = 1 AND parent = ? AND condition >= {int(On.ANY)} ORDER BY child LIMIT ?"
"""Those that open once in each generation of a group, or more often."""
MET_EDGES = (
    f"SELECT child, condition FROM horizon_edge WHERE state = 1 AND parent = ? AND condition >= {int(On.ANY)} ORDER BY child LIMIT ?"
)
DECIDE = "UPDATE horizon_edge SET state = ? WHERE parent = ? AND child = ? AND condition = ?"
IDS = "SELECT n, id FROM horizon_job WHERE n IN ({in})"
GROUP_IDS = "SELECT n, id FROM horizon_group WHERE n IN ({in})"
STATES = "SELECT n, state FROM horizon_done WHERE n IN ({in})"
GROUP_STATES = f"SELECT n, state + {NEEDLESS} * needless FROM horizon_group WHERE state >= {COMPLETED} AND n IN ({{in}})"
"""Of groups that have ended."""
NOTED = "SELECT parent FROM horizon_gate WHERE kind = ? ORDER BY parent LIMIT 20 /*skip*/"
NOTE = "INSERT INTO horizon_gate (parent, kind) VALUES (?, ?)"
UNNOTE = "DELETE FROM horizon_gate WHERE kind = ? AND parent IN ({in})"
BLAME = "UPDATE horizon_done SET cancelled_by = ?, reason = coalesce(?, reason) WHERE n = ?"


class Edge(NamedTuple):
    """One row: this child waits for this parent."""

    parent: int
    child: int
    condition: int


def satisfied(condition: int, state: int) -> bool:
    """Whether a job that ended so lets those go that wait for it with this condition."""
    plain = state & PLAIN
    if condition in (On.ANY, On.PROGRESS):
        return plain in (COMPLETED, FAILED, CANCELLED)
    return plain == (COMPLETED if condition == On.COMPLETED else FAILED)


# ends -----------------------------------------------------------------------------------------------


def finish(scope: Scope, jobs: Sequence[Live], ends: Sequence[Done]) -> None:
    """End live jobs; then open or cancel what waited for them, and what waited for that. Those that have failed often enough
    go to the dead letters of their queue."""
    if scope.dead_after:
        ends = [set_aside(end, scope.dead_after.get(end.queue)) for end in ends]
    record.ended(scope.db, scope.ledger, jobs, ends)
    forgotten = [job.n for job in jobs if job.hide_reason is not None]
    record.hidden(scope.db, scope.ledger, fetch_done_short(scope.db, forgotten), scope.now)
    follow(scope, {end.n: end.state for end in ends}, SPAN)


def complete(scope: Scope, jobs: Sequence[Held], runs: Sequence[Run]) -> None:
    """`finish` for jobs that completed and are not to be hidden."""
    if record.completed(scope.db, scope.ledger, jobs, runs, scope.now):
        follow(scope, {job.n: COMPLETED for job in jobs}, SPAN)


def follow(scope: Scope, ended: Mapping[int, int], budget: int = SPAN) -> int:
    """Decide the edges of ended parents, level by level; what the budget leaves out is noted. Returns how many."""
    done = 0
    while ended:
        edges = [Edge(*row) for row in fetch(scope.db, OPEN_EDGES, list(ended), after=(budget + 1 - done,))]
        if len(edges) > budget - done:
            _note(scope.db, list(ended), PARENT_ENDED)
            edges = edges[: budget - done]
        done += len(edges)
        ended = _decide(scope, edges, ended) if edges else {}
    return done


def meet(scope: Scope, group: int, condition: On) -> None:
    """Open what waits for this of a group that has not ended; at most `SPAN`, and the rest when it ends."""
    edges = [Edge(*row) for row in scope.db.all(OPEN_EDGES_FOR, (-group, int(condition), SPAN))]
    _decide(scope, edges, {-group: FAILED if condition is On.FAILED else COMPLETED})


def _decide(scope: Scope, edges: Sequence[Edge], ended: Mapping[int, int]) -> dict[int, int]:
    """Meet or shut these edges; returns the dependants that ended by it, with their states."""
    verdicts = [MET if satisfied(edge.condition, ended[edge.parent]) else SHUT for edge in edges]
    scope.db.many(DECIDE, [(verdict, *edge) for verdict, edge in zip(verdicts, edges, strict=True)])
    shut: dict[int, list[Edge]] = {}
    for verdict, edge in zip(verdicts, edges, strict=True):
        if verdict == SHUT:
            shut.setdefault(edge.child, []).append(edge)
    blocked = hold_blocked(scope.db, sorted({edge.child for edge in edges}))
    open_if_met(scope, [job for job in blocked if job.n not in shut])
    return _cancel(scope, [job for job in blocked if job.n in shut], shut, ended)


def _cancel(scope: Scope, jobs: Sequence[Live], shut: Mapping[int, Sequence[Edge]], ended: Mapping[int, int]) -> dict[int, int]:
    """End jobs whose gate stays shut. One is not needed where nothing but unneeded help kept it; any other cause is told."""
    if not jobs:
        return {}
    order = {parent: position for position, parent in enumerate(ended)}
    blamed = {job.n: min(shut[job.n], key=lambda edge: (_is_needless(edge, ended), order[edge.parent])) for job in jobs}
    ids = names_of(scope.db, sorted({edge.parent for edge in blamed.values()}))
    ends = []
    for job in jobs:
        edge = blamed[job.n]
        if _is_needless(edge, ended):
            ends.append(ended_unrun(job, CANCELLED + NEEDLESS, scope.now, NOT_NEEDED, cancelled_by=edge.parent))
        else:
            reason = _because(ended[edge.parent], ids[edge.parent], "group" if edge.parent < 0 else "job")
            ends.append(ended_unrun(job, CANCELLED, scope.now, reason, cancelled_by=edge.parent))
            scope.ledger.of(job.queue, job.name).cancelled += 1
    record.ended(scope.db, scope.ledger, jobs, ends)
    return {end.n: end.state for end in ends}


def _is_needless(edge: Edge, ended: Mapping[int, int]) -> bool:
    return edge.condition == On.FAILED or bool(ended[edge.parent] & NEEDLESS)


def not_without(parent: str) -> str:
    """Why a job is not put back that would wait for ever."""
    return f"the job it waited for ended otherwise; retry that one first: {parent}"


def unmet(db: Db, ns: Sequence[int]) -> set[int]:
    """Those of these jobs that have not got all that they waited for."""
    return {n for (n,) in fetch(db, UNMET, ns)}


def shut_parents(db: Db, ns: Sequence[int]) -> dict[int, str]:
    """By job, the id of one that it waits for in vain."""
    found = dict(fetch(db, SHUT_PARENTS, ns))
    ids = names_of(db, sorted(set(found.values())))
    return {n: ids.get(parent, "a job that is not stored any more") for n, parent in found.items()}


def names_of(db: Db, parents: Sequence[int]) -> dict[int, str]:
    """Ids of the jobs and groups that edges lead to."""
    groups = {-n: id for n, id in fetch(db, GROUP_IDS, [-n for n in parents if n < 0])}
    return {**groups, **dict(fetch(db, IDS, [n for n in parents if n > 0]))}


def states_of(db: Db, parents: Sequence[int]) -> dict[int, int]:
    """How those of these jobs and groups ended that have."""
    groups = {-n: state for n, state in fetch(db, GROUP_STATES, [-n for n in parents if n < 0])}
    return {**groups, **dict(fetch(db, STATES, [n for n in parents if n > 0]))}


def _because(parent_state: int, id: str, what: str) -> str:
    return f"the {what} it waited for {'failed' if parent_state & PLAIN == FAILED else 'was cancelled'}: {id}"


def open_if_met(scope: Scope, jobs: Sequence[Live]) -> None:
    """Let those blocked jobs go that wait for nobody any more."""
    waiting = {n for (n,) in fetch(scope.db, UNMET, [job.n for job in jobs])}
    free = [job for job in jobs if job.n not in waiting]
    later = [job for job in free if job.available_at > scope.now]
    ready = [job for job in free if job.available_at <= scope.now]
    record.shifted(scope.db, scope.ledger, later, SCHEDULED, [(0, job.available_at) for job in later])
    record.shifted(scope.db, scope.ledger, ready, PENDING, [(scope.place(job.queue, job.rank, job), scope.now) for job in ready])


# new beginnings -------------------------------------------------------------------------------------


def reopen(scope: Scope, parents: Sequence[int]) -> None:
    """Causes run again: what they had cancelled waits for them again, and what that had cancelled, too."""
    _revive(scope, parents, SPAN)


def _revive(scope: Scope, parents: Sequence[int], budget: int) -> int:
    done = 0
    while parents:
        edges = [Edge(*row) for row in fetch(scope.db, SHUT_EDGES, parents, after=(budget + 1 - done,))]
        if len(edges) > budget - done:
            _note(scope.db, parents, PARENT_REOPENED)
            edges = edges[: budget - done]
        done += len(edges)
        scope.db.many(DECIDE, [(OPEN, *edge) for edge in edges])
        parents = _unblock(scope, {edge.child: edge.parent for edge in edges})
    return done


def _unblock(scope: Scope, parents: Mapping[int, int]) -> list[int]:
    """Back to blocked, unless another cause, a person, or somebody else's unique key stands against it."""
    jobs = hold(scope.db, sorted(parents)).values()
    ended = [end for end in jobs if isinstance(end, Done) and end.cancelled_by == parents[end.n]]
    other = dict(fetch(scope.db, SHUT_PARENTS, [end.n for end in ended]))
    scope.db.many(BLAME, [(parent, None, n) for n, parent in other.items()])
    free = [end for end in ended if end.n not in other and not end.state & HIDDEN]
    held = keys.keys_held(scope.db, [end.n for end in free], scope.now)
    scope.db.many(BLAME, [(parents[n], f"key held by {holder}", n) for n, holder in held.items()])
    revived = [end for end in free if end.n not in held]
    record.reopened(scope.db, scope.ledger, revived, BLOCKED, scope.now)
    return [end.n for end in revived]


# what one act could not finish ----------------------------------------------------------------------


def _note(db: Db, parents: Sequence[int], kind: int) -> None:
    change(db, UNNOTE, parents, before=(kind,))
    db.many(NOTE, [(parent, kind) for parent in parents])


def resume(scope: Scope) -> int:
    """Carry on where a parent had more dependants than one act looks at; returns how many were looked at."""
    open_owed(scope, [n for (n,) in scope.db.all(NOTED, (OWED,))])
    reopened = [n for (n,) in scope.db.all(NOTED, (PARENT_REOPENED,))]
    if reopened:
        change(scope.db, UNNOTE, reopened, before=(PARENT_REOPENED,))
        revived = _revive(scope, reopened, SPAN)
        ended_meanwhile = states_of(scope.db, reopened)
        return revived + follow(scope, ended_meanwhile, SPAN)
    ended = [n for (n,) in scope.db.all(NOTED, (PARENT_ENDED,))]
    if not ended:
        return 0
    change(scope.db, UNNOTE, ended, before=(PARENT_ENDED,))
    return follow(scope, states_of(scope.db, ended), SPAN)


def open_again(scope: Scope, children: Sequence[int]) -> None:
    """A new round of callbacks that ran already; those that run just now are noted, for what they tell is older."""
    jobs = hold(scope.db, sorted(set(children)))
    running = [n for n, job in jobs.items() if isinstance(job, Live) and job.state == PROCESSING]
    if running:
        _note(scope.db, running, OWED)
    ended = [job for job in jobs.values() if isinstance(job, Done) and job.state in (COMPLETED, FAILED)]
    held = keys.keys_held(scope.db, [end.n for end in ended], scope.now)
    record.reopened(scope.db, scope.ledger, [end for end in ended if end.n not in held], PENDING, scope.now, place=scope.place)


def open_owed(scope: Scope, noted: Sequence[int]) -> None:
    """The new round of callbacks that ran when it was due."""
    if noted:
        change(scope.db, UNNOTE, noted, before=(OWED,))
        open_again(scope, noted)


def block_again(scope: Scope, group: int) -> None:
    """Callbacks of every end of a group that is opened again wait for it once more; those under way run to their end first."""
    edges = [Edge(*row) for row in scope.db.all(AGAIN_EDGES, (-group, SPAN))]
    if not edges:
        return
    jobs = hold(scope.db, sorted({edge.child for edge in edges}))
    change(scope.db, UNNOTE, list(jobs), before=(OWED,))
    ended = [job for job in jobs.values() if isinstance(job, Done) and job.state in (COMPLETED, FAILED)]
    held = keys.keys_held(scope.db, [end.n for end in ended], scope.now)
    free = [end for end in ended if end.n not in held]
    waiting = {end.n for end in free} | {job.n for job in jobs.values() if job.state == BLOCKED}
    scope.db.many(DECIDE, [(OPEN, *edge) for edge in edges if edge.child in waiting])
    record.reopened(scope.db, scope.ledger, free, BLOCKED, scope.now, anew=True)


def ran_for(db: Db, group: int, conditions: Sequence[On]) -> list[int]:
    """Jobs that these edges of a group let go already."""
    return [child for child, condition in db.all(MET_EDGES, (-group, SPAN)) if condition in conditions]


# reading --------------------------------------------------------------------------------------------


def fetch_live(db: Db, ns: Sequence[int]) -> list[Live]:
    """Rows of live jobs, those that exist."""
    return [Live._make(row) for row in fetch(db, SELECT_LIVE, ns)]


def fetch_held(db: Db, ns: Sequence[int]) -> list[Held]:
    """The same, as far as nearly every end of an attempt needs them."""
    return [Held._make(row) for row in fetch(db, SELECT_HELD, ns)]


def hold_blocked(db: Db, ns: Sequence[int]) -> list[Live]:
    """Those of these jobs that are blocked. Those that are not are held as well: who is about to open one of them again
    will then see what was decided here, or was seen here."""
    return [job for job in hold(db, ns).values() if isinstance(job, Live) and job.state == BLOCKED]


def hold(db: Db, ns: Sequence[int]) -> dict[int, Live | Done]:
    """These jobs as they are now, by number; nobody else changes them before this act is over.

    One that ended, or was opened again, while this act waited for it stands in the other table by then.
    """
    found: dict[int, Live | Done] = {}
    for _ in range(LOOKS):
        found.update((job.n, job) for job in map(Live._make, fetch(db, HOLD_LIVE, [n for n in ns if n not in found])))
        if len(found) < len(ns):
            found.update((end.n, end) for end in map(Done._make, fetch(db, HOLD_DONE, [n for n in ns if n not in found])))
        if len(found) == len(ns):
            break
    return found


def fetch_done(db: Db, ns: Sequence[int]) -> list[Done]:
    """Rows of ended jobs, those that exist."""
    return [Done._make(row) for row in fetch(db, SELECT_DONE, ns)]


def fetch_done_short(db: Db, ns: Sequence[int]) -> list[Done]:
    """The same without result and traceback, which can be large."""
    return [Done._make(row) for row in fetch(db, SHORT_DONE, ns)]
