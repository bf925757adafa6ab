from __future__ import annotations

import pytest

from horizon.backends.schedules import Schedule, ScheduleChange, ScheduleRun
from horizon.core.clock import MINUTE
from horizon.core.outcome import Kind
from horizon.monitor import calendar
from horizon.timetable import planning
from horizon.timetable.declared import declare
from horizon.timetable.wanted import Wanted
from tests.schedule.office import Report, alone  # noqa: F401
from tests.web.pages.conftest import HTMX, Page

JOB = "tests.schedule.office:Report"
FORM = {"job": JOB, "name": "weekly", "when": "0 2 * * 1", "timezone": "Europe/Rome"}


@pytest.fixture
def added(act, stage):
    """One that a person added."""
    answer = act("/new/schedule", **FORM, args='{"year": 1999}', priority="high", overlap="skip", most="5", misfire="all", jitter="30")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/horizon/schedules/weekly"), answer.text
    return stage.store.schedules.get("weekly")


def of_code(stage) -> None:
    declare(stage.runtime.schedules, Wanted(target=Report, when="@daily", name="nightly"))


def test_without_a_schedule_the_page_says_how_to_define_one(look):
    page = look("/schedules")
    assert "Nothing is scheduled yet" in page.text
    assert page.all("a", href="/horizon/new/schedule")
    assert page.all("a", **{"data-key": "t", "aria-current": "page"})


