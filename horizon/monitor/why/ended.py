"""Of a job that has ended: why it ended so, why it ran more than once, where the time went. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

from horizon.core import deadlines
from horizon.core.clock import MINUTE, SECOND, Micros
from horizon.core.record import Attempt, Record
from horizon.core.states import JobState
from horizon.monitor.why.facts import Facts, Link, Mark, Point
from horizon.monitor.why.turns import spoken

NAMED = 10
"""Attempts that are told one by one, the latest."""
LONG: Micros = MINUTE
"""A job that took less from dispatch to end was not late."""
_ID = re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b")
HOW = {
    "retry": "Attempt {number} failed after {lasted}{why}",
    "failed": "Attempt {number} failed after {lasted}{why}",
    "crashed": "Attempt {number} ended with its process after {lasted}{why}",
    "interrupted": "Attempt {number} was interrupted after {lasted}, and lost no try{why}",
    "released": "Attempt {number} put itself back after {lasted}{why}",
    "returned": "Attempt {number} went back to its queue after {lasted}, and lost no try{why}",
    "cancelled": "Attempt {number} was cancelled after {lasted}{why}",
    "completed": "Attempt {number} completed after {lasted}{why}",
}
USED_UP = re.compile(r"the last of |the only try")
"""Reasons that say no more than how many tries it had, see `horizon.jobs.decide`."""
Question = Callable[[Facts], Iterator[Point]]


def points(of: Facts) -> list[Point]:
    """Every question that this end raises, answered."""
    return [point for question in QUESTIONS for point in question(of)]


def outcome(of: Facts) -> Iterator[Point]:
    """Why it ended as it did."""
    record = of.record
    if record.state is JobState.COMPLETED:
        yield Point(key="end", mark=Mark.OK, text="It completed {when}.", at=record.finished_at)
    elif record.state is JobState.CANCELLED:
        yield from _cancelled(record)
    else:
        yield Point(key="end", mark=Mark.WRONG, text=_failed(record), at=record.finished_at)


def _failed(record: Record) -> str:
    last = record.max_tries is not None and record.attempts >= record.max_tries
    why = _why(None if last and USED_UP.match(record.reason or "") else record.reason, record)
    if not last:
        return f"It failed {{when}}{why}."
    if record.max_tries == 1:
        return f"It failed {{when}} with its only try{why}."
    return f"It failed {{when}} with the last of its {record.max_tries:,} tries{why}."


def _cancelled(record: Record) -> Iterator[Point]:
    reason = (record.reason or "").strip()
    named = _ID.search(reason)
    link = Link(kind="job", name=named[0]) if named and "group" not in reason.partition(named[0])[0] else None
    said = f"It was cancelled {{when}}: {reason}." if reason else "It was cancelled {when}, and nobody said why."
    yield Point(key="end", mark=Mark.OK if reason else Mark.UNKNOWN, text=said, at=record.finished_at, link=link)
    if not record.history:
        yield Point(key="unrun", mark=Mark.OK, text="It never ran.")


def twice(of: Facts) -> Iterator[Point]:
    """Why it ran more than once: which attempt ended how."""
    record = of.record
    if record.round:
        text = f"It was run again by hand {'once' if record.round == 1 else f'{record.round:,} times'}."
        yield Point(key="rounds", mark=Mark.OK, text=text)
    if len(record.history) < 2:
        return
    yield Point(key="attempts", mark=Mark.OK, text=f"It ran {len(record.history):,} times.")
    for attempt in record.history[-NAMED:]:
        yield _attempt(attempt)


def _attempt(one: Attempt) -> Point:
    lasted = measured(one.finished_at - one.started_at) if one.started_at is not None and one.finished_at is not None else "an unknown time"
    why = f": {one.error.type}" if one.error else f": {one.reason}" if one.reason else ""
    text = HOW.get(one.outcome, "Attempt {number} ended otherwise after {lasted}{why}")
    mark = Mark.OK if one.outcome in ("completed", "released", "returned") else Mark.WRONG
    told = text.replace("{number}", f"{one.number:,}").replace("{lasted}", lasted).replace("{why}", why)
    return Point(key=f"attempt-{one.number}", mark=mark, text=f"{told}.")


def measured(micros: Micros) -> str:
    """A duration as the timeline beside it has it: 800 ms, 2.5 s; from ten seconds on roughly."""
    if micros < SECOND - 500:
        return f"{round(micros / 1000)} ms"
    if micros < 10 * SECOND:
        return f"{micros / SECOND:.1f}".removesuffix(".0") + " s"
    return spoken(micros)


def late(of: Facts) -> Iterator[Point]:
    """Where the time went, and whether it should have started earlier."""
    record = of.record
    if deadlines.missed(record, of.now):
        yield Point(key="deadline", mark=Mark.WRONG, text="It should have started before {then}.", at=record.deadline)
    end = record.finished_at
    if end is None or (end - record.created_at < LONG and record.deadline is None):
        return
    whole = max(1, end - record.created_at)
    yield Point(key="time", mark=Mark.OK, text=f"From its dispatch to its end it took {spoken(whole)}:")
    for key, text, lasted in spans(record):
        if lasted >= SECOND:
            share = f"{round(100 * lasted / whole)} %"
            yield Point(key=f"time-{key}", mark=Mark.OK, text=f"{text.replace('{lasted}', spoken(lasted))} ({share}).")
    yield from _held_back(of)


def spans(record: Record) -> list[tuple[str, str, Micros]]:
    """(key, sentence, how long) of each part of its life, in which the times of all attempts count."""
    attempts = [one for one in record.history if one.started_at is not None]
    if not attempts:
        return []
    first = attempts[0].started_at or record.created_at
    waited = record.wait if record.wait is not None and len(attempts) == 1 else None
    due = min(first, max(record.created_at, first - waited)) if waited is not None else record.created_at
    asked, queued = due - record.created_at, first - due
    ran = sum(max(0, (one.finished_at or one.started_at or 0) - (one.started_at or 0)) for one in attempts)
    backoff, between = _between(attempts)
    before = "waiting for what it depends on" if record.depends_on else "not due yet"
    return [
        ("due", f"{{lasted}} it was {before}", asked),
        ("queue", "{lasted} it waited for a free slot, for room in its limits, or for its queue to go on" if record.limits else "{lasted} it waited for a free slot, or for its queue to go on", queued),
        ("run", "{lasted} it ran", ran),
        ("backoff", "{lasted} it waited between two attempts, as was asked", backoff),
        ("again", "{lasted} it waited for a slot again after a backoff", between),
    ]  # fmt: skip


def _between(attempts: Sequence[Attempt]) -> tuple[Micros, Micros]:
    """(what attempts asked for, what came on top of it) of the time between them."""
    asked = more = 0
    for one, following in pairwise(attempts):
        gap = max(0, (following.started_at or 0) - (one.finished_at or one.started_at or 0))
        wanted = min(gap, one.delay or 0)
        asked, more = asked + wanted, more + gap - wanted
    return asked, more


def _held_back(of: Facts) -> Iterator[Point]:
    """Who paused its queue while it waited."""
    record = of.record
    until = next((one.started_at for one in record.history if one.started_at is not None), record.finished_at) or of.now
    for pause in of.pauses:
        if record.created_at <= pause.at <= until:
            link = Link(kind="queue", name=record.queue)
            text = f"Its queue was paused by {pause.by} {{when}}, while it waited."
            yield Point(key="paused", mark=Mark.WAITS, text=text, at=pause.at, link=link, happened=True)
            return


def _why(reason: str | None, record: Record) -> str:
    return f": {reason}" if reason else f": {record.error.type}" if record.error else ""


QUESTIONS: tuple[Question, ...] = (outcome, twice, late)
