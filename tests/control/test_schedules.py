from __future__ import annotations

from collections.abc import Iterator

import pytest

from horizon.backends.connect import connect
from horizon.backends.values import StoreOptions
from horizon.control.schedules import ScheduleControl
from horizon.core.clock import SECOND, ManualClock
from horizon.core.errors import InvalidInput, InvalidOption, InvalidTransition, NotFound, PermissionDenied, UnknownJobName
from horizon.monitor import schedules as seen
from horizon.security.redaction import MASK
from horizon.timetable.declared import declare
from horizon.timetable.wanted import Wanted
from tests.schedule.office import Office, Report, alone  # noqa: F401
from tests.shop import ANA, OTTO, VERA

NAME = "tests.schedule.office:Report"


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(1_767_225_600 * SECOND)


@pytest.fixture
def office(clock: ManualClock) -> Iterator[Office]:
    backend = connect("memory://", StoreOptions(clock=clock))
    yield Office(backend)
    backend.close()


@pytest.fixture
def control(office: Office) -> ScheduleControl:
    return ScheduleControl(office.runtime)  # type: ignore[arg-type]


def declared(office: Office, **more: object) -> None:
    declare(office.runtime.schedules, Wanted(**{"target": Report, "when": "@daily", "name": "nightly", **more}))  # type: ignore[arg-type]


def verbs(office: Office) -> list[str]:
    return [f"{entry.actor} {entry.verb} {entry.target}" for entry in office.backend.audit.list()][::-1]


def test_one_that_is_added_has_its_next_time_and_an_entry_in_the_audit_log(
    control: ScheduleControl, office: Office, clock: ManualClock
) -> None:
    made = control.add(OTTO, Wanted(target=NAME, when="0 2 * * 1", name="weekly", args={"year": {"~": "date", "v": "2026-01-02"}}))
    assert (made.due_at, control.get("weekly")) == (clock.at + (4 * 86_400 + 7200) * SECOND, made)  # the first Monday
    assert made.args == '{"year":{"~":"date","v":"2026-01-02"}}'
    assert verbs(office) == ["otto add schedule schedule:weekly"]


def test_the_audit_log_tells_what_an_edit_changed_and_of_arguments_only_which(control: ScheduleControl, office: Office) -> None:
    def changes() -> dict[str, tuple[str | None, str | None]]:
        return {name: (before, after) for name, before, after in office.backend.audit.list()[0].changes}

    control.add(OTTO, Wanted(target=NAME, when="0 2 * * 1", name="weekly", args={"year": 2026}))
    assert changes()["when"] == (None, "0 2 * * 1")
    assert changes()["argument year"] == (None, MASK)
    control.edit(OTTO, "weekly", {"when": "0 3 * * 1", "args": {"year": 2027}})
    assert changes() == {"when": ("0 2 * * 1", "0 3 * * 1"), "argument year": (MASK, MASK)}
    control.pause(OTTO, "weekly", "holidays")
    assert changes() == {"paused": ("no", "yes"), "paused_reason": (None, "holidays")}
    control.remove(OTTO, "weekly")
    assert changes()["when"] == ("0 3 * * 1", None)
    assert "2027" not in str(office.backend.audit.list())


def test_a_viewer_changes_nothing(control: ScheduleControl, office: Office) -> None:
    office.add(name="tick")
    acts = [
        lambda: control.add(VERA, Wanted(target=NAME, when="@daily")), lambda: control.edit(VERA, "tick", {}), lambda: control.pause(VERA, "tick"),
        lambda: control.resume(VERA, "tick"), lambda: control.run(VERA, "tick"), lambda: control.remove(VERA, "tick"),
    ]  # fmt: skip
    for act in acts:
        with pytest.raises(PermissionDenied):
            act()
    assert office.kept("tick").version == 1


@pytest.mark.parametrize(
    ("wanted", "error", "told"),
    [
        ({"target": "shop:Nothing"}, UnknownJobName, "no job is registered"),
        ({"when": "0 0 31 2 *"}, InvalidOption, "never comes"),
        ({"timezone": "Rome"}, InvalidOption, "did you mean 'Europe/Rome'"),
        ({"misfire": "alll"}, InvalidOption, "one of once, all, skip.*did you mean 'all'"),
        ({"overlap": "forbid"}, InvalidOption, "one of allow, skip, queue"),
        ({"jitter": 3600, "when": "@hourly"}, InvalidOption, "shorter than the time between two runs, which is 3600 s"),
        ({"most": 1000}, InvalidOption, "catch_up is a whole number from 1 to 100"),
        ({"args": {"colour": "red"}}, InvalidInput, "Report cannot be made with the arguments colour"),
        ({"params": {"colour": "red"}}, InvalidInput, "colour"),
        ({"options": {"qeueu": "x"}}, InvalidOption, "did you mean 'queue'"),
        ({"options": {"priority": "urgent"}}, InvalidOption, "one of low, normal, high, critical"),
        ({"options": {"connection": "mars"}}, InvalidOption, "no connection 'mars'; there are: default"),
        ({"name": "two words"}, InvalidOption, "letters, digits"),
    ],
)  # fmt: skip
def test_what_cannot_work_is_refused_where_it_is_written(
    control: ScheduleControl, office: Office, wanted: dict[str, object], error: type[Exception], told: str
) -> None:
    with pytest.raises(error, match=told):
        control.add(ANA, Wanted(**{"target": NAME, "when": "@daily", **wanted}))  # type: ignore[arg-type]
    assert not office.backend.schedules.all()


