from __future__ import annotations

import logging
import os
import re
import subprocess
import sys
import threading

import pytest
from flask import Blueprint, Flask, render_template_string, session
from flask_sqlalchemy import SQLAlchemy
from werkzeug.middleware.proxy_fix import ProxyFix

from horizon import Horizon
from horizon.backends.values import Want
from horizon.core import current
from horizon.core.errors import ConfigurationError
from horizon.schedule.ticker import Ticker
from horizon.web import extension
from tests.waiting import until
from tests.web.conftest import SAME, admin, store_of
from tests.web.shop_jobs import SEEN, SendMail

# mounting -------------------------------------------------------------------------------------------------


def test_it_mounts_below_horizon(client):
    assert client.get("/horizon/healthz").json == {"status": "alive"}
    assert client.get("/horizon").status_code == 308


@pytest.mark.parametrize("prefix", ["/admin/queues", "/admin/queues/"])
def test_it_mounts_where_the_setting_says(make_app, prefix):
    client = make_app(HORIZON_URL_PREFIX=prefix).test_client()
    assert client.get("/admin/queues/healthz").status_code == 200
    assert client.get("/horizon/healthz").status_code == 404
    page = client.get("/admin/queues/jobs").text
    assert "/admin/queues/static/" in page
    assert '"/horizon/' not in page


@pytest.mark.parametrize("prefix", ["", "/"])
def test_at_the_root_the_hosts_static_files_and_pages_stay_its_own(make_app, prefix, tmp_path):
    (tmp_path / "static").mkdir()
    (tmp_path / "static" / "shop.css").write_text("shop")

    def prepare(app):
        app.static_folder = str(tmp_path / "static")
        app.add_url_rule("/shop", "shop", lambda: "shop")

    client = make_app(before=prepare, HORIZON_URL_PREFIX=prefix).test_client()
    assert client.get("/healthz").status_code == 200
    assert client.get("/static/shop.css").text == "shop"
    assert client.get("/horizon-static/horizon.css").status_code == 200
    assert client.get("/shop").text == "shop"


@pytest.mark.parametrize("path", ["/horizon/", "/horizon/jobs?q=mail", "/horizon/failed"])
def test_it_works_below_a_script_name(make_app, path):
    client = make_app().test_client()
    page = client.get(path, environ_overrides={"SCRIPT_NAME": "/intern"})
    assert "/intern/horizon/static/" in page.text
    assert set(re.findall(r'"(/[a-z]+)/?[^"]*"', page.text)) == {"/intern"}


def test_an_act_below_a_script_name_goes_back_to_where_it_came_from(make_app):
    app = make_app()
    with app.app_context():
        id = SendMail.dispatch("a@b.c")
    form = {"do": f"prioritize:{id}", "back": "/intern/horizon/jobs?q=mail"}
    answer = app.test_client().post("/horizon/jobs/act", data=form, headers=SAME, environ_overrides={"SCRIPT_NAME": "/intern"})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/intern/horizon/jobs?q=mail")
    assert "Path=/intern/horizon;" in answer.headers["Set-Cookie"] + ";"


def test_behind_a_trusted_proxy_a_change_from_the_page_is_let_through_and_the_audit_log_names_the_visitor(make_app):
    app = make_app()
    app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=1, x_host=1, x_prefix=1)  # type: ignore[method-assign]
    told = {
        "X-Forwarded-Host": "shop.example",
        "X-Forwarded-Proto": "https",
        "X-Forwarded-Prefix": "/ops",
        "X-Forwarded-For": "203.0.113.9",
    }
    client = app.test_client()
    with app.app_context():
        id = SendMail.dispatch("a@b.c")
    form = {"do": f"prioritize:{id}", "back": "/ops/horizon/jobs"}
    refused = client.post("/horizon/jobs/act", data=form, headers={**told, "Origin": "https://localhost"})
    assert refused.status_code == 403
    done = client.post("/horizon/jobs/act", data=form, headers={**told, "Origin": "https://shop.example"})
    assert (done.status_code, done.headers["Location"]) == (303, "/ops/horizon/jobs")
    assert "Secure" in done.headers["Set-Cookie"]
    assert [entry.origin for entry in store_of(app).audit.list()] == ["web 203.0.113.9"]


@pytest.mark.parametrize("bad", ["horizon", "admin/queues"])
def test_a_prefix_without_a_slash_is_refused(make_app, bad):
    with pytest.raises(ConfigurationError, match="starts with a slash"):
        make_app(HORIZON_URL_PREFIX=bad)


def test_a_second_time_for_the_same_app_is_refused_and_says_what_to_do(app):
    with pytest.raises(ConfigurationError, match=r"once per app.*HORIZON_CONNECTIONS"):
        Horizon(app)


def test_one_object_serves_several_apps_and_keeps_nothing_of_them():
    horizon = Horizon()
    apps = [Flask("one"), Flask("two")]
    for app in apps:
        app.config.update(HORIZON_URL="memory://", HORIZON_AUTH=admin)
        horizon.init_app(app)
    assert vars(horizon) == {"db": None}
    runtimes = {app.extensions["horizon"].runtime for app in apps}
    assert len(runtimes) == 2
    for app in apps:
        app.extensions["horizon"].runtime.close()


