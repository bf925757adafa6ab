from __future__ import annotations

import threading

import pytest

from horizon.backends.values import QueueSettings, Want
from horizon.core.clock import MINUTE, SECOND
from horizon.core.outcome import Answer, Kind, Outcome
from tests.conformance.driver import Driver, envelope, outcome

# reserving ------------------------------------------------------------------------------------------


def test_a_reservation_carries_what_a_worker_needs(drive: Driver) -> None:
    id = drive.push(
        payload=b"\x00\xff", priority=3, tags=("a",), user="ana", tenant="t", max_tries=4, timeout=9 * SECOND, backoff="5",
        retry_until=drive.clock() + MINUTE, deadline=drive.clock() + MINUTE, max_crashes=2, hook=True, code_version="v1", signature="sig",
        unique_key="k",
    )  # fmt: skip
    got = drive.take()
    assert (got.id, got.name, got.queue, got.payload, got.version) == (id, "shop.jobs:Mail", "mails", b"\x00\xff", 1)
    assert (got.attempt, got.run, got.round, got.priority) == (1, 1, 0, 3)
    assert (got.max_tries, got.timeout, got.backoff) == (4, 9 * SECOND, "5")
    assert (got.retry_until, got.deadline, got.max_crashes, got.crashes) == (drive.clock() + MINUTE, drive.clock() + MINUTE, 2, 0)
    assert (got.tags, got.user, got.tenant, got.group) == (("a",), "ana", "t", None)
    assert (got.hook, got.code_version, got.signature, got.unique_key) == (True, "v1", "sig", "k")
    assert (got.created_at, got.available_at, got.reserved_at, got.alone) == (drive.clock(), drive.clock(), drive.clock(), False)


def test_a_reserved_job_is_processing_and_says_by_whom(drive: Driver) -> None:
    id = drive.push()
    drive.clock.advance(3)
    drive.take()
    record = drive.get(id)
    assert (record.state, record.session, record.started_at, record.attempts) == ("processing", "w", drive.clock(), 1)
    assert [(a.number, a.outcome) for a in record.history] == [(1, "running")]


def test_no_job_is_handed_to_two(drive: Driver) -> None:
    ids = drive.push_many(5)
    drive.open("other")
    first = drive.reserve(3)
    second = drive.reserve(3, session="other")
    assert [r.id for r in first] == ids[:3]
    assert [r.id for r in second] == ids[3:]
    assert drive.reserve(3) == []
    assert len({r.token for r in first + second}) == 5


def test_jobs_start_in_push_order(drive: Driver) -> None:
    ids = drive.push_many(4)
    assert [drive.take().id for _ in range(4)] == ids


def test_higher_priority_starts_first_and_push_order_decides_within_one(drive: Driver) -> None:
    low, first, high, second = (drive.push(priority=p) for p in (-5, 0, 10, 0))
    assert [r.id for r in drive.reserve(4)] == [high, first, second, low]


def test_a_near_deadline_overtakes_and_a_far_one_overtakes_nobody(drive: Driver) -> None:
    plain = drive.push()
    drive.clock.advance(1)
    far = drive.push(deadline=drive.clock() + 400 * 86400 * SECOND)
    drive.clock.advance(1)
    near = drive.push(deadline=drive.clock() + MINUTE)
    assert [r.id for r in drive.reserve(3)] == [near, plain, far]


def test_patience_of_a_queue_says_how_near_a_deadline_must_be(drive: Driver) -> None:
    drive.backend.queues.define([QueueSettings(name="mails", patience=10 * SECOND)])
    plain = drive.push()
    drive.clock.advance(1)
    inside = drive.push(deadline=drive.clock() + 8 * SECOND)
    outside = drive.push(deadline=drive.clock() + MINUTE)
    assert [r.id for r in drive.reserve(3)] == [inside, plain, outside]


def test_a_retried_job_queues_up_where_it_stands_now(drive: Driver) -> None:
    first = drive.push()
    drive.clock.advance(1)
    second = drive.push()
    got = drive.take(first)
    drive.clock.advance(1)
    drive.retry(got)
    assert [r.id for r in drive.reserve(2)] == [second, first]


def test_a_job_handed_back_unstarted_keeps_its_place(drive: Driver) -> None:
    first = drive.push()
    drive.clock.advance(1)
    drive.push()
    got = drive.take(first)
    drive.clock.advance(1)
    drive.give_back(got)
    assert drive.take().id == first


def test_a_count_of_nothing_reserves_nothing(drive: Driver) -> None:
    drive.push()
    assert drive.reserve(0) == []


def test_the_payloads_of_one_turn_stay_below_its_bytes_but_one_job_is_always_given(drive: Driver) -> None:
    ids = drive.push_many(4, payload=b"x" * 400)
    assert [r.id for r in drive.reserve(4, max_bytes=900)] == ids[:2]
    assert [r.id for r in drive.reserve(4, max_bytes=10)] == ids[2:3]


