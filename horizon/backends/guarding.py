"""What becomes of the jobs that an act puts to work again: a canary first, and a stop by itself where too many fail. Pure.

The operation keeps a trace: who was acted on first, who was left alone, and of those that it put to work and that are watched,
who has not shown yet how it goes. A job has shown it when it has ended, or when a try of it has failed and it waits for the next
one: whoever fears a flood of failures does not want to wait until every try is used up. As many as are watched are ahead of what
is known, never more; so the guard holds at any pace, and while no worker runs nothing goes on.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace

from horizon.core.audit import AuditEntry
from horizon.core.errors import InvalidOption
from horizon.core.states import JobState

CANARY, STOP_AT = "canary", "stop_at"
"""The parameters of an operation that is guarded: how many jobs first, and beyond how many percent it stops by itself."""
NOTE = "note"
"""The parameter that says why somebody wished it, where the verb itself keeps no reason with its jobs."""
SHARE = 20.0
"""Percent of a canary that may fail where nothing else is said."""
AHEAD = 200
"""Jobs that are put to work and have not shown how it goes, at the most."""
LATEST, FEWEST = 100, 20
"""The share of failures is that of so many jobs, the latest to show it; it says nothing before there are a few."""
ACTED, FAILED, LEFT, EXAMPLES = 100, 20, 20, 3
"""Ids kept: of those acted on, of those that failed again; reasons with examples, and examples of each."""
FINE, AGAIN = ".", "x"
HAS_FAILED = (JobState.FAILED, JobState.RETRYING)
HAS_NOT = (JobState.COMPLETED, JobState.CANCELLED)


@dataclass(frozen=True, kw_only=True, slots=True)
class Guard:
    """What an operation was told to beware of."""

    canary: int = 0
    """So many first; 0: none."""
    stop_at: float | None = None
    """Percent; None: it does not stop by itself but for its canary."""

    @property
    def share(self) -> float:
        """Percent that may fail."""
        return SHARE if self.stop_at is None else self.stop_at

    def on(self) -> bool:
        """Whether there is anything to beware of."""
        return bool(self.canary) or self.stop_at is not None


@dataclass(frozen=True, kw_only=True, slots=True)
class Trace:
    """What is known of the jobs of an operation."""

    acted: tuple[str, ...] = ()
    """Ids of the first it was done to."""
    left: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Why jobs were left alone → ids of the first."""
    watch: tuple[str, ...] = ()
    """Ids of those that have not shown how it goes."""
    fine: int = 0
    again: int = 0
    """Of those watched: how many did not fail, and how many did."""
    latest: str = ""
    """How it went with the latest, one sign each."""
    failed: tuple[str, ...] = ()
    """Ids of the first that failed again."""
    passed: bool = False
    """The canary is over, and few enough of it failed."""
    stopped: str = ""
    """Why it stopped by itself, in words."""

    @property
    def shown(self) -> int:
        """How many have shown how it goes."""
        return self.fine + self.again


NOTHING = Trace()


def guard_of(params: Mapping[str, object]) -> Guard:
    """That of an operation."""
    canary, stop_at = params.get(CANARY), params.get(STOP_AT)
    return Guard(
        canary=canary if isinstance(canary, int) else 0, stop_at=float(stop_at) if isinstance(stop_at, (int, float)) else None
    )  # fmt: skip


def check(params: Mapping[str, object]) -> None:
    """Raises InvalidOption for what is no guard."""
    canary, stop_at = params.get(CANARY), params.get(STOP_AT)
    if canary is not None and (isinstance(canary, bool) or not isinstance(canary, int) or not 1 <= canary <= AHEAD):
        raise InvalidOption(f"a canary is a whole number of jobs from 1 to {AHEAD}; got {str(canary)[:40]!r}")
    if stop_at is not None and (isinstance(stop_at, bool) or not isinstance(stop_at, (int, float)) or not 0 <= stop_at < 100):
        raise InvalidOption(f"the share of failures to stop at is a percentage from 0 to below 100; got {str(stop_at)[:40]!r}")


def room(guard: Guard, trace: Trace, limit: int) -> int:
    """How many more it may put to work now."""
    if trace.stopped:
        return 0
    if guard.canary and not trace.passed:
        return max(0, min(limit, guard.canary - trace.shown - len(trace.watch)))
    return limit if guard.stop_at is None else max(0, min(limit, AHEAD - len(trace.watch)))


def watches(guard: Guard, trace: Trace) -> bool:
    """Whether those that it acts on now are to be watched."""
    return guard.stop_at is not None or bool(guard.canary and not trace.passed)


