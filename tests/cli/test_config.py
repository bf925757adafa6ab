from __future__ import annotations

import json

import pytest
from click.testing import CliRunner
from flask import Flask
from flask.cli import ScriptInfo

from horizon import Horizon
from horizon.cli.group import cli
from horizon.core.settings import BY_NAME
from horizon.security import keys


def run(*words: str, **given: object):
    app = Flask("shop")
    app.config.update(HORIZON_URL="memory://", **given)
    Horizon(app)
    return CliRunner().invoke(cli, ["config", *words], obj=ScriptInfo(create_app=lambda: app))


def test_every_setting_is_listed_with_where_it_comes_from(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HORIZON_LEASE", "20")
    rows = [line.split("\t") for line in run(HORIZON_TIMEOUT=90).stdout.splitlines()][1:]
    found = {row[0]: row[1:] for row in rows}
    assert found.keys() == BY_NAME.keys()
    assert (found["HORIZON_TIMEOUT"], found["HORIZON_LEASE"]) == (["90 s", "app.config"], ["20.0 s", "environment"])
    assert found["HORIZON_MAX_TRIES"] == ["3 tries", "default"]


def test_of_keys_and_passwords_nothing_is_shown() -> None:
    key = keys.generate()
    told = run(
        "--json", HORIZON_KEYS=[key], HORIZON_CONNECTIONS={"far": "redis://:s3cret@example.org/1", "near": {"url": "sqlite:////x.db"}}
    )
    assert told.exit_code == 0
    assert key not in told.output
    assert "s3cret" not in told.output
    assert "redis://:***@example.org/1" in told.output
    values = {row["name"]: row["value"] for row in json.loads(told.stdout)["items"]}
    assert values["HORIZON_KEYS"] == "1 of them"


def test_it_can_be_narrowed_down_by_words_and_to_what_was_set() -> None:
    assert {row["name"] for row in json.loads(run("--json", "keep_days", "LEASE").stdout)["items"]} == {
        "HORIZON_KEEP_DAYS",
        "HORIZON_LEASE",
    }
    assert "HORIZON_URL" in run("--changed").stdout
    assert "HORIZON_LEASE" not in run("--changed").stdout


def test_a_callable_is_named() -> None:
    assert "tests.cli.test_config:who" in run("auth", HORIZON_AUTH=who).stdout


def who(request: object) -> None: ...
