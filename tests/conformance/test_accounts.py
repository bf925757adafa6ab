from __future__ import annotations

from dataclasses import replace

import pytest

from horizon.backends.people import ApiToken, User
from horizon.core.clock import HOUR, MINUTE
from tests.conformance.driver import Driver, audit

ANA = User(name="ana", role="operator", password="scrypt:hash", stamp="s1")
BOB = User(name="bob", role="viewer", password="scrypt:other", stamp="s2")
TOKEN = ApiToken(id="a1b2", name="deploy", role="operator", digest="0f" * 32, scope=("view",), created_by="ana", expires_at=5)


def verbs(drive: Driver) -> list[str]:
    return [entry.verb for entry in drive.backend.audit.list()]


# users ------------------------------------------------------------------------------------------------


def test_a_user_is_kept_whole_with_the_stores_time(drive: Driver) -> None:
    accounts = drive.backend.accounts
    assert accounts.any_user() is False
    assert accounts.add_user(ANA, audit=audit("add user"))
    assert accounts.any_user() is True
    assert accounts.user("ana") == replace(ANA, created_at=drive.clock())
    assert verbs(drive) == ["add user"]


def test_who_was_changed_by_somebody_else_is_neither_changed_nor_removed_as_they_were(drive: Driver) -> None:
    accounts = drive.backend.accounts
    accounts.add_user(ANA)
    assert accounts.change_user("ana", stamp="s8", was="s1", role="viewer", audit=audit("change role"))
    assert not accounts.change_user("ana", stamp="s9", was="s1", role="admin", audit=audit("change role"))
    assert not accounts.remove_user("ana", was="s1", audit=audit("remove user"))
    found = accounts.user("ana")
    assert found is not None
    assert (found.role, found.stamp) == ("viewer", "s8")
    assert accounts.remove_user("ana", was="s8", audit=audit("remove user"))
    assert verbs(drive) == ["remove user", "change role"]


def test_a_name_that_is_taken_changes_nothing(drive: Driver) -> None:
    drive.backend.accounts.add_user(ANA)
    assert drive.backend.accounts.add_user(replace(ANA, role="admin"), audit=audit("add user")) is False
    found = drive.backend.accounts.user("ana")
    assert found is not None
    assert found.role == "operator"
    assert verbs(drive) == []


def test_users_are_listed_by_name_and_compared_byte_for_byte(drive: Driver) -> None:
    for user in (BOB, ANA):
        drive.backend.accounts.add_user(user)
    assert [user.name for user in drive.backend.accounts.users()] == ["ana", "bob"]
    assert drive.backend.accounts.user("Ana") is None
    assert drive.backend.accounts.user("ana'--") is None


def test_a_change_keeps_what_it_does_not_name_and_always_brings_a_new_stamp(drive: Driver) -> None:
    accounts = drive.backend.accounts
    accounts.add_user(ANA)
    made = accounts.user("ana")
    assert made is not None
    assert accounts.change_user("ana", stamp="s8", role="admin")
    assert accounts.user("ana") == replace(made, stamp="s8", role="admin")
    assert accounts.change_user("ana", stamp="s9", password="scrypt:new", audit=audit("change password"))
    assert accounts.user("ana") == replace(made, stamp="s9", role="admin", password="scrypt:new")
    assert verbs(drive) == ["change password"]


def test_who_is_not_there_is_neither_changed_nor_removed(drive: Driver) -> None:
    accounts = drive.backend.accounts
    assert accounts.change_user("ana", stamp="s", audit=audit("x")) is False
    assert accounts.remove_user("ana", audit=audit("x")) is False
    accounts.signed_in("ana", audit=audit("x"))
    assert accounts.users() == []
    assert verbs(drive) == []


