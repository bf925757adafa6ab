"""Groups: what their members' moves mean for them.

No act touches the row of a group because a member of it moved: it adds what changed (`group_delta`, written with the
other figures), so that no two workers ever wait for the same group. Afterwards whoever moved something asks which of these
groups are ripe, and `ripen` deals with each in an act of its own: fold, judge, end, open again. Two last members that end
at once are both committed before either asks. What nobody came to ask is found by the next tick, and by turns once a second.

Locks: groups by number, then jobs by number; a turn locks no group.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from horizon.backends.database.db import Db, change, fetch
from horizon.backends.database.kernel import gates
from horizon.backends.database.kernel.endings import ended_unrun
from horizon.backends.database.kernel.ledger import GroupTally, touch
from horizon.backends.database.kernel.rows import CANCELLED, COMPLETED, NEEDLESS, PROCESSING, Live
from horizon.backends.database.kernel.scope import Scope
from horizon.backends.grouping import PROGRESS_EVERY, end_of
from horizon.core.clock import Micros
from horizon.core.envelope import On
from horizon.core.group import GROUP_FAILED, KIND_OF, NEVER_SEALED, GroupKind, GroupState, bears

OPEN, RUNNING = GroupState.OPEN.code, GroupState.RUNNING.code
BATCH = GroupKind.BATCH.code
SPAN = 500
FORGIVEN = -1
ALL = 2**62
"""Where the sweeping of a group begins: all of its members have a number below."""
AT_ONCE = 20
"""Groups that one act deals with."""
LOOK = 200
"""Groups that are looked after once a second."""
FOLD = 2_000
"""Changes of figures that one act folds."""


class Group(NamedTuple):
    """One row, without what only people read."""

    n: int
    id: str
    kind: int
    parent: int | None
    state: int
    allow: str | None
    allow_all: int
    total: int
    completed: int
    failed: int
    cancelled: int
    unneeded: int
    needless: int
    generation: int
    failed_at: Micros | None
    finished_at: Micros | None
    told_at: Micros
    sweeping: int
    """Members with numbers below this are still to be cancelled; 0: none. `FORGIVEN`: it was opened again after it had failed,
    and nobody is cancelled for what failed before."""
    first_job: str | None
    first_type: str | None
    first_message: str | None
    reason: str | None

    @property
    def left(self) -> int:
        """Members that have not ended, by its figures."""
        return self.total - self.completed - self.failed - self.cancelled


HOLD = f"SELECT {', '.join(Group._fields)} FROM horizon_group WHERE n IN ({{in}}) /*hold n*/"
_ENDED = "completed - {0}failed - {0}cancelled"
_LEFT = (
    f"g.total - g.{_ENDED.format('g.')} + coalesce((SELECT sum(d.total - d.{_ENDED.format('d.')}) FROM horizon_group_delta d "
    "WHERE d.group_n = g.n), 0)"
)
RIPE = (
    f"SELECT x.n, CASE WHEN x.sweeping > 0 OR (x.state = {RUNNING} AND x.unended = 0) OR (x.state >= {COMPLETED} AND x.unended > 0) "
    f"THEN 1 ELSE 0 END, x.unended FROM (SELECT g.n AS n, g.state AS state, g.sweeping AS sweeping, {_LEFT} AS unended FROM horizon_group g "
    "WHERE g.n IN ({in})) AS x"
)
ANYBODY = "SELECT 1 FROM horizon_job j INDEXED BY horizon_job_group CROSS JOIN horizon_live l ON l.n = j.n WHERE j.group_id = ? AND l.group_n = ? LIMIT 1"
SOME = "SELECT count(*), max(CASE WHEN s.group_n = ? THEN 1 ELSE 0 END) FROM (SELECT group_n FROM horizon_live LIMIT ?) AS s"
"""Of a large group it is cheaper to look through the jobs that are unfinished in the whole store, where these are fewer."""
MANY = 5_000
"""Members of a group that is large."""
INNER = f"SELECT n FROM horizon_group WHERE parent = ? AND state < {COMPLETED}"
MOVED = "SELECT DISTINCT group_n FROM horizon_group_delta ORDER BY group_n LIMIT ?"
DELTAS = (
    "SELECT seq, group_n, total, completed, failed, cancelled, unneeded, failed_n FROM horizon_group_delta WHERE group_n IN ({in}) "
    "ORDER BY seq LIMIT ?"
)
FOLDED = "DELETE FROM horizon_group_delta WHERE seq IN ({in})"
KEEP = (
    "UPDATE horizon_group SET state = ?, total = ?, completed = ?, failed = ?, cancelled = ?, unneeded = ?, needless = ?, generation = ?, "
    "failed_at = ?, finished_at = ?, told_at = ?, sweeping = ?, first_job = ?, first_type = ?, first_message = ?, reason = ? WHERE n = ?"
)
FAILURE = "SELECT j.id, d.error_type, d.error_message FROM horizon_job j JOIN horizon_done d ON d.n = j.n WHERE j.n = ?"
INNER_FAILURE = "SELECT first_job, first_type, first_message FROM horizon_group WHERE n = ?"
MEMBERS = (
    "SELECT l.n FROM horizon_job j INDEXED BY horizon_job_group CROSS JOIN horizon_live l ON l.n = j.n "
    f"WHERE j.group_id = ? AND j.n < ? AND l.group_n = ? AND l.state <> {PROCESSING} ORDER BY j.n DESC LIMIT ?"
)
ASK_MEMBERS = (
    "UPDATE horizon_live INDEXED BY horizon_live_list SET cancel_reason = ? "
    f"WHERE state = {PROCESSING} AND group_n = ? AND cancel_reason IS NULL"
)
CANCEL_INNER = (
    f"UPDATE horizon_group SET reason = ?, sweeping = {ALL}, state = {RUNNING} WHERE parent = ? AND state < {COMPLETED} AND reason IS NULL"
)
TELLS = f"SELECT DISTINCT parent FROM horizon_edge WHERE condition = {int(On.PROGRESS)} AND parent IN ({{in}})"
LEFT_OPEN = (
    f"SELECT g.n FROM horizon_group g WHERE g.state = {OPEN} AND g.touched_at <= ? "
    f"AND NOT EXISTS (SELECT 1 FROM horizon_group i WHERE i.parent = g.n AND (i.state = {OPEN} OR i.touched_at > ?)) "
    "AND coalesce((SELECT j.pushed_at FROM horizon_job j INDEXED BY horizon_job_group WHERE j.group_id = g.id ORDER BY j.n DESC LIMIT 1), 0) <= ? "
    "ORDER BY g.n LIMIT ?"
)
"""While jobs still come for it or for a group in it, one is not left. When the last job came is asked of the jobs: a note of it in
the group's row would be one that everybody who pushes wants to write."""


