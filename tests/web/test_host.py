from __future__ import annotations

import logging

from flask import Blueprint, Flask, render_template_string, session

from horizon import Horizon
from tests.stores.lending import fresh
from tests.web.conftest import admin


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
    app.config.update(HORIZON_URL=fresh(), HORIZON_AUTH=admin)
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