def test_several_apps_in_one_process_have_a_store_a_prefix_and_jobs_of_their_own(make_app):
    one, two = make_app(), make_app(HORIZON_URL_PREFIX="/q")
    with one.app_context():
        id = SendMail.dispatch("a@b.c")
    assert one.test_client().get(f"/horizon/api/jobs/{id}").status_code == 200
    assert two.test_client().get(f"/q/api/jobs/{id}").status_code == 404


def test_an_app_context_says_which_app_a_dispatch_is_meant_for(make_app):
    one, two = make_app(), make_app()
    for app in (one, two):
        with app.app_context():
            assert current.get() is app.extensions["horizon"].runtime


def test_an_app_context_of_an_app_without_horizon_says_nothing(make_app):
    app = make_app()
    with Flask("other").app_context(), current.use(app.extensions["horizon"].runtime):
        assert current.get() is app.extensions["horizon"].runtime


# settings ---------------------------------------------------------------------------------------------------


def test_a_misspelt_setting_is_warned_about_with_the_nearest_name(make_app, caplog):
    with caplog.at_level(logging.WARNING, "horizon"):
        make_app(HORIZON_LAESE=3)
    assert "HORIZON_LAESE" in caplog.text
    assert "did you mean HORIZON_LEASE?" in caplog.text


def test_settings_that_are_not_usable_are_refused_all_at_once(make_app):
    with pytest.raises(ConfigurationError) as caught:
        make_app(HORIZON_LEASE="long", HORIZON_MAX_TRIES=0)
    assert "HORIZON_LEASE" in str(caught.value)
    assert "HORIZON_MAX_TRIES" in str(caught.value)


def test_without_an_address_the_store_is_a_file_in_the_instance_folder(make_app, tmp_path):
    app = make_app(HORIZON_URL=...)
    assert app.extensions["horizon"].runtime.url() == f"sqlite:///{app.instance_path}/horizon.db"
    assert not os.path.exists(app.instance_path)
    with app.app_context():
        SendMail.dispatch("a@b.c")
    assert os.path.exists(f"{app.instance_path}/horizon.db")


def test_a_relative_sqlite_address_is_taken_from_the_instance_folder(make_app):
    app = make_app(
        HORIZON_URL="sqlite:///jobs.db",
        HORIZON_CONNECTIONS={"a": "sqlite:///a.db", "b": {"url": "sqlite:///b.db"}, "c": "sqlite:////x/c.db"},
    )
    runtime = app.extensions["horizon"].runtime
    assert runtime.url() == f"sqlite:///{app.instance_path}/jobs.db"
    assert runtime.url("a") == f"sqlite:///{app.instance_path}/a.db"
    assert runtime.url("b") == f"sqlite:///{app.instance_path}/b.db"
    assert runtime.url("c") == "sqlite:////x/c.db"


# the host's database ------------------------------------------------------------------------------------------


def shop_db(tmp_path):
    db = SQLAlchemy()

    def prepare(app):
        app.config["SQLALCHEMY_DATABASE_URI"] = f"sqlite:///{tmp_path}/shop.db"
        db.init_app(app)

    return db, prepare


def test_with_db_the_store_is_the_hosts_database_unless_an_address_says_otherwise(make_app, tmp_path):
    db, prepare = shop_db(tmp_path)
    app = make_app(db=db, before=prepare, HORIZON_URL=...)
    assert app.extensions["horizon"].runtime.url() == f"sqlite:///{tmp_path}/shop.db"
    db2, prepare2 = shop_db(tmp_path)
    assert make_app(db=db2, before=prepare2).extensions["horizon"].runtime.url() == "memory://"


def test_a_db_that_is_not_set_up_yet_is_refused_and_says_what_to_do(make_app):
    with pytest.raises(ConfigurationError, match=r"db\.init_app\(app\) before"):
        make_app(db=SQLAlchemy(), HORIZON_URL=...)


def test_db_may_be_given_to_the_object_or_to_init_app(tmp_path):
    for given in ("object", "init_app"):
        db, prepare = shop_db(tmp_path)
        app = Flask(given)
        prepare(app)
        if given == "object":
            Horizon(db=db).init_app(app)
        else:
            Horizon().init_app(app, db=db)
        assert app.extensions["horizon"].runtime.url() == f"sqlite:///{tmp_path}/shop.db"


def test_every_job_runs_in_the_apps_context_and_leaves_no_session_behind(make_app, tmp_path):
    db, prepare = shop_db(tmp_path)
    app = make_app(db=db, before=prepare)
    removed = []
    remove = db.session.remove
    db.session.remove = lambda: removed.append(1) or remove()
    with app.extensions["horizon"].runtime.around():
        from flask import current_app

        assert current_app.name == app.name
        db.session.execute(db.text("select 1"))
        assert not removed
    assert removed


# the host is left alone ----------------------------------------------------------------------------------------


