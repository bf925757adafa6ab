from __future__ import annotations

from horizon.backends.values import SessionReport
from horizon.core.clock import SECOND
from horizon.core.scaling import BACK, heard
from tests.web.pages.conftest import HTMX, SAME, Page
from tests.web.pages.stage import LEASE, NASTY, Stage, executor


def busy(stage: Stage, id: str = "w1", **more: object) -> str:
    """A worker whose first executor runs an import and whose second one is idle; the id of the job."""
    stage.worker(id, **more)
    job = stage.push("shop.jobs:ImportCatalogue", queue="data")
    stage.start(job, id)
    since = stage.clock.at
    stage.clock.advance(75)
    running = {"pid": 4472, "phase": "ready", "jobs": 812, "memory_kb": 61_000, "slots": [{"job": job, "since": since}]}
    stage.report(id, executors=(running, {"pid": 4473, "phase": "ready", "jobs": 790, "slots": []}))
    return job


def test_without_a_worker_the_page_says_how_to_start_one(look):
    page = look("/workers")
    assert "No worker is running" in page.text
    assert page.all("button", **{"data-copy": "horizon work"})
    assert page.acts() == set()


def test_workers_stand_by_host_with_what_every_executor_runs_and_for_how_long(look, stage):
    job = busy(stage)
    stage.worker("w2", host="web-3", pid=812, processes=1, concurrency=2, queues=("emails", "reports"))
    page = look("/workers")
    assert [text for text in ("web-2:4471", "web-3:812") if text in page.text] == ["web-2:4471", "web-3:812"]
    assert page.all("li", id=f"run-{job}")
    assert "ImportCatalogue" in page.text
    assert "1 min 15 s" in page.text
    for told in ("2 × 4", "1 of 8", "1,602", "125 MB", "a41f9c2", "emails, reports", "every queue", "1 of 10 slots busy"):
        assert told in page.text


def test_a_job_that_is_gone_from_the_store_is_shown_by_its_id(look, stage):
    stage.worker()
    stage.report(executors=({"pid": 1, "slots": [{"job": "0190f3a0-0000-7000-8000-000000000000", "since": 1}]},))
    assert "0190f3a0-0000-7000-8000-000000000000" in look("/workers").text


def test_what_a_worker_complains_about_stands_with_it(look, stage):
    stage.worker()
    stage.report(problems=("cannot import shop.jobs: no module named smtp",))
    assert "cannot import shop.jobs" in look("/workers").text


def test_workers_with_the_code_of_before_a_deploy_are_marked(look, stage):
    stage.worker("w1", code_version="v1")
    assert "old code" not in look("/workers").text
    stage.clock.advance(60)
    stage.worker("w2", pid=4472, code_version="v2")
    page = look("/workers")
    assert page.text.count("old code") >= 1
    assert "old code" in look("/workers/w1").text
    assert "old code" not in look("/workers/w2").text.replace("older code", "")


def test_who_stopped_and_who_was_lost_are_listed_with_how_and_when(look, stage):
    stage.worker("said", pid=1)
    stage.worker("vanished", pid=2)
    stage.clock.advance(90)
    stage.store.sessions.close("said")
    stage.store.sessions.renew("vanished", 10 * SECOND)
    stage.clock.advance(11)
    page = look("/workers")
    gone = [row["id"] for row in page.all("tr") if row.get("id", "").startswith("g-")]
    assert gone == ["g-vanished", "g-said"] or gone == ["g-said", "g-vanished"]
    assert "finished what ran, and left" in page.text
    assert "its lease ran out" in page.text
    assert "No worker is running" in page.text


def test_one_worker_has_a_page_that_stays_after_its_end(look, stage):
    busy(stage)
    assert "process 4471" in look("/workers/w1").text
    stage.store.sessions.close("w1")
    page = look("/workers/w1")
    assert "It ended" in page.text
    assert page.acts() == set()
    assert "may have ended longer ago" in look("/workers/nobody", status=404).text


