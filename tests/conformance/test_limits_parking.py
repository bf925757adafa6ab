"""Jobs that wait for a limit, and all that may happen to them; hits and slots, and how they come back."""

from __future__ import annotations

import pytest

from horizon.backends.values import ActParams, Reservation, Verb, Verdict, VerdictKind
from horizon.core.clock import MINUTE, SECOND
from horizon.core.outcome import Answer, Kind
from horizon.core.query import JobQuery, Selection
from horizon.core.states import JobState
from tests.conformance.driver import LEASE, Driver, after, envelope
from tests.conformance.grouping import members, new, push_batch
from tests.conformance.limiting import TIMED, at_a_full_minute, at_a_time, at_rest, known, limit, limited, parked


@pytest.fixture
def drive(drive: Driver) -> Driver:
    """At the beginning of a minute, so that figures are round."""
    return at_a_full_minute(drive)


def held(drive: Driver, key: str = "smtp") -> tuple[int, int]:
    """(starts that count, jobs that run)."""
    found = known(drive, key)
    return found.used, found.running


# hits and slots go back -----------------------------------------------------------------------------


@pytest.mark.parametrize("strategy", TIMED)
def test_what_never_began_counts_no_longer(drive: Driver, strategy: str) -> None:
    first, second = limited(drive, 2, limit(1, strategy=strategy), at_a_time(1))
    got = drive.take(first)
    assert (held(drive), held(drive, "door"), parked(drive, second)) == ((1, 1), (1, 1), [True])
    drive.give_back(got)
    assert (held(drive), held(drive, "door")) == ((0, 0), (0, 0))
    assert drive.take(first).attempt == 1
    at_rest(drive)


def test_another_one_may_start_instead_of_what_went_back_for_later(drive: Driver) -> None:
    first, second = limited(drive, 2, limit(1))
    drive.give_back(drive.take(first), delay=30)
    drive.take(second)
    drive.clock.advance(30)
    assert (drive.reserve(1), parked(drive, first)) == ([], [True])


def test_what_had_begun_counts_and_waits_like_any_other_when_it_goes_back(drive: Driver) -> None:
    (id,) = limited(drive, 1, limit(1))
    drive.settle(drive.take(id), Kind.RETURNED, started=True)
    assert (held(drive), parked(drive, id), drive.get(id).attempts) == ((1, 0), [True], 0)
    drive.clock.advance(66)
    assert drive.take(id).attempt == 1


@pytest.mark.parametrize(
    ("kind_of_end", "more"),
    [
        (Kind.COMPLETED, {}), (Kind.FAILED, {}), (Kind.CANCELLED, {}), (Kind.RETRY, {"delay": 5}), (Kind.RETRY, {}),
        (Kind.RELEASED, {"delay": 5}), (Kind.RETURNED, {"started": True}), (Kind.RETURNED, {"started": False, "delay": 5}),
    ],
)  # fmt: skip
def test_a_slot_is_free_however_an_attempt_ends(drive: Driver, kind_of_end: Kind, more: dict[str, object]) -> None:
    first, second = limited(drive, 2, at_a_time(1), priority=0)
    drive.did(Verb.PRIORITIZE, first, priority=5)
    assert drive.settle(drive.take(first), kind_of_end, **more) is Answer.OK
    assert held(drive, "door") == (0, 0)
    drive.did(Verb.PRIORITIZE, second, priority=10)
    drive.take(second)
    at_rest(drive)


def bury_crashed(drive: Driver, got: Reservation) -> None:
    drive.crash(got)


def bury_unstarted(drive: Driver, got: Reservation) -> None:
    drive.bury()


def bury_cancelled(drive: Driver, got: Reservation) -> None:
    drive.did(Verb.CANCEL, got.id)
    drive.bury((got, Verdict(kind=VerdictKind.CANCEL)))


