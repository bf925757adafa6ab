"""Whose turn it is: fair keys, shares, a floor, and deadlines that jobs do not outlive."""

from __future__ import annotations

from horizon.backends.base import Backend
from horizon.backends.values import Verb, Want
from horizon.core.clock import SECOND, ManualClock
from horizon.core.envelope import On
from horizon.core.group import GroupKind, GroupState, NewGroup
from horizon.core.limit import CONCURRENT, Limit
from horizon.core.outcome import Kind
from horizon.core.states import JobState
from tests.conformance.driver import Driver, after, audit, envelope

EXPIRED = "expired: its deadline passed before it started"


def order(drive: Driver, count: int = 50) -> list[str]:
    """Ids in the order in which one worker is given them, which completes each before it asks for the next."""
    ids = []
    for _ in range(count):
        taken = drive.reserve()
        if not taken:
            break
        ids.append(taken[0].id)
        drive.complete(taken[0])
    return ids


def owners(drive: Driver, **keys: list[str]) -> str:
    """The same, as one letter for each job: whose it is."""
    whose = {id: key for key, ids in keys.items() for id in ids}
    return "".join(whose[id] for id in order(drive))


# keys that take turns -----------------------------------------------------------------------------------


def test_a_key_with_many_jobs_delays_the_one_job_of_another_by_one_turn(drive: Driver) -> None:
    many = drive.push_many(20, fair="a")
    one = drive.push(fair="b")

    assert order(drive) == [many[0], one, *many[1:]]


def test_keys_take_turns_whoever_came_first_and_in_however_many_pushes(drive: Driver, clock: ManualClock) -> None:
    a = drive.push_many(3, fair="a")
    clock.advance(SECOND)
    a += [drive.push(fair="a") for _ in range(3)]
    clock.advance(SECOND)
    b = drive.push_many(4, fair="b")

    assert owners(drive, a=a, b=b) == "abababab" + "aa"


def test_a_key_with_a_larger_share_has_more_turns(drive: Driver) -> None:
    a = drive.push_many(9, fair="a")
    b = drive.push_many(9, fair="b", share=3)

    first = owners(drive, a=a, b=b)[:12]

    assert (first.count("a"), first.count("b")) == (3, 9)


def test_a_key_that_pushes_its_next_job_when_the_last_one_ended_has_every_other_turn(drive: Driver) -> None:
    many = drive.push_many(4, fair="a")
    seen = ""
    for _ in range(3):
        one = drive.push(fair="b")
        seen += "".join("b" if drive.run().id == one else "a" for _ in range(2))

    assert seen.count("b") == 3, f"{seen}, while {len(many)} jobs of a waited"


def test_turns_are_those_of_one_queue_and_priority(drive: Driver) -> None:
    low = drive.push_many(2, fair="a")
    high = drive.push_many(2, fair="a", priority=10)
    other = drive.push(fair="b")
    elsewhere = drive.push(fair="a", queue="reports")

    assert order(drive, 0) == []
    assert [drive.take(queues=("mails",)).id for _ in range(5)] == [*high, low[0], other, low[1]]
    assert drive.take(queues=("reports",)).id == elsewhere


def test_a_fair_job_that_is_retried_or_due_takes_its_turn_behind_those_of_its_key(drive: Driver) -> None:
    a = drive.push_many(3, fair="a")
    drive.retry(drive.take(a[0]), delay=5)
    later = drive.push(fair="a", delay=5 * SECOND)
    b = drive.push_many(3, fair="b")
    drive.jump(6)

    assert owners(drive, a=[*a, later], b=b) == "abababa"


def test_a_fair_job_that_goes_back_unstarted_keeps_its_place(drive: Driver) -> None:
    a = drive.push_many(2, fair="a")
    b = drive.push_many(2, fair="b")
    drive.give_back(drive.take(a[0]), started=False)

    assert order(drive) == [a[0], b[0], a[1], b[1]]


def test_a_fair_job_that_is_moved_or_given_another_priority_takes_turns_where_it_is_now(drive: Driver) -> None:
    a = drive.push_many(3, fair="a", queue="reports")
    b = drive.push_many(3, fair="b", queue="reports", priority=5)
    moved = drive.push(fair="a")
    raised = drive.push(fair="b", queue="reports", priority=-5)
    drive.did(Verb.MOVE, moved, queue="reports")
    for id in b:
        drive.did(Verb.PRIORITIZE, id, priority=0)

    assert owners(drive, a=[*a, moved], b=b, r=[raised]) == "abababar"


def test_a_fair_job_that_a_person_retries_takes_its_turn(drive: Driver) -> None:
    again = drive.push(fair="a")
    drive.run(again, Kind.FAILED)
    a, b = drive.push_many(2, fair="a"), drive.push_many(3, fair="b")
    drive.did(Verb.RETRY, again)

    assert owners(drive, a=[*a, again], b=b) == "ababab"


