from __future__ import annotations

import re

import pytest
from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from horizon import Horizon
from horizon.backends.values import Want
from horizon.core import current
from horizon.core.errors import ConfigurationError
from tests.stores.lending import fresh
from tests.web.conftest import SAME, admin, store_of
from tests.web.shop_jobs import SEEN, SendMail


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
        app.config.update(HORIZON_URL=fresh(), HORIZON_AUTH=admin)
        horizon.init_app(app)
    assert {name: kept for name, kept in vars(horizon).items() if name != "_hooks"} == {"db": None}
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


# after the response --------------------------------------------------------------------------------------------


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
