from __future__ import annotations

import pytest

from horizon.core.errors import InvalidOption
from horizon.security import passwords

GOOD = "correct horse battery"


def test_only_the_password_itself_matches_what_is_kept_of_it() -> None:
    kept = passwords.hashed(GOOD)
    assert kept.startswith("scrypt:32768:8:1$")
    assert GOOD not in kept
    assert passwords.matches(kept, GOOD)
    assert not passwords.matches(kept, GOOD + " ")
    assert not passwords.matches(kept, "")


def test_two_hashes_of_one_password_differ() -> None:
    assert passwords.hashed(GOOD) != passwords.hashed(GOOD)


def test_nobodys_password_costs_a_hash_of_the_same_kind_and_matches_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    import werkzeug.security

    asked: list[str] = []
    real = werkzeug.security.check_password_hash

    def spy(kept: str, password: str) -> bool:
        asked.append(kept)
        return real(kept, password)

    monkeypatch.setattr(werkzeug.security, "check_password_hash", spy)
    kept = passwords.hashed(GOOD)
    assert not passwords.matches(None, GOOD)
    assert not passwords.matches(kept, "something else")
    assert [one.split("$")[0] for one in asked] == [passwords.METHOD] * 2
    assert len({len(one) for one in asked}) == 1


def test_a_password_typed_on_another_keyboard_is_the_same() -> None:
    assert passwords.matches(passwords.hashed("pi\u00f1a colada fría"), "pin\u0303a colada fri\u0301a")


@pytest.mark.parametrize(
    "password", ["", "short", "a" * 40, "x" * 1001, "abcabcabcabcabc", "ana@shop.it", "ANA@shop.it", "half \ud800 character"]
)
def test_what_anybody_would_try_first_or_no_keyboard_sends_is_refused(password: str) -> None:
    with pytest.raises(InvalidOption):
        passwords.check(password, "ana@shop.it")


@pytest.mark.parametrize("password", ["half \ud800 character", "x" * 5_000_000, "\x00" * 20])
def test_nonsense_is_a_wrong_password_and_no_error(password: str) -> None:
    assert not passwords.matches(passwords.hashed(GOOD), password)