def test_a_worker_can_be_paused_and_the_toast_undoes_it(look, stage, act):
    stage.worker()
    assert look("/workers").acts() == {"pause", "restart", "stop"}
    answer = act("/workers/act", do="pause:w1", headers=HTMX)
    toast = Page(answer.text)
    assert "Asked web-2:4471 to pause" in toast.text
    assert toast.all("input", value="resume:w1")
    assert stage.report(state="paused").commands == ("pause",)
    assert look("/workers").acts() == {"resume", "restart", "stop"}
    act("/workers/act", do="resume:w1")
    assert stage.report().commands == ("resume",)
    assert [(entry.verb, entry.target) for entry in stage.store.audit.list()] == [("resume", "session:w1"), ("pause", "session:w1")]


def test_restart_of_one_worker_is_done_at_once_and_says_what_happens(stage, act):
    stage.worker()
    answer = act("/workers/act", do="restart:w1", headers=HTMX)
    assert "each executor is replaced once it has finished its jobs" in answer.text
    assert stage.report().commands == ("restart",)


def test_stopping_asks_first_and_counts_what_runs(stage, act):
    busy(stage)
    asked = act("/workers/act", do="stop:w1")
    assert "Stop web-2:4471?" in asked.text
    assert "1 job runs there now" in asked.text
    assert stage.report().commands == ()
    assert act("/workers/act", do="stop:w1", sure="1").status_code == 303
    assert stage.report().commands == ("stop",)


def test_all_workers_are_asked_at_once(stage, act):
    stage.worker("w1")
    stage.worker("w2", pid=2)
    assert "Restart all 2 workers?" in act("/workers/act", do="restart:all").text
    act("/workers/act", do="restart:all", sure="1")
    assert (stage.report("w1").commands, stage.report("w2").commands) == (("restart",), ("restart",))
    (entry,) = stage.store.audit.list()
    assert (entry.verb, entry.target, entry.count) == ("restart", "workers", 2)


def test_what_is_meant_for_all_carries_their_number(look, stage):
    busy(stage, "w1")
    busy(stage, "w2")
    stage.report("w2", state="paused")
    text = look("/workers").text
    for label in ("Resume 1 worker", "Pause 1 worker", "Restart 2 workers", "Stop 2 workers"):
        assert label in text


def test_a_draining_worker_is_left_alone(look, stage):
    stage.worker()
    stage.report(state="draining")
    page = look("/workers/w1")
    assert page.acts() == set()


def test_a_worker_that_ended_meanwhile_is_told_as_a_toast(stage, act):
    answer = act("/workers/act", do="pause:w9", headers=HTMX)
    assert answer.status_code == 200
    assert "has ended meanwhile" in answer.text


def test_who_is_no_admin_sees_no_button_and_is_refused(look, stage, act):
    stage.worker()
    stage.role = "operator"
    assert look("/workers").acts() == set()
    assert act("/workers/act", do="pause:w1").status_code == 403
    assert stage.report().commands == ()


def test_an_unknown_command_is_refused(stage, act):
    stage.worker()
    assert act("/workers/act", do="explode:w1").status_code == 400


def test_many_workers_come_page_by_page_and_below_40_kb(look, stage):
    for index in range(30):
        stage.worker(f"w{index:02}", host=f"web-{index // 3:02}", pid=1000 + index)
        found = tuple(
            executor(5000 + slot, 9, [], stage.clock.at, 51_000, last="0190f3a0-0000-7000-8000-000000000000") for slot in range(4)
        )
        stage.report(f"w{index:02}", executors=found)
    answer = stage.client.get("/horizon/workers")
    assert len(answer.data) < 40_000
    first = Page(answer.text)
    (more,) = first.all("a", rel="next")
    seen = {article["id"] for article in first.all("article")}
    rest = Page(stage.client.get(more["href"]).text)
    assert len(seen) == 5
    assert seen.isdisjoint(article["id"] for article in rest.all("article"))


def test_nasty_reports_are_only_text(stage):
    stage.worker(host=NASTY["html"][:60], code_version=NASTY["rtl"], queues=(NASTY["html"], NASTY["long"]))
    stage.store.sessions.renew("w1", LEASE)
    stage.report(problems=(NASTY["html"], NASTY["control"]), state="<b>odd</b>", executors=({"pid": "x", "phase": NASTY["html"], "slots": [{"job": NASTY["html"]}]},))  # fmt: skip
    for path in ("/horizon/workers", "/horizon/workers/w1"):
        text = stage.client.get(path).text
        assert "<script>alert" not in text
        assert "<b>odd" not in text
        assert "\u202e" not in text


