from __future__ import annotations

import pytest

from horizon.core.errors import ConfigurationError
from horizon.core.settings import OPTIONS, Settings


def test_everything_has_its_default_where_nobody_says_anything() -> None:
    settings = Settings({}, environ={})
    assert (settings.URL, settings.LEASE, settings.MAX_TRIES, settings.URL_PREFIX) == (None, 15.0, 3, "/horizon")
    assert set(settings.origins.values()) == {"default"}


def test_the_apps_config_wins_over_the_environment_and_that_over_the_default() -> None:
    settings = Settings({"HORIZON_LEASE": 20}, environ={"HORIZON_LEASE": "30", "HORIZON_GRACE": "4"})
    assert (settings.LEASE, settings.GRACE) == (20, 4.0)
    assert (settings.origins["HORIZON_LEASE"], settings.origins["HORIZON_GRACE"]) == ("app.config", "environment")


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("READ_ONLY", "true", True), ("READ_ONLY", "0", False), ("READ_ONLY", "", False), ("MAX_TRIES", "7", 7), ("LEASE", "2.5", 2.5),
        ("IMPORTS", "shop.jobs, shop.mail,", ["shop.jobs", "shop.mail"]), ("CONNECTIONS", '{"b": "sqlite:///b"}', {"b": "sqlite:///b"}),
        ("BACKOFF", "[1, 2]", [1, 2]), ("URL", "sqlite:///x", "sqlite:///x"),
    ],
)  # fmt: skip
def test_text_from_the_environment_is_read_by_the_kind_of_the_option(name: str, text: str, value: object) -> None:
    assert getattr(Settings({}, environ={f"HORIZON_{name}": text}), name) == value


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("LEASE", 0), ("LEASE", "15"), ("LEASE", True), ("MAX_TRIES", 2.5), ("MAX_TRIES", 0), ("READ_ONLY", "yes"), ("IMPORTS", "shop.jobs"),
        ("IMPORTS", [1]), ("CONNECTIONS", []), ("AUTH", "me"), ("SQLITE_SYNCHRONOUS", "OFF"), ("URL_PREFIX", None), ("MAX_PAYLOAD", 10**9),
        ("TIMEZONE", "Rome"), ("TIMEZONE", 1), ("TIMEZONE", "../etc/passwd"),
    ],
)  # fmt: skip
def test_a_value_that_cannot_be_is_refused_by_name(name: str, value: object) -> None:
    with pytest.raises(ConfigurationError, match=f"HORIZON_{name}"):
        Settings({f"HORIZON_{name}": value}, environ={})


def test_everything_wrong_is_told_at_once_with_where_it_came_from() -> None:
    with pytest.raises(ConfigurationError) as caught:
        Settings({"HORIZON_LEASE": 0}, environ={"HORIZON_MAX_TRIES": "many", "HORIZON_AUTH": "me"})
    text = str(caught.value)
    assert all(part in text for part in ("HORIZON_LEASE", "app.config", "HORIZON_MAX_TRIES", "environment", "HORIZON_AUTH", "many"))


def test_a_key_nobody_knows_is_reported_with_the_nearest_one() -> None:
    settings = Settings({"HORIZON_LEESE": 5, "DEBUG": True}, environ={})
    assert settings.unknown == ["HORIZON_LEESE"]
    (sentence,) = settings.warnings()
    assert "HORIZON_LEESE" in sentence
    assert "HORIZON_LEASE" in sentence


def test_a_setting_that_is_none_raises_as_attributes_do() -> None:
    with pytest.raises(AttributeError, match="HORIZON_COLOUR"):
        _ = Settings({}, environ={}).COLOUR


@pytest.mark.parametrize("option", OPTIONS, ids=lambda option: option.name)
def test_every_option_says_what_it_means_and_its_default_is_allowed(option) -> None:
    assert option.help.endswith(".")
    assert option.name.startswith("HORIZON_")
    assert option.unit or option.kind not in ("int", "float")
    if option.default is not None:
        Settings({option.name: option.default}, environ={})


def test_no_option_is_listed_twice() -> None:
    assert len({option.name for option in OPTIONS}) == len(OPTIONS)


def test_a_text_that_cannot_be_read_is_blamed_on_the_environment_it_came_from() -> None:
    with pytest.raises(ConfigurationError, match=r"HORIZON_TIMEOUT \(from environment\): expected a number, got 'abc'"):
        Settings({}, environ={"HORIZON_TIMEOUT": "abc"})


def test_a_misspelt_variable_of_the_environment_is_reported_too() -> None:
    settings = Settings({}, environ={"HORIZON_TIMEOU": "3", "HORIZON_TEST_EXAMPLES": "5", "PATH": "/bin"})
    assert settings.warnings() == ["HORIZON_TIMEOU is not a setting of Horizon; did you mean HORIZON_TIMEOUT?"]
