"""The pages of schedules in a browser: one is added, paused, run and removed; and what axe says."""

from __future__ import annotations

from datetime import datetime
from time import sleep
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import expect

from horizon.backends.schedules import Schedule, ScheduleChange
from horizon.core.clock import from_datetime
from horizon.core.query import JobQuery
from horizon.timetable import planning
from tests.schedule.office import Report, alone  # noqa: F401 (a job that is registered)
from tests.web.browser.conftest import go_by_keys, overflows, quick
from tests.web.browser.test_look import CONTRAST, RULES, violations
from tests.web.pages.stage import Stage
from tests.web.sights import _lived_in

JOB = "tests.schedule.office:Report"


@pytest.mark.parametrize("scripts", [True, False], ids=["with JavaScript", "without"])
def test_a_schedule_is_added_paused_run_and_removed(site, scripts):
    stage = quick()
    here = site(stage)
    here.expects("status of 422")
    page = here.tab("/schedules", java_script_enabled=scripts)
    page.get_by_role("link", name="New schedule").click()
    page.get_by_label("Job", exact=True).fill(JOB)
    page.get_by_label("Name", exact=True).fill("nightly")
    page.get_by_label("When", exact=True).fill("every 90s")
    page.get_by_role("button", name="Show the next times").click()
    expect(page.locator("#ahead")).to_contain_text("Every 90 seconds")
    page.get_by_label("When", exact=True).fill("0 0 31 2 *")
    page.get_by_role("button", name="Add the schedule").click()
    expect(page.get_by_role("alert")).to_contain_text("never comes")
    page.get_by_label("When", exact=True).fill("0 2 * * 1-5")
    page.get_by_role("button", name="Add the schedule").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("nightly")
    expect(page.locator("#toasts")).to_contain_text("Added nightly")
    page.get_by_role("button", name="Run now").click()
    expect(page.locator("#history")).to_contain_text("run by hand")
    page.get_by_role("button", name="Pause", exact=True).click()
    expect(page.locator("#standing")).to_contain_text("Paused until it is resumed")
    page.get_by_role("link", name="Schedules").first.click()
    page.get_by_role("button", name="Resume nightly").click()
    expect(page.get_by_role("button", name="Pause nightly")).to_be_visible()
    page.get_by_role("link", name="nightly", exact=True).click()
    page.get_by_role("link", name="Remove", exact=True).click()
    page.get_by_role("button", name="Remove nightly").click()
    expect(page.get_by_role("heading", name="Nothing is scheduled yet")).to_be_visible()
    assert len(stage.store.numbers.counts()) == 1


def test_a_page_whose_schedule_is_being_removed_asks_for_it_no_more(site, monkeypatch):
    stage = quick()
    stage.client.post(
        "/horizon/api/schedules", json={"job": JOB, "when": "@daily", "name": "daily"}, headers={"Sec-Fetch-Site": "same-origin"}
    )
    page = site(stage).tab("/schedules/daily")
    page.get_by_role("link", name="Remove", exact=True).click()
    act = stage.app.view_functions["horizon.act_on_schedule"]

    def slowly(**given):
        answer = act(**given)
        sleep(1.5)  # three refreshes long, after it is gone
        return answer

    monkeypatch.setitem(stage.app.view_functions, "horizon.act_on_schedule", slowly)
    page.get_by_role("button", name="Remove daily").click()
    expect(page.get_by_role("heading", name="Nothing is scheduled yet")).to_be_visible()


def test_a_double_click_runs_a_schedule_once(site):
    stage = quick()
    stage.client.post(
        "/horizon/api/schedules", json={"job": JOB, "when": "@daily", "name": "daily"}, headers={"Sec-Fetch-Site": "same-origin"}
    )
    page = site(stage).tab("/schedules/daily")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if request.method == "POST" else None)
    page.get_by_role("button", name="Run now").dblclick()
    expect(page.locator("#toasts")).to_contain_text("Dispatched the job of daily")
    expect(page.locator("form.htmx-request")).to_have_count(0)
    page.get_by_role("button", name="Pause", exact=True).click()
    expect(page.locator("#toasts")).to_contain_text("Paused daily")
    assert [url.rpartition("/horizon/")[2] for url in asked] == ["schedules/act"] * 2
    assert stage.store.find(JobQuery(limit=1)).total == 1


def test_the_keys_g_and_t_lead_there_and_what_others_add_appears_by_itself(site):
    stage = quick()
    page = site(stage).tab("/")
    go_by_keys(page, "t")
    page.wait_for_url("**/schedules")
    answer = stage.client.post(
        "/horizon/api/schedules", json={"job": JOB, "when": "@daily", "name": "elsewhere"}, headers={"Sec-Fetch-Site": "same-origin"}
    )
    assert answer.status_code == 201
    expect(page.locator("#s-elsewhere")).to_contain_text("At 00:00 every day")


@pytest.mark.parametrize("scene", ["plenty", "empty"])
def test_axe_finds_nothing_and_nothing_runs_out_of_the_window(site, scene):
    stage = quick(scene)
    paths = ["/schedules", "/new/schedule"]
    if scene == "plenty":
        _lived_in(stage, ("the supplier asked for it", "a duplicate"))
        paths += [
            "/schedules?view=calendar",
            "/schedules/emails",
            "/schedules/old-import",
            "/schedules/clean-up",
            "/schedules/late",
            "/schedules/emails/edit",
            "/schedules/emails/remove",
        ]
    here = site(stage)
    page = here.tab("/schedules", color_scheme="light", reduced_motion="reduce")
    wrong = []
    for path in paths:
        page.emulate_media(color_scheme="light")
        page.goto(here.url(path), wait_until="domcontentloaded")
        wrong += [(path, one) for one in violations(page, RULES)]
        page.emulate_media(color_scheme="dark")
        wrong += [(path, "dark", one) for one in violations(page, CONTRAST)]
        wrong += [(path, width) for width in (360, 390, 800, 1440) if overflows(page, width)]
    assert wrong == []


COLUMN = """() => {
  const mark = document.querySelector('.calendar .mark').getBoundingClientRect(), middle = (mark.left + mark.right) / 2;
  const hours = document.querySelectorAll('.calendar .hours div span');
  return [hours.length, [...hours].find((hour) => { const box = hour.getBoundingClientRect(); return box.left <= middle && middle < box.right; }).textContent];
}"""
"""How many hours stand above the calendar, and above which of them the first run is drawn."""


@pytest.mark.parametrize(
    ("zone", "night", "ahead"),
    [
        ("Europe/Berlin", (2026, 3, 29), "in 4 h"),
        ("Europe/Berlin", (2026, 10, 25), "in 6 h"),
        ("America/New_York", (2026, 3, 8), "in 4 h"),
        ("America/New_York", (2026, 11, 1), "in 6 h"),
    ],
)
def test_the_calendar_shows_a_run_below_its_hour_in_the_night_in_which_clocks_change(site, zone, night, ahead):
    stage = Stage(at=from_datetime(datetime(*night, 0, 10, tzinfo=ZoneInfo(zone))), HORIZON_VIEW_TIMEZONE=zone)
    early = planning.from_now(Schedule(name="early", target=JOB, when="30 5 * * *", timezone=zone), stage.clock())
    stage.store.schedules.write([ScheduleChange(name="early", version=0, schedule=early)])
    here = site(stage)
    stage.real = False  # the night is handed in
    page = here.tab("/schedules?view=calendar", width=1440)
    expect(page.locator("#d-early .told")).to_have_text("05:30")
    expect(page.locator("#d-early .who")).to_contain_text(ahead)
    assert page.evaluate(COLUMN) == [24, "05"]
