"""The life of one job, drawn to scale: when it waited, ran, backed off. Pure.

A job that a person has re-opened has lived several rounds. Each is drawn by itself: on one scale a day between two of
them would leave nothing to see of either.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from horizon.core import dead
from horizon.core.clock import Micros
from horizon.core.record import Attempt, Record
from horizon.core.states import JobState

MOST = 12
"""Attempts drawn; earlier ones are in the list below."""
SLIVER = 0.6
"""Per cent of the width that even the shortest span gets, so that it can be seen."""
COLOURS = {
    "completed": "s-completed", "running": "s-processing", "retry": "s-failed", "failed": "s-failed", "crashed": "s-failed",
    "released": "s-scheduled", "cancelled": "s-cancelled",
}  # fmt: skip


@dataclass(frozen=True, kw_only=True, slots=True)
class Span:
    """One line of the drawing; `x` and `width` are per cent of the whole."""

    label: str
    colour: str
    start: Micros
    end: Micros
    x: float = 0.0
    width: float = 0.0
    open: bool = False
    """Still going on."""

    @property
    def lasts(self) -> Micros:
        """How long, in microseconds."""
        return self.end - self.start


@dataclass(frozen=True, kw_only=True, slots=True)
class Timeline:
    """All of it."""

    spans: tuple[Span, ...]
    start: Micros
    end: Micros
    hidden: int = 0
    """Earlier attempts that are not drawn."""
    round: int = 0
    since: str = "dispatch"
    """What the drawing begins with: `dispatch`, `re-opening`, `its first start`, or `attempt 4` of a long history."""
    over: bool = False
    """True where this round has ended."""

    @property
    def lasts(self) -> Micros:
        """From the first to the last moment drawn."""
        return self.end - self.start


@dataclass(frozen=True, kw_only=True, slots=True)
class Round:
    """What stands between two re-openings by a person."""

    number: int
    """From 0."""
    attempts: int
    outcome: str
    """Of its last attempt; empty where none has begun."""
    ended_at: Micros | None


def rounds(record: Record) -> tuple[Round, ...]:
    """Every round of a job that was re-opened, the latest first; empty for one that never was."""
    if not record.round:
        return ()
    made = []
    for number in range(record.round, -1, -1):
        own = [attempt for attempt in record.history if attempt.round == number]
        ended = own[-1].finished_at if own else None
        made.append(Round(number=number, attempts=len(own), outcome=own[-1].outcome if own else "", ended_at=ended))
    return tuple(made)


def timeline(record: Record, now: Micros, round: int | None = None) -> Timeline:
    """One round of a job (None: the current one), up to its end, to `now`, or to the moment it is due."""
    shown = record.round if round is None else round
    current = shown == record.round
    own = [attempt for attempt in record.history if attempt.round == shown and attempt.started_at is not None]
    drawn = own[-MOST:]
    first, since = _begin(record, drawn, now, whole=len(drawn) == len(own), round=shown)
    spans = list(_spans(record, drawn, first, now, current=current))
    if since not in ("dispatch", "re-opening") and spans and spans[0].lasts == 0:
        del spans[0]  # how long it waited before is not known, which is not the same as not at all
    end = max((span.end for span in spans), default=max(now, first))
    whole = max(1, end - first)
    scaled = tuple(_scaled(span, first, whole) for span in spans)
    over = not current or record.state.terminal
    return Timeline(spans=scaled, start=first, end=end, hidden=len(own) - len(drawn), round=shown, since=since, over=over)


def _begin(record: Record, drawn: Sequence[Attempt], now: Micros, *, whole: bool, round: int) -> tuple[Micros, str]:
    """(where the drawing starts, what that moment is). Of a re-opening only what the last attempt's wait tells is known."""
    if round == 0 and whole:
        return record.created_at, "dispatch"
    if not drawn:
        return min(record.available_at or now, now), "re-opening"
    started = drawn[0].started_at or now
    if not whole:
        return started, f"attempt {drawn[0].number}"
    if round == record.round and len(drawn) == 1 and record.wait is not None:
        return started - max(0, record.wait), "re-opening"
    return started, "its first start"


def _spans(record: Record, drawn: Sequence[Attempt], first: Micros, now: Micros, *, current: bool) -> Iterator[Span]:
    at, before = first, None
    for attempt in drawn:
        started = attempt.started_at or at
        yield from _gap(record, before, at, started, last=current and attempt is drawn[-1])
        at = max(started, attempt.finished_at or now)
        colour = COLOURS.get(attempt.outcome, "s-pending")
        yield Span(label=f"Attempt {attempt.number}", colour=colour, start=started, end=at, open=attempt.finished_at is None)
        before = attempt
    if current:
        yield from _rest(record, before, at, now)


def _gap(record: Record, before: Attempt | None, at: Micros, started: Micros, *, last: bool) -> Iterator[Span]:
    """What lies between one attempt (or the dispatch) and the next: first a delay that was asked for, then the queue."""
    due = at + (before.delay or 0) if before is not None else at
    if before is None and last and record.wait is not None:
        due = started - record.wait
    due = min(max(due, at), started)
    if due - at > 1000:
        label, colour = _delay(record) if before is None else ("Backoff", "s-retrying")
        yield Span(label=label, colour=colour, start=at, end=due)
    if started > due or (before is None and due == at):
        yield Span(label=f"Waited in {dead.own(record.queue)}", colour="s-pending", start=due, end=started)


def _delay(record: Record) -> tuple[str, str]:
    """What kept a job from its queue before its first attempt; one that had others to wait for came when they had ended."""
    return ("Blocked", "s-blocked") if record.depends_on else ("Scheduled", "s-scheduled")


def _rest(record: Record, before: Attempt | None, at: Micros, now: Micros) -> Iterator[Span]:
    """What happens to a job that is not running and not over: it waits, until a time or for a worker."""
    due = record.available_at
    if record.state is JobState.PENDING:
        if before is not None and before.delay and due is not None and at < due <= now:
            yield Span(label="Backoff", colour="s-retrying", start=at, end=due)
            at = due
        yield Span(label=f"Waits in {record.queue}", colour="s-pending", start=min(at, now), end=now, open=True)
    elif record.waits_for_limit is not None:  # its time has come, and it waits all the same
        yield Span(label="Waits for room", colour="s-scheduled", start=min(at, now), end=now, open=True)
    elif record.state in (JobState.SCHEDULED, JobState.RETRYING) and due is not None:
        backoff = record.state is JobState.RETRYING
        label, colour = ("Backoff", "s-retrying") if backoff else ("Scheduled", "s-scheduled")
        yield Span(label=label, colour=colour, start=min(at, due), end=max(due, at), open=True)
    elif record.state is JobState.BLOCKED:
        yield Span(label="Blocked", colour="s-blocked", start=min(at, now), end=now, open=True)
    elif record.finished_at is not None and before is None:
        yield Span(
            label=f"Waited in {dead.own(record.queue)}", colour="s-pending", start=min(at, record.finished_at), end=record.finished_at
        )


def _scaled(span: Span, first: Micros, whole: Micros) -> Span:
    width = max(SLIVER, (span.end - span.start) / whole * 100)
    x = min(max(0.0, (span.start - first) / whole * 100), 100 - width)
    return Span(
        label=span.label,
        colour=span.colour,
        start=span.start,
        end=span.end,
        open=span.open,
        x=round(max(0.0, x), 2),
        width=round(min(width, 100), 2),
    )
