from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest

from horizon.backends.connect import connect
from horizon.backends.schedules import CODE, ScheduleChange
from horizon.backends.values import QueueSettings, SessionInfo, StoreOptions, Want
from horizon.core.clock import DAY, SECOND, ManualClock
from horizon.core.errors import BackendUnavailable
from horizon.core.outcome import Kind, Outcome
from horizon.core.states import JobState
from horizon.timetable import planning
from horizon.timetable.declared import declare as declare_one
from horizon.timetable.wanted import Wanted
from tests.schedule.office import Lone, Office, Picky, Report, alone, tidy  # noqa: F401


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(1_767_225_600 * SECOND)  # 2026-01-01, a Thursday


@pytest.fixture
def office(clock: ManualClock) -> Iterator[Office]:
    backend = connect("memory://", StoreOptions(clock=clock))
    yield Office(backend)
    Picky.cross = False


def late(office: Office, clock: ManualClock, seconds: float) -> None:
    clock.advance(seconds)
    assert office.dispatcher.run() is False


def start_all(office: Office) -> list[Any]:
    """A worker takes what is pending."""
    office.backend.sessions.open(SessionInfo(id="w", kind="worker", host="here", pid=1), 100 * DAY)
    return list(office.backend.turn([], Want(session="w", executor=0, count=50)).reservations)


def end(office: Office, reservation: Any) -> None:
    office.backend.turn([Outcome(id=reservation.id, ref=reservation.ref, token=reservation.token, kind=Kind.COMPLETED)])


def test_a_job_has_the_arguments_options_and_tag_of_its_schedule(office: Office, clock: ManualClock) -> None:
    office.add(
        when="0 */6 * * *", name="data", params={"priority": "high", "timeout": 3600, "year": 1999, "tags": ["x"]}, options={"max_tries": 7}
    )
    late(office, clock, 6 * 3600)
    (job,) = office.jobs("data")
    record = office.backend.get(job.id)
    assert record is not None
    assert (record.queue, record.priority, record.timeout, record.max_tries) == ("reports", 10, 3600 * SECOND, 7)
    assert (record.tags, record.payload) == (("x", "schedule:data"), b'{"args":{"year":1999}}')


def test_a_function_is_scheduled_like_a_class(office: Office, clock: ManualClock) -> None:
    made = office.add(tidy, args={"folder": "/tmp"})
    late(office, clock, 10)
    assert [(job.name, job.queue) for job in office.jobs(made.name)] == [("tests.schedule.office:tidy", "functions")]


def test_nothing_comes_before_its_time_and_the_next_comes_after(office: Office, clock: ManualClock) -> None:
    office.add(name="tick")
    late(office, clock, 9.999)
    assert office.jobs() == []
    late(office, clock, 0.001)
    kept = office.kept("tick")
    assert (kept.last_at, kept.last_job, kept.due_at) == (clock.at, office.jobs()[0].id, clock.at + 10 * SECOND)
    late(office, clock, 0)
    assert len(office.jobs()) == 1


# times that nobody was there for --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("misfire", "ran", "history", "missed"),
    [
        ("once", [100], ["missed", "pushed"], 9),
        ("all", [80, 90, 100], ["missed", "pushed", "pushed", "pushed"], 7),
        ("skip", [100], ["missed", "pushed"], 9),
    ],
)
def test_of_ten_times_that_passed_as_many_run_as_the_policy_says(
    office: Office, clock: ManualClock, misfire: str, ran: list[int], history: list[str], missed: int
) -> None:
    start = clock.at
    made = office.add(name="tick", misfire=misfire, most=3)
    late(office, clock, 104)
    assert [job.id for job in office.jobs()] == [planning.job_id(made, start + at * SECOND) for at in ran]
    assert (office.history("tick"), office.kept("tick").missed) == (history, missed)
    assert office.kept("tick").due_at == start + 110 * SECOND


