from __future__ import annotations

import pytest

from horizon import JobScheduler
from horizon.cli.resolve import unusable_schedules
from horizon.core.errors import InvalidInput, InvalidOption, UnknownJobName
from horizon.timetable import wanted
from horizon.timetable.declared import declare, settled
from horizon.timetable.wanted import Wanted
from tests.schedule.office import Report, alone, runtime, tidy  # noqa: F401

MODULE = "tests.schedule.office"


@pytest.mark.parametrize(
    ("target", "name"),
    [
        (Report, f"{MODULE}:Report"),
        (tidy, f"{MODULE}:tidy"),
        (f"{MODULE}.Report", f"{MODULE}.Report"),
        ("not.loaded:Yet", "not.loaded:Yet"),
    ],
)
def test_a_schedule_is_named_after_its_job_where_nobody_named_it(target: object, name: str) -> None:
    JobScheduler.schedule(target, "@daily", {"folder": "/tmp"} if target is tidy else None)
    assert list(wanted.PROCESS.all()) == [name]


def test_what_is_said_holds_in_every_app_and_what_an_app_says_in_that_one_alone() -> None:
    here, there = runtime(), runtime()
    JobScheduler.schedule(Report, "@daily", name="everywhere")
    before = there.schedules.version
    declare(here.schedules, Wanted(target=Report, when="@daily", name="here"))
    assert (sorted(here.schedules.all()), sorted(there.schedules.all())) == (["everywhere", "here"], ["everywhere"])
    assert there.schedules.version == before
    here.close()
    there.close()


def test_the_same_said_twice_is_said_once_and_another_of_the_same_name_is_refused() -> None:
    for _ in range(2):
        JobScheduler.schedule(Report, "@daily", {"year": 1999})
    with pytest.raises(InvalidOption, match=r"two schedules are named .*give one of them a name of its own"):
        JobScheduler.schedule(Report, "@hourly", {"year": 1999})
    JobScheduler.schedule(Report, "@hourly", {"year": 1999}, name="hourly")
    assert len(wanted.PROCESS.all()) == 2


@pytest.mark.parametrize(
    ("said", "error", "told"),
    [
        ((Report, "0 0 31 2 *"), InvalidOption, "never comes"),
        ((Report, "* * *"), InvalidOption, "five fields"),
        ((f"{MODULE}:Reprot", "@daily"), UnknownJobName, f"did you mean {MODULE}:Report"),
        ((Report, "@daily", {"yaer": 1}), InvalidInput, "unexpected keyword argument 'yaer'"),
        ((tidy, "@daily"), InvalidInput, "missing a required argument: 'folder'"),
        ((print, "@daily"), InvalidOption, "a class, a @job function or the name of one"),
        ((Report, "@daily", {"priority": "urgent"}), InvalidOption, "low, normal, high, critical"),
        ((Report, "@daily", ["year"]), InvalidOption, "are a dict"),
    ],
)
def test_what_can_never_work_is_refused_where_it_is_written(said: tuple[object, ...], error: type[Exception], told: str) -> None:
    with pytest.raises(error, match=told):
        JobScheduler.schedule(*said)  # type: ignore[arg-type]
    assert not wanted.PROCESS.all()


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"timezone": "Rome"}, "did you mean 'Europe/Rome'"),
        ({"misfire": "never"}, "one of once, all, skip"),
        ({"overlap": "stack"}, "one of allow, skip, queue"),
        ({"catch_up": 0}, "from 1 to 100"),
        ({"jitter": "soon"}, "seconds"),
        ({"options": {"colour": "red"}}, "no option 'colour'"),
        ({"name": "zwei Wörter"}, "letters, digits"),
    ],
)
def test_wrong_words_are_refused_where_they_are_written(more: dict[str, object], told: str) -> None:
    with pytest.raises(InvalidOption, match=told):
        JobScheduler.schedule(Report, "@daily", **more)  # type: ignore[arg-type]


def test_an_argument_that_has_the_name_of_an_option_goes_to_the_constructor() -> None:
    from horizon.timetable.planning import split

    class Loud:
        def __init__(self, priority: str) -> None: ...

    assert split(Loud, Wanted(target=Loud, when="@daily", params={"priority": "low", "queue": "q"})) == (
        {"priority": "low"},
        {"queue": "q"},
    )  # type: ignore[arg-type]


def test_a_name_that_no_job_bears_is_told_with_the_line_that_says_it_at_the_start_of_a_worker_too() -> None:
    JobScheduler.schedule("clean-the-attic", "@daily")
    here = runtime()
    (problem,) = settled(here.schedules, here).problems.values()
    assert "no job is registered as 'clean-the-attic'" in problem
    assert f"(it is said in {__file__}:" in problem
    assert unusable_schedules(here) == [f"the schedule 'clean-the-attic' cannot be used: {problem}"]
    here.close()


def test_a_worker_has_nothing_to_tell_where_every_schedule_can_be_used() -> None:
    here = runtime()
    assert unusable_schedules(here) == []
    JobScheduler.schedule(Report, "@daily")
    assert unusable_schedules(here) == []
    here.close()
