from __future__ import annotations

import pytest

from horizon.backends.values import QueueSettings, Verb, Verdict, VerdictKind
from horizon.core.envelope import FOLLOW_UP
from horizon.core.errors import InvalidOption
from horizon.core.outcome import Kind
from horizon.core.states import JobState
from tests.conformance.driver import Driver, after, envelope, error
from tests.conformance.grouping import new

DEAD = "dead:mails"


def set_aside_after(drive: Driver, rounds: int | None, queue: str = "mails") -> None:
    drive.backend.queues.define([QueueSettings(name=queue, dead_after=rounds)])


def stands(drive: Driver, id: str) -> tuple[str, str]:
    record = drive.get(id)
    return record.queue, str(record.state)


def fail(drive: Driver, id: str) -> None:
    drive.run(id, Kind.FAILED, error=error())


def retry_and_fail(drive: Driver, id: str) -> None:
    drive.did(Verb.RETRY, id)
    fail(drive, id)


def test_a_job_whose_last_round_failed_stands_among_the_dead_letters_of_its_queue(drive: Driver) -> None:
    set_aside_after(drive, 3)
    id = drive.push()
    fail(drive, id)
    assert stands(drive, id) == ("mails", "failed")
    retry_and_fail(drive, id)
    assert stands(drive, id) == ("mails", "failed")
    retry_and_fail(drive, id)
    assert stands(drive, id) == (DEAD, "failed")
    assert (drive.counts(), drive.counts(DEAD)) == ({}, {"failed": 1})
    assert drive.backend.numbers.recount() == {}


def test_what_failed_is_counted_for_the_queue_it_belongs_to(drive: Driver) -> None:
    set_aside_after(drive, 1)
    fail(drive, drive.push())
    drive.backend.tick()
    samples = drive.backend.numbers.samples(0)
    assert [(one.queue, one.pushed, one.failed) for one in samples] == [("mails", 1, 1)]


def test_dead_letters_are_found_like_any_failed_job(drive: Driver) -> None:
    set_aside_after(drive, 1)
    id, other = drive.push(), drive.push(queue="reports")
    fail(drive, id)
    drive.run(other, Kind.FAILED, error=error())
    assert drive.found(queue=DEAD) == [id]
    assert drive.found(queue="mails") == []
    assert drive.found(states=(JobState.FAILED,), queue=DEAD) == [id]
    assert set(drive.found(states=(JobState.FAILED,))) == {id, other}


def test_no_worker_is_handed_a_dead_letter(drive: Driver) -> None:
    set_aside_after(drive, 1)
    fail(drive, drive.push())
    assert drive.reserve() == []
    assert drive.reserve(queues=(DEAD,)) == []
    assert drive.backend.remaining() == 0


def test_a_retry_takes_a_dead_letter_back_to_its_queue_in_the_same_act(drive: Driver) -> None:
    set_aside_after(drive, 1)
    id = drive.push()
    fail(drive, id)
    drive.did(Verb.RETRY, id)
    assert stands(drive, id) == ("mails", "pending")
    assert (drive.counts(), drive.counts(DEAD)) == ({"pending": 1}, {})
    assert drive.found(queue="mails") == [id]
    assert drive.found(queue=DEAD) == []
    drive.run(id)
    assert stands(drive, id) == ("mails", "completed")
    assert drive.backend.numbers.recount() == {}


def test_a_retry_for_later_takes_it_back_too(drive: Driver) -> None:
    set_aside_after(drive, 1)
    id = drive.push()
    fail(drive, id)
    drive.did(Verb.RETRY, id, at=drive.clock() + 60_000_000)
    assert stands(drive, id) == ("mails", "scheduled")


def test_a_dead_letter_that_fails_again_is_one_again(drive: Driver) -> None:
    set_aside_after(drive, 2)
    id = drive.push()
    fail(drive, id)
    retry_and_fail(drive, id)
    retry_and_fail(drive, id)
    assert stands(drive, id) == (DEAD, "failed")
    assert (drive.counts(), drive.counts(DEAD)) == ({}, {"failed": 1})