def reap(drive: Driver, got: Reservation) -> None:
    drive.open("other")
    drive.pass_time(LEASE // SECOND + 1, "other")


def close(drive: Driver, got: Reservation) -> None:
    drive.backend.sessions.close("w")


def forget(drive: Driver, got: Reservation) -> None:
    drive.did(Verb.FORGET, got.id)
    drive.complete(got)


@pytest.mark.parametrize("dies", [bury_crashed, bury_unstarted, bury_cancelled, reap, close, forget], ids=lambda dies: dies.__name__)
def test_no_slot_is_lost_with_whoever_held_it(drive: Driver, dies) -> None:
    first, second = limited(drive, 2, at_a_time(1))
    dies(drive, drive.take(first))
    drive.open("after")
    at_rest(drive)
    assert held(drive, "door") == (0, 0)
    ran = []
    while got := drive.reserve(1, session="after"):
        assert held(drive, "door") == (1, 1)
        ran += [one.id for one in got]
        drive.settle_all(got)
    assert second in ran
    assert drive.backend.numbers.recount() == {}


def test_hits_of_a_worker_that_died_before_it_began_come_back(drive: Driver) -> None:
    (id,) = limited(drive, 1, limit(1))
    drive.take(id)
    drive.bury()
    assert held(drive) == (0, 0)
    drive.take(id)


def test_hits_of_one_that_crashed_while_it_ran_do_not(drive: Driver) -> None:
    (id,) = limited(drive, 1, limit(1))
    drive.crash(drive.take(id))
    assert (held(drive), parked(drive, id)) == ((1, 0), [True])
    drive.clock.advance(66)
    assert drive.take(id).alone


def test_a_late_word_of_a_lost_attempt_frees_nothing_of_the_next(drive: Driver) -> None:
    (id,) = limited(drive, 1, at_a_time(1))
    lost = drive.take(id)
    drive.give_back(lost)
    drive.take(id)
    assert drive.give_back(lost) in (Answer.LOST, Answer.DUP)
    assert drive.complete(lost) is Answer.LOST
    assert held(drive, "door") == (1, 1)


def test_a_retry_has_to_wait_for_room_and_its_try_is_kept(drive: Driver) -> None:
    (id,) = limited(drive, 1, limit(1))
    drive.retry(drive.take(id))
    assert (parked(drive, id), drive.get(id).attempts) == ([True], 1)
    drive.clock.advance(66)
    assert drive.take(id).attempt == 2


# order ----------------------------------------------------------------------------------------------


def test_the_more_important_goes_first_though_it_came_later(drive: Driver) -> None:
    low = limited(drive, 4, limit(1))
    (high,) = limited(drive, 1, limit(1), priority=5)
    assert (drive.state(high), parked(drive, *low)) == ("pending", [True] * 4)
    drive.run(high)
    drive.clock.advance(66)
    drive.run(low[0])


def test_those_of_one_limit_start_in_the_order_in_which_they_came(drive: Driver) -> None:
    ids = [drive.push(limits=(limit(2),)) for _ in range(7)]
    began = []
    for _ in range(4):
        began += [drive.complete(one) and one.id for one in drive.reserve(5)]
        drive.clock.advance(66)
    assert began == ids


def test_nobody_who_comes_now_overtakes_who_waits(drive: Driver) -> None:
    ids = limited(drive, 3, limit(1))
    drive.run(ids[0])
    drive.clock.advance(66)
    (late,) = limited(drive, 1, limit(1))
    drive.run(ids[1])
    assert parked(drive, late) == [True]


def test_a_parked_job_may_be_made_more_important(drive: Driver) -> None:
    ids = limited(drive, 3, limit(1))
    drive.did(Verb.PRIORITIZE, ids[2], priority=9)
    assert drive.states(*ids) == ["scheduled", "scheduled", "pending"]
    drive.did(Verb.PRIORITIZE, ids[2], priority=-9)
    drive.run(ids[0])


def test_whoever_has_no_limit_is_not_held_up(drive: Driver) -> None:
    limited(drive, 5, limit(1), priority=5)
    drive.run()
    plain = drive.push_many(2)
    other = limited(drive, 1, limit(1, "other"))
    assert [one.id for one in drive.reserve(10)] == [*plain, *other]


def test_a_worker_gets_as_many_as_it_wants_though_some_that_come_up_have_no_room(drive: Driver) -> None:
    one = limit(2)
    drive.push(queue="later", limits=(one,))
    plain = [drive.push(queue="later") for _ in range(3)]
    ids = [drive.push(queue="sooner", limits=(one,)) for _ in range(2)]
    assert [job.id for job in drive.reserve(4, queues=("sooner", "later"))] == [*ids, *plain[:2]]
    at_rest(drive)


def test_a_worker_takes_no_more_limited_jobs_than_it_can_start(drive: Driver) -> None:
    plain = drive.push_many(2, priority=5)
    ids = limited(drive, 3, limit(9), at_a_time(9))
    assert [one.id for one in drive.reserve(5, limited=0)] == plain
    assert [one.id for one in drive.reserve(5, limited=1)] == ids[:1]
    assert (held(drive), drive.states(*ids[1:])) == ((1, 1), ["pending", "pending"])
    assert [one.id for one in drive.reserve(5)] == ids[1:]
    at_rest(drive)


# what people and others do --------------------------------------------------------------------------


def cancel(drive: Driver, id: str) -> None:
    drive.did(Verb.CANCEL, id)


def reschedule(drive: Driver, id: str) -> None:
    drive.did(Verb.RESCHEDULE, id, at=drive.clock.at + MINUTE)


def forget_it(drive: Driver, id: str) -> None:
    drive.did(Verb.FORGET, id)


def move(drive: Driver, id: str) -> None:
    drive.did(Verb.MOVE, id, queue="elsewhere")


@pytest.mark.parametrize("leaves", [cancel, reschedule, forget_it, move], ids=lambda leaves: leaves.__name__)
def test_the_next_one_takes_the_place_of_one_that_leaves(drive: Driver, leaves) -> None:
    first, second, third = limited(drive, 3, limit(1))
    leaves(drive, first)
    drive.backend.tick()
    assert drive.states(second, third) == ["pending", "scheduled"]
    assert [one.id for one in drive.reserve(1, queues=("mails",))] == [second]
    at_rest(drive)


@pytest.mark.parametrize("leaves", [cancel, reschedule, forget_it, move], ids=lambda leaves: leaves.__name__)
def test_a_parked_job_may_leave(drive: Driver, leaves) -> None:
    first, second, third = limited(drive, 3, limit(1))
    leaves(drive, second)
    drive.complete(drive.take(first, queues=("mails",)))
    assert drive.reserve(5) == []
    assert known(drive, "smtp").waiting == 1 + (leaves is move)
    drive.clock.advance(66)
    drive.take(third, queues=("mails",))
    at_rest(drive)


def test_a_job_that_was_moved_has_its_limits_there_too(drive: Driver) -> None:
    first, second, third = limited(drive, 3, limit(1))
    drive.did(Verb.MOVE, second, queue="elsewhere")
    drive.complete(drive.take(first, queues=("mails",)))
    assert drive.reserve(5) == []
    drive.clock.advance(66)
    assert len(drive.reserve(5)) == 1
    assert held(drive) == (1, 1)
    assert {drive.get(second).queue, drive.get(third).queue} == {"elsewhere", "mails"}
    at_rest(drive)


def test_one_that_is_moved_to_a_queue_where_others_wait_for_the_same_waits_with_them(drive: Driver) -> None:
    here, there = limited(drive, 2, limit(1)), limited(drive, 2, limit(1), queue="elsewhere")
    drive.clock.advance(1)
    drive.did(Verb.MOVE, here[0], queue="elsewhere")
    drive.did(Verb.MOVE, here[1], queue="elsewhere")
    began = []
    for _ in range(4):
        began += [drive.complete(one) and one.id for one in drive.reserve(5, queues=("elsewhere",))]
        drive.clock.advance(66)
    assert (began[0], sorted(began)) == (there[0], sorted([*here, *there]))


def test_a_parked_job_cannot_be_run_now_and_the_reason_is_told(drive: Driver) -> None:
    _, second = limited(drive, 2, limit(1))
    assert drive.refusal(Verb.RUN_NOW, second) == "it waits for its limit: smtp, 1 in 60 s"
    assert parked(drive, second) == [True]


@pytest.mark.parametrize(
    ("seconds", "told"), [(0.5, "0.5 s"), (60, "60 s"), (90, "90 s"), (120, "2 min"), (3_600, "1 h"), (5_400, "90 min"), (86_400, "1 d")]
)
def test_for_what_it_waits_is_told_in_the_unit_that_people_would_take(drive: Driver, seconds: float, told: str) -> None:
    _, second = limited(drive, 2, limit(1, per=round(seconds * SECOND)))
    assert drive.get(second).reason == f"waits for its limit: smtp, 1 in {told}"
    assert drive.refusal(Verb.RUN_NOW, second) == f"it waits for its limit: smtp, 1 in {told}"


def test_a_scheduled_one_that_is_run_now_waits_for_its_limit(drive: Driver) -> None:
    (first,) = limited(drive, 1, limit(1))
    drive.run(first)
    (second,) = limited(drive, 1, limit(1), delay=MINUTE)
    drive.did(Verb.RUN_NOW, second)
    assert parked(drive, second) == [True]


def test_what_is_due_and_what_is_let_go_waits_for_its_limit(drive: Driver) -> None:
    first = drive.push()
    (child,) = limited(drive, 1, limit(1), edges=after(first), priority=-1)
    (due,) = limited(drive, 1, limit(1), delay=10 * SECOND)
    (now,) = limited(drive, 1, limit(1))
    assert {drive.run().id, drive.run().id} == {first, now}
    assert parked(drive, child) == [True]
    assert (drive.jump(10).promoted, parked(drive, due)) == (1, [True])
    assert drive.counts() == {"completed": 2, "scheduled": 2}


def test_a_failed_job_that_is_retried_waits_for_its_limit(drive: Driver) -> None:
    (id,) = limited(drive, 1, limit(1))
    drive.fail(drive.take(id))
    drive.did(Verb.RETRY, id)
    assert (parked(drive, id), drive.get(id).round) == ([True], 1)
    drive.clock.advance(66)
    assert drive.take(id).attempt == 1


def test_a_cancelled_job_that_is_put_back_waits_for_its_limit(drive: Driver) -> None:
    first, second = limited(drive, 2, limit(1))
    drive.did(Verb.CANCEL, second)
    drive.did(Verb.RETRY, second, keep_time=True)
    assert parked(drive, first, second) == [False, True]
    drive.did(Verb.FORGET, second)
    drive.did(Verb.RESTORE, second)
    assert drive.state(second) == "cancelled"
    at_rest(drive)


def test_a_query_finds_parked_jobs_among_the_scheduled(drive: Driver) -> None:
    ids = limited(drive, 4, limit(1))
    assert sorted(drive.found(states=(JobState.SCHEDULED,))) == sorted(ids[1:])
    acted = drive.backend.act(Selection(query=JobQuery(states=(JobState.SCHEDULED,))), Verb.CANCEL, ActParams())
    assert sorted(acted.done) == sorted(ids[1:])
    assert drive.counts() == {"pending": 1, "cancelled": 3}


def test_a_cancelled_batch_takes_its_parked_members_with_it(drive: Driver) -> None:
    group = new()
    batch = push_batch(drive, members(group, 3, limits=(limit(1),)), group=group)
    drive.backend.groups.cancel(batch.id)
    at_rest(drive)
    assert drive.states(*batch.jobs) == ["cancelled"] * 3


def test_one_that_does_not_outlive_its_deadline_ends_though_it_is_parked(drive: Driver) -> None:
    first, second = limited(drive, 2, limit(1), deadline=drive.clock.at + 30 * SECOND, expires=True)
    drive.run(first)
    assert parked(drive, second) == [True]
    drive.jump(31)
    assert (drive.state(second), drive.get(second).error.type) == ("failed", "JobExpired")
    at_rest(drive)


def test_a_suspect_is_taken_alone_when_there_is_room(drive: Driver) -> None:
    (id,) = limited(drive, 1, at_a_time(1))
    drive.crash(drive.take(id), only=False)
    plain = drive.push(priority=-1)
    got = drive.take(id)
    assert (got.alone, held(drive, "door")) == (True, (1, 1))
    drive.complete(got)
    drive.take(plain)


def test_what_a_job_carries_goes_with_it_to_another_store(drive: Driver) -> None:
    limits = (limit(1), at_a_time(1))
    ids = limited(drive, 2, *limits)
    found = drive.backend.envelopes(ids)
    assert [(one.id, set(one.limits)) for one in found] == [(id, set(limits)) for id in ids]
    (again,) = drive.backend.push([envelope(limits=found[1].limits, available_at=found[1].available_at)])
    assert parked(drive, again.id) == [True]


def test_a_push_that_is_sent_again_takes_no_second_place(drive: Driver) -> None:
    made = envelope(limits=(limit(1),))
    assert [drive.backend.push([made])[0].status for _ in range(2)] == ["created", "exists"]
    drive.run(made.id)
    assert (held(drive), known(drive, "smtp").waiting) == ((1, 0), 0)