def test_a_removed_user_is_gone(drive: Driver) -> None:
    drive.backend.accounts.add_user(ANA)
    assert drive.backend.accounts.remove_user("ana", audit=audit("remove user")) is True
    assert drive.backend.accounts.user("ana") is None
    assert drive.backend.accounts.any_user() is False
    assert verbs(drive) == ["remove user"]


def test_a_sign_in_is_noted(drive: Driver) -> None:
    drive.backend.accounts.add_user(ANA)
    drive.clock.advance(5)
    drive.backend.accounts.signed_in("ana", audit=audit("sign in"))
    found = drive.backend.accounts.user("ana")
    assert found is not None
    assert found.seen_at == drive.clock()
    assert verbs(drive) == ["sign in"]


# sign-ins ---------------------------------------------------------------------------------------------


def test_the_visitor_of_a_sign_in_is_its_user_until_it_is_ended(drive: Driver) -> None:
    accounts = drive.backend.accounts
    accounts.add_user(ANA)
    assert accounts.visitor("ana", "one") == accounts.user("ana")
    accounts.sign_out("one", drive.clock() + HOUR, audit=audit("sign out"))
    accounts.sign_out("one", drive.clock() + HOUR, audit=audit("sign out"))
    assert accounts.visitor("ana", "one") is None
    assert accounts.visitor("ana", "two") == accounts.user("ana")
    assert accounts.visitor("eve", "two") is None
    assert verbs(drive) == ["sign out"]


def test_an_ended_sign_in_is_remembered_as_long_as_it_would_have_lasted(drive: Driver) -> None:
    accounts = drive.backend.accounts
    accounts.add_user(ANA)
    accounts.sign_out("one", drive.clock() + HOUR)
    drive.clock.advance(3599)
    drive.backend.tick()
    assert accounts.visitor("ana", "one") is None
    drive.clock.advance(1)
    drive.backend.tick()
    assert accounts.visitor("ana", "one") is not None  # its own expiry keeps it out now


# tokens -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("scope", [None, (), ("view",), ("view", "operate")])
def test_a_token_is_kept_whole(drive: Driver, scope: tuple[str, ...] | None) -> None:
    token = replace(TOKEN, scope=scope)
    assert drive.backend.accounts.add_token(token, audit=audit("add token"))
    assert drive.backend.accounts.token("a1b2") == replace(token, created_at=drive.clock())
    assert drive.backend.accounts.add_token(token, audit=audit("add token")) is False
    assert verbs(drive) == ["add token"]


def test_tokens_are_listed_the_newest_first(drive: Driver) -> None:
    for id in ("one", "two", "three"):
        drive.backend.accounts.add_token(replace(TOKEN, id=id))
        drive.clock.advance(1)
    assert [token.id for token in drive.backend.accounts.tokens()] == ["three", "two", "one"]


def test_a_revoked_token_is_gone(drive: Driver) -> None:
    drive.backend.accounts.add_token(TOKEN)
    assert drive.backend.accounts.remove_token("a1b2", audit=audit("revoke token")) is True
    assert drive.backend.accounts.token("a1b2") is None
    assert drive.backend.accounts.remove_token("a1b2", audit=audit("revoke token")) is False
    assert verbs(drive) == ["revoke token"]


def test_the_use_of_a_token_is_noted_once_a_minute(drive: Driver) -> None:
    accounts = drive.backend.accounts

    def use() -> int | None:
        found = accounts.token("a1b2")
        assert found is not None
        accounts.used(found)
        after = accounts.token("a1b2")
        assert after is not None
        return after.used_at

    accounts.add_token(TOKEN)
    first = use()
    assert first == drive.clock()
    drive.clock.advance(59)
    assert use() == first
    drive.clock.advance(1)
    assert use() == first + MINUTE


def test_using_a_token_is_no_news_for_open_pages(drive: Driver) -> None:
    drive.backend.accounts.add_token(TOKEN)
    before = drive.backend.version()
    drive.backend.accounts.used(TOKEN)
    assert drive.backend.version() == before
