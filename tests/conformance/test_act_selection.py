"""An act on many: which are meant, which are skipped, what the audit log keeps, and how they are found again."""

from __future__ import annotations

import pytest

from horizon.backends.values import Verb
from horizon.core.errors import HorizonError
from horizon.core.ids import uuid7
from horizon.core.query import JobQuery, Selection
from horizon.core.states import JobState
from tests.conformance.driver import Driver, audit
from tests.conformance.states import in_state


def test_what_may_not_be_touched_is_skipped_with_the_reason_and_the_rest_is_done(drive: Driver) -> None:
    good, running = drive.push(), in_state(drive, "processing")
    nowhere = uuid7()
    acted = drive.act(Verb.PRIORITIZE, good, running, nowhere, priority=3)
    assert acted.done == (good,)
    assert {id for id, _ in acted.skipped} == {running, nowhere}
    assert all(reason for _, reason in acted.skipped)


def test_the_same_id_twice_is_one_job(drive: Driver) -> None:
    id = in_state(drive, "failed")
    acted = drive.act(Verb.RETRY, id, id)
    assert (acted.done, acted.skipped) == ((id,), ())


def test_a_query_selects_what_matches_when_the_act_runs(drive: Driver) -> None:
    failed = [in_state(drive, "failed", tags=("bad",)) for _ in range(3)]
    spared = in_state(drive, "failed", tags=("good",))
    acted = drive.act(Verb.RETRY, query=JobQuery(states=(JobState.FAILED,), tag="bad"))
    assert set(acted.done) == set(failed)
    assert (acted.more, drive.state(spared)) == (False, "failed")


def test_one_act_takes_five_hundred_rows_of_a_query_and_says_that_there_are_more(drive: Driver) -> None:
    drive.push_many(503)
    acted = drive.act(Verb.CANCEL, query=JobQuery(states=(JobState.PENDING,), limit=1))
    assert (len(acted.done), acted.more) == (500, True)
    acted = drive.act(Verb.CANCEL, query=JobQuery(states=(JobState.PENDING,)))
    assert (len(acted.done), acted.more) == (3, False)
    assert drive.counts() == {"cancelled": 503}


def test_more_than_five_hundred_ids_are_refused(drive: Driver) -> None:
    ids = drive.push_many(501)
    with pytest.raises(HorizonError):
        drive.act(Verb.CANCEL, *ids)
    assert drive.counts() == {"pending": 501}


def test_the_audit_entry_counts_what_moved(drive: Driver) -> None:
    ids = [in_state(drive, "failed") for _ in range(2)]
    drive.act(Verb.RETRY, *ids, drive.push(), audit=audit("retry", "2 jobs"))
    (entry,) = drive.backend.audit.list()
    assert (entry.actor, entry.verb, entry.target, entry.count, entry.at, entry.origin) == (
        "ana",
        "retry",
        "2 jobs",
        2,
        drive.clock(),
        "web",
    )


def test_an_act_that_moved_nothing_leaves_no_audit_entry(drive: Driver) -> None:
    drive.act(Verb.RETRY, drive.push(), uuid7(), audit=audit())
    assert list(drive.backend.audit.list()) == []


def test_what_one_act_cancelled_is_found_by_its_reason(drive: Driver) -> None:
    first, second, other = drive.push_many(3)
    drive.act(Verb.CANCEL, first, second, reason="cleared by ana")
    drive.act(Verb.CANCEL, other, reason="cleared by ana, again")
    query = JobQuery(queue="mails", states=(JobState.CANCELLED,), reason="cleared by ana")
    assert {record.id for record in drive.backend.find(query).items} == {first, second}
    assert set(drive.act(Verb.RETRY, query=query).done) == {first, second}
    assert drive.state(other) is JobState.CANCELLED


def test_what_one_act_cancelled_is_found_however_many_others_were_cancelled_since(drive: Driver) -> None:
    mine = drive.push()
    drive.did(Verb.CANCEL, mine, reason="by ana")
    drive.act(Verb.CANCEL, *drive.push_many(200), reason="by eva")
    page = drive.backend.find(JobQuery(states=(JobState.CANCELLED,), reason="by ana", limit=1))
    assert ([record.id for record in page.items], page.searched_back_to) == ([mine], None)


def test_an_act_on_a_time_range_means_the_jobs_that_the_list_shows(drive: Driver) -> None:
    early, late = drive.push(), drive.push()
    drive.clock.advance(60)
    before = drive.clock()
    drive.did(Verb.CANCEL, late)
    drive.clock.advance(60)
    query = JobQuery(states=(JobState.CANCELLED,), after=before)
    assert [record.id for record in drive.backend.find(query).items] == [late]
    assert drive.backend.act(Selection(query=query), Verb.RETRY).done == (late,)
    assert drive.state(early) == "pending"
