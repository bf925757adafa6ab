"""Alerts of many processes at once, on every store."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any

from horizon.control.alerts import AlertControl
from horizon.core.alert import Severity, Sighting
from horizon.core.errors import NotFound
from horizon.monitor import alerts
from horizon.security.permissions import Actor
from tests.conformance.driver import Driver

SEEN = Sighting(key="no-worker", severity=Severity.CRITICAL, title="No worker is running", subject=("queue", "Ärzte\u202e"))


def test_many_who_see_the_same_make_one_alert_and_many_who_end_it_end_it_once(drive: Driver) -> None:
    stores: Any = SimpleNamespace(backend=lambda: drive.backend)
    verbs = AlertControl(stores)
    with ThreadPoolExecutor(6) as pool:
        raised = list(pool.map(lambda _: verbs.raise_(SEEN), range(12)))
    assert [one.new for one in raised].count(True) == 1
    (one,) = alerts.active(drive.backend)
    assert (one.count, one.subject) == (12, SEEN.subject)

    def end(n: int) -> bool:
        try:
            return bool(verbs.resolve(Actor(name=f"a{n}", role="admin"), one.id)) if n % 2 else verbs.resolve_key(SEEN.key) is not None
        except NotFound:
            return False

    with ThreadPoolExecutor(6) as pool:
        ended = list(pool.map(end, range(6)))
    assert ended.count(True) == 1
    assert alerts.active(drive.backend) == []
    assert len(alerts.past(drive.backend)) == 1
    assert len(drive.backend.audit.list()) <= 1
