"""Alerts: raise and resolve them by key, acknowledge, snooze and resolve them by hand.

They are notes of the default connection: those that are active by their id, those that are over by when they began. Whoever is
slower than somebody else reads anew and decides again, so any number of processes may do all of this at once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from horizon.backends.base import Backend
from horizon.backends.notes import Note, NoteChange
from horizon.control.acting import Stores, entry
from horizon.core import alert as alerts
from horizon.core.alert import Alert, Sighting
from horizon.core.audit import AuditEntry, difference
from horizon.core.clock import DAY, MINUTE, Micros
from horizon.core.errors import InvalidOption, InvalidTransition, NotFound
from horizon.core.events import PROCESS
from horizon.monitor.alerts import KIND, PAST
from horizon.security.permissions import Ability, Actor, require

KEPT: Micros = 30 * DAY
"""How long one that is over is remembered."""
MOST_PAST = 1_000
"""And how many at the most."""
TOUCH_EVERY: Micros = MINUTE
"""How often it is written down that a condition still stands."""
LONGEST_SNOOZE: Micros = 30 * DAY
TRIES = 40


@dataclass(frozen=True, kw_only=True, slots=True)
class Raised:
    """What became of a sighting."""

    alert: Alert
    new: bool


class AlertControl:
    """The alerts of one app. `sender`: whom the signals `alert_raised` and `alert_resolved` name."""

    def __init__(self, stores: Stores, sender: object = None) -> None:
        self.stores, self.sender = stores, sender

    # by the code ---------------------------------------------------------------------------------------

    def raise_(self, seen: Sighting, *, anew: bool = True) -> Raised:
        """Open the alert of this key, or touch the one that is there. `anew` is False for whoever looks again and again at a
        condition that stands: it counts once, and is written down at most once a minute."""
        store = self._store()
        for _ in range(TRIES):
            note, now = store.notes.get(KIND, alerts.id_of(seen.key)), store.now()
            old = None if note is None else alerts.read(note.body)
            if old is not None and not anew and not _worth_a_word(old, seen, now):
                return Raised(alert=old, new=False)
            made = alerts.opened(seen, now) if old is None else alerts.touched(old, seen, now, anew=anew)
            if _put(store, made, note):
                if old is None:
                    PROCESS.send("alert_raised", sender=self.sender, alert=made)
                return Raised(alert=made, new=old is None)
        raise InvalidTransition(f"the alert {seen.title[:80]!r} is being changed by many at once; try again")

    def resolve_key(self, key: str) -> Alert | None:
        """The condition is gone: its alert is over, by itself. None where there is none."""
        store, id = self._store(), alerts.id_of(key)
        for _ in range(TRIES):
            note = store.notes.get(KIND, id)
            if note is None:
                return None
            made = alerts.resolved(alerts.read(note.body), None, None, store.now())
            if _end(store, made, note, None):
                PROCESS.send("alert_resolved", sender=self.sender, alert=made)
                return made
        return None

    # by people -----------------------------------------------------------------------------------------

    def acknowledge(self, actor: Actor, id: str, *, note: str | None = None) -> Alert:
        """Say that somebody sees to it. Raises PermissionDenied, NotFound."""
        return self._act(actor, "acknowledge alert", id, note, lambda one, now: alerts.acknowledged(one, actor.name, note, now))

    def snooze(self, actor: Actor, id: str, until: Micros, *, note: str | None = None) -> Alert:
        """Hear nothing of it until then. Raises PermissionDenied, NotFound, InvalidOption."""
        now = self._store().now()
        if not now < until <= now + LONGEST_SNOOZE:
            raise InvalidOption("an alert is snoozed until a time to come, within 30 days")
        return self._act(actor, "snooze alert", id, note, lambda one, _: alerts.snoozed(one, actor.name, until, note))

    def resolve(self, actor: Actor, id: str, *, note: str | None = None) -> Alert:
        """Say that it is over. Where its condition still stands, it comes up again. Raises PermissionDenied, NotFound."""
        made = self._act(actor, "resolve alert", id, note, lambda one, now: alerts.resolved(one, actor.name, note, now))
        PROCESS.send("alert_resolved", sender=self.sender, alert=made)
        return made

    def _act(self, actor: Actor, verb: str, id: str, said: str | None, change: Callable[[Alert, Micros], Alert]) -> Alert:
        require(actor, Ability.OPERATE)
        store = self._store()
        for _ in range(TRIES):
            note = store.notes.get(KIND, id) or store.notes.get(KIND, alerts.id_of(id))
            if note is None:
                raise NotFound(f"there is no active alert {id[:80]!r}; it may be over, see `horizon alerts list --past`")
            old, now = alerts.read(note.body), store.now()
            made = change(old, now)
            told = _entry(actor, verb, old, made, said)
            if _end(store, made, note, told) if made.resolved_at else _put(store, made, note, told):
                return made
        raise InvalidTransition("this alert is being changed by many at once; look at it anew")

    def _store(self) -> Backend:
        return self.stores.backend()


def _worth_a_word(old: Alert, seen: Sighting, now: Micros) -> bool:
    return now - old.last_at >= TOUCH_EVERY or seen.severity is not old.severity


def _put(store: Backend, made: Alert, note: Note | None, told: AuditEntry | None = None) -> bool:
    version = 0 if note is None else note.version
    (done,) = store.notes.write([NoteChange(kind=KIND, name=made.id, body=alerts.write(made), version=version, audit=told)])
    return done


def _end(store: Backend, made: Alert, note: Note, told: AuditEntry | None) -> bool:
    """Move it to those that are over. Its name there follows from what it is, so a second try writes no second one."""
    _make_room(store)
    until = (made.resolved_at or 0) + KEPT
    done, _ = store.notes.write(
        [
            NoteChange(kind=KIND, name=note.name, body=None, version=note.version, audit=told),
            NoteChange(kind=PAST, name=made.past_id, body=alerts.write(made), until=until),
        ]
    )
    return done


def _make_room(store: Backend) -> None:
    kept = store.notes.all(PAST)
    if len(kept) >= MOST_PAST:
        over = kept[: len(kept) - MOST_PAST + MOST_PAST // 10]
        store.notes.write([NoteChange(kind=PAST, name=note.name, body=None) for note in over])


def _entry(actor: Actor, verb: str, old: Alert, made: Alert, said: str | None) -> AuditEntry:
    now = made.resolved_at or made.acknowledged_at or made.last_at
    changed = difference({"state": old.state(now)}, {"state": _state_of(made)})
    told = entry(actor, verb, f"alert:{made.id}", detail=f"{made.title}{f' ({said.strip()})' if said and said.strip() else ''}")
    return replace(told, changes=changed)


def _state_of(made: Alert) -> str:
    if made.resolved_at is not None:
        return alerts.RESOLVED
    return alerts.SNOOZED if made.snoozed_until is not None else alerts.ACKNOWLEDGED