def test_the_form_keeps_what_was_written(added):
    assert (added.when, added.timezone, added.args, added.options) == ("0 2 * * 1", "Europe/Rome", '{"year":1999}', {"priority": 10})
    assert (added.overlap, added.misfire, added.most, added.jitter, added.source) == ("skip", "all", 5, MINUTE // 2, "stored")


def test_the_table_tells_when_each_comes_and_what_may_be_done(look, stage, added):
    of_code(stage)
    page = look("/schedules")
    assert "At 02:00 on Monday" in page.text
    assert {attrs["id"] for attrs in page.all("tr") if "id" in attrs} == {"s-weekly", "s-nightly"}
    assert page.all("span", title="Defined in the code: paused and run here, edited there")
    assert page.acts() == {"run", "pause"}
    assert "Nobody dispatches" in page.text
    stage.role = "viewer"
    assert look("/schedules").acts() == set()


def test_the_table_draws_what_became_of_the_latest_runs_and_says_it_in_words(look, act, stage, added):
    assert not look("/schedules").all("svg", **{"class": "runs"})
    stage.worker()
    for kind in (Kind.COMPLETED, Kind.FAILED):
        act("/schedules/act", do="run:weekly")
        stage.run(stage.store.schedules.get("weekly").last_job, kind)
    kept = stage.store.schedules.get("weekly")
    missed = ScheduleRun(at=stage.clock(), due_at=stage.clock(), kind="missed", count=3)
    stage.store.schedules.write([ScheduleChange(name="weekly", version=kept.version, schedule=kept, runs=(missed,))])
    (strip,) = look("/schedules").all("svg", **{"class": "runs"})
    assert strip["aria-label"] == "Last 3 runs: 1 completed, 1 failed, 1 missed; the latest missed"


def test_its_own_page_tells_the_next_five_times_and_its_history(look, act, stage, added):
    act("/schedules/act", do="run:weekly")
    page = look("/schedules/weekly")
    assert len(page.all("dd", **{"class": "tnum"})) == 5
    assert "run by hand" in page.text
    job = stage.store.schedules.get("weekly").last_job
    assert page.all("a", href=f"/horizon/jobs/{job}")
    assert page.acts() == {"run", "pause"}
    look("/schedules/nothing", 404)


def ran(stage, name: str, *runs: ScheduleRun) -> None:
    kept = stage.store.schedules.get(name)
    stage.store.schedules.write([ScheduleChange(name=name, version=kept.version, schedule=kept, runs=runs)])


def test_late_and_overlapping_runs_are_counted_in_the_list_and_named_on_its_page(look, stage):
    made = Schedule(name="often", target=JOB, when="*/10 * * * *", missed=7)
    stage.store.schedules.write([ScheduleChange(name="often", version=0, schedule=planning.from_now(made, stage.clock()))])
    first, now = stage.push(), stage.clock()
    before = ScheduleRun(at=now - 10 * MINUTE, due_at=now - 10 * MINUTE, kind="pushed", job=first)
    ran(stage, "often", before, ScheduleRun(at=now + 3 * MINUTE, due_at=now, kind="pushed", job="gone"))
    page = look("/schedules")
    for told in ("7 missed", "1 of 2 late", "1 of 2 overlapping"):
        assert told in page.text
    page = look("/schedules/often")
    for told in ("3 min late", "had not ended", "7 missed in all · 1 of 2 late · 1 of 2 overlapping", "no longer kept"):
        assert told in page.text
    assert page.all("a", href=f"/horizon/jobs/{first}")


def test_the_next_24_hours_are_drawn_soonest_first_and_told_in_words(look, stage):
    for name, when, more in (("b", "* * * * *", {}), ("a", "0 2 * * *", {}), ("off", "0 3 * * *", {"paused": True})):
        made = planning.from_now(Schedule(name=name, target=JOB, when=when, **more), stage.clock())
        stage.store.schedules.write([ScheduleChange(name=name, version=0, schedule=made)])
    assert look("/schedules").all("a", href="/horizon/schedules?view=calendar")
    page = look("/schedules?view=calendar")
    assert [one["id"] for one in page.all("li") if one.get("id", "").startswith("d-")] == ["d-b", "d-a"]
    assert "often, all day" in page.text
    assert "02:00" in page.text
    assert "1 schedule rests" in page.text
    assert page.all("a", href="/horizon/schedules/b")


def test_the_next_24_hours_name_the_zone_of_a_plan_that_is_meant_in_another_than_the_viewers(look, stage):
    for name, zone in (("far", "Asia/Tokyo"), ("near", "UTC")):
        made = planning.from_now(Schedule(name=name, target=JOB, when="0 2 * * *", timezone=zone), stage.clock())
        stage.store.schedules.write([ScheduleChange(name=name, version=0, schedule=made)])
    page = look("/schedules?view=calendar")
    assert page.text.count("· Asia/Tokyo") == 1
    assert "· UTC" not in page.text


def test_a_thousand_schedules_are_worked_out_page_by_page(stage):
    kept = [
        ScheduleChange(name=f"s{n:04}", version=0, schedule=planning.from_now(Schedule(name=f"s{n:04}", target=JOB, when=f"{n % 60} * * * *"), stage.clock()))
        for n in range(1000)
    ]  # fmt: skip
    stage.store.schedules.write(kept)
    calendar.plan.cache_clear()
    answer = stage.client.get("/horizon/schedules?view=calendar&page=2")
    assert len(answer.data) < 40_000
    assert calendar.plan.cache_info().misses <= 30
    assert 'rel="prev"' in answer.text
    assert 'rel="next"' in answer.text


def test_acts_are_done_and_told(act, stage, added):
    toast = act("/schedules/act", do="pause:weekly", reason="moving", headers=HTMX).text
    assert "Paused weekly" in toast
    assert 'value="resume:weekly"' in toast
    assert stage.store.schedules.get("weekly").paused_reason == "moving"
    assert "it comes next at" in act("/schedules/act", do="resume:weekly", headers=HTMX).text
    assert "Dispatched the job of weekly to reports" in act("/schedules/act", do="run:weekly", headers=HTMX).text
    assert (
        "has not" in act("/schedules/act", do="run:weekly", headers=HTMX).text
        or "holds the unique key" in act("/schedules/act", do="run:weekly", headers=HTMX).text
    )
    assert act("/schedules/act", do="remove:weekly").headers["Location"] == "/horizon/schedules"
    assert stage.store.schedules.get("weekly") is None
    assert act("/schedules/act", do="burn:weekly").status_code == 422
    assert [entry.verb for entry in stage.store.audit.list()][::-1] == [
        "add schedule", "pause schedule", "resume schedule", "run schedule", "remove schedule",
    ]  # fmt: skip


def test_a_viewer_is_refused(act, look, stage, added):
    stage.role = "viewer"
    for path in ("/new/schedule", "/schedules/weekly/edit", "/schedules/weekly/remove"):
        look(path, 403)
    assert act("/schedules/act", do="pause:weekly").status_code == 403
    assert act("/new/schedule", **FORM).status_code == 403


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"when": "0 0 31 2 *"}, "never comes"), ({"timezone": "Rome"}, "Europe/Rome"), ({"job": "shop:Nothing"}, "no job is registered"),
        ({"args": "[1]"}, "a JSON object"), ({"args": "{"}, "not JSON"), ({"timeout": "soon"}, "timeout takes a number"),
        ({"priority": "urgent"}, "one of low, normal, high, critical"), ({"name": "two words"}, "letters, digits"),
    ],
)  # fmt: skip
def test_a_form_that_will_not_do_comes_back_with_the_reason_and_what_was_typed(act, stage, wrong, told):
    answer = act("/new/schedule", **{**FORM, "queue": "typed-here", **wrong})
    assert answer.status_code == 422
    assert told in answer.text.replace("&#39;", "'")
    assert 'value="typed-here"' in answer.text
    assert not stage.store.schedules.all()


