"""Searches: what fits all of the filters, and how many there are."""

from __future__ import annotations

import pytest

from horizon.backends.values import Verb
from horizon.core.clock import SECOND
from horizon.core.errors import InvalidFilter
from horizon.core.ids import uuid7
from horizon.core.outcome import Kind
from horizon.core.query import SCAN_LIMIT, JobQuery
from horizon.core.states import JobState
from tests.conformance.driver import Driver, envelope, error


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