def allowed(text: str | None) -> float | None:
    """How many failures, or what share, as it was written."""
    if text is None:
        return None
    return float(text) if "." in text or "e" in text else int(text)


class Look(NamedTuple):
    """What was seen of a group."""

    n: int
    ripe: bool
    """Whether something is to be done with it."""
    left: int
    """Members that have not ended."""


def ripe(db: Db, groups: Sequence[int]) -> list[Look]:
    """Whether something is to be done with these groups."""
    return [Look(n, bool(ripe), int(left)) for n, ripe, left in fetch(db, RIPE, groups)]


def moved(db: Db) -> list[int]:
    """Groups of which something is to be folded; whoever leaves something to be done later leaves a note there."""
    return [n for (n,) in db.all(MOVED, (LOOK,))]


def note(scope: Scope, n: int) -> None:
    """Have a group dealt with after this act, whatever becomes of this process."""
    scope.ledger.joined(n, 0)
    scope.ledger.judge.add(n)


def ripen(scope: Scope, ns: Sequence[int]) -> list[int]:
    """Deal with these groups; returns those that have to be looked at next."""
    db = scope.db
    groups = [Group._make(row) for row in fetch(db, HOLD, sorted(ns))]
    changes, all_folded = _fold(db, ns)
    telling = {-n for (n,) in fetch(db, TELLS, [-group.n for group in groups])}
    following: list[int] = [] if all_folded else list(ns)
    for group in groups:
        change = changes.get(group.n)
        now = group if change is None else _counted(db, group, change)
        if group.state >= COMPLETED and all_folded and (now.left or _went_on(group, now, change)):
            now = _reopened(scope, now)
        if now.state < COMPLETED:
            now = _judged(scope, now)
        if now.sweeping > 0:
            now = _swept(scope, now)
        elif now.state == RUNNING and not now.left and all_folded and _is_empty(db, now):
            now = _ended(scope, now)
        if now.state < COMPLETED and group.n in telling and change is not None:
            now = _told(scope, now, change)
        if now != group:
            _keep(scope, now)
        if now.parent is not None and (now.state >= COMPLETED) != (group.state >= COMPLETED):
            following.append(now.parent)
    return following