def test_a_job_that_a_worker_could_not_end_itself_is_set_aside_all_the_same(drive: Driver) -> None:
    set_aside_after(drive, 1)
    late = drive.push(hook=True)
    drive.bury((drive.take(late), Verdict(kind=VerdictKind.TIMEOUT)))
    assert stands(drive, late) == (DEAD, "failed")
    (follow_up,) = drive.reserve()
    assert (follow_up.name, follow_up.queue) == (FOLLOW_UP, "mails")


def test_a_job_that_kills_its_workers_is_set_aside(drive: Driver) -> None:
    set_aside_after(drive, 1)
    id = drive.push(max_crashes=1)
    drive.crash(drive.take(id))
    assert stands(drive, id) == (DEAD, "failed")


def test_an_outcome_that_cannot_be_kept_sets_its_job_aside(drive: Driver) -> None:
    set_aside_after(drive, 1)
    id = drive.push()
    drive.settle(drive.take(id), Kind.FAILED, reason="\ud800")
    assert stands(drive, id) == (DEAD, "failed")


def test_jobs_that_did_not_fail_are_never_set_aside(drive: Driver) -> None:
    set_aside_after(drive, 1)
    done, gone, again = drive.push_many(3)
    drive.run(done)
    drive.did(Verb.CANCEL, gone)
    drive.retry(drive.take(again), 60)
    assert [stands(drive, id) for id in (done, gone, again)] == [("mails", "completed"), ("mails", "cancelled"), ("mails", "retrying")]


def test_a_person_says_at_run_time_when_letters_are_dead(drive: Driver) -> None:
    drive.backend.queues.override("mails", {"dead_after": 1})
    assert drive.backend.queues.get("mails").dead_after == 1
    first = drive.push()
    fail(drive, first)
    drive.backend.queues.override("mails", {"dead_after": None})
    second = drive.push()
    fail(drive, second)
    assert [stands(drive, id)[0] for id in (first, second)] == [DEAD, "mails"]


def test_a_dead_letter_that_was_forgotten_comes_back_as_one(drive: Driver) -> None:
    set_aside_after(drive, 1)
    id = drive.push()
    fail(drive, id)
    drive.did(Verb.FORGET, id)
    assert drive.counts(DEAD) == {}
    drive.did(Verb.RESTORE, id)
    assert stands(drive, id) == (DEAD, "failed")
    assert drive.counts(DEAD) == {"failed": 1}


def test_nobody_moves_a_job_among_the_dead_letters_by_hand(drive: Driver) -> None:
    id = drive.push()
    with pytest.raises(InvalidOption, match="dead letters of the queue mails"):
        drive.act(Verb.MOVE, id, queue=DEAD)
    assert stands(drive, id) == ("mails", "pending")


def test_a_dead_letter_can_be_moved_to_another_queue_where_it_is_just_a_failed_job(drive: Driver) -> None:
    set_aside_after(drive, 1)
    id = drive.push()
    fail(drive, id)
    drive.did(Verb.MOVE, id, queue="reports")
    assert stands(drive, id) == ("reports", "failed")
    drive.did(Verb.RETRY, id)
    assert stands(drive, id) == ("reports", "pending")


def test_the_figures_of_a_group_take_no_notice(drive: Driver) -> None:
    set_aside_after(drive, 1)
    group = new()
    member = envelope(group=group.id)
    drive.backend.push([member], groups=[group], seal=[group.id])
    fail(drive, member.id)
    (found,) = drive.backend.groups.many([group.id])
    assert (found.total, found.failed) == (1, 1)
    drive.did(Verb.RETRY, member.id)
    drive.run(member.id)
    (found,) = drive.backend.groups.many([group.id])
    assert (found.total, found.failed, found.completed) == (1, 0, 1)
    assert drive.backend.numbers.recount() == {}


def test_what_waited_for_a_dead_letter_waits_again_when_it_is_requeued(drive: Driver) -> None:
    set_aside_after(drive, 1)
    cause = drive.push()
    effect = drive.push(queue="reports", edges=after(cause))
    fail(drive, cause)
    assert drive.state(effect) == "cancelled"
    drive.did(Verb.RETRY, cause)
    assert stands(drive, effect) == ("reports", "blocked")
