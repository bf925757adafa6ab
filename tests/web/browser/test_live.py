"""Pages that renew themselves: what changes, what is left alone, and what is not sent."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from playwright.sync_api import APIResponse, Route, expect

from horizon.core.clock import HOUR
from horizon.core.outcome import Kind
from tests.web.browser.conftest import PATIENCE, paused, quick, still
from tests.web.pages.stage import Stage


def answers(page) -> list[int]:
    """The status of every answer to a page that asked for news, as they come in."""
    seen: list[int] = []
    page.on("response", lambda got: seen.append(got.status) if got.request.headers.get("hx-target") == "live" else None)
    return seen


def until(page, condition, deadline: int = PATIENCE) -> None:
    """Let the page live on until something holds."""
    for _ in range(deadline // 50):
        if condition():
            return
        page.wait_for_timeout(50)
    raise AssertionError("it never came to be")


def test_figures_and_counts_follow_what_happens(site):
    stage = quick()
    stage.worker()
    stage.done()
    page = site(stage).tab("/")
    expect(page.locator("#q-emails td").nth(1)).to_have_text("0")
    stage.push()
    stage.fail(queue="reports")
    expect(page.locator("#q-emails td").nth(1)).to_have_text("1")
    expect(page.locator("a.nav", has_text="Failed").locator(".count")).to_have_text("1")


def test_new_rows_wait_in_a_line_above_until_asked_for_and_nothing_moves(site):
    stage = quick()
    old = stage.push()
    page = site(stage).tab("/jobs")
    before = page.locator(f"#j-{old}").bounding_box()
    new = [stage.push("shop.jobs:New") for _ in range(2)]
    expect(page.locator("#news")).to_have_text("2 new, show")
    assert page.locator("table.jobs tbody tr[id^=j-]").count() == 1
    page.locator("#news a").click()
    for id in new:
        expect(page.locator(f"#j-{id}")).to_be_visible()
    assert before is not None


def test_a_row_that_left_its_tab_stays_and_says_what_became_of_it(site):
    stage = quick()
    stage.worker()
    id, other = stage.push(), stage.push()
    page = site(stage).tab("/jobs?state=pending")
    stage.run(id)
    expect(page.locator(f"#j-{id} .pill")).to_have_text("completed")
    expect(page.locator(f"#j-{other} .pill")).to_have_text("pending")


def test_progress_and_log_lines_of_a_running_job_appear_as_they_come(site):
    stage = quick()
    stage.worker()
    id = stage.push("shop.jobs:ImportCatalogue")
    taken = stage.start(id)
    page = site(stage).tab(f"/jobs/{id}")
    stage.progress(taken, 40, "rows 400 of 1,000", stage.log(("INFO", "opened spring.csv")))
    expect(page.locator(".meter")).to_contain_text("40 %")
    expect(page.locator("#log")).to_contain_text("opened spring.csv")
    stage.end(taken, Kind.COMPLETED, result=b'{"result":{"rows":1000}}')
    expect(page.locator("#result")).to_contain_text("1000")
    expect(page.locator(".head .pill")).to_have_text("completed")


def test_nothing_is_sent_while_nothing_changes(site):
    stage = quick()
    stage.push()
    page = site(stage).tab("/jobs")
    expect(page.locator("#nav")).to_contain_text("Europe/Rome")
    seen = answers(page)
    until(page, lambda: 204 in seen)  # a redraw by the clock, for the ages on the page, may come once before
    quiet = len(seen)
    until(page, lambda: len(seen) >= quiet + 3)
    assert seen[quiet:].count(204) >= 2, "the clock redraws once a minute; every other answer is empty"


def test_focus_an_open_fold_a_ticked_box_and_half_typed_text_survive(site):
    stage = quick()
    stage.worker()
    id = stage.fail()
    here = site(stage)
    page = here.tab("/failed")
    page.locator("#q").fill("error:SM")
    page.locator(f"#j-{id} input").check()
    page.locator(f"#j-{id} a.name").focus()
    seen = answers(page)
    stage.fail()
    until(page, lambda: 200 in seen)
    expect(page.locator("#news")).to_be_visible()
    expect(page.locator("#q")).to_have_value("error:SM")
    expect(page.locator(f"#j-{id} input")).to_be_checked()
    expect(page.locator(f"#j-{id} a.name")).to_be_focused()
    page.goto(here.url(f"/jobs/{id}"), wait_until="domcontentloaded")
    page.locator("#lib-1 summary").click()
    page.evaluate("getSelection().selectAllChildren(document.querySelector('#job-id'))")
    seen = answers(page)
    stage.push()
    until(page, lambda: 200 in seen)
    page.wait_for_timeout(100)
    assert page.locator("#lib-1").get_attribute("open") is not None
    assert page.evaluate("getSelection().toString()") == id


def test_a_focused_button_that_changes_its_meaning_changes_its_value_too(site):
    stage = quick()
    stage.push()
    page = site(stage).tab("/")
    page.get_by_role("button", name="Pause emails").click()
    expect(page.get_by_role("button", name="Resume emails")).to_have_attribute("value", "resume:emails")


def test_news_make_no_other_act_of_the_button_that_somebody_is_at(site):
    stage = quick()
    stage.worker()
    stage.fail()
    here = site(stage)
    page = here.tab("/failed/causes/c0ffee")
    page.get_by_role("button", name="Resolve").focus()
    other = here.tab("/failed/causes/c0ffee")
    other.get_by_role("button", name="Mute", exact=True).click()
    expect(page.get_by_role("button", name="Reopen")).to_be_visible()
    expect(page.locator("#main")).to_be_focused()
    page.locator("#main").press("Enter")
    expect(page.get_by_role("button", name="Reopen")).to_be_visible()


def test_the_focus_stays_on_a_button_whose_own_act_turned_it(site):
    stage = Stage(HORIZON_LIVE_SECONDS=2 * PATIENCE / 1000)
    stage.push()
    page = site(stage).tab("/")
    page.get_by_role("button", name="Pause emails").press("Enter")
    expect(page.get_by_role("button", name="Resume emails")).to_be_focused()


def test_the_pause_button_and_a_hidden_tab_stop_the_asking(site):
    stage = quick()
    stage.push()
    page = site(stage).tab("/jobs")
    seen = answers(page)
    paused(page)
    seen.clear()
    page.wait_for_timeout(1200)
    assert seen == []
    page.get_by_role("button", name="Resume live updates").click()
    until(page, lambda: len(seen) >= 2)
    page.evaluate("Object.defineProperty(document, 'hidden', {value: true, configurable: true})")
    still(page)
    seen.clear()
    page.wait_for_timeout(1200)
    assert seen == []


def test_what_an_act_changed_is_shown_though_older_news_were_still_on_their_way(site):
    stage = Stage(HORIZON_LIVE_SECONDS=2 * PATIENCE / 1000)  # no regular refresh comes to the rescue
    id = stage.push()
    page = site(stage).tab("/jobs")
    expect(page.locator("#nav")).to_contain_text("Europe/Rome")
    held: list[tuple[Route, APIResponse]] = []
    page.route("**/horizon/jobs", lambda route: route.continue_() if held else held.append((route, route.fetch())))
    stage.push()
    page.get_by_role("button", name="Pause live updates").click()
    page.get_by_role("button", name="Resume live updates").click()
    until(page, lambda: held)
    page.locator(f"#j-{id}").get_by_role("button", name="Cancel").click()
    expect(page.locator("#toasts")).to_contain_text("Cancelled")
    ((route, answer),) = held
    route.fulfill(response=answer)
    expect(page.locator(f"#j-{id} .pill")).to_have_text("cancelled")


def test_when_the_server_is_gone_a_banner_says_since_when_and_it_heals(site):
    stage = quick()
    stage.push()
    here = site(stage)
    here.expects("ERR_FAILED", "htmx:", "^/horizon/$")
    page = here.tab("/")
    page.route("**/horizon/**", lambda route: route.abort())
    expect(page.locator("#stale")).to_contain_text("The server does not answer. These figures are from")
    page.unroute("**/horizon/**")
    expect(page.locator("#stale")).not_to_be_visible()


def test_the_banner_tells_the_time_as_the_page_does_in_the_zone_that_the_app_settles(site):
    here = site(Stage(HORIZON_LIVE_SECONDS=0.5, HORIZON_VIEW_TIMEZONE="Asia/Kathmandu"))
    here.expects("ERR_FAILED", "htmx:", "^/horizon/$")
    page = here.tab("/")
    page.route("**/horizon/**", lambda route: route.abort())
    expect(page.locator("#stale")).to_contain_text(re.compile(r"These figures are from \d\d:\d\d:\d\d;"))
    hour, minute, second = map(int, re.findall(r"\d\d", page.locator("#stale .say").inner_text()))
    now = datetime.now(ZoneInfo("Asia/Kathmandu"))
    told = now.replace(hour=hour, minute=minute, second=second)
    assert abs((now - told + timedelta(hours=12)) % timedelta(days=1) - timedelta(hours=12)) < timedelta(minutes=10)


def test_the_first_visit_learns_the_time_zone(site):
    stage = quick()
    stage.push()
    page = site(stage).tab("/jobs")
    expect(page.locator("#nav")).to_contain_text("Times in Europe/Rome")
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-tz", "Europe/Rome")


AN_HOUR_LATE = "{ const right = Date.now; Date.now = () => right() - 3_600_000; }"


def test_a_browser_whose_clock_is_wrong_tells_ages_by_that_of_the_store(site):
    stage = quick()
    stage.worker()
    stage.done()
    stage.push(delay=2 * HOUR)
    page = site(stage).tab("/jobs")
    page.add_init_script(AN_HOUR_LATE)
    page.reload()
    told = page.locator("table.jobs time[title]")
    page.evaluate("document.querySelectorAll('table.jobs time[title]').forEach((age) => { age.textContent = '' })")
    expect(told).to_have_text([re.compile(r"in 1 h"), re.compile(r"just now|\d+ s ago")])
