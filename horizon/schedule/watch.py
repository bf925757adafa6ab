"""What the leader watches: conditions that stand become alerts, and end with them; once a day it looks whether the audit log is
whole."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

from horizon.control.acting import Stores
from horizon.control.alerts import AlertControl
from horizon.control.audit import states
from horizon.core.alert import Alert, Sighting
from horizon.core.clock import DAY, Micros, monotonic
from horizon.core.errors import BackendUnavailable
from horizon.monitor import alerts, chain
from horizon.monitor.alerts import STORE, Standing
from horizon.monitor.chain import Checked
from horizon.monitor.figures import Overview
from horizon.monitor.workers import Worker

EVERY = 5.0
"""Seconds between two looks."""
GONE = 6.0
"""Seconds that a condition has to be gone before its alert is over: one that flickers is one alert."""
LOOK_AT_AUDIT: Micros = DAY
log = logging.getLogger("horizon.schedule")

Figures = Callable[[], tuple[Overview, Sequence[Worker]]]


class Watch:
    """Belongs to the thread that ticks, in the process that leads the default connection."""

    def __init__(self, stores: Stores, figures: Figures, *, after: float, sender: object = None) -> None:
        """`figures`: how it goes, and which workers run old code. `after`: seconds after which what stands is an alert."""
        self.stores, self.figures = stores, figures
        self.control = AlertControl(stores, sender)
        self.standing = Standing(after, GONE)
        self._open: set[str] = set()
        self._look_at = 0.0

    def run(self, connection: str) -> None:
        """One look, where it is time for one. Raises BackendUnavailable where the default store does not answer."""
        if connection != self.stores.default or monotonic() < self._look_at:
            return
        self._look_at = monotonic() + EVERY
        self.look()

    def look(self) -> None:
        """Raise what has stood long enough, end what is gone."""
        store = self.stores.backend()
        (figures, old), now = self.figures(), store.now()
        known = alerts.active(store)
        self._forget_resolved(known, now)
        seen = alerts.sightings(figures, old, self.stores.outages.down(), self._checks(now))
        for one in self.standing.ripe(seen, now):
            self._raise(one)
        ended = set(self.standing.over_now(_own(known), now))
        for one in known:
            if one.key in ended and (not figures.silent or one.rule == STORE):  # what is on a store that is down is not known to be gone
                self._end(one)

    def _raise(self, seen: Sighting) -> None:
        raised = self.control.raise_(seen, anew=False)
        self._open.add(seen.key)
        if raised.new:
            log.warning("alert (%s): %s", seen.severity, seen.title)

    def _end(self, alert: Alert) -> None:
        if self.control.resolve_key(alert.key) is not None:
            log.info("alert over: %s", alert.title)
        self._open.discard(alert.key)

    def _forget_resolved(self, known: Sequence[Alert], now: Micros) -> None:
        """What somebody resolved by hand has to stand as long again before it comes back."""
        for key in self._open - {one.key for one in known}:
            self.standing.begin_anew(key, now)
            self._open.discard(key)

    def _checks(self, now: Micros) -> list[Checked]:
        found = []
        for name, last in states(self.stores):
            if last is None or now - last.at >= LOOK_AT_AUDIT:
                last = self._look_at_audit(name)
            found += [last] if last is not None else []
        return found

    def _look_at_audit(self, name: str) -> Checked | None:
        try:
            store = self.stores.backend(name)
            found = chain.check(store, name)
            chain.remember(store, found)
        except BackendUnavailable:
            return None
        if found.fault is not None:
            log.error("the audit log of %s does not hold at number %d: %s", name, found.fault.link, found.fault.reason)
        return found


def _own(known: Sequence[Alert]) -> list[Alert]:
    """Alerts that this watch opens and ends: those of the app's own code have no rule of ours."""
    return [one for one in known if one.rule in RULES]


RULES = frozenset({"no-worker", "paused", STORE, "problem", "quiet", "unserved", "old-code", "audit"})
