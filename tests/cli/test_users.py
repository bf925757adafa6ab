from __future__ import annotations

import json

import pytest

from horizon.security import passwords
from tests.cli.conftest import Site

GOOD = "correct horse battery\n"


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "METHOD", "pbkdf2:sha256:1")


def add(horizon, name: str = "bea", role: str = "operator"):
    return horizon("users", "add", name, "--role", role, "--password-stdin", input=GOOD)


def test_add_list_role_password_and_revoke(site: Site, horizon) -> None:
    assert add(horizon, "Bea").stdout == "Added bea as operator.\n"
    assert add(horizon, "ana", "admin").exit_code == 0
    rows = horizon("users", "list").stdout.splitlines()
    assert [row.split("\t")[:3] for row in rows[1:]] == [["ana", "admin", "never"], ["bea", "operator", "never"]]
    assert horizon("users", "role", "bea", "viewer").stdout == "bea is viewer now, from the next sign-in on.\n"
    before = site.backend().accounts.user("bea")
    assert horizon("users", "password", "bea", "--password-stdin", input="another good password\r\n").exit_code == 0
    after = site.backend().accounts.user("bea")
    assert before is not None
    assert after is not None
    assert before.stamp != after.stamp
    assert passwords.matches(after.password, "another good password")
    assert horizon("users", "revoke", "bea", "--yes").stdout == "Removed bea.\n"
    assert [user["name"] for user in json.loads(horizon("users", "list", "--json").stdout)["items"]] == ["ana"]


def test_the_audit_log_names_the_account_at_the_shell(site: Site, horizon) -> None:
    add(horizon)
    entry = site.backend().audit.list()[0]
    assert (entry.verb, entry.target, entry.origin) == ("add user", "user:bea", "cli")


def test_a_password_is_never_shown_nor_listed(horizon) -> None:
    said = add(horizon).output + horizon("users", "list").output + horizon("users", "list", "--json").output
    assert "correct horse" not in said
    assert "pbkdf2" not in said


def test_where_nobody_is_there_to_ask_a_password_must_be_piped_in(horizon) -> None:
    refused = horizon("users", "add", "bea", "--role", "viewer")
    assert refused.exit_code == 2
    assert "--password-stdin" in refused.output


def test_at_a_terminal_it_is_asked_for_twice(site: Site, horizon, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("horizon.cli.users.somebody_there", lambda: True)
    made = horizon("users", "add", "bea", "--role", "viewer", input=GOOD + "something else\n" + GOOD + GOOD)
    assert made.exit_code == 0
    assert "do not match" in made.output
    user = site.backend().accounts.user("bea")
    assert user is not None
    assert passwords.matches(user.password, GOOD.strip())


def test_a_weak_password_a_taken_name_and_an_unknown_user_are_refused(horizon) -> None:
    assert "10 to 1,000 characters" in horizon("users", "add", "bea", "--role", "viewer", "--password-stdin", input="short\n").output
    add(horizon)
    assert "there is a user bea already" in add(horizon).output
    gone = horizon("users", "revoke", "eve", "--yes")
    assert (gone.exit_code, "horizon users list" in gone.output) == (1, True)


def test_it_says_what_keeps_a_password_from_being_of_use(app, horizon) -> None:
    assert "HORIZON_AUTH is set, and its word is final" in add(horizon).stderr
    app.config["HORIZON_AUTH"] = None
    assert "SECRET_KEY" in add(horizon, "eve").stderr
    app.secret_key = "k"
    assert add(horizon, "zoe").stderr == ""


def test_removing_the_last_one_says_what_that_means(horizon) -> None:
    add(horizon)
    assert "closed again" in horizon("users", "revoke", "bea", "--yes").stderr
    assert "horizon users add NAME" in horizon("users", "list").stderr


def test_revoking_asks(horizon) -> None:
    add(horizon)
    refused = horizon("users", "revoke", "bea")
    assert (refused.exit_code, "--yes" in refused.output) == (2, True)
