"""News of running attempts."""

from __future__ import annotations

from collections.abc import Sequence

from horizon.backends.database.kernel import logs
from horizon.backends.database.kernel.gates import fetch_live
from horizon.backends.database.kernel.ledger import touch
from horizon.backends.database.kernel.rows import PROCESSING, Live
from horizon.backends.database.kernel.scope import Scope
from horizon.backends.database.store import Store
from horizon.backends.nouns import Progress
from horizon.backends.values import ProgressReport
from horizon.core.outcome import Answer

NOTE = "UPDATE horizon_live SET progress = coalesce(?, progress), note = coalesce(?, note) WHERE n = ?"


class DatabaseProgress(Progress):
    """See `Progress`."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def report(self, reports: Sequence[ProgressReport]) -> Sequence[Answer]:
        """See `Progress.report`."""

        def act(scope: Scope) -> list[Answer]:
            jobs = {job.n: job for job in fetch_live(scope.db, [one.ref for one in reports if type(one.ref) is int])}
            answers = [_report_one(scope, jobs.get(one.ref) if type(one.ref) is int else None, one) for one in reports]
            if Answer.OK in answers:
                touch(scope.db, scope.now)
            return answers

        return self._store.act(act) if reports else []


def _report_one(scope: Scope, job: Live | None, report: ProgressReport) -> Answer:
    if job is None or job.state != PROCESSING or job.token != report.token:
        return Answer.LOST
    if report.percent is not None or report.note is not None:
        scope.db.run(NOTE, (report.percent, report.note, job.n))
    logs.keep(scope.db, job.n, job.runs, report.logs, report.logs_dropped, scope.log_lines)
    return Answer.OK
