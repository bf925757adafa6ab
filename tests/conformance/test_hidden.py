from __future__ import annotations

from horizon.backends.values import Retention, Verb
from tests.conformance.driver import Driver


def ended(drive: Driver, count: int = 1) -> list[str]:
    ids = drive.push_many(count)
    for got in drive.reserve(count):
        drive.complete(got)
    return ids


def test_what_was_forgotten_is_listed_the_latest_first_with_its_time(drive: Driver) -> None:
    first, second, _ = ended(drive, 3)
    drive.act(Verb.FORGET, first)
    at = drive.clock()
    drive.clock.advance(60)
    drive.act(Verb.FORGET, second)
    found = drive.backend.hidden()
    assert [(when, record.id) for when, record in found] == [(drive.clock(), second), (at, first)]
    assert all(record.forgotten and record.state == "completed" for _, record in found)


def test_what_was_restored_is_no_longer_listed(drive: Driver) -> None:
    (id,) = ended(drive)
    drive.act(Verb.FORGET, id)
    drive.act(Verb.RESTORE, id)
    assert drive.backend.hidden() == []


def test_pages_follow_each_other_also_where_many_were_forgotten_at_once(drive: Driver) -> None:
    ids = ended(drive, 5)
    drive.act(Verb.FORGET, *ids)
    seen: list[str] = []
    before = None
    while page := drive.backend.hidden(before=before, limit=2):
        seen += [record.id for _, record in page]
        before = (page[-1][0], page[-1][1].n)
    assert seen == ids[::-1]


def test_what_can_no_longer_be_restored_is_not_listed(drive: Driver) -> None:
    (id,) = ended(drive)
    drive.act(Verb.FORGET, id)
    drive.clock.advance(Retention.default().undo / 1_000_000 - 1)
    assert len(drive.backend.hidden()) == 1
    drive.clock.advance(1)
    assert drive.backend.hidden() == []


def test_a_waiting_job_that_was_forgotten_is_listed_as_cancelled(drive: Driver) -> None:
    id = drive.push()
    drive.act(Verb.FORGET, id)
    ((_, record),) = drive.backend.hidden()
    assert (record.id, record.state) == (id, "cancelled")
