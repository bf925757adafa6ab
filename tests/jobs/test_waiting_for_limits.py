"""Jobs with limits as they are dispatched and run: those without room wait, unseen by workers."""

from __future__ import annotations

from typing import Any

import pytest

from horizon import ConcurrencyLimit, Job, QueueManager, RateLimit, RateLimited, define_queue
from horizon.core.states import JobState
from horizon.jobs.jobid import JobId
from horizon.runtime import Runtime
from horizon.testing import JobTester, QueueFake, freeze, work_all
from tests.jobs.hands import Hands

RAN: list[str] = []


@pytest.fixture(autouse=True)
def stands_still() -> Any:
    RAN.clear()
    with freeze():
        yield


class Mail(Job, RateLimited, name="test-limited-mail"):
    def __init__(self, to: str) -> None:
        self.to = to

    def get_rate_limits(self) -> list[RateLimit | ConcurrencyLimit]:
        return [RateLimit(max_attempts=100, per_seconds=3600), RateLimit(max_attempts=1, per_seconds=60, key=f"user:{self.to}")]

    def handle(self) -> None:
        RAN.append(self.to)


class Plain(Job, name="test-plain"):
    def __init__(self, word: str = "") -> None:
        self.word = word

    def handle(self) -> None:
        RAN.append(self.word)


class Narrow(Job, name="test-narrow", max_concurrent=1):
    def handle(self) -> None: ...


class Tenant(Job, RateLimited, name="test-tenant"):
    def __init__(self, tenant: str) -> None:
        self.tenant = tenant

    def get_rate_limits(self) -> list[RateLimit | ConcurrencyLimit]:
        return [ConcurrencyLimit(2, key=self.tenant)]

    def handle(self) -> None: ...


def record(id: JobId | None) -> Any:
    assert id is not None
    return id.record()


def test_a_job_without_room_waits_loses_no_try_and_says_for_what(here: Runtime) -> None:
    ids = Mail.dispatch_many([("ana",), ("ana",), ("bob",)])
    assert [ran.outcome for ran in work_all()] == ["completed", "completed"]
    assert RAN == ["ana", "bob"]
    waits = record(ids[1])
    assert (waits.state, waits.attempts, waits.history) == (JobState.SCHEDULED, 0, ())
    assert waits.waits_for_limit == "test-limited-mail user:ana"
    assert set(waits.limits) == {"test-limited-mail", "test-limited-mail user:ana"}
    assert "waits for its limit" in waits.reason
    with freeze(70):
        (ran,) = work_all().assert_completed(1)
        assert ran.attempt == 1
    assert RAN == ["ana", "bob", "ana"]


def test_a_queue_has_a_limit_of_its_own(here: Runtime) -> None:
    define_queue("slow", rate_limit_enabled=True, rate_limit_max=1, rate_limit_window=60)
    define_queue("free", rate_limit_enabled=False, rate_limit_max=1)
    QueueManager.rate_limit("later", max_jobs=2, per_seconds=60)
    for word, queue in [("a", "slow"), ("b", "slow"), ("c", "free"), ("d", "free"), *((str(n), "later") for n in range(3))]:
        Plain(word).on_queue(queue).dispatch()
    work_all()
    assert sorted(RAN) == ["0", "1", "a", "c", "d"]


@pytest.mark.parametrize("of", ["class", "queue"])
def test_a_class_and_a_queue_say_how_many_run_at_a_time(here: Runtime, of: str) -> None:
    define_queue("narrow", max_concurrent=1)
    jobs = [(Narrow() if of == "class" else Plain()).on_queue("narrow" if of == "queue" else "wide") for _ in range(3)]
    for job in jobs:
        job.dispatch()
    hands = Hands(here)
    (first,) = hands.prepared()
    assert hands.prepared() == []
    hands.backend.turn([first.run()])
    assert len(hands.prepared()) == 1


def test_so_many_of_each_key_run_at_a_time(here: Runtime) -> None:
    Tenant.dispatch_many([("a",)] * 5 + [("b",)] * 1)
    assert len(Hands(here).prepared()) == 3


def test_a_figure_that_is_said_anew_counts_for_those_that_wait(here: Runtime) -> None:
    QueueManager.rate_limit("grows", max_jobs=1, per_seconds=3600)
    for number in range(4):
        Plain(str(number)).on_queue("grows").dispatch()
    work_all("grows")
    assert RAN == ["0"]
    QueueManager.rate_limit("grows", max_jobs=3, per_seconds=3600)
    Plain("new").on_queue("grows").dispatch()
    work_all("grows")
    assert RAN == ["0", "1", "2"]


def test_of_a_queue_that_delays_so_many_wait_or_run_and_the_rest_comes_after_them(here: Runtime) -> None:
    define_queue("bounded", max_jobs=2, when_full="delay")
    ids = Plain.dispatch_many([Plain(str(number)).on_queue("bounded") for number in range(5)])
    assert [record(id).state for id in ids] == [JobState.PENDING] * 2 + [JobState.SCHEDULED] * 3
    assert record(ids[4]).waits_for_limit == "queue bounded, room"
    hands = Hands(here)
    first, second = hands.prepared()
    assert hands.prepared() == []
    hands.backend.turn([first.run(), second.run()])
    assert [record(id).state for id in ids[2:]] == [JobState.PENDING] * 2 + [JobState.SCHEDULED]
    work_all("bounded").assert_completed(3)
    assert RAN == ["0", "1", "2", "3", "4"]


def test_here_and_now_no_limit_is_asked_and_none_is_used_up(here: Runtime) -> None:
    for _ in range(3):
        Mail.dispatch_now("ana")
    assert RAN == ["ana"] * 3
    Mail.dispatch("ana")
    work_all().assert_completed(1)


def test_tests_of_one_job_and_of_dispatches_are_not_held_up_and_show_the_limits(here: Runtime) -> None:
    JobTester(Mail("ana")).run().assert_completed()
    JobTester(Mail("ana")).run().assert_completed()
    with QueueFake() as fake:
        for _ in range(3):
            Mail.dispatch("ana")
        fake.assert_pushed(Mail, times=3)
        assert [limit.key for limit in fake.pushed(Mail)[0].limits] == ["test-limited-mail", "test-limited-mail user:ana"]
    assert JobTester(Mail("bob")).limits[1].most == 1
