"""Raising, touching and ending alerts, and what people may say to them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from horizon.control import alerts as control
from horizon.control.alerts import AlertControl
from horizon.core.alert import ACKNOWLEDGED, ACTIVE, RESOLVED, SNOOZED, Severity, Sighting
from horizon.core.clock import DAY, HOUR, MINUTE, SECOND
from horizon.core.errors import InvalidOption, NotFound, PermissionDenied
from horizon.core.events import PROCESS
from horizon.monitor import alerts
from tests.shop import ANA, OTTO, VERA, Shop

SEEN = Sighting(key="no-worker", severity=Severity.CRITICAL, title="No worker is running", rule="no-worker")


def verbs(shop: Shop) -> AlertControl:
    return AlertControl(shop)  # type: ignore[arg-type]


def test_the_same_condition_twice_is_one_alert_that_counts_two(shop: Shop) -> None:
    first, second = verbs(shop).raise_(SEEN), verbs(shop).raise_(replace(SEEN, text="Three wait."))
    assert (first.new, second.new) == (True, False)
    (one,) = alerts.active(shop.backend())
    assert (one, one.count, one.text) == (second.alert, 2, "Three wait.")
    verbs(shop).raise_(replace(SEEN, key="other", severity=Severity.LOW))
    assert [one.key for one in alerts.active(shop.backend())] == ["no-worker", "other"]


def test_whoever_looks_all_the_time_writes_once_a_minute_or_when_it_becomes_graver(shop: Shop) -> None:
    low = replace(SEEN, severity=Severity.LOW)
    verbs(shop).raise_(low, anew=False)
    version = shop.backend().version()
    shop.clock.advance(59)
    assert not verbs(shop).raise_(low, anew=False).new
    assert shop.backend().version() == version
    shop.clock.advance(1)
    verbs(shop).raise_(low, anew=False)
    (one,) = alerts.active(shop.backend())
    assert (one.count, one.last_at - one.first_at) == (1, MINUTE)
    verbs(shop).raise_(SEEN, anew=False)
    assert alerts.active(shop.backend())[0].severity is Severity.CRITICAL


def test_a_condition_that_is_gone_moves_its_alert_to_the_past_and_a_new_one_begins_anew(shop: Shop) -> None:
    verbs(shop).raise_(SEEN)
    shop.clock.advance(5)
    ended = verbs(shop).resolve_key("no-worker")
    assert ended is not None
    assert verbs(shop).resolve_key("no-worker") is None
    assert alerts.active(shop.backend()) == []
    assert alerts.past(shop.backend()) == [ended]
    assert (ended.state(shop.clock()), ended.resolved_by) == (RESOLVED, None)
    shop.clock.advance(5)
    assert verbs(shop).raise_(SEEN).alert.count == 1
    verbs(shop).resolve_key("no-worker")
    assert len(alerts.past(shop.backend())) == 2


def test_people_acknowledge_snooze_and_resolve_and_the_audit_log_has_it_with_their_words(shop: Shop) -> None:
    id = verbs(shop).raise_(SEEN).alert.id
    assert verbs(shop).acknowledge(OTTO, id, note="I look").state(shop.clock()) == ACKNOWLEDGED
    asleep = verbs(shop).snooze(ANA, "no-worker", shop.clock() + HOUR)
    assert (asleep.state(shop.clock()), asleep.note) == (SNOOZED, "I look")
    assert verbs(shop).resolve(ANA, id, note="restarted").resolved_by == "ana"
    entries = shop.backend().audit.list()
    assert [(entry.actor, entry.verb, entry.target) for entry in entries] == [
        ("ana", "resolve alert", f"alert:{id}"), ("ana", "snooze alert", f"alert:{id}"), ("otto", "acknowledge alert", f"alert:{id}"),
    ]  # fmt: skip
    assert entries[0].detail == "No worker is running (restarted)"
    assert [entry.changes for entry in entries] == [
        (("state", SNOOZED, RESOLVED),), (("state", ACKNOWLEDGED, SNOOZED),), (("state", ACTIVE, ACKNOWLEDGED),),
    ]  # fmt: skip


def test_who_only_looks_says_nothing_and_what_is_not_there_cannot_be_talked_about(shop: Shop) -> None:
    id = verbs(shop).raise_(SEEN).alert.id
    with pytest.raises(PermissionDenied):
        verbs(shop).acknowledge(VERA, id)
    with pytest.raises(NotFound, match="it may be over"):
        verbs(shop).resolve(ANA, "f00")
    for until in (shop.clock(), shop.clock() + 31 * DAY):
        with pytest.raises(InvalidOption, match="within 30 days"):
            verbs(shop).snooze(ANA, id, until)
    assert shop.backend().audit.list() == []


def test_only_so_many_that_are_over_are_kept_the_oldest_go_first_and_all_after_a_month(shop: Shop, monkeypatch) -> None:
    monkeypatch.setattr(control, "MOST_PAST", 20)
    for n in range(25):
        verbs(shop).raise_(replace(SEEN, key=f"k{n}"))
        verbs(shop).resolve_key(f"k{n}")
        shop.clock.advance(1)
    kept = alerts.past(shop.backend())
    assert len(kept) <= 20
    assert kept[0].key == "k24"
    shop.clock.advance(30 * DAY / SECOND)
    assert alerts.past(shop.backend()) == []


def test_who_listens_hears_when_one_begins_and_when_it_is_over(shop: Shop) -> None:
    heard: list[tuple[str, str]] = []

    def listening(name: str) -> Callable[..., None]:
        return lambda sender, alert: heard.append((name, alert.key))

    listeners = {name: listening(name) for name in ("alert_raised", "alert_resolved")}
    for name, listener in listeners.items():
        PROCESS.listen(name, listener)
    try:
        verbs(shop).raise_(SEEN)
        verbs(shop).raise_(SEEN)
        verbs(shop).resolve_key(SEEN.key)
    finally:
        for name, listener in listeners.items():
            PROCESS.forget(name, listener)
    assert heard == [("alert_raised", "no-worker"), ("alert_resolved", "no-worker")]
