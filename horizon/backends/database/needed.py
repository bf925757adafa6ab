"""Which chores of a tick there is anything to do for, asked in one statement.

The statement asks for the oldest of everything that time brings round; each answer is the first entry of an index. Which chores
follow is decided here, in Python. A chore may be needed in vain, where something is old and may not go yet; what is due is never left
out.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import Flag, auto
from typing import NamedTuple

from horizon.backends.database.kernel.groups import OPEN
from horizon.backends.database.kernel.ledger import STATES, SUMS
from horizon.backends.database.kernel.rows import CANCELLED, COMPLETED, FAILED, NEEDLESS
from horizon.backends.database.leases import SEEN_EVERY
from horizon.backends.database.store import Store
from horizon.backends.retention import FORGOTTEN, Retention
from horizon.backends.rollup import TEN, is_due
from horizon.backends.values import TOMBSTONE, StoreOptions
from horizon.core.clock import DAY, HOUR, MINUTE, Micros

ASTRAY: Micros = MINUTE
"""By so much may the times of two rows be out of the order of their numbers, where many write at once."""


class Chore(Flag):
    """What a tick does, each in a transaction of its own."""

    CATCH_UP = auto()
    """Admit, promote, reap, open what was left to be opened."""
    GROUPS = auto()
    OPERATE = auto()
    FOLD = auto()
    TRIM = auto()
    SEAL = auto()
    """Put what was written into the audit log into its chain."""
    CLOCK = auto()
    """Note that somebody was here."""


NOTHING = Chore(0)


class Oldest(NamedTuple):
    """The least of each, None where there is none."""

    inbox: int | None
    due: Micros | None
    lease: Micros | None
    """When the first lease of a session runs out."""
    seen_at: Micros | None
    no_reaping_before: Micros | None
    gate: int | None
    moved_group: int | None
    open_group: Micros | None
    """When the first of those was made that are not sealed; it is left since then at the earliest."""
    running: int | None
    first_delta: int | None
    last_delta: int | None
    says: int | None
    """Whether the first delta says anything; one that says nothing is always left."""
    minute: Micros | None
    hour: Micros | None
    day: Micros | None
    rollup: Micros | None
    """Where the newest of ten minutes begins."""
    hidden: Micros | None
    completed: Micros | None
    failed: Micros | None
    cancelled: Micros | None
    unneeded: Micros | None
    kept: int
    """Completed records, as far as the counters know."""
    completed_group: Micros | None
    """When the first was made of those that ended so; so long it is over at the most."""
    failed_group: Micros | None
    cancelled_group: Micros | None
    lot: Micros | None
    limit: Micros | None
    tombstone: Micros | None
    audit: Micros | None
    unsealed: int | None
    operation: Micros | None
    """When the first of all was started."""
    signed_out: Micros | None
    meter: Micros | None
    lock: Micros | None
    effect: Micros | None
    note: Micros | None
    session: Micros | None
    """When the first ended."""


_SAYS = " OR ".join([*(f"{column} <> 0" for column in (*SUMS, *STATES)), "runtime IS NOT NULL", "wait IS NOT NULL"])
_META = "SELECT value FROM horizon_meta WHERE name = '{0}'"
_SAMPLE = "SELECT min(at) FROM horizon_sample WHERE span = {0}"
_DONE = "SELECT min(finished_at) FROM horizon_done INDEXED BY horizon_done_list WHERE state = {0}"
_GROUP = (
    "SELECT created_at FROM horizon_group WHERE n = (SELECT min(n) FROM horizon_group INDEXED BY horizon_group_state WHERE state = {0})"
)
_ENDED_GROUP = f"{_GROUP} AND n < (SELECT max(n) FROM horizon_group)"
"""The newest one stays, however old it is."""
QUESTIONS = {
    "inbox": "SELECT min(seq) FROM horizon_inbox",
    "due": "SELECT min(due) FROM horizon_live WHERE due > 0",
    "lease": "SELECT min(expires_at) FROM horizon_session WHERE ended_at IS NULL",
    "seen_at": _META.format("seen_at"),
    "no_reaping_before": _META.format("no_reaping_before"),
    "gate": "SELECT min(parent) FROM horizon_gate",
    "moved_group": "SELECT min(seq) FROM horizon_group_delta",
    "open_group": _GROUP.format(OPEN),
    "running": "SELECT min(seq) FROM horizon_operation WHERE state = 'running'",
    "first_delta": "SELECT min(seq) FROM horizon_delta",
    "last_delta": "SELECT max(seq) FROM horizon_delta",
    "says": f"SELECT CASE WHEN {_SAYS} THEN 1 ELSE 0 END FROM horizon_delta WHERE seq = (SELECT min(seq) FROM horizon_delta)",
    "minute": _SAMPLE.format(MINUTE),
    "hour": _SAMPLE.format(HOUR),
    "day": _SAMPLE.format(DAY),
    "rollup": f"SELECT max(at) FROM horizon_rollup WHERE span = {TEN}",
    "hidden": "SELECT min(hidden_at) FROM horizon_done WHERE hidden_at > 0",
    "completed": _DONE.format(COMPLETED),
    "failed": _DONE.format(FAILED),
    "cancelled": _DONE.format(CANCELLED),
    "unneeded": _DONE.format(CANCELLED + NEEDLESS),
    "kept": f"SELECT coalesce(sum(n), 0) FROM horizon_counter WHERE state = {COMPLETED}",
    "completed_group": _ENDED_GROUP.format(COMPLETED),
    "failed_group": _ENDED_GROUP.format(FAILED),
    "cancelled_group": _ENDED_GROUP.format(CANCELLED),
    "lot": "SELECT min(idle_at) FROM horizon_lot WHERE idle_at > 0",
    "limit": "SELECT min(idle_at) FROM horizon_limit WHERE idle_at > 0",
    "tombstone": "SELECT min(removed_at) FROM horizon_tombstone",
    "audit": "SELECT min(at) FROM horizon_audit",
    "unsealed": "SELECT min(seq) FROM horizon_audit WHERE link IS NULL",
    "operation": "SELECT created_at FROM horizon_operation WHERE seq = (SELECT min(seq) FROM horizon_operation)",
    "signed_out": "SELECT min(until) FROM horizon_signed_out",
    "meter": "SELECT min(until) FROM horizon_meter",
    "lock": "SELECT min(expires_at) FROM horizon_lock",
    "effect": "SELECT min(at) FROM horizon_effect",
    "note": "SELECT min(until) FROM horizon_note WHERE until > 0",
    "session": "SELECT min(ended_at) FROM horizon_session WHERE ended_at > 0",
}
LOOK = f"SELECT {', '.join(f'({QUESTIONS[field]})' for field in Oldest._fields)}"


def look(store: Store) -> Oldest:
    """Ask the store."""
    return Oldest._make(None if value is None else int(value) for value in store.look(LOOK))


def needed(oldest: Oldest, now: Micros, options: StoreOptions, retention: Retention) -> Chore:
    """What there is to do. Chores that move anything change numbers, which are folded after them; numbers that are not folded yet may
    be more than is kept."""
    chores = _clock(oldest, now, options.lease)
    if _to_catch_up(oldest, now):
        chores |= Chore.CATCH_UP
    if oldest.moved_group is not None or _over([(oldest.open_group, now - options.seal_timeout + ASTRAY)]):
        chores |= Chore.GROUPS
    if oldest.running is not None:
        chores |= Chore.OPERATE
    if oldest.unsealed is not None:
        chores |= Chore.SEAL
    if chores & (Chore.CATCH_UP | Chore.GROUPS | Chore.OPERATE) or _to_fold(oldest):
        chores |= Chore.FOLD | Chore.TRIM
    if _over(_to_roll_up(oldest, now, retention)) or _to_sum(oldest, now):
        chores |= Chore.FOLD
    if oldest.kept > retention.completed_jobs or _over([*_records(oldest, now, retention), *_rest(oldest, now, retention)]):
        chores |= Chore.TRIM
    return chores


Ends = Iterable[tuple[Micros | None, Micros]]
"""The oldest of something, and what has to be done with anything as old as that."""


def _over(ends: Ends) -> bool:
    return any(oldest is not None and oldest <= end for oldest, end in ends)


def _clock(oldest: Oldest, now: Micros, lease: Micros) -> Chore:
    """See `leases.watch_clock`: a jump is for the whole act, a second that passed is only noted."""
    seen = oldest.seen_at
    if seen is None or not -lease <= now - seen <= lease:
        return Chore.CATCH_UP
    return NOTHING if 0 <= now - seen < SEEN_EVERY else Chore.CLOCK


def _to_catch_up(oldest: Oldest, now: Micros) -> bool:
    reaps = _over([(oldest.lease, now)]) and now >= (oldest.no_reaping_before or 0)
    return reaps or oldest.inbox is not None or oldest.gate is not None or _over([(oldest.due, now)])


def _to_fold(oldest: Oldest) -> bool:
    return bool(oldest.says) or oldest.first_delta != oldest.last_delta


def _to_roll_up(oldest: Oldest, now: Micros, kept: Retention) -> Ends:
    minutes, hours = now - kept.minutes, now - kept.hours
    yield oldest.minute, minutes - minutes % HOUR - 1
    yield oldest.hour, hours - hours % DAY - 1
    yield oldest.day, now - kept.days - 1


def _to_sum(oldest: Oldest, now: Micros) -> bool:
    return is_due(oldest.rollup, min((at for at in (oldest.day, oldest.hour, oldest.minute) if at is not None), default=None), now)


def _records(oldest: Oldest, now: Micros, kept: Retention) -> Ends:
    yield oldest.hidden, now - kept.undo
    yield oldest.completed, now - kept.completed
    yield oldest.failed, now - kept.failed
    yield oldest.cancelled, now - kept.cancelled
    yield oldest.unneeded, now - kept.cancelled
    yield oldest.completed_group, now - kept.completed + ASTRAY
    yield oldest.failed_group, now - kept.failed + ASTRAY
    yield oldest.cancelled_group, now - kept.cancelled + ASTRAY
    yield oldest.lot, now
    yield oldest.limit, now


def _rest(oldest: Oldest, now: Micros, kept: Retention) -> Ends:
    yield oldest.tombstone, now - TOMBSTONE
    yield oldest.audit, now - kept.audit
    yield oldest.operation, now - kept.sessions + ASTRAY
    yield oldest.signed_out, now
    yield oldest.meter, now
    yield oldest.lock, now - FORGOTTEN
    yield oldest.effect, now - kept.effects
    yield oldest.note, now
    yield oldest.session, now - kept.sessions
