"""Which conditions deserve an alert, and how long they have to stand for it."""

from __future__ import annotations

from dataclasses import replace

from horizon.core import alert as kept
from horizon.core.alert import Severity, Sighting
from horizon.core.chain import Fault, Mark
from horizon.core.clock import SECOND
from horizon.core.states import JobState
from horizon.monitor import workers
from horizon.monitor.alerts import Standing, sightings
from horizon.monitor.chain import Checked
from horizon.monitor.figures import LATE, Overview, Quiet, Silent
from tests.monitor.test_notices import lonely, overview, session


def found(figures: Overview, **more: object) -> dict[str, Sighting]:
    return {one.key: one for one in sightings(figures, more.pop("old", ()), more.pop("down", ()), **more)}


def test_where_all_is_well_nothing_deserves_one() -> None:
    assert found(overview()) == {}


def test_no_worker_is_critical_where_jobs_wait_and_moderate_where_none_does() -> None:
    one = found(overview(status="inactive", counts={JobState.PENDING: 2, JobState.RETRYING: 1}))["no-worker"]
    assert (one.severity, one.command, one.figures) == (Severity.CRITICAL, "horizon work", {"jobs waiting": "3"})
    assert found(overview(status="inactive"))["no-worker"].severity is Severity.MODERATE


def test_every_queue_that_nobody_serves_has_one_of_its_own_that_leads_to_it() -> None:
    seen = found(overview(queues=[lonely(f"q{n}") for n in range(9)]))
    assert len(seen) == 9
    assert (seen["unserved default q3"].subject, seen["unserved default q3"].severity) == (("queue", "q3"), Severity.HIGH)
    assert found(overview(status="inactive", queues=[lonely("q")])).keys() == {"no-worker"}


def test_a_silent_store_is_known_by_its_name_whatever_is_said_of_it() -> None:
    figures = overview(silent=[Silent(connection="archive", error="Connection refused", since=1)])
    one = found(figures, down=["archive"])["store-silent archive"]
    assert (one.severity, one.subject) == (Severity.CRITICAL, ("store", "archive"))
    assert one.text == "The connection archive does not answer; what is on it is missing here. Connection refused"


def test_a_problem_whose_figures_change_stays_the_same_one() -> None:
    first, second = (found(overview(problems=[f"web-2:7 was killed {n} times"])) for n in (3, 4))
    assert first.keys() == second.keys()


def test_workers_that_are_silent_paused_or_old_and_a_broken_audit_log_are_told() -> None:
    late = Quiet(session=session(id="w9"), kind=LATE, since=0)
    assert found(overview(quiet=[late]))["quiet late w9"].subject == ("worker", "w9")
    assert found(overview(status="paused", workers=[session("paused")]))["paused"].title == "Every worker is paused"
    assert found(overview(), old=[workers.worker(session(), "", "v2")])["old-code"].severity is Severity.LOW
    broken = Checked(connection="archive", at=1, checked=2, anchor=Mark(), head=Mark(), fault=Fault(link=3, reason="it is missing"))
    assert found(overview(), checks=[broken])["audit archive"].severity is Severity.CRITICAL
    assert found(overview(), checks=[replace(broken, fault=None)]) == {}


# standing ----------------------------------------------------------------------------------------------

ONE = Sighting(key="k", severity=Severity.LOW, title="t")


def test_what_flickers_does_not_ripen_and_what_stands_does() -> None:
    standing = Standing(10, 5)
    assert [standing.ripe(seen, at * SECOND) for at, seen in ((0, [ONE]), (9, [ONE]), (9.5, []), (10, [ONE]), (19, [ONE]))] == [[]] * 5
    assert standing.ripe([ONE], 20 * SECOND) == [ONE]


def test_an_alert_is_over_when_its_condition_has_been_gone_for_a_while() -> None:
    standing, alert = Standing(0, 5), kept.opened(ONE, 0)
    standing.ripe([ONE], 0)
    assert standing.over_now([alert], 1 * SECOND) == []
    standing.ripe([], 2 * SECOND)
    assert standing.over_now([alert], 2 * SECOND) == standing.over_now([alert], 6 * SECOND) == []
    standing.ripe([ONE], 6 * SECOND)
    standing.ripe([], 8 * SECOND)
    assert standing.over_now([alert], 8 * SECOND) == standing.over_now([alert], 12 * SECOND) == []
    assert standing.over_now([alert], 13 * SECOND) == ["k"]


def test_what_somebody_resolved_by_hand_has_to_stand_as_long_again() -> None:
    standing = Standing(10, 5)
    standing.ripe([ONE], 0)
    standing.begin_anew("k", 20 * SECOND)
    assert standing.ripe([ONE], 29 * SECOND) == []
    assert standing.ripe([ONE], 30 * SECOND) == [ONE]