def test_a_fair_job_that_waited_for_another_takes_its_turn_when_it_is_let_go(drive: Driver) -> None:
    first = drive.push(priority=50)
    waits = drive.push(fair="a", edges=after(first))
    a, b = drive.push_many(2, fair="a"), drive.push_many(3, fair="b")

    assert owners(drive, f=[first], a=[*a, waits], b=b) == "fababab"


def test_fair_and_share_go_with_a_job_to_another_store(drive: Driver, backend: Backend) -> None:
    one = drive.push(fair="tenant 7", share=3, expires=True, deadline=drive.backend.now() + 60 * SECOND)
    plain = drive.push()

    fair, usual = backend.envelopes([one, plain])

    assert (fair.fair, fair.share, fair.expires) == ("tenant 7", 3, True)
    assert (usual.fair, usual.share, usual.expires) == (None, 1, False)


def test_keys_take_turns_among_jobs_that_a_limit_parks(drive: Driver) -> None:
    one = Limit(key="one", most=1, strategy=CONCURRENT)
    a = drive.push_many(4, fair="a", limits=(one,))
    running = drive.take(a[0])
    a += [drive.push(fair="a", limits=(one,)) for _ in range(2)]
    b = drive.push_many(3, fair="b", limits=(one,))
    drive.complete(running)

    assert owners(drive, a=a, b=b) in ("bababaaa", "ababab" + "aa")


# weights and first come, first served ---------------------------------------------------------------------


def test_a_heavier_job_starts_before_lighter_ones_that_came_up_to_half_the_patience_before(drive: Driver, clock: ManualClock) -> None:
    early = drive.push()
    clock.advance(2000 * SECOND)
    light = drive.push()
    heavy = drive.push(share=2)

    assert order(drive) == [early, heavy, light]


def test_jobs_with_no_share_start_in_the_order_in_which_they_came(drive: Driver, clock: ManualClock) -> None:
    first = drive.push(share=0)
    clock.advance(SECOND)
    near = drive.push(share=0, deadline=deadline(drive))
    clock.advance(SECOND)
    before = drive.push()  # from when the queue was none of those yet

    assert order(drive) == [first, near, before]


# a floor ------------------------------------------------------------------------------------------------


def test_a_worker_with_a_floor_is_given_nothing_below_it(drive: Driver) -> None:
    low, normal, high = (drive.push(priority=priority) for priority in (-10, 0, 10))

    assert [one.id for one in drive.reserve(5, floor=10)] == [high]
    assert drive.reserve(5, floor=10) == []
    assert [one.id for one in drive.reserve(5, floor=0)] == [normal]
    assert [one.id for one in drive.reserve(5)] == [low]


def test_a_floor_holds_on_every_queue(drive: Driver) -> None:
    drive.push(queue="mails")
    high = drive.push(queue="reports", priority=20)

    assert [one.id for one in drive.reserve(5, floor=20, queues=("mails", "reports"))] == [high]
    assert [one.queue for one in drive.reserve(5)] == ["mails"]


# deadlines ----------------------------------------------------------------------------------------------


def deadline(drive: Driver, seconds: float = 10) -> int:
    return int(drive.backend.now() + seconds * SECOND)


def test_a_job_whose_deadline_passed_is_never_handed_out_and_fails(drive: Driver, clock: ManualClock) -> None:
    id = drive.push(deadline=deadline(drive), expires=True)
    clock.advance(10 * SECOND)

    assert drive.reserve() == []

    record = drive.get(id)
    assert (record.state, record.reason) == (JobState.FAILED, EXPIRED)
    assert record.error is not None
    assert (record.error.type, record.error.cause, record.error.message) == ("JobExpired", "JobExpired", EXPIRED)
    assert (record.attempts, record.started_at, record.finished_at) == (0, None, drive.backend.now())


def test_tick_ends_expired_jobs_of_paused_queues_too(drive: Driver, backend: Backend) -> None:
    ids = drive.push_many(3, deadline=deadline(drive), expires=True)
    backend.queues.pause("mails", audit=audit())
    drive.jump(10)

    assert drive.states(*ids) == ["failed"] * 3
    assert drive.counts() == {"failed": 3}


def test_before_its_deadline_a_job_that_could_expire_is_one_like_any_other(drive: Driver) -> None:
    id = drive.push(deadline=deadline(drive), expires=True)
    drive.jump(9)

    drive.run(id)

    drive.jump(60)
    assert drive.state(id) is JobState.COMPLETED


def test_without_expire_a_job_runs_after_its_deadline(drive: Driver) -> None:
    id = drive.push(deadline=deadline(drive))
    drive.jump(60)

    reservation = drive.take(id)

    assert reservation.deadline is not None
    assert reservation.deadline < reservation.reserved_at
    assert drive.complete(reservation)


