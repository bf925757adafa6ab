"""Failures by their cause: how many, since when, where."""

from __future__ import annotations

from horizon.backends.values import Verb
from horizon.core.clock import DAY, SECOND
from horizon.core.outcome import Kind
from tests.conformance.driver import Driver, error


def test_failures_are_grouped_by_cause_the_most_frequent_first(drive: Driver) -> None:
    start = drive.clock()
    for message, cause in (("a1", "a"), ("b1", "b"), ("b2", "b"), ("b3", "b")):
        drive.push(name=f"shop.jobs:{cause.upper()}")
        drive.clock.advance(1)
        drive.run(kind=Kind.FAILED, error=error(message, "ValueError", cause))
    first, second = drive.backend.causes(start)
    assert (first.cause, first.type, first.message, first.name, first.count) == ("b", "ValueError", "b3", "shop.jobs:B", 3)
    assert (first.first_at, first.last_at) == (start + 2 * SECOND, start + 4 * SECOND)
    assert (second.cause, second.count) == ("a", 1)
    assert [cause.cause for cause in drive.backend.causes(start, limit=1)] == ["b"]
    assert [cause.count for cause in drive.backend.causes(start + 3 * SECOND)] == [2]


def test_what_was_retried_or_forgotten_is_no_failure_any_more(drive: Driver) -> None:
    first, second = drive.push_many(2)
    for id in (first, second):
        drive.run(id, Kind.FAILED, error=error())
    drive.did(Verb.RETRY, first)
    drive.did(Verb.FORGET, second)
    assert list(drive.backend.causes(0)) == []


def test_how_failures_spread_over_time_versions_and_hosts(drive: Driver) -> None:
    since = drive.clock()
    for version in ("v1", "v2", "v2"):
        drive.push(code_version=version, max_tries=1)
        drive.settle(drive.take(), Kind.FAILED, error=error())
        drive.clock.advance(4)
    found = drive.backend.spread(since, since + 12 * SECOND, 3)
    (one,) = found.values()
    assert one.trend == (1, 1, 1)
    assert one.versions == ("v2", "v1")
    assert one.by_version == (("v2", 2), ("v1", 1))
    assert [count for _, count in one.by_host] == [3]
    assert one.by_class == (("shop.jobs:Mail", 3),)
    assert one.by_queue == (("mails", 3),)
    assert set(found) == {cause.cause for cause in drive.backend.causes(since)}
    assert drive.backend.spread(drive.clock(), drive.clock() + SECOND) == {}


def test_all_failures_of_a_cause_are_counted_however_old(drive: Driver) -> None:
    start = drive.clock()
    for cause in ("a", "b", "a", "a"):
        id = drive.push(max_tries=1)
        drive.run(id, Kind.FAILED, error=error(cause=cause))
        drive.clock.advance(DAY / SECOND)
    drive.did(Verb.RETRY, id)
    found = drive.backend.tally(("a", "b", "never"))
    assert {cause: (one.count, one.first_at, one.last_at, one.more) for cause, one in found.items()} == {
        "a": (2, start, start + 2 * DAY, False),
        "b": (1, start + DAY, start + DAY, False),
    }
    assert drive.backend.tally(()) == {}
