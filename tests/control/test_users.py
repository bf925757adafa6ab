from __future__ import annotations

import pytest

from horizon.control.users import UserControl
from horizon.core.errors import InvalidOption, NotFound, PermissionDenied
from horizon.security import passwords
from tests.shop import ANA, OTTO, Shop

GOOD = "correct horse battery"


@pytest.fixture
def users(shop: Shop) -> UserControl:
    return UserControl(shop)


def said(shop: Shop) -> list[tuple[str, str, str]]:
    return [(entry.actor, entry.verb, entry.target) for entry in shop.backend().audit.list()]


def test_a_user_is_kept_with_a_hash_and_the_audit_log_knows_who_did_it(shop: Shop, users: UserControl) -> None:
    users.add(ANA, "Bea@Shop.it ", "operator", GOOD)
    (kept,) = users.list()
    assert (kept.name, kept.role) == ("bea@shop.it", "operator")
    assert passwords.matches(kept.password, GOOD)
    assert GOOD not in repr(kept)
    assert kept.password not in repr(kept)
    assert said(shop) == [("ana", "add user", "user:bea@shop.it")]


def test_a_name_is_taken_once_whatever_its_case(users: UserControl) -> None:
    users.add(ANA, "bea", "operator", GOOD)
    with pytest.raises(InvalidOption, match="there is a user bea already; `horizon users password bea`"):
        users.add(ANA, "BEA", "admin", GOOD)
    assert users.list()[0].role == "operator"


@pytest.mark.parametrize("name", ["", " ", "a b", "token:x", "../x", "x" * 101, "<b>", "-x", "a\nb", "bea\u200b", "béa"])
def test_names_that_could_be_mistaken_for_something_else_are_refused(users: UserControl, name: str) -> None:
    with pytest.raises(InvalidOption, match="a user's name has"):
        users.add(ANA, name, "viewer", GOOD)


def test_a_role_that_is_none_is_refused(users: UserControl) -> None:
    with pytest.raises(InvalidOption, match="viewer, operator, admin"):
        users.add(ANA, "bea", "root", GOOD)


def test_only_an_admin_may(shop: Shop, users: UserControl) -> None:
    users.add(ANA, "bea", "viewer", GOOD)
    for act in (
        lambda: users.add(OTTO, "eve", "admin", GOOD),
        lambda: users.set_role(OTTO, "bea", "admin"),
        lambda: users.set_password(OTTO, "bea", GOOD + "!"),
        lambda: users.remove(OTTO, "bea"),
    ):
        with pytest.raises(PermissionDenied):
            act()
    assert [verb for _, verb, _ in said(shop)] == ["add user"]


def test_a_new_password_or_role_ends_what_was_signed_in(users: UserControl) -> None:
    stamps = {users.add(ANA, "bea", "viewer", GOOD).stamp}
    users.set_password(ANA, "Bea", GOOD + "!")
    stamps.add(users.list()[0].stamp)
    users.set_role(ANA, "bea", "admin")
    stamps.add(users.list()[0].stamp)
    assert len(stamps) == 3
    assert passwords.matches(users.list()[0].password, GOOD + "!")
    assert users.list()[0].role == "admin"


def test_whoever_comes_back_under_the_same_name_has_another_stamp(users: UserControl) -> None:
    first = users.add(ANA, "bea", "viewer", GOOD)
    users.remove(ANA, "bea")
    assert users.add(ANA, "bea", "viewer", GOOD).stamp != first.stamp


def test_of_two_who_change_a_role_at_once_each_notes_the_role_that_it_replaced(shop: Shop, users: UserControl, monkeypatch) -> None:
    users.add(ANA, "bea", "viewer", GOOD)
    read, quicker = users.accounts.user, [lambda: UserControl(shop).set_role(ANA, "bea", "operator")]

    def look(name: str) -> object:
        found = read(name)
        if quicker:
            quicker.pop()()  # somebody changes it between the look and the act
        return found

    monkeypatch.setattr(users.accounts, "user", look)
    users.set_role(ANA, "bea", "admin")
    told = [entry.changes for entry in shop.backend().audit.list()]
    assert told[:2] == [(("role", "operator", "admin"),), (("role", "viewer", "operator"),)]


def test_who_is_not_there_is_not_found(users: UserControl) -> None:
    for act in (
        lambda: users.remove(ANA, "bea"),
        lambda: users.set_role(ANA, "bea", "admin"),
        lambda: users.set_password(ANA, "bea", GOOD),
    ):
        with pytest.raises(NotFound, match="there is no user 'bea'; `horizon users list`"):
            act()