def test_another_site_can_not_stop_a_worker(stage, act):
    stage.worker()
    assert act("/workers/act", do="stop:w1", sure="1", headers={**SAME, "Sec-Fetch-Site": "cross-site"}).status_code == 403


def test_old_code_is_said_on_every_page_and_one_click_restarts_those_workers(look, stage, act):
    stage.worker("w1", code_version="v1")
    stage.clock.advance(60)
    stage.worker("w2", pid=4472, code_version="v2")
    for path in ("/", "/jobs", "/workers", "/audit"):
        page = look(path)
        assert page.all("div", id="old-code"), path
        assert page.all("button", name="do", value="restart:old"), path
    assert "Restart web-2:4471?" in act("/workers/act", do="restart:old").text
    act("/workers/act", do="restart:old", sure="1")
    assert (stage.report("w1").commands, stage.report("w2").commands) == (("restart",), ())
    stage.role = "viewer"
    page = look("/jobs")
    assert page.all("div", id="old-code")
    assert page.all("button", value="restart:old") == []


def test_paused_workers_are_resumed_from_the_strip(look, stage, act):
    stage.worker()
    stage.report(state="paused")
    assert look("/jobs").all("button", name="do", value="resume:all")
    act("/workers/act", do="resume:all")
    assert stage.report().commands == ("resume",)


def test_workers_with_many_busy_executors_take_fewer_to_a_page(stage):
    job = stage.push("shop.jobs:" + "ImportOfTheWholeCatalogue")
    for index in range(6):
        stage.worker(f"w{index}", host="web-1", pid=1000 + index, processes=40, concurrency=10)
        slots = [{"job": job, "since": stage.clock.at}] * 10
        stage.report(
            f"w{index}", executors=tuple(executor(5000 + slot, 9, [job], stage.clock.at, 51_000, slots=slots) for slot in range(40))
        )
    for path in ("/horizon/workers", "/horizon/workers/w1"):
        answer = stage.client.get(path)
        assert len(answer.data) < 40_000, path
        assert "and 6 more" in answer.text
        assert "more processes" in answer.text
    page, seen = Page(stage.client.get("/horizon/workers").text), []
    while True:
        seen += [article["id"] for article in page.all("article")]
        following = page.all("a", rel="next")
        if not following:
            break
        page = Page(stage.client.get(following[0]["href"]).text)
    assert seen == [f"w-w{index}" for index in range(6)]


def test_a_process_tells_what_it_took_last_what_it_takes_and_how_its_memory_went(look, stage):
    stage.worker()
    job = stage.done()
    at = stage.clock.at
    stage.clock.advance(40)
    stage.report(executors=(executor(4472, 12, [], at, 61_000, last=job),), limits={"reserve": [20, 20, 10], "max_jobs": 1500})
    page = look("/workers")
    assert page.all("a", href=f"/horizon/jobs/{job}")
    for told in (
        "SendEmail",
        "40 s ago",
        "7 %",
        "up 40 min",
        "--reserve",
        "2 for critical and above, 1 for high and above",
        "ends after 1,500 jobs",
    ):
        assert told in page.text, told
    assert page.all("svg", role="img")
    assert "Memory over 42 min 40 s: " in page.text
    assert "ends after 1,500 jobs" in look("/workers/w1").text


def test_a_worker_that_is_silent_is_said_to_be_on_every_page_and_where_it_stands(look, stage):
    stage.worker()
    at = stage.clock.at
    stage.push()
    stage.clock.advance(300)
    stage.report(executors=(executor(4472, 12, [], at, 61_000, started_at=at),))
    assert "has taken no job for 5 min, though 1 job that it could run waits, the oldest in emails" in look("/workers").text
    assert look("/workers/w1").all("p", id="quiet-w1")
    assert look("/jobs").all("div", id="quiet-1")


def test_what_ran_on_a_lost_worker_is_told_with_what_became_of_it(look, stage):
    stage.worker()
    stage.start(lost := stage.push("shop.jobs:ImportCatalogue"))
    stage.store.sessions.renew("w1", 10 * SECOND, SessionReport(executors=(executor(1, 0, [lost, "gone"], stage.clock.at, 9000),)))
    stage.clock.advance(11)
    stage.store.tick()
    assert "of the jobs that ran there 1 pending, 1 no longer kept" in look("/workers").text
    page = look("/workers/w1")
    assert page.all("li", id=f"held-{lost}")
    assert "ImportCatalogue" in page.text


