"""Which alerts there are, and what of the figures deserves one. Deciding is pure.

What stands on top of every page (`monitor/notices.py`) is true of this moment; what stands there for a while becomes an alert,
which somebody can take on, and which is still there in the morning. Rules over figures will be one more source of sightings.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from horizon.backends.base import Backend
from horizon.core import alert as alerts
from horizon.core.alert import Alert, Severity, Sighting
from horizon.core.clock import SECOND
from horizon.core.states import JobState
from horizon.monitor import notices
from horizon.monitor.chain import Checked
from horizon.monitor.figures import INACTIVE, LATE, PAUSED, RUNNING, Overview
from horizon.monitor.workers import Worker

KIND, PAST = "alert", "alert past"
"""The kinds of notes that hold those that are active, and those that are over."""
STORE = "store-silent"
WAITING = (JobState.PENDING, JobState.SCHEDULED, JobState.RETRYING)


def active(store: Backend) -> list[Alert]:
    """Those that are not over, the gravest and latest first."""
    found = [alerts.read(note.body) for note in store.notes.all(KIND)]
    return sorted(found, key=lambda one: (one.severity.rank, -one.first_at, one.key))


def past(store: Backend) -> list[Alert]:
    """Those that are over, the latest first."""
    found = [alerts.read(note.body) for note in store.notes.all(PAST)]
    return sorted(found, key=lambda one: (-(one.resolved_at or 0), one.key))


def sightings(figures: Overview, old: Sequence[Worker], down: Iterable[str], checks: Iterable[Checked] = ()) -> list[Sighting]:
    """What holds at this moment and deserves an alert if it goes on. `old`: living workers with older code than the newest;
    `down`: connections that do not answer; `checks`: what was found when audit logs were looked at last."""
    return [
        *_idle(figures), *_down(figures, down), *_problems(figures), *_quiet(figures), *_unserved(figures), *_old(figures, old),
        *_audit(checks),
    ]  # fmt: skip


def _idle(figures: Overview) -> Iterator[Sighting]:
    waiting = sum(figures.counts.get(state, 0) for state in WAITING)
    if figures.status == INACTIVE:
        yield Sighting(
            key="no-worker", rule="no-worker", severity=Severity.CRITICAL if waiting else Severity.MODERATE, title="No worker is running",
            text="Jobs wait, and nobody starts any of them." if waiting else "Nothing waits now; whatever is dispatched will.",
            todo="Start a worker.", command="horizon work", figures={"jobs waiting": f"{waiting:,}"},
        )  # fmt: skip
    elif figures.status == PAUSED:
        workers = bool(figures.workers) and all(worker.report.state == "paused" for worker in figures.workers)
        yield Sighting(
            key="paused", rule="paused", severity=Severity.MODERATE, title="Every worker is paused" if workers else "Every queue is paused",
            text="No job is started until somebody lets them go on.", todo="Resume what was paused, once its reason is gone.",
            command="horizon resume --all" if not workers else "horizon workers resume", figures={"jobs waiting": f"{waiting:,}"},
        )  # fmt: skip


def _down(figures: Overview, down: Iterable[str]) -> Iterator[Sighting]:
    for name in sorted(down):
        text = next((one.told() for one in figures.silent if one.connection == name), f"The connection {name} does not answer.")
        yield Sighting(
            key=f"{STORE} {name}", rule=STORE, severity=Severity.CRITICAL, title=f"The store {name} does not answer", text=text,
            todo="See that its server runs and can be reached from here; jobs on it wait meanwhile.", command="horizon doctor",
            subject=("store", name), connection=name,
        )  # fmt: skip


def _problems(figures: Overview) -> Iterator[Sighting]:
    for text in figures.problems:
        yield Sighting(
            key=f"problem {re.sub(r'[0-9]+', '#', text)}"[:240], rule="problem", severity=Severity.HIGH, title="A worker has a problem",
            text=text, todo="Its log says more; the page Workers shows which one it is.",
        )  # fmt: skip


def _quiet(figures: Overview) -> Iterator[Sighting]:
    for one in figures.quiet:
        yield Sighting(
            key=f"quiet {one.kind} {one.session.info.id}", rule="quiet", severity=Severity.HIGH if one.kind == LATE else Severity.MODERATE,
            title=f"The worker {one.worker} is silent", text=notices.said(one, figures.at), subject=("worker", one.session.info.id),
            todo="Look at its log and its machine; a restart replaces its executors.",
        )  # fmt: skip


def _unserved(figures: Overview) -> Iterator[Sighting]:
    """Said only where somebody works at all."""
    for queue in figures.queues if figures.status == RUNNING else ():
        if queue.unserved:
            yield Sighting(
                key=f"unserved {queue.connection} {queue.name}", rule="unserved", severity=Severity.HIGH,
                title=f"Nobody works on {queue.name}", text="Jobs wait there, and no worker that lives takes from it.",
                todo="Start a worker for it, or add it to the queues of one.", command=f"horizon work --queue {queue.name}",
                subject=("queue", queue.name), connection=queue.connection,
                figures={"jobs waiting": f"{queue.count(JobState.PENDING):,}"},
            )  # fmt: skip


def _old(figures: Overview, old: Sequence[Worker]) -> Iterator[Sighting]:
    if old:
        names = ", ".join(worker.name for worker in old[:3])
        yield Sighting(
            key="old-code", rule="old-code", severity=Severity.LOW, title="Workers run old code",
            text=f"Newer code runs elsewhere than in {names}{' and more' if len(old) > 3 else ''}.",
            todo="Restart them: each executor loads what is deployed, after it has finished its jobs.", command="horizon restart",
            figures={"workers": f"{len(old):,} of {len(figures.workers):,}"},
        )  # fmt: skip


def _audit(checks: Iterable[Checked]) -> Iterator[Sighting]:
    for one in checks:
        if one.fault is not None:
            yield Sighting(
                key=f"audit {one.connection}", rule="audit", severity=Severity.CRITICAL,
                title=f"The audit log of {one.connection} is not what was written", text=f"At number {one.fault.link:,}: {one.fault.reason}.",
                todo="Find out who can write to that store, and compare it with a backup.", command="horizon audit verify",
                subject=("store", one.connection), connection=one.connection,
            )  # fmt: skip


class Standing:
    """Since when each condition has held, and since when it has been gone. Belongs to one process: where another one takes over,
    it begins anew, which makes an alert a little later and nothing else."""

    def __init__(self, after: float, over: float) -> None:
        """`after`: seconds that a condition has to hold; `over`: seconds that it has to be gone."""
        self.after, self.over = round(after * SECOND), round(over * SECOND)
        self._since: dict[str, int] = {}
        self._gone: dict[str, int] = {}

    def ripe(self, seen: Sequence[Sighting], now: int) -> list[Sighting]:
        """Those that have stood long enough."""
        keys = {one.key for one in seen}
        self._since = {key: self._since.get(key, now) for key in keys}
        self._gone = {key: at for key, at in self._gone.items() if key not in keys}
        return [one for one in seen if now - self._since[one.key] >= self.after]

    def over_now(self, known: Iterable[Alert], now: int) -> list[str]:
        """Keys of the alerts whose condition has been gone long enough."""
        missing = [one.key for one in known if one.key not in self._since]
        self._gone = {key: self._gone.get(key, now) for key in missing}
        return [key for key, at in self._gone.items() if now - at >= self.over]

    def begin_anew(self, key: str, now: int) -> None:
        """Somebody said that this is over: it has to stand as long again."""
        self._since[key] = now
