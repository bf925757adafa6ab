"""Finding groups by words and by time, and how far a search for words looks."""

from __future__ import annotations

import pytest

from horizon.backends import seeking
from horizon.core.clock import MINUTE, SECOND
from horizon.core.group import GroupKind, GroupPage, GroupQuery
from horizon.core.outcome import Failure, Kind
from tests.conformance.driver import Driver
from tests.conformance.grouping import members, new, push_batch


def found(drive: Driver, **asked: object) -> GroupPage:
    return drive.backend.groups.find(GroupQuery(**asked))  # type: ignore[arg-type]


def ids(page: GroupPage) -> list[str]:
    return [one.id for one in page.items]


def made(drive: Driver, name: str, **more: object) -> str:
    """A batch of one job, a minute after the one before."""
    drive.clock.advance(MINUTE / SECOND)
    group = new(name=name, **more)
    drive.backend.push(members(group), groups=[group], seal=[group.id])
    return group.id


def test_words_are_looked_for_in_name_user_and_id_any_case(grouped: Driver) -> None:
    ids_of = {
        name: made(grouped, name, user=user) for name, user in (("Import of June", "ana"), ("Import of May", "ben"), ("Letters", "ANA"))
    }
    assert ids(found(grouped, text=("import",))) == [ids_of["Import of May"], ids_of["Import of June"]]
    assert ids(found(grouped, text=("IMPORT", "june"))) == [ids_of["Import of June"]]
    assert ids(found(grouped, text=("ana",))) == [ids_of["Letters"], ids_of["Import of June"]]
    assert ids(found(grouped, text=(ids_of["Letters"][-12:],))) == [ids_of["Letters"]]
    assert ids(found(grouped, text=("import",), kind=GroupKind.CHAIN)) == []


def test_words_are_looked_for_in_the_first_failure_and_in_the_reason_of_a_cancel(grouped: Driver) -> None:
    batch = push_batch(grouped, 2)
    batch.end(batch.jobs[0], Kind.FAILED, error=Failure(type="smtplib.SMTPError", message="relay refused", cause="c", traceback=""))
    other = made(grouped, "Letters")
    grouped.backend.groups.cancel(other, reason="Wrong Month")
    assert ids(found(grouped, text=("smtperror",))) == ids(found(grouped, text=("REFUSED",))) == [batch.id]
    assert ids(found(grouped, text=("refused",), wordless=True)) == []
    assert ids(found(grouped, text=("smtp",), wordless=True)) == [batch.id]
    assert ids(found(grouped, text=("wrong month",))) == [other]


def test_a_search_for_words_goes_on_page_by_page(grouped: Driver) -> None:
    known = [made(grouped, f"{'odd' if index % 2 else 'even'} {index}") for index in range(6)]
    first = found(grouped, text=("odd",), limit=2)
    assert (ids(first), first.searched_back_to) == ([known[5], known[3]], None)
    last = found(grouped, text=("odd",), limit=2, cursor=first.next)
    assert (ids(last), last.next, last.searched_back_to) == ([known[1]], None, None)


def test_a_search_for_words_stops_at_its_bound_says_how_far_it_came_and_goes_on(grouped: Driver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seeking, "SCAN_LIMIT", 3)
    known = [made(grouped, name) for name in ("wanted", "b", "c", "wanted", "e")]
    first = found(grouped, text=("wanted",), limit=2)
    (third,) = grouped.backend.groups.many([known[2]])
    assert (ids(first), first.searched_back_to) == ([known[3]], third.created_at)
    last = found(grouped, text=("wanted",), limit=2, cursor=first.next)
    assert (ids(last), last.next, last.searched_back_to) == ([known[0]], None, None)


def test_groups_are_found_by_when_they_were_pushed(grouped: Driver) -> None:
    known = [made(grouped, f"batch {index}") for index in range(5)]
    at = {one.id: one.created_at for one in grouped.backend.groups.many(known)}
    assert ids(found(grouped, after=at[known[3]])) == [known[4], known[3]]
    assert ids(found(grouped, before=at[known[1]])) == [known[0]]
    assert ids(found(grouped, after=at[known[1]], before=at[known[3]])) == [known[2], known[1]]
    assert ids(found(grouped, after=at[known[1]], before=at[known[3]], text=("batch 2",))) == [known[2]]
    assert ids(found(grouped, after=at[known[4]] + 1)) == ids(found(grouped, before=at[known[0]])) == []
    first = found(grouped, before=at[known[4]], limit=2)
    assert ids(found(grouped, before=at[known[4]], limit=2, cursor=first.next)) == [known[1], known[0]]
