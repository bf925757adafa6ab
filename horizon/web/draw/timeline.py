"""The life of one job, drawn to scale: when it waited, ran, backed off. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

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

    @property
    def lasts(self) -> Micros:
        """From the first to the last moment drawn."""
        return self.end - self.start


def timeline(record: Record, now: Micros) -> Timeline:
    """The current round of a job, up to `now`, or up to the moment it is due."""
    this_round = [attempt for attempt in record.history if attempt.round == record.round and attempt.started_at is not None]
    drawn = this_round[-MOST:]
    first = record.created_at if record.round == 0 and len(drawn) == len(this_round) else _begin(record, drawn, now)
    spans = list(_spans(record, drawn, first, now))
    end = max((span.end for span in spans), default=now)
    whole = max(1, end - first)
    scaled = tuple(_scaled(span, first, whole) for span in spans)
    return Timeline(spans=scaled, start=first, end=end, hidden=len(this_round) - len(drawn))


def _begin(record: Record, drawn: Sequence[Attempt], now: Micros) -> Micros:
    """Where the drawing starts when it is not at the dispatch: a round re-opened by a person, or a long history."""
    if not drawn:
        return min(record.available_at or now, now)
    started = drawn[0].started_at or now
    waited = record.wait if len(drawn) == 1 and record.wait else 0
    return started - waited


def _spans(record: Record, drawn: Sequence[Attempt], first: Micros, now: Micros) -> Iterator[Span]:
    at, before = first, None
    for attempt in drawn:
        started = attempt.started_at or at
        yield from _gap(record, before, at, started, last=attempt is drawn[-1])
        at = max(started, attempt.finished_at or now)
        colour = COLOURS.get(attempt.outcome, "s-pending")
        yield Span(label=f"Attempt {attempt.number}", colour=colour, start=started, end=at, open=attempt.finished_at is None)
        before = attempt
    yield from _rest(record, before, at, now)


def _gap(record: Record, before: Attempt | None, at: Micros, started: Micros, *, last: bool) -> Iterator[Span]:
    """What lies between one attempt (or the dispatch) and the next: first a delay that was asked for, then the queue."""
    due = at + (before.delay or 0) if before is not None else at
    if before is None and last and record.wait is not None:
        due = started - record.wait
    due = min(max(due, at), started)
    if due - at > 1000:
        label = "Scheduled" if before is None else "Backoff"
        yield Span(label=label, colour="s-scheduled" if before is None else "s-retrying", start=at, end=due)
    if started > due or (before is None and due == at):
        yield Span(label=f"Waited in {record.queue}", colour="s-pending", start=due, end=started)


def _rest(record: Record, before: Attempt | None, at: Micros, now: Micros) -> Iterator[Span]:
    """What happens to a job that is not running and not over: it waits, until a time or for a worker."""
    due = record.available_at
    if record.state is JobState.PENDING:
        if before is not None and before.delay and due is not None and at < due <= now:
            yield Span(label="Backoff", colour="s-retrying", start=at, end=due)
            at = due
        yield Span(label=f"Waits in {record.queue}", colour="s-pending", start=min(at, now), end=now, open=True)
    elif record.state in (JobState.SCHEDULED, JobState.RETRYING) and due is not None:
        backoff = record.state is JobState.RETRYING
        label, colour = ("Backoff", "s-retrying") if backoff else ("Scheduled", "s-scheduled")
        yield Span(label=label, colour=colour, start=min(at, due), end=max(due, at), open=True)
    elif record.state is JobState.BLOCKED:
        yield Span(label="Blocked", colour="s-blocked", start=min(at, now), end=now, open=True)
    elif record.finished_at is not None and before is None:
        yield Span(label=f"Waited in {record.queue}", colour="s-pending", start=min(at, record.finished_at), end=record.finished_at)


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
