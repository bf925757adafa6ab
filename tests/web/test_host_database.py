from __future__ import annotations

import pytest
from flask import Flask
from flask_sqlalchemy import SQLAlchemy

from horizon import Horizon
from horizon.core.errors import ConfigurationError


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
    assert make_app(db=db2, before=prepare2, HORIZON_URL="memory://").extensions["horizon"].runtime.url() == "memory://"


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
