"""Workers, the audit log and what was removed, as people use them."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from horizon.backends.values import ActParams, Verb
from horizon.core.audit import AuditEntry
from horizon.core.clock import HOUR
from horizon.core.query import Selection
from horizon.core.scaling import BACK, heard
from tests.web.browser.conftest import go_by_keys, overflows, quick
from tests.web.browser.test_look import CONTRAST, RULES, violations
from tests.web.pages.stage import NASTY, executor


def scene(name: str):
    """A stage with something on each of these pages."""
    stage = quick(name)
    stage.report("w1", executors=(executor(4472, 12, [], stage.clock.at, 61_000),), limits={"reserve": [20], "max_jobs": 500})
    stage.worker("gone", pid=9)
    stage.store.sessions.close("gone")
    stage.worker("new", pid=10, code_version="v2")
    stage.report("new", state="paused", problems=("cannot import shop.images",))
    for text in NASTY.values() if name == "nasty" else ("a reason",):
        stage.store.audit.append(AuditEntry(actor="ana", verb="pause", target="queue:emails", detail=text, origin="cli"))
    stage.store.act(Selection(ids=(stage.done(), stage.done())), Verb.FORGET, ActParams(reason="a duplicate"))
    return stage


PAGES = ("/workers", "/workers/w1", "/workers/gone", "/audit?actor=ana", "/audit?after=never", "/removed")


def test_axe_finds_nothing_and_nothing_scrolls_sideways(site):
    wrong = []
    for name in ("plenty", "nasty"):
        here = site(scene(name))
        here.expects("400")  # a page that says so on purpose is told on the console of the tab
        page = here.tab("/", color_scheme="light", reduced_motion="reduce")
        for path in PAGES if name == "plenty" else PAGES[::3]:
            page.goto(here.url(path), wait_until="domcontentloaded")
            wrong += [(path, one) for one in violations(page, RULES)]
            page.emulate_media(color_scheme="dark")
            wrong += [(path, "dark", one) for one in violations(page, CONTRAST)]
            page.emulate_media(color_scheme="light")
            wrong += [(path, width) for width in (360, 620, 800, 1280) if overflows(page, width)]
    assert wrong == []


def test_stopping_a_worker_asks_in_a_dialog_and_is_then_passed_on(site):
    stage = quick()
    stage.worker()
    page = site(stage).tab("/workers")
    page.get_by_role("button", name="Stop web-2:4471").click()
    expect(page.locator("#dialog")).to_contain_text("Stop web-2:4471?")
    assert stage.report().commands == ()
    page.locator("#dialog").get_by_role("button", name="Stop").click()
    expect(page.locator("#toasts")).to_contain_text("Asked web-2:4471 to stop")
    assert stage.report(state="draining").commands == ("stop",)
    expect(page.locator("#w-w1 .pill")).to_have_text("draining")


def test_what_was_folded_stays_folded_while_news_come_in(site):
    stage = quick()
    stage.worker()
    stage.report(executors=(executor(4472, 12, [], stage.clock.at, 61_000),))
    page = site(stage).tab("/workers")
    page.locator("#of-w1 > summary").click()
    expect(page.locator("#of-w1 table")).to_be_hidden()
    stage.report(state="paused", executors=(executor(4472, 99, [], stage.clock.at, 61_000),))
    expect(page.locator("#w-w1 .pill").first).to_have_text("paused")
    expect(page.locator("#of-w1 table")).to_be_hidden()
    page.locator("#of-w1 > summary").click()
    expect(page.locator("#of-w1")).to_contain_text("99")


def test_a_paused_worker_shows_it_by_itself_and_undo_resumes_it(site):
    stage = quick()
    stage.worker()
    page = site(stage).tab("/workers")
    page.get_by_role("button", name="Pause web-2:4471").click()
    expect(page.locator("#toasts")).to_contain_text("to pause")
    stage.report(state="paused")
    expect(page.locator("#w-w1 .pill").first).to_have_text("paused")
    page.locator("#toasts").get_by_role("button", name="Undo").click()
    expect(page.locator("#toasts")).to_contain_text("to go on")
    assert stage.report().commands == ("resume",)


def test_a_restart_is_told_from_the_asking_to_the_new_process(site):
    stage = quick()
    stage.worker()
    job = stage.push()
    stage.start(job)
    stage.clock.advance(1)
    page = site(stage).tab("/workers")
    page.get_by_role("button", name="Restart web-2:4471").click()
    expect(page.locator("#w-w1 .head")).to_contain_text("asked to restart")
    stage.clock.advance(1)
    stage.report(executors=(executor(4472, 12, [job], stage.clock.at, 61_000, leaves=True),))
    expect(page.locator("#w-w1")).to_contain_text("leaves after what it runs")
    expect(page.locator("#w-w1 .head")).not_to_contain_text("asked to restart")
    stage.report(executors=(executor(4480, 0, [], stage.clock.at, 61_000, phase="booting"),))
    expect(page.locator("#w-w1")).to_contain_text("loading the app")
    expect(page.locator("#w-w1")).not_to_contain_text("leaves after what it runs")


def test_new_audit_entries_are_announced_and_g_a_leads_there(site):
    stage = quick()
    stage.store.audit.append(AuditEntry(actor="ana", verb="pause", target="queue:emails"))
    page = site(stage).tab("/workers")
    go_by_keys(page, "a")
    entries = page.locator("[id^=a-]")
    expect(entries).to_have_count(1)
    stage.store.audit.append(AuditEntry(actor="bob", verb="resume", target="queue:emails"))
    expect(page.locator("#news")).to_have_text("1 new, show")
    expect(entries).to_have_count(1)
    page.locator("#news a").click()
    expect(entries).to_have_count(2)


def test_a_selection_is_brought_back_from_recently_removed(site):
    stage = quick()
    stage.worker()
    ids = [stage.done() for _ in range(3)]
    stage.store.act(Selection(ids=tuple(ids)), Verb.FORGET)
    page = site(stage).tab("/removed")
    for id in ids[:2]:
        page.locator(f"#j-{id} input").check()
    page.locator(".bulk").get_by_role("button", name="Restore").click()
    expect(page.locator("#toasts")).to_contain_text("Restored 2 jobs")
    expect(page.locator("tbody tr")).to_have_count(1)


def test_without_javascript_stopping_asks_on_a_page_and_the_filter_works(site):
    stage = quick()
    stage.worker()
    page = site(stage).tab("/workers", java_script_enabled=False)
    page.get_by_role("button", name="Stop web-2:4471").click()
    expect(page.get_by_role("heading", name="Stop web-2:4471?")).to_be_visible()
    page.get_by_role("button", name="Stop", exact=True).click()
    expect(page.locator("#toasts")).to_contain_text("Asked web-2:4471 to stop")
    page.get_by_role("link", name="Audit").click()
    page.get_by_label("Did").select_option("stop")
    page.get_by_role("button", name="Show").click()
    expect(page.locator("table.audit tbody tr")).to_have_count(1)
    expect(page).to_have_url(re.compile("verb=stop"))


def test_a_worker_is_given_more_processes_and_taken_back_while_news_come_in(site):
    stage = quick()
    stage.worker()
    stage.report(limits={"max_processes": 4})
    page = site(stage).tab("/workers/w1")
    page.locator("#size summary").click()
    field = page.get_by_label("Processes, 1 to 4")
    field.fill("3")
    stage.report(limits={"max_processes": 4}, memory_kb=999_000)
    expect(page.locator("body")).to_contain_text("976 MB")
    expect(field).to_have_value("3")
    page.get_by_label("For how long").select_option("2h")
    page.get_by_role("button", name="Set", exact=True).click()
    expect(page.locator("#toasts")).to_contain_text("Asked it to have 3 processes until")
    scale = heard(stage.report(limits={"max_processes": 4}).commands[0])
    assert scale is not None
    stage.report(limits={"max_processes": 4, "scaled": dict(scale.told)})
    page.get_by_role("button", name="Back to automatic").click()
    expect(page.locator("#toasts")).to_contain_text("go back to the processes it was started with")
    assert stage.report().commands == (BACK,)


def test_a_job_that_was_cancelled_by_itself_is_put_back_from_recently_removed(site):
    stage = quick()
    id = stage.push(delay=HOUR)
    browser = site(stage)
    page = browser.tab(f"/jobs/{id}")
    page.get_by_role("button", name="Cancel").click()
    expect(page.locator("#toasts")).to_contain_text("Cancelled")
    page = browser.tab("/removed")
    page.get_by_role("button", name="Put back SendEmail").click()
    expect(page.locator("#toasts")).to_contain_text("back to where it was")
    expect(page.locator("#singles")).to_have_count(0)
    assert stage.store.get(id).state == "scheduled"
