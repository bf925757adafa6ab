from __future__ import annotations

from dataclasses import replace

import pytest

from horizon.backends.values import Verb
from horizon.core.clock import DAY, SECOND
from horizon.core.errors import HorizonError, InvalidCursor, InvalidFilter
from horizon.core.ids import uuid7
from horizon.core.limit import Limit
from horizon.core.outcome import Kind
from horizon.core.query import SCAN_LIMIT, JobQuery, Page
from horizon.core.states import JobState
from tests.conformance.driver import Driver, envelope, error

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


# filters --------------------------------------------------------------------------------------------


@pytest.fixture
def shelf(drive: Driver) -> dict[str, str]:
    """A few jobs that differ in everything one can search by."""
    ids = {
        "mail": drive.push(
            name="shop.jobs:SendMail", queue="mails", tags=("order:1", "mail"), user="ana", payload=b'{"args":{"to":"Bob"}}'
        ),
        "report": drive.push(name="shop.jobs:Outer.Report", queue="reports", tags=("order:2",), user="bob"),
        "image": drive.push(name="shop.images:Thumb", queue="images", tags=("mail",)),
        "late": drive.push(name="shop.jobs:SendMail", queue="mails", delay=60 * SECOND),
    }
    drive.fail(drive.take(ids["report"], queues=("reports",)), error=error("Disk is FULL", "OSError", "c-disk"), runtime=5 * SECOND)
    drive.complete(drive.take(ids["image"], queues=("images",)), runtime=SECOND)
    return ids


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, ["late", "image", "report", "mail"]),
        ({"states": (JobState.PENDING, JobState.SCHEDULED)}, ["late", "mail"]),
        ({"states": (JobState.FAILED,)}, ["report"]),
        ({"queue": "mails"}, ["late", "mail"]),
        ({"name": "shop.jobs:SendMail"}, ["late", "mail"]),
        ({"name": "SendMail"}, ["late", "mail"]),
        ({"name": "Report"}, ["report"]),
        ({"name": "sendmail"}, []),
        ({"tag": "mail"}, ["image", "mail"]),
        ({"tag": "order:*"}, ["report", "mail"]),
        ({"tag": "order"}, []),
        ({"user": "ana"}, ["mail"]),
        ({"cause": "c-disk"}, ["report"]),
        ({"error": "disk is full"}, ["report"]),
        ({"error": "oserror"}, ["report"]),
        ({"arg": "bob"}, ["mail"]),
        ({"text": ("thumb",)}, ["image"]),
        ({"text": ("order",)}, ["report", "mail"]),
        ({"text": ("mail", "thumb")}, ["image"]),
        ({"queue": "mails", "states": (JobState.PENDING,)}, ["mail"]),
        ({"queue": "mails", "tag": "mail", "user": "ana"}, ["mail"]),
        ({"queue": "mails", "not_tag": ("mail",)}, ["late"]),
        ({"tag": "mail", "not_queue": ("mails",)}, ["image"]),
        ({"states": (JobState.PENDING, JobState.COMPLETED), "not_name": ("Thumb",)}, ["mail"]),
        ({"took_over": 2 * SECOND}, ["report"]),
        ({"took_under": 2 * SECOND}, ["image"]),
        ({"took_over": SECOND // 2, "took_under": 2 * SECOND}, ["image"]),
    ],
)
def test_a_search_finds_what_fits_all_of_it(drive: Driver, shelf: dict[str, str], query, expected: list[str]) -> None:
    assert drive.found(**query) == [shelf[name] for name in expected]


def test_ids_are_a_search_too(drive: Driver, shelf: dict[str, str]) -> None:
    assert set(drive.found(ids=(shelf["mail"], shelf["image"], uuid7()))) == {shelf["mail"], shelf["image"]}
    assert drive.found(ids=(shelf["mail"],), queue="images") == []


def test_percent_and_underscore_in_a_search_are_plain_characters(drive: Driver) -> None:
    drive.push(tags=("plain",), payload=b'{"args":{"x":"plain"}}')
    special = drive.push(tags=("100%_sure",), payload=b'{"args":{"x":"100%_sure"}}')
    assert drive.found(arg="100%_s", queue="mails") == [special]
    assert drive.found(tag="100%_*") == [special]
    assert drive.found(text=("0%_s",)) == [special]