def test_a_record_tells_its_key_and_whether_it_expires(drive: Driver) -> None:
    id = drive.push(deadline=deadline(drive), expires=True, fair="a")
    waiting = drive.get(id)
    drive.run(id)
    plain = drive.get(drive.push())

    assert [(one.fair, one.expires) for one in (waiting, drive.get(id), plain)] == [("a", True), ("a", True), (None, False)]


def test_a_running_job_does_not_expire_but_it_is_not_tried_again_after_its_deadline(drive: Driver) -> None:
    id = drive.push(deadline=deadline(drive), expires=True)
    running = drive.take(id)
    drive.pass_time(12, "w")
    assert drive.state(id) is JobState.PROCESSING

    drive.retry(running)
    drive.jump(0)

    assert drive.get(id).reason == EXPIRED


def test_a_scheduled_job_that_is_due_after_its_deadline_fails(drive: Driver) -> None:
    id = drive.push(deadline=deadline(drive), expires=True, delay=20 * SECOND)
    drive.jump(15)
    assert drive.state(id) is JobState.SCHEDULED
    drive.jump(6)
    drive.jump(0)

    assert drive.reserve() == []
    assert drive.state(id) is JobState.FAILED


def test_none_of_many_expired_jobs_is_handed_out_and_those_behind_them_come(drive: Driver, clock: ManualClock) -> None:
    drive.push_many(250, deadline=deadline(drive), expires=True)
    good = drive.push()
    clock.advance(11 * SECOND)

    got = [one.id for _ in range(12) for one in drive.reserve(10)]

    assert got == [good]
    drive.jump(0)
    assert drive.counts() == {"failed": 250, "processing": 1}


def test_an_expired_job_counts_as_a_failure_of_its_class(drive: Driver, backend: Backend) -> None:
    drive.push(deadline=deadline(drive), expires=True)
    drive.jump(10)

    samples = backend.numbers.samples(since=0)

    assert sum(sample.failed for sample in samples) == 1


def test_what_waited_for_an_expired_job_is_cancelled_and_what_waited_for_its_failure_goes(drive: Driver) -> None:
    id = drive.push(deadline=deadline(drive), expires=True)
    depends = drive.push(edges=after(id))
    catches = drive.push(edges=after(id, on=On.FAILED))
    drive.jump(10)

    assert drive.states(depends, catches) == ["cancelled", "pending"]


def test_a_group_of_which_a_job_expired_failed(drive: Driver, backend: Backend) -> None:
    group = NewGroup(id="11111111-2222-7333-8444-555555555555", kind=GroupKind.BATCH, name="night")
    members = [envelope(group=group.id, deadline=deadline(drive), expires=True), envelope(group=group.id)]
    backend.push(members, groups=[group], seal=[group.id])
    drive.jump(10)
    drive.jump(0)

    stored = backend.groups.get(group.id)
    assert stored is not None
    assert (stored.state, stored.failed, stored.cancelled) == (GroupState.FAILED, 1, 1)
    assert stored.first_failure is not None
    assert (stored.first_failure.job_id, stored.first_failure.type) == (members[0].id, "JobExpired")


def test_the_follow_up_of_an_expired_job_is_pushed_where_its_class_has_a_failed(drive: Driver) -> None:
    drive.push(deadline=deadline(drive), expires=True, hook=True)
    drive.jump(10)

    assert drive.take().name == "horizon.jobs.followup:CallFailed"


def test_the_follow_up_of_a_job_with_a_key_takes_its_turn(drive: Driver) -> None:
    a = drive.push(deadline=deadline(drive), expires=True, hook=True, fair="a")
    b = drive.push_many(3, fair="b")
    drive.jump(10)

    assert drive.state(a) is JobState.FAILED
    assert [drive.run().id for _ in range(3)] != b, "it did not wait for all of them"


def test_a_retried_job_that_is_still_past_its_deadline_expires_again(drive: Driver) -> None:
    id = drive.push(deadline=deadline(drive), expires=True)
    drive.jump(10)
    drive.did(Verb.RETRY, id)
    drive.jump(0)

    record = drive.get(id)
    assert (record.state, record.round, record.reason) == (JobState.FAILED, 1, EXPIRED)


def test_a_unique_key_is_free_once_its_holder_expired(drive: Driver) -> None:
    drive.push(deadline=deadline(drive), expires=True, unique_key="one")
    drive.jump(10)

    assert drive.state(drive.push(unique_key="one")) is JobState.PENDING


def test_a_waiter_hears_of_a_deadline_as_of_a_job_that_is_due(drive: Driver, backend: Backend) -> None:
    at = deadline(drive)
    drive.push(deadline=at, expires=True, queue="reports")

    turned = backend.turn([], Want(session="w", executor=0, count=1, queues=("reports",), floor=50))

    assert turned.next_due == at