def _is_empty(db: Db, group: Group) -> bool:
    """Whether nobody is unfinished, by those who are there: figures that are wrong end nothing."""
    return not _has_unfinished(db, group) and db.one(INNER, (group.n,)) is None


def _has_unfinished(db: Db, group: Group) -> bool:
    if group.total >= MANY:
        ((unfinished, of_it),) = db.all(SOME, (group.n, group.total))
        if of_it or unfinished < group.total:
            return bool(of_it)
    return db.one(ANYBODY, (group.id, group.n)) is not None


def _went_on(before: Group, now: Group, change: GroupTally | None) -> bool:
    """Whether members of an ended group were retried and have ended anew, all before anybody looked."""
    return now != before or (change is not None and (change.again or change.failed_n is not None))


def time_out(scope: Scope, before: Micros, limit: int) -> list[int]:
    """Cancel groups that were left unsealed since then."""
    return [n for (n,) in scope.db.all(LEFT_OPEN, (before, before, before, limit)) if cancel(scope, n, NEVER_SEALED)]


def cancel(scope: Scope, n: int, reason: str) -> bool:
    """Begin to cancel a group: `ripen` does the rest. False where it ended, or is being cancelled already."""
    for row in fetch(scope.db, HOLD, [n]):
        group = Group._make(row)
        if group.state < COMPLETED and group.reason is None:
            _keep(scope, group._replace(reason=reason, sweeping=ALL, state=RUNNING))
            note(scope, n)
            return True
    return False


# figures --------------------------------------------------------------------------------------------


def _fold(db: Db, ns: Sequence[int]) -> tuple[dict[int, GroupTally], bool]:
    """What changed in their figures since the last time, by group; and whether that is all."""
    changes: dict[int, GroupTally] = {}
    rows = fetch(db, DELTAS, list(ns), after=(FOLD,))
    for _, n, total, completed, failed, cancelled, unneeded, failed_n in rows:
        tally = changes.setdefault(n, GroupTally())
        tally.total += total
        tally.completed += completed
        tally.failed += failed
        tally.cancelled += cancelled
        tally.unneeded += unneeded
        tally.failed_n = tally.failed_n or failed_n
        tally.again = tally.again or completed + failed + cancelled < 0
    change(db, FOLDED, [row[0] for row in rows])
    return changes, len(rows) < FOLD


def _counted(db: Db, group: Group, change: GroupTally) -> Group:
    group = group._replace(
        total=group.total + change.total, completed=group.completed + change.completed, failed=group.failed + change.failed,
        cancelled=group.cancelled + change.cancelled, unneeded=group.unneeded + change.unneeded,
    )  # fmt: skip
    if change.failed_n is None or group.first_job is not None:
        return group
    inner = change.failed_n < 0
    found = db.one(INNER_FAILURE if inner else FAILURE, (abs(change.failed_n),))
    return group if found is None else group._replace(first_job=found[0], first_type=found[1], first_message=found[2])


