from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from horizon import Job, RateLimit, RateLimited
from horizon.core import clock, current
from horizon.core.errors import HorizonError
from horizon.core.states import JobState
from horizon.runtime import Runtime
from horizon.testing import freeze, travel, work_all
from tests.jobs.hands import runtime
from tests.testing.jobs import SendEmail, SendSMS


class Spreads(Job):
    def __init__(self, depth: int) -> None:
        self.depth = depth

    def handle(self) -> None:
        if self.depth:
            Spreads.dispatch(self.depth - 1)


class Stumbles(Job):
    max_tries = 2
    backoff = 60

    def handle(self) -> int:
        if self.attempts == 1:
            raise ValueError("not yet")
        return self.attempts


class Again(Job):
    max_tries = 5000

    def handle(self) -> None:
        self.release()


class Calls(RateLimited, Job):
    def get_rate_limits(self) -> list[RateLimit]:
        return [RateLimit(max_attempts=2, per_seconds=60)]

    def handle(self) -> None: ...


@pytest.fixture(params=["memory", "sqlite"])
def here(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Runtime]:
    made = runtime("memory://" if request.param == "memory" else f"sqlite:///{tmp_path}/jobs.db")
    with current.use(made):
        yield made
    made.close()


def test_it_runs_everything_and_what_comes_of_it(here: Runtime) -> None:
    Spreads.dispatch(2)
    SendEmail.dispatch("ana@example.com")
    ran = work_all().assert_completed(4)
    assert sorted(one.name.rpartition(":")[2] for one in ran) == ["SendEmail", "Spreads", "Spreads", "Spreads"]
    (mail,) = (one for one in ran if one.queue == "emails")
    assert mail.result == "sent to ana@example.com"
    assert here.backend().get(mail.id).state is JobState.COMPLETED  # type: ignore[union-attr]
    assert work_all() == []
    assert not [record for record in here.backend().sessions.list() if record.alive]


def test_only_some_queues_can_be_worked_off(here: Runtime) -> None:
    SendEmail.dispatch("ana@example.com")
    SendSMS.dispatch("1")
    assert [one.queue for one in work_all("emails")] == ["emails"]
    assert here.backend().remaining() == 1


def test_what_waits_for_its_time_is_reached_by_travelling(here: Runtime) -> None:
    id = Stumbles.dispatch()
    assert id is not None
    SendEmail("later").delay_until(3600).dispatch()
    first = work_all()
    assert [one.error for one in first] == ["ValueError: not yet"]
    assert first.failed == list(first)
    with pytest.raises(AssertionError, match="these did not:\n  Stumbles on default: retry, again after 60 s with ValueError: not yet"):
        first.assert_completed()
    with travel(61) as time:
        assert work_all().assert_completed(1)[0].result == 2
        time.advance(3600)
        with pytest.raises(AssertionError, match="expected 2 jobs to run; 1 did"):
            work_all().assert_completed(2)
    assert id.record().state is JobState.COMPLETED  # type: ignore[union-attr]


def test_it_does_not_go_on_for_ever(here: Runtime) -> None:
    Again.dispatch()
    with pytest.raises(HorizonError, match=r"3 attempts have run, .* Again on default: released"):
        work_all(limit=3)


def test_a_clock_that_was_moved_runs_on_and_one_that_was_stopped_does_not() -> None:
    real = clock.now()
    with travel(timedelta(days=1)):
        assert clock.now() >= real + clock.DAY
        with travel(-3600), freeze() as time:
            assert clock.now() == clock.now() >= real + clock.DAY - clock.HOUR
            time.advance(10)
            assert clock.now() == time.at
    with freeze(datetime(2030, 1, 1, tzinfo=UTC)):
        assert clock.iso(clock.now()) == "2030-01-01T00:00:00.000Z"
        with travel(1):
            assert clock.iso(clock.now()) == "2030-01-01T00:00:01.000Z"
    assert clock.now() < real + clock.HOUR


def test_what_has_no_room_in_its_limits_stays_until_its_time_has_come(here: Runtime) -> None:
    for _ in range(5):
        Calls.dispatch()
    work_all().assert_completed(2)
    assert list(work_all()) == []
    with travel(70) as time:
        work_all().assert_completed(2)
        time.advance(70)
        work_all().assert_completed(1)
    assert {row.queue: dict(row.counts) for row in here.backend().numbers.counts()} == {"default": {JobState.COMPLETED: 5}}
