"""What is set for queues, as the acts need it: read at most once a second per process, or when this one changed it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from horizon.backends.database.db import Db
from horizon.backends.values import QueueSettings
from horizon.core.clock import Micros, monotonic
from horizon.core.lanes import is_lane
from horizon.core.place import DEFAULT_PATIENCE

FRESH = 1.0
"""Seconds a reading is trusted."""
UNDEFINED = "{}"
"""What stands as `defined` of a queue that the code says nothing of."""
READ = "SELECT name, defined, overrides, paused, paused_until, paused_reason FROM horizon_queue"


@dataclass(frozen=True, slots=True)
class Page:
    """One reading of every queue that has settings."""

    rows: Mapping[str, QueueSettings] = field(default_factory=dict)
    patience: Mapping[str, Micros] = field(default_factory=dict)
    most: Mapping[str, int] = field(default_factory=dict)
    """`max_jobs` of the queues that have one."""
    weights: Mapping[str, int] = field(default_factory=dict)
    dead_after: Mapping[str, int] = field(default_factory=dict)
    """Of the queues that have dead letters."""

    def paused(self, now: Micros) -> frozenset[str]:
        """Queues that stand still at this moment."""
        return Still(name for name, row in self.rows.items() if is_paused(row, now))


class Still(frozenset[str]):
    """Queues from which nothing is taken: those that are listed, and every lane, also one that is younger than the list."""

    def __contains__(self, name: object) -> bool:
        return super().__contains__(name) or (isinstance(name, str) and is_lane(name))


def is_paused(settings: QueueSettings, now: Micros) -> bool:
    """Whether a pause that was set is still on."""
    return settings.paused and (settings.paused_until is None or settings.paused_until > now)


def read_row(row: tuple[str, str, str, int, Micros | None, str | None]) -> QueueSettings:
    """One stored row: what the code says, a person's changes over it, the pause."""
    name, defined, overrides, paused, until, reason = row
    coded, changes = replace(QueueSettings(name=name), **json.loads(defined)), json.loads(overrides)
    return replace(
        coded,
        **changes,
        overridden=tuple(sorted(changes)),
        coded={key: getattr(coded, key) for key in sorted(changes)},
        defined=defined != UNDEFINED,
        paused=bool(paused) or is_lane(name),
        paused_until=until,
        paused_reason=reason,
    )


def page_of(rows: Mapping[str, QueueSettings]) -> Page:
    """The page, with the few figures that acts look up by queue."""
    return Page(
        rows=rows,
        patience={name: row.patience for name, row in rows.items() if row.patience != DEFAULT_PATIENCE},
        most={name: row.max_jobs for name, row in rows.items() if row.max_jobs is not None},
        weights={name: row.priority_weight for name, row in rows.items()},
        dead_after={name: row.dead_after for name, row in rows.items() if row.dead_after is not None},
    )


class QueueBook:
    """The latest reading, kept for a moment."""

    def __init__(self) -> None:
        self._page: Page | None = None
        self._read_at = 0.0
        self._change = object()
        """Another one after each change: what was read while one was made may be from before it."""

    def read(self, db: Db) -> Page:
        """What is set now, or was up to a second ago."""
        page, at, change = self._page, monotonic(), self._change
        if page is None or at - self._read_at > FRESH:
            page = page_of({row[0]: read_row(row) for row in db.all(READ)})
            if change is self._change:
                self._page, self._read_at = page, at
        return page

    def forget(self) -> None:
        """Read again next time: something was changed here."""
        self._change, self._page = object(), None