def test_a_name_is_given_once(control: ScheduleControl, office: Office) -> None:
    control.add(OTTO, Wanted(target=NAME, when="@daily"))
    declared(office)
    for name in (None, "nightly"):
        with pytest.raises(InvalidTransition, match="already"):
            control.add(OTTO, Wanted(target=NAME, when="@hourly", name=name))


def test_editing_changes_what_was_named_and_begins_anew_only_for_another_time(
    control: ScheduleControl, office: Office, clock: ManualClock
) -> None:
    made = office.add(name="tick", args={"year": 1999}, options={"queue": "q"}, jitter=2)
    clock.advance(3)
    control.edit(OTTO, "tick", {"args": {"style": "long"}, "overlap": "skip"})
    kept = office.kept("tick")
    assert (kept.args, kept.overlap, kept.options, kept.jitter, kept.due_at) == (
        '{"style":"long"}',
        "skip",
        {"queue": "q"},
        2 * SECOND,
        made.due_at,
    )
    control.edit(OTTO, "tick", {"when": "every 1h"})
    assert office.kept("tick").due_at == clock.at + 3597 * SECOND


def test_a_pause_holds_and_what_passed_meanwhile_is_not_made_up_for(control: ScheduleControl, office: Office, clock: ManualClock) -> None:
    office.add(name="tick", misfire="all")
    control.pause(OTTO, "tick", "moving")
    clock.advance(95)
    office.dispatcher.run()
    assert control.resume(OTTO, "tick").due_at == clock.at + 5 * SECOND
    office.dispatcher.run()
    assert (office.jobs(), office.kept("tick").missed) == ([], 0)
    assert verbs(office) == ["otto pause schedule schedule:tick", "otto resume schedule schedule:tick"]


def test_run_now_comes_beside_the_plan(control: ScheduleControl, office: Office) -> None:
    before = office.add(name="tick", args={"year": 1999})
    control.pause(OTTO, "tick")
    job = control.run(OTTO, "tick")
    kept = office.kept("tick")
    assert (kept.last_job, kept.due_at, kept.paused) == (job.id, before.due_at, True)
    assert [(run.kind, run.job, run.detail) for run in control.runs("tick")] == [("by hand", job.id, "by otto")]
    assert job.tags == ("schedule:tick",)
    assert "otto run schedule schedule:tick" in verbs(office)


def test_run_now_says_who_is_in_the_way_where_there_shall_be_one_only(control: ScheduleControl, office: Office) -> None:
    office.add(name="tick", overlap="skip")
    first = control.run(OTTO, "tick")
    with pytest.raises(InvalidTransition, match=first.id):
        control.run(OTTO, "tick")
    assert len(office.jobs()) == 1


def test_one_that_is_removed_is_gone_and_its_jobs_stay(control: ScheduleControl, office: Office) -> None:
    office.add(name="tick")
    control.run(OTTO, "tick")
    control.remove(OTTO, "tick")
    with pytest.raises(NotFound):
        control.get("tick")
    assert len(office.jobs()) == 1


# of the code ----------------------------------------------------------------------------------------


def test_one_of_the_code_is_seen_and_can_be_paused_and_run_before_anybody_stored_it(control: ScheduleControl, office: Office) -> None:
    declared(office)
    (row,) = seen.board(office.runtime).rows
    assert (row.schedule.name, row.state, row.editable, row.words) == ("nightly", "active", False, "At 00:00 every day")
    assert control.pause(OTTO, "nightly").source == "code"
    control.run(OTTO, "nightly")
    office.dispatcher.agree(1)
    assert office.kept("nightly").paused


def test_one_of_the_code_is_neither_edited_nor_removed_here(control: ScheduleControl, office: Office) -> None:
    declared(office)
    office.dispatcher.agree(1)
    with pytest.raises(InvalidTransition, match="defined in the code"):
        control.edit(OTTO, "nightly", {"when": "@hourly"})
    with pytest.raises(InvalidTransition, match="defined in the code"):
        control.remove(OTTO, "nightly")


def test_one_that_the_code_no_longer_has_can_be_removed_and_not_resumed(control: ScheduleControl, office: Office) -> None:
    declared(office)
    office.dispatcher.agree(1)
    newer = Office(office.backend)
    newer.dispatcher.agree(2)
    later = ScheduleControl(newer.runtime)  # type: ignore[arg-type]
    assert seen.board(newer.runtime).rows[0].state == "gone"
    with pytest.raises(InvalidTransition, match="no longer defines"):
        later.resume(OTTO, "nightly")
    later.remove(OTTO, "nightly")
    assert not seen.board(newer.runtime).rows


# what is seen ---------------------------------------------------------------------------------------


def test_a_row_tells_when_it_comes_and_what_became_of_its_last_job(control: ScheduleControl, office: Office, clock: ManualClock) -> None:
    office.add(name="tick", when="every 10s")
    job = control.run(OTTO, "tick")
    (row,) = seen.board(office.runtime).rows
    assert list(row.ahead()) == [clock.at + n * 10 * SECOND for n in range(1, 6)]
    assert row.last is not None
    assert (row.last.id, row.state, row.words) == (job.id, "active", "Every 10 seconds")


def test_one_for_which_nobody_came_is_overdue(office: Office, clock: ManualClock) -> None:
    office.add(name="tick")
    clock.advance(75)
    board = seen.board(office.runtime)
    assert (board.rows[0].state, board.led) == ("overdue", False)


def test_one_of_the_code_that_cannot_be_used_is_told_with_its_reason(office: Office) -> None:
    declare(office.runtime.schedules, Wanted(target="nowhere.jobs.Missing", when="@daily", name="bad"))
    board = seen.board(office.runtime)
    assert not board.rows
    assert "no job is registered as 'nowhere.jobs.Missing'" in board.problems["bad"]
