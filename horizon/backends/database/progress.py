"""News of running attempts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from horizon.backends.database.db import fetch
from horizon.backends.database.kernel import logs
from horizon.backends.database.kernel.ledger import touch
from horizon.backends.database.kernel.rows import HOLD_LIVE, PROCESSING, Live
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
            rows = fetch(scope.db, HOLD_LIVE, [one.ref for one in reports if type(one.ref) is int])
            jobs = {job.n: job for job in map(Live._make, rows)}
            answers = [_report_one(scope, jobs.get(one.ref) if type(one.ref) is int else None, one) for one in reports]
            if Answer.OK in answers:
                logs.keep(scope.db, _news(reports, answers, jobs), scope.log_lines)
                touch(scope.db, scope.now)
            return answers

        return self._store.act(act) if reports else []


def _report_one(scope: Scope, job: Live | None, report: ProgressReport) -> Answer:
    if job is None or job.state != PROCESSING or job.token != report.token:
        return Answer.LOST
    if report.percent is not None or report.note is not None:
        scope.db.run(NOTE, (report.percent, report.note, job.n))
    return Answer.OK


def _news(reports: Sequence[ProgressReport], answers: Sequence[Answer], jobs: Mapping[int, Live]) -> list[logs.News]:
    """What running attempts logged; several reports of one attempt are joined, since each adds a piece of its own."""
    news: dict[int, logs.News] = {}
    for report, answer in zip(reports, answers, strict=True):
        if answer is Answer.OK and type(report.ref) is int:
            before = news.get(report.ref) or logs.News(report.ref, jobs[report.ref].runs, (), 0)
            news[report.ref] = before._replace(lines=[*before.lines, *report.logs], dropped=before.dropped + report.logs_dropped)
    return list(news.values())