def test_a_time_range_is_about_the_push_and_in_a_terminal_list_about_the_end(drive: Driver) -> None:
    first = drive.push()
    drive.clock.advance(10)
    second = drive.push()
    middle = drive.clock() - 5 * SECOND
    assert (drive.found(after=middle), drive.found(before=middle)) == ([second], [first])
    drive.clock.advance(10)
    drive.run(first)
    assert drive.found(after=middle, states=(JobState.COMPLETED,)) == [first]
    assert drive.found(before=middle, states=(JobState.COMPLETED,)) == []


def test_forgotten_records_are_found_only_when_asked_for(drive: Driver) -> None:
    id = drive.push()
    drive.run(id, Kind.FAILED)
    drive.did(Verb.FORGET, id)
    for query in ({}, {"ids": (id,)}, {"states": (JobState.FAILED,)}, {"queue": "mails"}):
        assert drive.found(**query) == []
        assert drive.found(**query, include_forgotten=True) == [id]


@pytest.mark.parametrize("query", [{"not_queue": ("a",)}, {"not_name": ("A",)}, {"not_tag": ("a",)}])
def test_a_search_that_only_leaves_things_out_is_refused(drive: Driver, query) -> None:
    with pytest.raises(InvalidFilter):
        drive.found(**query)


def test_a_tag_that_begins_too_many_others_is_refused(drive: Driver) -> None:
    drive.backend.push([envelope(tags=(f"order:{index}",)) for index in range(21)])
    with pytest.raises(InvalidFilter, match="20"):
        drive.found(tag="order:*")
    assert len(drive.found(tag="order:1*")) == 11


def test_totals_are_told_where_a_counter_knows_them(drive: Driver, shelf: dict[str, str]) -> None:
    def total(**query) -> int | None:
        page = drive.backend.find(JobQuery(limit=1, **query))
        assert page.total is None or page.total_at_least == page.total
        return page.total

    assert total() == 4
    assert total(states=(JobState.FAILED,)) == 1
    assert total(queue="mails") == 2
    assert total(queue="mails", states=(JobState.PENDING,)) == 1
    assert total(error="disk") is None


def test_without_a_counter_a_page_tells_the_least_there_is(drive: Driver) -> None:
    drive.push_many(5, tags=("a",))
    page = drive.backend.find(JobQuery(tag="a", limit=2))
    assert page.total is None
    assert 2 <= page.total_at_least <= 5


def test_a_search_row_by_row_says_how_far_it_looked(drive: Driver) -> None:
    needle = drive.push(payload=b'{"args":{"x":"needle"}}')
    drive.clock.advance(1)
    for _ in range(SCAN_LIMIT // 1000):
        drive.backend.push([envelope() for _ in range(1000)])
    page = drive.backend.find(JobQuery(arg="needle", queue="mails"))
    assert (list(page.items), page.searched_back_to) == ([], drive.clock())
    assert drive.found(arg="needle", ids=(needle,)) == [needle]
    near = drive.push(payload=b'{"args":{"x":"needle"}}')
    page = drive.backend.find(JobQuery(arg="needle", queue="mails", limit=1))
    assert [record.id for record in page.items] == [near]


# summaries ------------------------------------------------------------------------------------------


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


def test_arguments_are_not_found_by_what_is_masked_of_them(drive: Driver) -> None:
    id = drive.push(payload=b'{"args":{"password":"hunter2","holder":"Rossi","to":"ana"}}')
    other = drive.push(name="shop.jobs:Other", payload=b'{"args":{"holder":"Rossi"}}')
    assert drive.found(arg="hunter", queue="mails") == []
    assert drive.found(arg="ana", queue="mails") == [id]
    assert drive.found(arg="rossi", queue="mails", secret=(("shop.jobs:Mail", ("holder",)),)) == [other]
    assert drive.found(arg="rossi", queue="mails", secret=(("", ("holder",)),)) == []


def test_plain_words_can_leave_out_what_exceptions_say(drive: Driver) -> None:
    id = drive.push()
    drive.run(kind=Kind.FAILED, error=error("quota ana@example.com", "smtp.Refused"))
    for word, found in (("refused", [id]), ("quota", [])):
        assert drive.found(text=(word,), states=(JobState.FAILED,), wordless=True) == found
    assert drive.found(text=("quota",), states=(JobState.FAILED,)) == [id]


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