def test_nothing_of_the_host_is_touched(tmp_path):
    def footprint(app):
        return {
            "globals": set(app.jinja_env.globals),
            "filters": set(app.jinja_env.filters),
            "before": {key: list(value) for key, value in app.before_request_funcs.items() if key is None},
            "after": {key: list(value) for key, value in app.after_request_funcs.items() if key is None},
            "teardown": {key: list(value) for key, value in app.teardown_request_funcs.items() if key is None},
            "appcontext": list(app.teardown_appcontext_funcs),
            "errors": {key: dict(value) for key, value in app.error_handler_spec.items() if key is None},
            "processors": {key: list(value) for key, value in app.template_context_processors.items() if key is None},
            "handlers": [*logging.getLogger().handlers, *app.logger.handlers],
            "level": logging.getLogger().level,
            "session": app.session_interface,
            "secret": app.secret_key,
            "static": app.static_folder,
            "config": {key: value for key, value in app.config.items() if not key.startswith("HORIZON_")},
        }

    app = Flask("shop")
    app.config.update(HORIZON_URL="memory://", HORIZON_AUTH=admin)
    before = footprint(app)
    Horizon(app)
    client = app.test_client()
    for path in ("/horizon/", "/horizon/jobs", "/horizon/api/jobs", "/horizon/nowhere"):
        client.get(path)
    assert footprint(app) == before
    app.extensions["horizon"].runtime.close()
    app.extensions["horizon"].scheduler.stop()


def test_the_hosts_templates_of_the_same_names_stay_its_own(make_app, tmp_path):
    folder = tmp_path / "templates"
    folder.mkdir()
    (folder / "error.html").write_text("the host's own error page")

    def prepare(app):
        app.template_folder = str(folder)
        app.add_url_rule("/", "home", lambda: render_template_string('{% include "error.html" %}'))
        app.register_error_handler(404, lambda error: ("the host's not found", 404))

    client = make_app(before=prepare).test_client()
    assert client.get("/").text == "the host's own error page"
    assert client.get("/elsewhere").text == "the host's not found"
    assert "the host's" not in client.get("/horizon/nowhere").text


def test_the_hosts_session_is_not_opened_by_our_pages(make_app):
    def prepare(app):
        app.secret_key = "k"

        @app.get("/in")
        def sign_in():
            session["who"] = "ana"
            return "in"

        app.add_url_rule("/who", "who", lambda: session.get("who", "nobody"))

    client = make_app(before=prepare).test_client()
    client.get("/in")
    for path in ("/horizon/", "/horizon/jobs", "/horizon/api/jobs"):
        assert "session=" not in client.get(path).headers.get("Set-Cookie", "")
    assert client.get("/who").text == "ana"


def test_it_lives_beside_a_blueprint_of_the_host_below_the_same_prefix(make_app):
    def prepare(app):
        own = Blueprint("own", "own", url_prefix="/horizon/own")
        own.add_url_rule("/", "page", lambda: "own")
        app.register_blueprint(own)

    assert make_app(before=prepare).test_client().get("/horizon/own/").text == "own"


# housekeeping ---------------------------------------------------------------------------------------------------


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


def test_a_process_forked_after_the_start_starts_its_own(make_app, tmp_path):
    app = make_app(HORIZON_SCHEDULER=True, HORIZON_URL=f"sqlite:///{tmp_path}/jobs.db")
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


def test_a_process_that_ends_gives_up_the_lead_without_a_word(tmp_path):
    program = f"""
from flask import Flask
from horizon import Horizon
app = Flask("shop")
app.config.update(HORIZON_URL="sqlite:///{tmp_path}/jobs.db", HORIZON_SCHEDULER=True)
Horizon(app)
app.test_client().get("/horizon/healthz")
from tests.waiting import until
locks = app.extensions["horizon"].runtime.backend().locks
until(lambda: locks.read("leader"))
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    from horizon.backends.connect import connect

    left = connect(f"sqlite:///{tmp_path}/jobs.db")
    assert left.locks.read("leader") is None
    left.close()


# after the response ----------------------------------------------------------------------------------------------


def test_a_job_dispatched_for_after_the_response_runs_when_it_is_out(make_app):
    SEEN.clear()

    def prepare(app):
        @app.get("/order")
        def order():
            SendMail.dispatch_after_response("late@b.c")
            return f"seen {SEEN}"

    app = make_app(before=prepare)
    assert app.test_client().get("/order", buffered=True).text == "seen []"
    assert SEEN == ["late@b.c"]
    assert store_of(app).turn([], Want(session="s", executor=0, count=1)).reservations == []


@pytest.mark.parametrize("url", ["oracle://u:secret@h/d", "nonsense", "", "sqlite://jobs.db"])
def test_an_address_that_no_store_understands_stops_the_app_at_its_start(make_app, url):
    with pytest.raises(ConfigurationError, match=r"HORIZON_URL") as told:
        make_app(HORIZON_URL=url)
    assert "secret" not in str(told.value)


def test_so_does_the_address_of_another_connection_and_it_is_named(make_app):
    with pytest.raises(ConfigurationError, match=r"HORIZON_CONNECTIONS\['archive'\]"):
        make_app(HORIZON_CONNECTIONS={"archive": "oracle://x"})