def test_the_next_times_are_shown_before_anything_is_kept(act, stage):
    answer = act("/new/schedule", **{**FORM, "when": "every 90s"}, look="1")
    assert (answer.status_code, "Every 90 seconds" in answer.text, answer.text.count('<li class="tnum">')) == (200, True, 5)
    assert not stage.store.schedules.all()


def test_editing_begins_with_what_is_kept_and_leaves_alone_what_has_no_field(look, act, stage, added):
    page = look("/schedules/weekly/edit")
    assert page.all("input", name="when", value="0 2 * * 1")
    fields = {
        **FORM,
        "when": "0 3 * * 1",
        "args": '{"year": 1999}',
        "priority": "10",
        "overlap": "skip",
        "most": "5",
        "misfire": "all",
        "jitter": "30",
    }
    assert act("/schedules/weekly/edit", **fields).status_code == 303
    kept = stage.store.schedules.get("weekly")
    assert (kept.when, kept.args, kept.jitter, kept.options) == ("0 3 * * 1", '{"year":1999}', MINUTE // 2, {"priority": 10})


def test_arguments_that_are_masked_are_not_written_over(look, act, stage, added):
    stage.app.extensions["horizon"].settings.values["HORIZON_REDACT"] = ["year"]
    page = look("/schedules/weekly/edit")
    assert "1999" not in page.text
    act("/schedules/weekly/edit", **{**FORM, "when": "0 4 * * 1"})
    kept = stage.store.schedules.get("weekly")
    assert (kept.when, kept.args) == ("0 4 * * 1", '{"year":1999}')


def test_an_edit_of_somebody_else_is_told_before_it_is_written_over(look, act, stage, added):
    first, second = ({**FORM, "was": look("/schedules/weekly/edit").all("input", name="was")[0]["value"]} for _ in range(2))
    assert act("/schedules/weekly/edit", **{**first, "when": "0 3 * * 1"}).status_code == 303
    asked = act("/schedules/weekly/edit", **{**second, "when": "0 5 * * 1"})
    assert asked.status_code == 422
    assert "Somebody has changed this schedule since you opened the form" in asked.text
    assert stage.store.schedules.get("weekly").when == "0 3 * * 1"
    again = Page(asked.text)
    assert again.all("input", name="when")[0]["value"] == "0 5 * * 1"
    (now,) = again.all("input", name="was")
    assert act("/schedules/weekly/edit", **{**second, "when": "0 5 * * 1", "was": now["value"]}).status_code == 303
    assert stage.store.schedules.get("weekly").when == "0 5 * * 1"


def test_a_schedule_that_was_paused_or_ran_meanwhile_has_not_been_edited(look, act, stage, added):
    (was,) = look("/schedules/weekly/edit").all("input", name="was")
    act("/schedules/act", do="run:weekly")
    act("/schedules/act", do="pause:weekly")
    assert act("/schedules/weekly/edit", **{**FORM, "when": "0 3 * * 1", "was": was["value"]}).status_code == 303


def test_one_of_the_code_is_not_edited_and_not_removed_here(look, stage):
    of_code(stage)
    look("/schedules/nightly/edit", 409)
    page = look("/schedules/nightly")
    assert not page.all("a", href="/horizon/schedules/nightly/edit")
    assert "defined in the code" in look("/schedules/nightly/remove").text


def test_one_of_the_code_that_cannot_be_used_is_told_on_top(look, stage):
    declare(stage.runtime.schedules, Wanted(target="nowhere.jobs.Missing", when="@daily", name="bad"))
    assert "The schedule bad of the code cannot be used" in look("/schedules").text


def test_more_than_fit_come_page_by_page(look, stage):
    for number in range(30):
        stage.store.schedules.write(
            [ScheduleChange(name=f"s{number:02}", version=0, schedule=Schedule(name=f"s{number:02}", target=JOB, when="@daily"))]
        )
    first, second = look("/schedules"), look("/schedules?page=2")
    assert "17 schedules of 30" in first.text
    assert first.all("a", rel="next", href="/horizon/schedules?page=2")
    assert [attrs["id"] for attrs in second.all("tr") if "id" in attrs] == [f"s-s{number}" for number in range(17, 30)]
    look("/schedules?page=x", 400)