def _keep(scope: Scope, g: Group) -> None:
    scope.db.run(
        KEEP,
        (
            g.state, g.total, g.completed, g.failed, g.cancelled, g.unneeded, g.needless, g.generation, g.failed_at, g.finished_at,
            g.told_at, g.sweeping, g.first_job, g.first_type, g.first_message, g.reason, g.n,
        ),
    )  # fmt: skip
    touch(scope.db, scope.now)


# failing and ending ---------------------------------------------------------------------------------


def _judged(scope: Scope, group: Group) -> Group:
    """The moment in which more failed than it bears; a retry may take that back."""
    sealed = group.state != OPEN
    if bears(allowed(group.allow), bool(group.allow_all), failed=group.failed, total=group.total, sealed=sealed):
        forgiven = group._replace(first_job=None, first_type=None, first_message=None) if not group.failed else group
        return forgiven._replace(failed_at=None, sweeping=max(0, group.sweeping))
    if group.failed_at is not None or group.reason is not None:
        return group
    gates.meet(scope, group.n, On.FAILED)
    return group._replace(failed_at=scope.now, sweeping=ALL if group.kind == BATCH else 0)


def _ended(scope: Scope, group: Group) -> Group:
    state, needless = end_of(
        KIND_OF[group.kind],
        failing=group.failed_at is not None,
        cancelling=group.reason is not None,
        total=group.total,
        completed=group.completed,
        failed=group.failed,
        cancelled=group.cancelled,
        needless=group.unneeded,
    )
    gates.open_again(scope, gates.ran_for(scope.db, group.n, (On.ANY, On.PROGRESS)))
    code = state.code + NEEDLESS * needless
    gates.follow(scope, {-group.n: code})
    if group.parent is not None:
        scope.ledger.ended(group.parent, code, 1, -group.n)
    return group._replace(state=state.code, needless=int(needless), finished_at=scope.now)


def _swept(scope: Scope, group: Group) -> Group:
    """Cancel what is in a group that is cancelled or failed, the last ones first: each is told this reason, and not that the
    one before it was cancelled. What runs is asked to stop."""
    db, reason = scope.db, group.reason or GROUP_FAILED
    if db.run(CANCEL_INNER, (reason, group.n)):
        for (n,) in db.all(INNER, (group.n,)):
            note(scope, n)
    db.run(ASK_MEMBERS, (reason, group.n))  # before and after: one may start, and another be released, while we look
    found = [n for (n,) in db.all(MEMBERS, (group.id, group.sweeping, group.n, SPAN))]
    jobs = [job for job in gates.hold(db, sorted(found)).values() if isinstance(job, Live) and job.state != PROCESSING]
    gates.finish(scope, jobs, [ended_unrun(job, CANCELLED, scope.now, reason) for job in jobs])
    for job in jobs:
        scope.ledger.of(job.queue, job.name).cancelled += 1
    db.run(ASK_MEMBERS, (reason, group.n))
    note(scope, group.n)
    return group._replace(sweeping=found[-1] if len(found) == SPAN else 0)


# new beginnings -------------------------------------------------------------------------------------


def _reopened(scope: Scope, group: Group) -> Group:
    """A member runs again: so does the group, and the one around it. What once opened for good stays open."""
    if group.parent is not None:
        scope.ledger.ended(group.parent, group.state + NEEDLESS * group.needless, -1)
    gates.block_again(scope, group.n)
    gates.reopen(scope, [-group.n])
    return group._replace(
        state=RUNNING, finished_at=None, needless=0, reason=None, generation=group.generation + 1,
        sweeping=0 if group.failed_at is None else FORGIVEN,
    )  # fmt: skip


# progress -------------------------------------------------------------------------------------------


def _told(scope: Scope, group: Group, change: GroupTally) -> Group:
    """Open progress callbacks, at most once a second; what is too early for that is left to be folded once more."""
    if group.told_at + PROGRESS_EVERY > scope.now:
        scope.ledger.joined(group.n, 0)
        return group
    gates.open_again(scope, gates.ran_for(scope.db, group.n, (On.PROGRESS,)))
    gates.meet(scope, group.n, On.PROGRESS)
    return group._replace(told_at=scope.now)