def judged(guard: Guard, trace: Trace, states: Mapping[str, JobState]) -> Trace:
    """What is known once one has looked at those that are watched. One that is gone was kept no longer, as no failure is."""
    fine = [id for id in trace.watch if states.get(id, JobState.COMPLETED) in HAS_NOT]
    again = [id for id in trace.watch if states.get(id) in HAS_FAILED]
    over = {*fine, *again}
    marks = "".join(AGAIN if states.get(id) in HAS_FAILED else FINE for id in trace.watch if id in over)
    seen = replace(
        trace,
        watch=tuple(id for id in trace.watch if id not in over),
        fine=trace.fine + len(fine),
        again=trace.again + len(again),
        latest=(trace.latest + marks)[-LATEST:],
        failed=(*trace.failed, *again)[:FAILED],
    )
    why = _of_canary(guard, seen) or _of_all(guard, seen)
    over_now = bool(guard.canary) and not seen.watch and seen.shown >= guard.canary
    return replace(seen, stopped=why, passed=not why and (seen.passed or over_now))


def _of_canary(guard: Guard, trace: Trace) -> str:
    """Why its canary says stop; empty: it does not."""
    if not guard.canary or trace.passed or trace.again * 100 <= guard.share * guard.canary:
        return ""
    return f"{trace.again} of the first {guard.canary} failed again, more than {guard.share:g} %"


def _of_all(guard: Guard, trace: Trace) -> str:
    """Why those after the canary say stop; empty: they do not."""
    count, again = len(trace.latest), trace.latest.count(AGAIN)
    if guard.stop_at is None or count < FEWEST or again * 100 <= guard.stop_at * count:
        return ""
    return f"{again} of the latest {count} failed again, more than {guard.stop_at:g} %"


def grown(trace: Trace, done: Sequence[str], left: Mapping[str, str], *, watched: bool) -> Trace:
    """With what a step has done and left alone."""
    reasons = dict(trace.left)
    for id, reason in left.items():
        known = reasons.get(reason, ())
        if len(known) < EXAMPLES and (known or len(reasons) < LEFT):
            reasons[reason] = (*known, id)
    return replace(
        trace, acted=(*trace.acted, *done)[:ACTED], left=reasons, watch=(*trace.watch, *done) if watched else trace.watch
    )  # fmt: skip


def wanted(trace: Trace, left: Mapping[int, str], ns: Iterable[int]) -> list[int]:
    """Numbers of the jobs whose ids a step has to ask for, of those that it has looked at: few, unless all are watched."""
    done = [n for n in ns if n not in left][: max(0, ACTED - len(trace.acted))]
    seen: dict[str, int] = {}
    for n, reason in left.items():
        seen[reason] = seen.get(reason, 0) + 1
        if seen[reason] <= EXAMPLES:
            done.append(n)
    return done


def stop_entry(id: str, trace: Trace) -> AuditEntry:
    """What the audit log says of one that stopped by itself."""
    return AuditEntry(actor="horizon", verb="stop", target=f"operation:{id}", detail=trace.stopped)


def write(trace: Trace) -> str:
    """As stored; empty where nothing is known."""
    return "" if trace == NOTHING else json.dumps(asdict(trace), ensure_ascii=False)


def read(text: str | None) -> Trace:
    """What `write` wrote, or a script of Redis, to which empty lists and empty maps are one."""
    if not text:
        return NOTHING
    given = json.loads(text)
    return Trace(
        **{name: tuple(given.get(name) or ()) for name in ("acted", "watch", "failed")},
        left={reason: tuple(ids) for reason, ids in dict(given.get("left") or {}).items()},
        fine=int(given.get("fine", 0)), again=int(given.get("again", 0)), latest=str(given.get("latest", "")),
        passed=bool(given.get("passed")), stopped=str(given.get("stopped", "")),
    )  # fmt: skip


def together(parts: Sequence[Trace]) -> Trace:
    """That of one operation on several stores."""
    left: dict[str, tuple[str, ...]] = {}
    for part in parts:
        for reason, ids in part.left.items():
            left[reason] = (*left.get(reason, ()), *ids)[:EXAMPLES]
    return Trace(
        acted=tuple(id for part in parts for id in part.acted)[:ACTED], left=left, watch=tuple(id for part in parts for id in part.watch),
        fine=sum(part.fine for part in parts), again=sum(part.again for part in parts), latest="".join(part.latest for part in parts),
        failed=tuple(id for part in parts for id in part.failed)[:FAILED], passed=all(part.passed for part in parts),
        stopped="; ".join(dict.fromkeys(part.stopped for part in parts if part.stopped)),
    )  # fmt: skip
