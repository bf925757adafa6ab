"""Settings of queues: what the code says, what a person changed, pauses."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace

from horizon.backends.database.audit import keep
from horizon.backends.database.book import READ, is_paused, read_row
from horizon.backends.database.db import Db, Question
from horizon.backends.database.kernel.ledger import STATES, touch
from horizon.backends.database.kernel.rows import PROCESSING
from horizon.backends.database.kernel.scope import Scope
from horizon.backends.database.numbers import counts_of
from horizon.backends.database.store import Store
from horizon.backends.nouns import Queues
from horizon.backends.queueing import OVERRIDABLE, Noted, QueueSettings, noted
from horizon.core.audit import AuditEntry
from horizon.core.clock import Micros
from horizon.core.errors import InvalidOption

READ_ONE = f"{READ} WHERE name = ?"
USED = (
    "SELECT queue FROM horizon_counter WHERE n <> 0 UNION "
    f"SELECT queue FROM horizon_delta WHERE {' OR '.join(f'{state} <> 0' for state in STATES)}"
)
"""Queues that have, or just had, jobs: the names alone, for what they come to is asked elsewhere."""
HOLD_ONE = f"{READ_ONE} /*hold*/"
NEW = "INSERT INTO horizon_queue (name, defined, overrides, paused, paused_until, paused_reason) VALUES (?, '{}', '{}', 0, NULL, NULL)"
DEFINE = "UPDATE horizon_queue SET defined = ? WHERE name = ? AND defined <> ?"
OVERRIDE = "UPDATE horizon_queue SET overrides = ? WHERE name = ?"
PAUSE = "UPDATE horizon_queue SET paused = ?, paused_until = ?, paused_reason = ? WHERE name = ?"


def settings_of(db: Db, name: str, now: Micros) -> QueueSettings:
    """Of one queue, overrides and pause applied."""
    row = db.one(READ_ONE, (name,))
    return QueueSettings(name=name) if row is None else _current(read_row(row), now)


def _current(settings: QueueSettings, now: Micros) -> QueueSettings:
    """Without a pause that is over."""
    return settings if is_paused(settings, now) else replace(settings, paused=False, paused_until=None, paused_reason=None)


class DatabaseQueues(Queues):
    """See `Queues`."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def define(self, settings: Sequence[QueueSettings]) -> None:
        """See `Queues.define`. What is defined already as it stands is not written again."""

        def act(scope: Scope) -> None:
            changed = 0
            for one in settings:
                text = json.dumps({key: getattr(one, key) for key in OVERRIDABLE})
                _ensure(scope.db, one.name)
                changed += scope.db.run(DEFINE, (text, one.name, text))
            if changed:
                touch(scope.db, scope.now)

        self._store.act(act)
        self._store.book.forget()

    def get(self, name: str) -> QueueSettings:
        """See `Queues.get`."""
        return self._store.read(lambda db: settings_of(db, name, self._store.now()))

    def all(self) -> Sequence[QueueSettings]:
        """See `Queues.all`."""

        def look(db: Db) -> list[QueueSettings]:
            now = self._store.now()
            db.foresee([Question(USED)])
            rows = {row[0]: _current(read_row(row), now) for row in db.all(READ)}
            names = sorted({*rows, *(queue for (queue,) in db.all(USED))})
            return [rows.get(name) or QueueSettings(name=name) for name in names]

        return self._store.read(look)

    def override(self, name: str, changes: Mapping[str, object], *, audit: Noted = None) -> QueueSettings:
        """See `Queues.override`. Raises InvalidOption for a setting that cannot be changed at run time."""
        unknown = sorted(set(changes) - set(OVERRIDABLE))
        if unknown:
            raise InvalidOption(
                f"a queue's settings that can be changed at run time are {', '.join(OVERRIDABLE)}; got {', '.join(unknown)}"
            )

        def act(scope: Scope) -> QueueSettings:
            before = json.loads(_ensure(scope.db, name)[2])
            entry = _noted(scope, name, audit)
            merged = {key: value for key, value in {**before, **changes}.items() if value is not None}
            scope.db.run(OVERRIDE, (json.dumps(merged), name))
            keep(scope, entry)
            touch(scope.db, scope.now)
            return settings_of(scope.db, name, scope.now)

        after = self._store.act(act)
        self._store.book.forget()
        return after

    def pause(self, name: str, *, until: Micros | None = None, reason: str | None = None, audit: Noted = None) -> int:
        """See `Queues.pause`."""

        def act(scope: Scope) -> int:
            _set_pause(scope, name, (1, until, reason), audit)
            return sum(n for (_, _, state), n in counts_of(scope.db, name).items() if state == PROCESSING)

        running = self._store.act(act)
        self._store.book.forget()
        return running

    def resume(self, name: str, *, audit: Noted = None) -> None:
        """See `Queues.resume`."""
        self._store.act(lambda scope: _set_pause(scope, name, (0, None, None), audit))
        self._store.book.forget()


def _set_pause(scope: Scope, name: str, pause: tuple[int, Micros | None, str | None], audit: Noted) -> None:
    _ensure(scope.db, name)
    entry = _noted(scope, name, audit)
    scope.db.run(PAUSE, (*pause, name))
    scope.ledger.calls = True
    keep(scope, entry)
    touch(scope.db, scope.now)


def _noted(scope: Scope, name: str, audit: Noted) -> AuditEntry | None:
    """What to note of a queue whose row is held."""
    return noted(audit, settings_of(scope.db, name, scope.now)) if callable(audit) else audit


def _ensure(db: Db, name: str) -> tuple[str, str, str]:
    """The row of a queue, made where there is none: (name, defined, overrides)."""
    row = db.one(HOLD_ONE, (name,))
    if row is None:
        db.run(NEW, (name,))
        return (name, "{}", "{}")
    return (row[0], row[1], row[2])
