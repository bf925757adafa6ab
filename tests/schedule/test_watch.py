"""What the leader watches becomes alerts, and ends with its condition."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from horizon.control.alerts import AlertControl
from horizon.core.alert import Severity, Sighting
from horizon.core.clock import ManualClock
from horizon.core.states import JobState
from horizon.monitor import alerts, chain
from horizon.monitor.figures import Overview
from horizon.monitor.workers import Worker
from horizon.schedule.watch import Watch
from tests.conformance.driver import audit
from tests.monitor.test_notices import lonely, overview
from tests.shop import ANA, Shop


class Watched:
    """A shop of which one can say how it goes."""

    def __init__(self) -> None:
        self.shop: Any = Shop(ManualClock())
        self.figures = overview()
        self.watch = Watch(self.shop, self.seen, after=15)

    def seen(self) -> tuple[Overview, Sequence[Worker]]:
        return self.figures, ()

    def after(self, seconds: float, **changed: Any) -> list[str]:
        """What is active so long after that has become so."""
        self.figures = replace(overview(), **changed)
        self.watch.look()
        self.shop.clock.advance(seconds)
        self.watch.look()
        return [one.key for one in alerts.active(self.shop.backend())]


@pytest.fixture
def watched() -> Watched:
    return Watched()


def test_what_stands_for_a_while_becomes_an_alert_and_is_over_by_itself(watched: Watched) -> None:
    down = {"status": "inactive", "counts": {JobState.PENDING: 1}}
    assert watched.after(14, **down) == []
    assert watched.after(1, **down) == ["no-worker"]
    assert watched.after(300, **down) == ["no-worker"]
    assert watched.after(5) == ["no-worker"]
    assert watched.after(1) == []
    (ended,) = alerts.past(watched.shop.backend())
    assert (ended.count, ended.resolved_by) == (1, None)


def test_another_process_that_takes_over_goes_on_with_the_same_alert(watched: Watched) -> None:
    lone = {"queues": [lonely("q")]}
    assert watched.after(15, **lone) == ["unserved default q"]
    watched.watch = Watch(watched.shop, watched.seen, after=15)
    assert watched.after(60, **lone) == ["unserved default q"]
    (one,) = alerts.active(watched.shop.backend())
    assert one.count == 1
    watched.watch = Watch(watched.shop, watched.seen, after=15)
    assert watched.after(6) == []


def test_what_somebody_resolved_comes_back_only_after_it_has_stood_again(watched: Watched) -> None:
    lone = {"queues": [lonely("q")]}
    watched.after(15, **lone)
    AlertControl(watched.shop).resolve(ANA, "unserved default q")
    assert watched.after(14, **lone) == []
    assert watched.after(1, **lone) == ["unserved default q"]


def test_while_a_store_is_silent_nothing_on_it_is_taken_to_be_over(watched: Watched) -> None:
    watched.after(15, queues=[lonely("q")])
    assert watched.after(60, silent=["The connection archive does not answer."]) == ["unserved default q"]
    assert watched.after(6) == []


def test_alerts_of_others_are_left_alone(watched: Watched) -> None:
    AlertControl(watched.shop).raise_(Sighting(key="mine", severity=Severity.INFO, title="Of the app's own code"))
    assert watched.after(600) == ["mine"]


def test_once_a_day_it_looks_whether_every_audit_log_is_whole(watched: Watched) -> None:
    archive = watched.shop.backend("archive")
    archive.audit.append(audit())
    watched.watch.look()
    first = chain.last(archive, "archive")
    assert first is not None
    assert first.checked == 1
    watched.shop.clock.advance(86_399)
    watched.watch.look()
    assert chain.last(archive, "archive") == first
    archive._store.entries[0] = replace(archive._store.entries[0], actor="eve")
    watched.shop.clock.advance(1)
    assert watched.after(15) == ["audit archive"]