def test_skip_runs_what_is_a_moment_late_and_leaves_out_what_is_long_over(office: Office, clock: ManualClock) -> None:
    office.add(name="nightly", when="@daily", misfire="skip")
    late(office, clock, DAY // SECOND + 60)
    assert office.history("nightly") == ["pushed"]
    late(office, clock, DAY // SECOND + 1)
    assert (office.history("nightly"), office.kept("nightly").missed) == (["pushed", "missed"], 1)


def test_a_year_away_is_no_reason_to_count_every_second(office: Office, clock: ManualClock) -> None:
    office.add(name="busy", when="* * * * * *", misfire="all", most=2)
    late(office, clock, 365 * 86_400)
    assert len(office.jobs()) == 2
    assert office.backend.schedules.runs("busy")[-1].detail == "or more"


# while the job before still stands ------------------------------------------------------------------


def test_by_default_another_job_comes_while_one_runs(office: Office, clock: ManualClock) -> None:
    office.add(name="tick")
    for _ in range(3):
        late(office, clock, 10)
    assert len(office.jobs()) == 3


def test_with_skip_none_comes_until_the_one_before_has_ended(office: Office, clock: ManualClock) -> None:
    office.add(name="tick", overlap="skip")
    late(office, clock, 10)
    late(office, clock, 10)
    (running,) = start_all(office)
    late(office, clock, 10)
    end(office, running)
    late(office, clock, 10)
    assert office.history("tick") == ["pushed", "skipped", "skipped", "pushed"]
    assert office.backend.schedules.runs("tick")[1].detail == f"job {running.id} has not ended"


def test_with_queue_one_waits_behind_the_one_that_runs_and_no_more(office: Office, clock: ManualClock) -> None:
    office.add(name="tick", overlap="queue")
    late(office, clock, 10)
    (running,) = start_all(office)
    late(office, clock, 10)
    late(office, clock, 10)
    assert [job.state for job in office.jobs()] == [JobState.PROCESSING, JobState.BLOCKED]
    assert office.history("tick") == ["pushed", "pushed", "skipped"]
    end(office, running)
    assert len(start_all(office)) == 1
    late(office, clock, 10)
    assert [job.state for job in office.jobs()] == [JobState.COMPLETED, JobState.PROCESSING, JobState.BLOCKED]


def test_a_unique_key_of_the_job_itself_decides_where_it_has_one(office: Office, clock: ManualClock) -> None:
    office.add(Lone, name="lone", overlap="skip")
    late(office, clock, 10)
    late(office, clock, 10)
    assert office.history("lone") == ["pushed", "skipped"]


# jitter ---------------------------------------------------------------------------------------------


def test_jitter_is_the_same_in_every_process_and_shifts_nothing_for_good(office: Office, clock: ManualClock) -> None:
    start = clock.at
    made = office.add(name="soft", jitter=5)
    again = planning.from_now(planning.settle(Wanted(target=Report, when="every 10s", name="soft", jitter=5), office.runtime), clock.at)
    assert (made.due_at, made.next_at) == (again.due_at, again.next_at)
    offsets = set()
    for number in range(1, 9):
        kept = office.kept("soft")
        assert kept.due_at == start + number * 10 * SECOND
        offsets.add(kept.next_at - kept.due_at)
        clock.at = kept.next_at - 1
        late(office, clock, 0)
        assert len(office.jobs()) == number - 1
        clock.at = kept.next_at
        late(office, clock, 0)
        assert len(office.jobs()) == number
    assert len(offsets) > 4
    assert all(0 <= offset < 5 * SECOND for offset in offsets)


def test_a_time_whose_jitter_is_not_over_is_not_missed(office: Office, clock: ManualClock) -> None:
    office.add(name="soft", jitter=9)
    start, kept = clock.at, office.kept("soft")
    ahead = [(start + n * 10 * SECOND, planning.delayed(kept, start + n * 10 * SECOND)) for n in range(1, 40)]
    due, fires = next((due, at) for due, at in ahead[1:] if at > due + SECOND)
    clock.at = fires - 1
    late(office, clock, 0)
    assert office.kept("soft").due_at == due


# what goes wrong ------------------------------------------------------------------------------------


def test_a_job_that_cannot_be_made_is_told_and_tried_again_next_time(office: Office, clock: ManualClock) -> None:
    office.add(Picky, name="picky")
    office.add(name="fine")
    Picky.cross = True
    late(office, clock, 10)
    Picky.cross = False
    late(office, clock, 10)
    assert (office.history("picky"), office.history("fine")) == (["refused", "pushed"], ["pushed", "pushed"])
    assert "not today" in (office.backend.schedules.runs("picky")[1].detail or "")


def test_a_full_queue_refuses_one_schedule_and_not_its_neighbours(office: Office, clock: ManualClock) -> None:
    office.backend.queues.define([QueueSettings(name="small", max_jobs=1)])
    office.add(name="one", options={"queue": "small"})
    office.add(name="two", options={"queue": "small"})
    office.add(name="three")
    late(office, clock, 10)
    told = [office.history(name)[0] for name in ("one", "two", "three")]
    assert (sorted(told[:2]), told[2]) == (["pushed", "refused"], "pushed")


def test_a_job_whose_class_is_gone_is_told(office: Office, clock: ManualClock) -> None:
    made = office.add(name="old")
    office.backend.schedules.write([ScheduleChange(name="old", version=1, schedule=replace(made, target="shop:Gone", next_at=clock.at))])
    late(office, clock, 10)
    assert "no job is registered as 'shop:Gone'" in (office.backend.schedules.runs("old")[0].detail or "")


def test_a_time_zone_that_is_unknown_here_pauses_the_schedule_and_says_so(office: Office, clock: ManualClock) -> None:
    made = replace(office.add(name="mars"), timezone="Mars/Olympus", next_at=clock.at)
    office.backend.schedules.write([ScheduleChange(name="mars", version=1, schedule=made)])
    late(office, clock, 0)
    kept = office.kept("mars")
    assert kept.paused
    assert "no time zone 'Mars/Olympus'" in (kept.paused_reason or "")


def test_a_store_that_does_not_answer_delays_and_loses_nothing(office: Office, clock: ManualClock, monkeypatch: pytest.MonkeyPatch) -> None:
    made = office.add(name="tick")
    with monkeypatch.context() as broken:
        broken.setattr(office.backend, "push", unanswered)
        late(office, clock, 10)
        assert office.dispatcher.stuck
    late(office, clock, 1)
    assert not office.dispatcher.stuck
    assert [job.id for job in office.jobs()] == [planning.job_id(made, made.due_at)]
    assert office.history("tick") == ["pushed"]


def unanswered(*_: object, **__: object) -> Any:
    raise BackendUnavailable("no answer")


def test_jobs_are_made_inside_what_the_host_wants_around_them(office: Office, clock: ManualClock) -> None:
    entered: list[str] = []

    @contextmanager
    def around() -> Iterator[None]:
        entered.append("in")
        yield
        entered.append("out")

    office.add(name="tick")
    office.runtime.around = around
    office.dispatcher.agree(1)
    late(office, clock, 10)
    assert (entered, len(office.jobs())) == (["in", "out"] * 2, 1)


def test_many_that_are_due_at_once_go_in_steps(office: Office, clock: ManualClock, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(530):
        office.add(name=f"s{number:03}")
    pushes: list[int] = []
    genuine = office.backend.push
    monkeypatch.setattr(office.backend, "push", lambda jobs, **more: pushes.append(len(jobs)) or genuine(jobs, **more))
    late(office, clock, 10)
    assert pushes == [250, 250, 30]


# the code -------------------------------------------------------------------------------------------


def declare(office: Office, *wanted: Wanted) -> None:
    for one in wanted:
        declare_one(office.runtime.schedules, one)


def test_what_the_code_says_is_kept_once_whoever_leads(office: Office) -> None:
    declare(office, Wanted(target=Report, when="@daily", name="nightly"))
    office.dispatcher.agree(1)
    other = Office(office.backend)
    declare(other, Wanted(target=Report, when="@daily", name="nightly"))
    other.dispatcher.agree(2)
    kept = office.kept("nightly")
    assert (kept.source, kept.version) == (CODE, 1)


def test_a_changed_definition_keeps_the_pause_and_a_changed_time_begins_anew(office: Office, clock: ManualClock) -> None:
    declare(office, Wanted(target=Report, when="@daily", name="nightly"))
    office.dispatcher.agree(1)
    office.backend.schedules.write(
        [ScheduleChange(name="nightly", version=1, schedule=replace(office.kept("nightly"), paused=True, missed=3))]
    )
    newer = Office(office.backend)
    declare(newer, Wanted(target=Report, when="@hourly", name="nightly"))
    newer.dispatcher.agree(2)
    kept = office.kept("nightly")
    assert (kept.when, kept.paused, kept.missed, kept.due_at) == ("@hourly", True, 3, clock.at + 3600 * SECOND)


def test_what_the_code_no_longer_has_rests_and_comes_back_with_the_code(office: Office, clock: ManualClock) -> None:
    declare(office, Wanted(target=Report, when="every 10s", name="tick"))
    office.dispatcher.agree(1)
    office.add(name="stored")
    newer = Office(office.backend)
    newer.dispatcher.agree(2)
    assert (office.kept("tick").gone, office.kept("stored").gone) == (True, False)
    late(newer, clock, 10)
    assert (office.history("tick"), office.history("stored")) == ([], ["pushed"])
    declare(newer, Wanted(target=Report, when="every 10s", name="tick"))
    newer.dispatcher.agree(2)
    assert (office.kept("tick").gone, office.kept("tick").due_at) == (False, clock.at + 10 * SECOND)


def test_a_schedule_of_the_code_that_cannot_be_used_is_left_alone_and_logged_once(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    declare(office, Wanted(target="nowhere.jobs.Missing", when="@daily", name="bad"), Wanted(target=Report, when="@daily", name="good"))
    for term in (1, 2):
        office.dispatcher.agree(term)
    assert [one.name for one in office.backend.schedules.all()] == ["good"]
    assert len([record for record in caplog.records if "'bad'" in record.getMessage()]) == 1
