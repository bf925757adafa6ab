"""News of running attempts."""

from __future__ import annotations

from collections.abc import Sequence

from horizon.backends.nouns import Progress
from horizon.backends.redis.settle import log_text
from horizon.backends.redis.store import Store
from horizon.backends.values import ProgressReport
from horizon.core.outcome import Answer


class RedisProgress(Progress):
    """See `Progress`."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def report(self, reports: Sequence[ProgressReport]) -> Sequence[Answer]:
        """See `Progress.report`. Not sent twice: log lines would stand there twice."""
        if not reports:
            return []
        rows = [_row(report) for report in reports]
        return [Answer(said) for said in self._store.run("progress", {"lines": self._store.log_lines, "reports": rows})]


def _row(report: ProgressReport) -> list[object]:
    n = report.ref if isinstance(report.ref, int) else -1
    word = report.token.partition(":")[0]
    percent, note = report.percent, report.note
    lines = [log_text(line) for line in report.logs]
    return [n, word, False if percent is None else percent, False if note is None else note, lines, report.logs_dropped]
