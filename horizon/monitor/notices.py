"""What stands on top of every page: what is wrong just now, each with what to do about it. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from horizon.core.clock import SECOND, Micros
from horizon.core.lanes import ASK, PREFIX, is_lane
from horizon.core.states import JobState
from horizon.monitor.figures import INACTIVE, LATE, PAUSED, RUNNING, Overview, QueueFigures, Quiet
from horizon.monitor.workers import Worker

WAITING = (JobState.PENDING, JobState.SCHEDULED, JobState.RETRYING)
DOUBT = 90.0
"""Seconds after which a push in doubt would have been settled, had the other store been able to tell."""
NAMED = 3
"""Queues, problems and workers that are named one by one; the rest is counted."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Notice:
    """One strip."""

    id: str
    """The same from one refresh to the next."""
    title: str
    text: str
    at: Micros | None = None
    """The moment for which `{then}` stands in the text."""
    grave: bool = False
    """Jobs do not run because of it."""
    command: str = ""
    """What to type."""
    look: str = ""
    """The page that shows it: `workers` or `queues`."""
    ask: str = ""
    """What a worker could be asked: `restart:old`, `resume:all`."""
    label: str = ""
    """Of the button that asks."""


def notices(figures: Overview, old: Sequence[Worker]) -> list[Notice]:
    """All of them, the gravest first. `old`: living workers with older code than the newest."""
    return [
        *_idle(figures), *_silent(figures), *_travelling(figures), *_problems(figures), *_quiet(figures), *_unserved(figures), *_old(figures, old),
    ]  # fmt: skip


def _idle(figures: Overview) -> Iterator[Notice]:
    """Nobody starts any job."""
    waiting = sum(figures.counts.get(state, 0) for state in (JobState.PENDING, JobState.SCHEDULED, JobState.RETRYING))
    if figures.status == INACTIVE:
        waits = f"{_count(waiting, 'job')} {'waits' if waiting == 1 else 'wait'}" if waiting else "Jobs will wait"
        yield Notice(
            id="no-worker", title="No worker is running.", text=f"{waits} until one is started:", grave=True, command="horizon work"
        )
    elif figures.status == PAUSED and figures.workers and all(worker.report.state == "paused" for worker in figures.workers):
        text = "No job is started until they go on."
        yield Notice(
            id="paused", title="Every worker is paused.", text=text, look="workers", ask="resume:all", label="Resume all"
        )  # fmt: skip
    elif figures.status == PAUSED:
        yield Notice(id="paused", title="Every queue is paused.", text="No job is started until one is resumed.", look="queues")


def _silent(figures: Overview) -> Iterator[Notice]:
    for index, one in enumerate(figures.silent, 1):
        text = one.told("" if one.since is None else "{then}")
        yield Notice(id=f"silent-{index}", title="A store does not answer.", text=text, at=one.since, grave=True, command="horizon status")


def _travelling(figures: Overview) -> Iterator[Notice]:
    """Jobs between two connections."""
    ways: dict[tuple[str, str, str], list[QueueFigures]] = {}
    for row in figures.queues:
        if is_lane(row.name) and any(row.count(state) for state in WAITING):
            kind, to, _ = row.name.removeprefix(PREFIX).split(":", 2)
            ways.setdefault((kind, row.connection, to), []).append(row)
    for index, ((kind, source, to), rows) in enumerate(ways.items(), 1):
        many = _count(sum(row.count(state) for row in rows for state in WAITING), "job")
        held = kind == ASK and max(row.oldest or 0.0 for row in rows) > DOUBT
        yield Notice(id=f"travelling-{index}", title=_way(kind, source, to), text=_fate(many, to, kind, held), grave=held, look="queues")


def _way(kind: str, source: str, to: str) -> str:
    return f"Jobs on {source} may be on {to} already." if kind == ASK else f"Jobs are on their way from {source} to {to}."


