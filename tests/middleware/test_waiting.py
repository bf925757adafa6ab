"""Middleware that sends jobs back until there is room for them: over the store, so for all workers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from horizon import Job, QueueManager, RateLimit, define_queue
from horizon.backends.circuits import State
from horizon.core import clock, current
from horizon.core.errors import InvalidOption, NotNow
from horizon.core.outcome import Kind
from horizon.core.states import JobState
from horizon.middleware import CircuitBreaker, RateLimitedMiddleware, ThrottleMiddleware, WithoutOverlapping, come_back
from horizon.runtime import Runtime
from horizon.testing import freeze, work_all
from tests.jobs.hands import Hands, runtime

RAN: list[str] = []


@pytest.fixture
def here() -> Iterator[Runtime]:
    RAN.clear()
    made = runtime()
    with current.use(made), freeze():
        yield made


class Within(Job):
    """Runs through what the test puts around it, and raises where its argument says so."""

    stack: list[Any] = []
    max_tries = 2
    backoff = 0

    def __init__(self, word: str = "") -> None:
        self.word = word
        self.middleware = list(Within.stack)

    def handle(self) -> None:
        RAN.append(self.word)
        if self.word.startswith("fail"):
            raise ConnectionError(self.word)
        if self.word == "odd":
            raise KeyError(self.word)


class AsyncWithin(Job):
    def __init__(self, word: str = "") -> None:
        self.word = word
        self.middleware = list(Within.stack)

    async def handle(self) -> None:
        await asyncio.sleep(0)
        RAN.append(self.word)


def around(*stack: Any) -> None:
    Within.stack = list(stack)


def outcomes() -> list[tuple[str, float]]:
    return [(ran.outcome, ran.delay) for ran in work_all()]


def test_a_job_that_is_sent_back_says_why_and_loses_no_try(here: Runtime) -> None:
    def not_yet(job: Any, next: Any) -> Any:
        return next(job) if RAN else come_back(job, 30, "waits for the printer")

    around(not_yet)
    id = Within.dispatch("x")
    assert id is not None
    (ran,) = work_all()
    assert (ran.outcome, ran.delay, ran.reason) == ("returned", 30.0, "waits for the printer")
    record = id.record()
    assert record is not None
    assert (record.state, record.attempts, record.reason, record.history) == (JobState.SCHEDULED, 0, "waits for the printer", ())
    RAN.append("paper")
    with freeze(31):
        (again,) = work_all().assert_completed()
    assert again.attempt == 1


def test_here_and_now_there_is_no_coming_back(here: Runtime) -> None:
    around(lambda job, next: come_back(job, 30, "waits for the printer"))
    with pytest.raises(NotNow, match="it waits for the printer"):
        Within.dispatch_now()
    assert RAN == []


def test_a_cancelled_job_does_not_come_back(here: Runtime) -> None:
    around(lambda job, next: come_back(job, 30, "waits for the printer"))
    Within.dispatch()
    hands = Hands(here)
    (prepared,) = hands.prepared()
    prepared.cancel("enough")
    assert (prepared.run().kind) is Kind.CANCELLED


@pytest.mark.parametrize("cls", [Within, AsyncWithin])
def test_a_limit_holds_for_all_jobs_of_a_class_and_the_rest_waits(here: Runtime, cls: Any) -> None:
    around(RateLimitedMiddleware(RateLimit(2, 60)))
    cls.dispatch_many([("a",), ("b",), ("c",)])
    ran = work_all()
    assert RAN == ["a", "b"]
    assert (ran[2].outcome, ran[2].reason) == ("returned", "waits for its limit: 2 times in 60 s")
    assert 50 <= ran[2].delay <= 66
    with freeze(ran[2].delay):
        work_all().assert_completed(1)
    assert RAN == ["a", "b", "c"]


def test_of_several_limits_all_have_room_or_none_is_taken(here: Runtime) -> None:
    limits = RateLimitedMiddleware(RateLimit(3, 60), RateLimit(1, 60, key="user:1"))
    around(limits)
    Within.dispatch_many([("a",), ("b",)])
    work_all()
    assert RAN == ["a"]
    around(RateLimitedMiddleware(RateLimit(3, 60)))
    Within.dispatch_many([("c",), ("d",), ("e",)])
    work_all()
    assert RAN == ["a", "c", "d"]


def test_a_place_that_a_job_did_not_use_is_given_back(here: Runtime) -> None:
    around(RateLimitedMiddleware(RateLimit(1, 60)), lambda job, next: come_back(job, 5, "waits") if job.word == "a" else next(job))
    Within.dispatch_many([("a",), ("b",)])
    work_all()
    assert RAN == ["b"]


def test_jobs_behind_a_limit_are_told_their_turn_without_asking_the_store_for_each(here: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    meters = here.backend().meters
    take = meters.take
    monkeypatch.setattr(meters, "take", lambda key, *args: (asked.append(key), take(key, *args))[1])
    around(RateLimitedMiddleware(RateLimit(10, 60)))
    Within.dispatch_many([(str(number),) for number in range(100)])
    delays = [round(ran.delay) for ran in work_all() if ran.outcome == "returned"]
    assert (len(RAN), len(asked)) == (10, 11)
    first = delays[0]
    assert [delays.count(first + 66 * turn) for turn in range(9)] == [10] * 9
    for turn in range(9):
        with freeze(first + 66 * turn + 1):
            work_all().assert_completed(10)
    assert len(RAN) == 100


def test_places_in_a_large_limit_are_taken_several_at_a_time(here: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    granted: list[int] = []
    meters = here.backend().meters
    take = meters.take

    def counted(*asked: Any) -> Any:
        taken = take(*asked)
        granted.append(taken.granted)
        return taken

    monkeypatch.setattr(meters, "take", counted)
    around(RateLimitedMiddleware(RateLimit(500, 3600)))
    Within.dispatch_many([(str(number),) for number in range(600)])
    ran = work_all()
    assert len(RAN) == 500
    assert [one.outcome for one in ran].count("returned") == 100
    assert sum(granted) == 500
    assert len(granted) < 80


def test_a_place_that_was_not_used_of_several_stays_here(here: Runtime) -> None:
    leave: list[str] = []
    around(RateLimitedMiddleware(RateLimit(100, 3600)), lambda job, next: come_back(job, 5, "waits") if job.word in leave else next(job))
    leave += [str(number) for number in range(20, 30)]
    Within.dispatch_many([(str(number),) for number in range(110)])
    work_all()
    assert len(RAN) == 100


def test_a_fixed_window_begins_anew_with_the_clock(here: Runtime) -> None:
    with freeze(59 - clock.now() // clock.SECOND % 60):
        around(RateLimitedMiddleware(RateLimit(1, 60, strategy="fixed")))
        Within.dispatch_many([("a",), ("b",)])
        assert 0 < work_all()[1].delay <= 1
        with freeze(1):
            work_all().assert_completed(1)


@pytest.mark.parametrize(
    "wrong",
    [{"max_attempts": 0}, {"per_seconds": 0}, {"per_seconds": float("inf")}, {"per_seconds": "60"}, {"key": ""}, {"strategy": "leaky"}],
)
def test_a_limit_that_makes_no_sense_is_refused_where_it_is_written(wrong: dict[str, Any]) -> None:
    with pytest.raises(InvalidOption, match="of a limit"):
        RateLimit(**{"max_attempts": 1, "per_seconds": 1, **wrong})


@pytest.mark.parametrize(
    ("make", "named"),
    [
        (lambda: CircuitBreaker(""), "the service of CircuitBreaker"),
        (lambda: CircuitBreaker("smtp", fail_max=0), "fail_max of CircuitBreaker"),
        (lambda: CircuitBreaker("smtp", within=0), "within of CircuitBreaker"),
        (lambda: CircuitBreaker("smtp", reset=-1), "reset of CircuitBreaker"),
        (lambda: CircuitBreaker("smtp", exceptions=("ConnectionError",)), "exceptions of CircuitBreaker"),
        (lambda: ThrottleMiddleware.on_exceptions(0), "max_failures of on_exceptions"),
        (lambda: ThrottleMiddleware.on_exceptions(pause=-1), "pause of on_exceptions"),
        (lambda: ThrottleMiddleware.on_exceptions(exceptions="OSError"), "exceptions of on_exceptions"),
        (lambda: define_queue("x", rate_limit_enabled=True, rate_limit_max=-1), "rate_limit_max"),
        (lambda: define_queue("x", rate_limit_enabled=True, rate_limit_window=0), "rate_limit_window"),
        (lambda: QueueManager.rate_limit("x", max_jobs=0, per_seconds=1), "max_jobs of a rate limit"),
    ],
)
def test_a_wrong_figure_is_refused_by_the_name_under_which_it_was_written(make: Callable[[], Any], named: str) -> None:
    with pytest.raises(InvalidOption, match=f"^{named} "):
        make()


def test_throttled_runs_are_counted_like_a_limit(here: Runtime) -> None:
    around(ThrottleMiddleware(2, 60))
    Within.dispatch_many([("a",), ("b",), ("c",)])
    assert [outcome for outcome, _ in outcomes()] == ["completed", "completed", "returned"]


def test_after_so_many_failures_there_is_a_pause(here: Runtime) -> None:
    around(ThrottleMiddleware.on_exceptions(2, 60, pause=20, exceptions=ConnectionError))
    for word in ("odd", "odd", "fail 1", "fail 2", "good"):
        Within(word).with_tries(1).dispatch()
    assert outcomes() == [("failed", 0), ("failed", 0), ("failed", 0), ("failed", 0), ("returned", 20.0)]
    with freeze(20):
        assert outcomes() == [("completed", 0)]


@pytest.mark.parametrize("end", ["good", "fail"])
def test_one_job_of_a_key_runs_at_a_time_and_the_lock_is_free_however_it_ends(here: Runtime, end: str) -> None:
    around(WithoutOverlapping(lambda job: job.word[-1:], again_after=7))
    first = Within(f"{end} 1").with_tries(1).dispatch()
    Within("other 1").dispatch()
    Within("other 2").dispatch()
    hands = Hands(here)
    one, other, free = hands.prepared()
    during: list[Any] = []
    around(WithoutOverlapping(lambda job: job.word[-1:], again_after=7), lambda job, next: (during.append(other.run()), next(job))[1])
    one.run()
    (waits,) = during
    assert (waits.kind, waits.delay, waits.reason) == (Kind.RETURNED, 7_000_000, f"waits for job {first}, which runs alone")
    around(WithoutOverlapping(lambda job: job.word[-1:]))
    assert free.run().kind is Kind.COMPLETED
    Within("last 1").dispatch()
    assert hands.run_one().kind is Kind.COMPLETED


def test_a_lock_whose_worker_died_ends_by_itself_and_only_its_holder_frees_it(here: Runtime) -> None:
    locks = here.backend().locks
    around(WithoutOverlapping("k", expires_after=60))
    name = f"alone {__name__}:Within k"
    assert locks.acquire(name, "a job whose worker died", 60_000_000)
    Within.dispatch()
    assert outcomes() == [("returned", 10.0)]
    assert locks.read(name) is not None
    with freeze(61):
        assert outcomes() == [("completed", 0)]
        assert locks.read(name) is None


def test_a_job_that_would_overlap_can_be_left_out(here: Runtime) -> None:
    around(WithoutOverlapping("k", again_after=None, shared=True))
    assert here.backend().locks.acquire("alone  k", "somebody", 60_000_000)
    Within.dispatch()
    assert outcomes() == [("cancelled", 0)]


def test_a_circuit_opens_probes_and_closes(here: Runtime) -> None:
    breaker = CircuitBreaker("smtp", fail_max=2, reset=30, within=600, exceptions=ConnectionError)
    around(breaker)
    store = here.backend()
    for word in ("odd", "odd", "fail 1", "fail 2", "a", "b"):
        Within(word).with_tries(1).dispatch()
    ran = work_all()
    assert [one.outcome for one in ran] == ["failed"] * 4 + ["returned"] * 2
    assert (ran[4].reason, ran[4].delay) == ("waits for smtp: its circuit is open, it failed 2 times", 30.0)
    assert breaker.state(store) is State.OPEN
    with freeze(31):
        assert breaker.state(store) is State.HALF_OPEN
        Within("fail probe").with_tries(1).with_priority(9).dispatch()
        assert [one.outcome for one in work_all()] == ["failed", "returned", "returned"]
        with freeze(31):
            work_all().assert_completed(2)
            assert breaker.state(store) is State.CLOSED
            Within("fail 3").with_tries(1).dispatch()
            Within("c").dispatch()
            assert [one.outcome for one in work_all()] == ["failed", "completed"]


def test_only_one_probe_tries_a_half_open_circuit(here: Runtime) -> None:
    breaker = CircuitBreaker("smtp", fail_max=1, reset=30)
    around(breaker)
    Within("fail").with_tries(1).dispatch()
    work_all()
    with freeze(31):
        probe_id = Within("probe").dispatch()
        Within("other").dispatch()
        probe, other = Hands(here).prepared()
        during: list[Any] = []
        around(breaker, lambda job, next: (during.append(other.run()), next(job))[1] if job.word == "probe" else next(job))
        assert probe.run().kind is Kind.COMPLETED
        assert (during[0].kind, during[0].reason) == (Kind.RETURNED, f"waits for smtp: its circuit is open, job {probe_id} tries it")
        assert breaker.state(here.backend()) is State.CLOSED


@pytest.mark.parametrize("wrong", [0, 1_000_001, True, 1.5])
def test_so_many_at_a_time_is_a_number(wrong: Any) -> None:
    with pytest.raises(InvalidOption):
        define_queue("x", max_concurrent=wrong)
