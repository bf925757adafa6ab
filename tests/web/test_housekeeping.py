from __future__ import annotations

import os
import subprocess
import sys
import threading

from horizon import JobScheduler
from horizon.backends.connect import connect
from horizon.core.query import JobQuery
from horizon.schedule.ticker import Ticker
from horizon.timetable import wanted
from horizon.web import extension
from tests.stores.lending import fresh
from tests.waiting import until
from tests.web.conftest import store_of
from tests.web.shop_jobs import SendMail

PATIENCE = 120.0
"""Seconds for a second of processor time in another process: a machine on which twenty wait for their turn took fifty."""


def test_neither_making_the_app_nor_a_command_starts_a_thread(make_app):
    before = threading.active_count()
    app = make_app(HORIZON_SCHEDULER=True)
    app.test_cli_runner().invoke(args=["routes"])
    with app.app_context():
        SendMail.dispatch("a@b.c")
    assert threading.active_count() == before
    assert app.extensions["horizon"].scheduler.ticker is None


def test_the_first_request_to_any_page_starts_it(make_app):
    app = make_app(HORIZON_SCHEDULER=True, before=lambda app: app.add_url_rule("/", "home", lambda: "home"))
    client = app.test_client()
    assert client.get("/").text == "home"
    scheduler = app.extensions["horizon"].scheduler
    assert scheduler.ticker.running
    first = scheduler.ticker
    client.get("/")
    assert scheduler.ticker is first
    scheduler.stop()


def test_a_server_in_which_no_thread_can_start_serves_all_the_same(make_app, monkeypatch, caplog):
    def no_threads(self):
        raise RuntimeError("threads are disabled")

    monkeypatch.setattr(Ticker, "start", no_threads)
    client = make_app(HORIZON_SCHEDULER=True).test_client()
    for _ in range(3):
        assert client.get("/horizon/healthz").status_code == 200
    assert caplog.text.count("could not be started") == 1


def test_it_promotes_what_is_due_without_any_worker(make_app):
    app = make_app(HORIZON_SCHEDULER=True)
    with app.app_context():
        id = SendMail("a@b.c").delay_until(0.3).dispatch()
    assert store_of(app).get(id).state == "scheduled"
    extension.start(app)
    until(lambda: store_of(app).get(id).state == "pending")
    extension.stop(app)


def test_it_dispatches_what_the_code_has_scheduled(make_app, monkeypatch):
    monkeypatch.setattr(wanted.PROCESS, "_wanted", {})
    app = make_app(HORIZON_SCHEDULER=True)
    JobScheduler.schedule(SendMail, "every 1s", {"to": "a@b.c"}, name="mails")
    extension.start(app)
    store = store_of(app)
    until(lambda: len(store.find(JobQuery(tag="schedule:mails")).items) >= 2)
    extension.stop(app)
    assert app.extensions["horizon"].scheduler.punctual is None
    assert store.schedules.get("mails").source == "code"


def test_starting_it_by_hand_after_a_fork_twice_is_the_same_as_once(make_app):
    app = make_app(HORIZON_SCHEDULER=True)
    extension.start(app)
    first = app.extensions["horizon"].scheduler.ticker
    extension.start(app)
    assert app.extensions["horizon"].scheduler.ticker is first
    extension.stop(app)


def test_a_setting_turns_it_off(make_app):
    app = make_app(HORIZON_SCHEDULER=False)
    app.test_client().get("/horizon/healthz")
    extension.start(app)
    assert app.extensions["horizon"].scheduler.ticker is None


def test_under_test_requests_do_not_start_it_unless_the_setting_asks_for_it(make_app):
    quiet = make_app(TESTING=True, HORIZON_SCHEDULER=...)
    quiet.test_client().get("/horizon/healthz")
    assert quiet.extensions["horizon"].scheduler.ticker is None
    asked = make_app(TESTING=True, HORIZON_SCHEDULER=True)
    asked.test_client().get("/horizon/healthz")
    assert asked.extensions["horizon"].scheduler.ticker.running


def test_a_process_forked_after_the_start_starts_its_own(make_app):
    app = make_app(HORIZON_SCHEDULER=True, HORIZON_URL=fresh("sqlite"))
    app.test_client().get("/horizon/healthz")
    parent = app.extensions["horizon"].scheduler.ticker
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            app.test_client().get("/horizon/healthz")
            child = app.extensions["horizon"].scheduler.ticker
            code = 0 if child is not parent and child.running and child.pid == os.getpid() else 2
        finally:
            os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    assert parent.running


def test_a_process_that_ends_gives_up_the_lead_without_a_word():
    url = fresh("sqlite")
    connect(url).close()  # to make the tables takes longer than all that is shown here
    program = f"""
from flask import Flask
from horizon import Horizon
app = Flask("shop")
app.config.update(HORIZON_URL="{url}", HORIZON_SCHEDULER=True)
Horizon(app)
app.test_client().get("/horizon/healthz")
from tests.waiting import until
locks = app.extensions["horizon"].runtime.backend().locks
until(lambda: locks.read("leader"), {PATIENCE})
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=2 * PATIENCE, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    left = connect(url)
    assert left.locks.read("leader") is None
    left.close()
