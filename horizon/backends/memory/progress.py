"""News of running attempts."""

from __future__ import annotations

from collections.abc import Sequence

from horizon.backends.memory.kernel.settle import capped, holds
from horizon.backends.memory.kernel.store import Job, Store
from horizon.backends.nouns import Progress
from horizon.backends.values import ProgressReport
from horizon.core.outcome import Answer


class MemoryProgress(Progress):
    """See `Progress`."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def report(self, reports: Sequence[ProgressReport]) -> Sequence[Answer]:
        """See `Progress.report`."""
        with self._store.act():
            return [self._report_one(report) for report in reports]

    def _report_one(self, report: ProgressReport) -> Answer:
        job = self._store.by_n.get(report.ref) if isinstance(report.ref, int) else None
        if job is None or not holds(job, report.token):
            return Answer.LOST
        self._keep(job, report)
        self._store.changed()
        return Answer.OK

    def _keep(self, job: Job, report: ProgressReport) -> None:
        if report.percent is not None:
            job.progress = report.percent
        if report.note is not None:
            job.progress_note = report.note
        job.logs, dropped = capped([*job.logs, *report.logs], self._store.log_lines)
        job.logs_dropped += dropped + report.logs_dropped