def _fate(many: str, to: str, kind: str, held: bool) -> str:
    if held:
        return (
            f"{many}, pushed to {to} as the line was cut, and no longer known there. Nobody but you can say whether they ran: move them to "
            f"their queue to run them, or cancel them."
        )
    if kind == ASK:
        return f"{many}, pushed to {to} as the line was cut: they wait until {to} says whether it has them."
    return f"{many} wait parked until {to} has them; no worker takes them meanwhile."


def _problems(figures: Overview) -> Iterator[Notice]:
    for index, text in enumerate(figures.problems[:NAMED], 1):
        yield Notice(id=f"problem-{index}", title="A worker has a problem.", text=text, grave=True, look="workers")
    more = len(figures.problems) - NAMED
    if more > 0:
        yield Notice(id="problems", title=f"Workers have {_count(more, 'more problem')}.", text="", grave=True, look="workers")


def _quiet(figures: Overview) -> Iterator[Notice]:
    """Workers that live, and of which nothing is heard or that take nothing."""
    for index, one in enumerate(figures.quiet[:NAMED], 1):
        yield Notice(id=f"quiet-{index}", title=f"{one.worker} is silent.", text=said(one, figures.at), look="workers")
    more = len(figures.quiet) - NAMED
    if more > 0:
        yield Notice(id="quiet", title=f"{_count(more, 'more worker')} {'is' if more == 1 else 'are'} silent.", text="", look="workers")


def said(one: Quiet, now: Micros) -> str:
    """What is odd about a silent worker, and what comes of it or can be done."""
    gone = _span(now - one.since)
    if one.kind == LATE:
        left = one.session.expires_at - now
        return (
            f"Nothing was heard of it for {gone}. Its machine, or the way from there to the store, may be down; "
            f"unless it speaks up within {_span(left)}, its jobs go back to their queues."
        )
    waits = "waits" if one.waiting == 1 else "wait"
    return (
        f"It has room, and has taken no job for {gone}, though {_count(one.waiting, 'job')} that it could run {waits}, "
        f"the oldest in {one.queue}. Its log may say why; a restart replaces its executors."
    )


def _span(gap: Micros) -> str:
    seconds = max(0, gap) // SECOND
    return f"{seconds} s" if seconds < 120 else f"{seconds // 60} min" if seconds < 7200 else f"{seconds // 3600} h"


def _unserved(figures: Overview) -> Iterator[Notice]:
    """Queues with waiting jobs that no worker takes from; said only where somebody works at all."""
    if figures.status != RUNNING:
        return
    lonely = [queue for queue in figures.queues if queue.unserved]
    for index, queue in enumerate(lonely[:NAMED], 1):
        yield _lonely(index, queue)
    rest = lonely[NAMED:]
    if rest:
        text = f"Nobody works on {_count(len(rest), 'more queue')} either. A worker without a list of queues takes from all:"
        yield Notice(id="unserved", title="", text=text, command="horizon work", look="queues")


def _lonely(index: int, queue: QueueFigures) -> Notice:
    waiting = queue.count(JobState.PENDING)
    text = f"{_count(waiting, 'job')} there {'waits' if waiting == 1 else 'wait'}; start a worker for it:"
    return Notice(id=f"unserved-{index}", title=f"Nobody works on {queue.name}.", text=text, command=f"horizon work --queue {queue.name}")


def _old(figures: Overview, old: Sequence[Worker]) -> Iterator[Notice]:
    """Workers that a deploy has left behind."""
    if not old:
        return
    who = old[0].name if len(old) == 1 else f"{len(old)} of {_count(len(figures.workers), 'worker')}"
    runs = "runs" if len(old) == 1 else "run"
    versions = list(dict.fromkeys(version for worker in old for version in worker.versions))
    named = ", ".join(versions[:NAMED])
    yield Notice(
        id="old-code", title=f"{who} {runs} old code ({named}).", look="workers", ask="restart:old", label="Restart",
        text="Newer code runs elsewhere. Once restarted, each executor loads what is deployed, after it has finished its jobs.",
        command="horizon restart",
    )  # fmt: skip


def _count(n: int, noun: str) -> str:
    return f"{n:,} {noun}{'' if n == 1 else 's'}"
