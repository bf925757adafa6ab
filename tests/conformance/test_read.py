"""Jobs by id, in lists cut into pages, and the few figures that are read beside them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from horizon.backends.values import Verb
from horizon.core.clock import SECOND
from horizon.core.errors import HorizonError, InvalidCursor
from horizon.core.ids import uuid7
from horizon.core.limit import Limit
from horizon.core.query import JobQuery, Page
from horizon.core.states import JobState
from tests.conformance.driver import Driver

# by id ----------------------------------------------------------------------------------------------


def test_what_is_not_there_is_none(drive: Driver) -> None:
    assert drive.backend.get(uuid7()) is None
    assert drive.backend.get("no id at all") is None


def test_many_come_in_the_order_asked_without_the_heavy_parts(drive: Driver) -> None:
    ids = drive.push_many(3)
    drive.run(ids[0], result=b"1")
    records = drive.backend.many([ids[2], uuid7(), ids[0]])
    assert [record.id for record in records] == [ids[2], ids[0]]
    assert [(r.payload, r.result, r.history) for r in records] == [(None, None, ())] * 2
    assert drive.backend.many([]) == []


def test_more_than_a_thousand_ids_are_refused(drive: Driver) -> None:
    with pytest.raises(HorizonError):
        drive.backend.many([uuid7() for _ in range(1001)])


# lists ----------------------------------------------------------------------------------------------


def test_a_list_is_newest_first_and_leaves_the_heavy_parts_out(drive: Driver) -> None:
    ids = drive.push_many(3)
    page = drive.backend.find(JobQuery())
    assert [record.id for record in page.items] == ids[::-1]
    assert [(r.payload, r.history) for r in page.items] == [(None, ())] * 3
    assert (page.next, page.total) == (None, 3)


def test_one_terminal_state_is_listed_by_the_time_of_its_end(drive: Driver) -> None:
    a, b, c = drive.push_many(3)
    for id in (b, c, a):
        drive.clock.advance(1)
        drive.did(Verb.PRIORITIZE, id, priority=1)
        drive.run(id)
    assert drive.found(states=(JobState.COMPLETED,)) == [a, c, b]
    assert drive.found() == [c, b, a]


def every_page(drive: Driver, **query) -> list[Page]:
    """All pages of a search, first to last."""
    pages = [drive.backend.find(JobQuery(**query))]
    while pages[-1].next is not None:
        pages.append(drive.backend.find(JobQuery(**query, cursor=pages[-1].next)))
    return pages


def test_pages_follow_each_other_without_gap_or_repetition(drive: Driver) -> None:
    ids = drive.push_many(7)
    pages = every_page(drive, limit=3)
    assert [[record.id for record in page.items] for page in pages] == [ids[:3:-1], ids[3:0:-1], ids[:1]]


def test_pages_of_ended_jobs_survive_equal_times(drive: Driver) -> None:
    ids = drive.push_many(7)
    for one in drive.reserve(7):
        drive.fail(one)
    pages = every_page(drive, limit=2, states=(JobState.FAILED,))
    assert [record.id for page in pages for record in page.items] == ids[::-1]


def test_a_page_stays_where_it_is_while_jobs_are_pushed(drive: Driver) -> None:
    ids = drive.push_many(4)
    first = drive.backend.find(JobQuery(limit=2))
    drive.push_many(5)
    second = drive.backend.find(JobQuery(limit=2, cursor=first.next))
    assert [record.id for record in second.items] == ids[1::-1]


@pytest.mark.parametrize("states", [(), (JobState.COMPLETED,)])
def test_a_cursor_leads_back_to_the_page_it_came_from(drive: Driver, states) -> None:
    for _ in range(7):
        drive.push()
        drive.clock.advance(1)
        drive.run()
    pages = every_page(drive, limit=3, states=states)
    back = drive.backend.find(JobQuery(limit=3, states=states, cursor=pages[1].next, backwards=True))
    assert [record.id for record in back.items] == [record.id for record in pages[1].items]
    first = drive.backend.find(JobQuery(limit=3, states=states, cursor=back.next, backwards=True))
    assert [record.id for record in first.items] == [record.id for record in pages[0].items]
    assert first.next is None


@pytest.mark.parametrize("cursor", ["", "x", "%%%", "YWJj", "p.1.2", "🙂", "0" * 500])
def test_a_cursor_nobody_handed_out_is_refused(drive: Driver, cursor: str) -> None:
    drive.push()
    with pytest.raises(InvalidCursor):
        drive.backend.find(JobQuery(cursor=cursor))


def test_a_cursor_of_another_order_is_refused(drive: Driver) -> None:
    drive.push_many(3)
    cursor = drive.backend.find(JobQuery(limit=1)).next
    with pytest.raises(InvalidCursor):
        drive.backend.find(JobQuery(states=(JobState.FAILED,), cursor=cursor))


def test_the_oldest_pending_job_of_each_queue(drive: Driver) -> None:
    start = drive.clock()
    drive.push(queue="a")
    drive.clock.advance(5)
    drive.push(queue="a", priority=50)
    drive.push(queue="b")
    drive.push(queue="c", delay=SECOND)
    assert drive.backend.oldest() == {"a": start, "b": start + 5 * SECOND}
    assert drive.backend.oldest(["b", "c"]) == {"b": start + 5 * SECOND}


def test_remaining_counts_what_a_worker_would_wait_for(drive: Driver) -> None:
    drive.push_many(2, queue="a")
    drive.push(queue="b")
    drive.push(queue="b", delay=SECOND)
    drive.take(queues=("a",))
    assert (drive.backend.remaining(), drive.backend.remaining(["a"]), drive.backend.remaining(["b", "none"])) == (3, 2, 1)


def test_the_version_changes_with_everything_that_can_be_seen(drive: Driver) -> None:
    seen = [drive.backend.version()]

    def changed() -> bool:
        seen.append(drive.backend.version())
        return seen[-1] != seen[-2]

    id = drive.push()
    assert changed()
    got = drive.take()
    assert changed()
    drive.did(Verb.CANCEL, id)
    assert changed()
    drive.retry(got)
    assert changed()
    drive.did(Verb.FORGET, id)
    assert changed()
    drive.backend.queues.pause("mails")
    assert changed()
    assert not changed()


def test_the_store_tells_its_time_and_its_worries(drive: Driver) -> None:
    assert drive.backend.now() == drive.clock()
    assert all(isinstance(sentence, str) for sentence in drive.backend.warnings())
    assert (drive.backend.name, bool(drive.backend.location)) == ("default", True)


def test_a_closed_store_opens_again_by_itself(drive: Driver) -> None:
    id = drive.push()
    drive.backend.close()
    assert drive.state(id) == "pending"


# where a page may be cut ----------------------------------------------------------------------------


@pytest.mark.parametrize("finish", [False, True])
def test_a_list_goes_on_from_above_any_row_and_from_below_it(drive: Driver, finish: bool) -> None:
    """Lists of several connections are merged: a page of theirs ends in the middle of this one's."""
    ids = drive.push_many(5)
    for id in (ids[3], ids[0], ids[4], ids[1], ids[2]):
        drive.clock.advance(1)
        drive.did(Verb.CANCEL, id)
    query = JobQuery(states=(JobState.CANCELLED,)) if finish else JobQuery()
    page = drive.backend.find(query)
    listed = [record.id for record in page.items]
    assert len(page.cuts) == 6
    for index, cut in enumerate(page.cuts):
        assert [record.id for record in drive.backend.find(replace(query, cursor=cut)).items] == listed[index:]
    assert drive.backend.find(replace(query, queue="nothing")).cuts in ((), [])


def test_how_many_jobs_start_before_one_that_waits(drive: Driver) -> None:
    first, second, third = drive.push_many(3)
    urgent, later = drive.push(priority=10), drive.push(delay=SECOND)
    drive.push(queue="others")

    def ahead(id: str) -> int | None:
        return drive.backend.ahead(drive.get(id))

    assert [ahead(id) for id in (first, second, third, urgent, later)] == [1, 2, 3, 0, None]
    assert drive.run().id == urgent
    assert [ahead(id) for id in (first, third, urgent)] == [0, 2, None]


def test_how_many_parked_jobs_stand_before_one_of_them(drive: Driver) -> None:
    limit = Limit(key="one", most=1, strategy="concurrent")
    ids = [drive.push(limits=(limit,)) for _ in range(4)]
    drive.take()
    records = [drive.get(id) for id in ids]
    assert [record.waits_for_limit is not None for record in records] == [False, True, True, True]
    assert [drive.backend.ahead(record) for record in records] == [None, 0, 1, 2]
