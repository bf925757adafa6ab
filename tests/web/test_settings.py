from __future__ import annotations

import logging
import os

import pytest

from horizon.core.errors import ConfigurationError
from tests.web.shop_jobs import SendMail


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


@pytest.mark.parametrize("url", ["oracle://u:secret@h/d", "nonsense", "", "sqlite://jobs.db"])
def test_an_address_that_no_store_understands_stops_the_app_at_its_start(make_app, url):
    with pytest.raises(ConfigurationError, match=r"HORIZON_URL") as told:
        make_app(HORIZON_URL=url)
    assert "secret" not in str(told.value)


def test_so_does_the_address_of_another_connection_and_it_is_named(make_app):
    with pytest.raises(ConfigurationError, match=r"HORIZON_CONNECTIONS\['archive'\]"):
        make_app(HORIZON_CONNECTIONS={"archive": "oracle://x"})