def test_the_workers_of_one_machine_are_asked_together(look, stage, act):
    for id, host in (("w1", "web-1"), ("w2", "web-1"), ("w3", "web-2")):
        stage.worker(id, host=host, pid=int(id[1]))
    page = look("/workers")
    assert page.all("button", value="stop:host:web-1")
    assert not page.all("button", value="stop:host:web-2")
    assert "Stop 2 workers on web-1?" in act("/workers/act", do="stop:host:web-1").text
    assert "Restart 2 workers on web-1?" in act("/workers/act", do="restart:host:web-1").text
    answer = act("/workers/act", do="pause:host:web-1", headers=HTMX)
    assert "Asked 2 workers on web-1 to pause" in answer.text
    assert Page(answer.text).all("input", value="resume:host:web-1")
    assert [stage.report(id).commands for id in ("w1", "w2", "w3")] == [("pause",), ("pause",), ()]
    assert "no worker runs on this machine any more" in act("/workers/act", do="pause:host:nowhere", headers=HTMX).text


def test_machines_and_workers_fold(look, stage):
    stage.worker()
    stage.report(executors=(executor(1, 0, [], stage.clock.at, 9000),))
    assert [one["id"] for one in look("/workers").all("details") if "open" in one] == ["host-of-web-2", "of-w1"]


def test_a_worker_is_given_more_processes_for_a_while_and_the_page_says_by_whom_till_when_and_takes_it_back(look, stage, act):
    stage.worker()
    stage.report(limits={"max_processes": 4})
    page = look("/workers/w1")
    assert page.all("input", name="processes", max="4", value="2")
    act("/workers/scale", worker="w1", processes="3", **{"for": "2h"})
    scale = heard(stage.report(limits={"max_processes": 4}).commands[0])
    assert (scale.to, scale.by, scale.until) == (3, "ana", stage.clock.at + 7200 * SECOND)
    stage.report(limits={"max_processes": 4, "scaled": dict(scale.told)})
    page = look("/workers/w1")
    told = " ".join(page.text.split())
    assert "3 processes × 4 slots" in told
    assert "set by ana until" in told
    assert "it was started with 2" in told
    act("/workers/scale", worker="w1")
    assert stage.report(limits={"max_processes": 4}).commands == (BACK,)
    assert [entry.verb for entry in stage.store.audit.list()] == ["scale", "scale"]


def test_what_a_worker_cannot_have_is_told_and_who_is_no_admin_sees_no_field(look, stage, act):
    stage.worker()
    stage.report(limits={"max_processes": 4})
    assert "1 to 4 processes" in act("/workers/scale", worker="w1", processes="9", headers=HTMX).text
    assert "is a whole number" in act("/workers/scale", worker="w1", processes="many", headers=HTMX).text
    assert "30m, 2h or 1d" in act("/workers/scale", worker="w1", processes="2", headers=HTMX, **{"for": "long"}).text
    stage.role = "operator"
    assert not look("/workers/w1").all("input", name="processes")
    assert act("/workers/scale", worker="w1", processes="3").status_code == 403


def test_the_jobs_that_a_worker_began_lately_are_listed_the_latest_first_with_how_they_stand(look, stage):
    stage.worker()
    done, gone, failed = stage.done(), "0190f3a0-0000-7000-8000-000000000000", stage.fail()
    at = stage.clock.at
    first = {
        "pid": 1,
        "slots": [],
        "last": {"job": done, "at": at - 3 * SECOND},
        "recent": [{"job": gone, "at": at - 9 * SECOND}, "nonsense"],
    }
    stage.report(executors=(first, {"pid": 2, "slots": [], "last": {"job": failed, "at": at - SECOND}}))
    page = look("/workers/w1")
    rows = [row["id"] for row in page.all("li") if row.get("id", "").startswith("lately-")]
    assert rows == [f"lately-{failed}", f"lately-{done}", f"lately-{gone}"]
    assert "no longer kept" in page.text