def test_options_left_open_are_resolved_at_the_first_reservation_and_kept(drive: Driver) -> None:
    id = drive.push()
    got = drive.take(default_max_tries=7, default_timeout=42 * SECOND)
    assert (got.max_tries, got.timeout) == (7, 42 * SECOND)
    drive.retry(got)
    again = drive.take(id, default_max_tries=1, default_timeout=SECOND)
    assert (again.max_tries, again.timeout) == (7, 42 * SECOND)
    assert (drive.get(id).max_tries, drive.get(id).timeout) == (7, 42 * SECOND)


def test_a_session_that_the_store_has_given_up_gets_nothing(drive: Driver) -> None:
    drive.push()
    drive.open("dead")
    drive.backend.sessions.close("dead")
    assert drive.reserve(session="dead") == []
    assert len(drive.reserve()) == 1


# queues ---------------------------------------------------------------------------------------------


def test_listed_queues_are_served_in_strict_order(drive: Driver) -> None:
    low = drive.push(queue="low", priority=50)
    high = drive.push(queue="high")
    drive.push(queue="unlisted")
    assert [r.id for r in drive.reserve(5, queues=("high", "low"))] == [high, low]


def test_without_a_list_every_queue_is_served(drive: Driver) -> None:
    ids = {drive.push(queue=queue) for queue in ("a", "b", "c")}
    assert {r.id for r in drive.reserve(5)} == ids


@pytest.mark.parametrize("listed", [{}, {"queues": ("light", "heavy"), "fair": True}])
def test_the_draw_between_queues_goes_by_their_weight(drive: Driver, listed) -> None:
    drive.backend.queues.define([QueueSettings(name="heavy", priority_weight=3), QueueSettings(name="light")])
    drive.push_many(40, queue="heavy")
    drive.push_many(40, queue="light")
    drawn = [drive.take(draw=(step + 0.5) / 40, **listed).queue for step in range(40)]
    assert drawn.count("heavy") == 30


def test_a_drawn_queue_that_runs_dry_leaves_the_rest_to_the_others(drive: Driver) -> None:
    drive.push(queue="a")
    drive.push_many(3, queue="b")
    assert sorted(r.queue for r in drive.reserve(4, draw=0.01)) == ["a", "b", "b", "b"]


def test_nothing_of_a_paused_queue_is_reserved_until_it_is_resumed(drive: Driver) -> None:
    drive.push(queue="a")
    other = drive.push(queue="b")
    drive.backend.queues.pause("a")
    assert [r.id for r in drive.reserve(2, queues=("a", "b"))] == [other]
    drive.backend.queues.resume("a")
    assert [r.queue for r in drive.reserve(2)] == ["a"]


def test_a_pause_with_an_end_ends_by_itself(drive: Driver) -> None:
    drive.push()
    drive.backend.queues.pause("mails", until=drive.clock() + 10 * SECOND)
    assert drive.reserve() == []
    drive.clock.advance(10)
    assert len(drive.reserve()) == 1


# what is due ----------------------------------------------------------------------------------------


def test_a_turn_promotes_what_is_due_without_anybody_ticking(drive: Driver) -> None:
    id = drive.push(delay=5 * SECOND)
    assert drive.reserve() == []
    drive.clock.advance(5)
    assert drive.take().id == id


def test_nothing_starts_before_its_time(drive: Driver) -> None:
    id = drive.push(delay=5 * SECOND)
    drive.clock.at += 5 * SECOND - 1
    assert drive.reserve() == []
    assert drive.state(id) == "scheduled"


def test_next_due_tells_when_the_next_job_of_these_queues_is_due(drive: Driver) -> None:
    drive.push(queue="other", delay=3 * SECOND)
    drive.push(queue="mails", delay=9 * SECOND)
    turned = drive.backend.turn([], Want(session="w", executor=0, count=1, queues=("mails",)))
    assert (turned.next_due, turned.now) == (drive.clock() + 9 * SECOND, drive.clock())
    assert drive.backend.turn([], Want(session="w", executor=0, count=1)).next_due == drive.clock() + 3 * SECOND
    assert drive.backend.turn([], Want(session="w", executor=0, count=1, queues=("quiet",))).next_due is None


# many at once ---------------------------------------------------------------------------------------


def test_threads_that_share_a_store_run_every_job_exactly_once(drive: Driver) -> None:
    ids = drive.push_many(200)
    done: list[str] = []

    def drain(executor: int) -> None:
        outcomes: list[Outcome] = []
        while True:
            turned = drive.backend.turn(outcomes, Want(session="w", executor=executor, count=7))
            done.extend(said.id for said, answer in zip(outcomes, turned.answers, strict=True) if answer is Answer.OK)
            outcomes = [outcome(one, Kind.COMPLETED) for one in turned.reservations]
            if not outcomes:
                return

    threads = [threading.Thread(target=drain, args=(executor,)) for executor in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(done) == sorted(ids)
    assert drive.counts() == {"completed": 200}


def test_threads_that_push_the_same_key_store_one_job(drive: Driver) -> None:
    answers: list[str] = []
    start = threading.Barrier(50)

    def push() -> None:
        start.wait(30)
        answers.extend(str(answer.status) for answer in drive.backend.push([envelope(unique_key="k")]))

    threads = [threading.Thread(target=push) for _ in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(answers) == ["created", *["duplicate"] * 49]
    assert drive.counts() == {"pending": 1}
