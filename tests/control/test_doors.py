from __future__ import annotations

import pytest

from horizon.control.doors import Attempt, DoorControl, in_words, neighbourhood
from horizon.control.tokens import TokenControl
from horizon.control.users import UserControl
from horizon.core.clock import HOUR
from horizon.core.errors import NotSignedIn, TooManyAttempts
from horizon.security import passwords
from tests.shop import ANA, Shop

GOOD = "correct horse battery"


def come(address: str = "10.0.0.1", known: str | None = None) -> Attempt:
    return Attempt(address=address, origin=f"web {address}", known=known)


@pytest.fixture(autouse=True)
def quick_hash(monkeypatch: pytest.MonkeyPatch) -> list[str | None]:
    """Passwords are compared as they are: what scrypt does is tested where it lives. Returns what was asked for."""
    asked: list[str | None] = []

    def matches(kept: str | None, password: str) -> bool:
        asked.append(kept)
        return kept == f"hash of {password}"

    monkeypatch.setattr(passwords, "hashed", lambda password: f"hash of {password}")
    monkeypatch.setattr(passwords, "matches", matches)
    return asked


@pytest.fixture
def doors(shop: Shop) -> DoorControl:
    UserControl(shop).add(ANA, "bea", "operator", GOOD)
    return DoorControl(shop, attempts=3)


def said(shop: Shop) -> list[tuple[str, str, str, str | None]]:
    return [(entry.actor, entry.verb, entry.target, entry.origin) for entry in shop.backend().audit.list()][:-1]


def fail(doors: DoorControl, name: str, attempt: Attempt) -> type[Exception]:
    with pytest.raises((NotSignedIn, TooManyAttempts)) as refused:
        doors.sign_in(name, "wrong", attempt)
    return refused.type


# with a password --------------------------------------------------------------------------------------


def test_name_and_password_let_somebody_in_and_that_is_noted(shop: Shop, doors: DoorControl) -> None:
    assert doors.sign_in(" Bea", GOOD, come()).role == "operator"
    assert said(shop) == [("bea", "sign in", "user:bea", "web 10.0.0.1")]
    found = shop.backend().accounts.user("bea")
    assert found is not None
    assert found.seen_at == shop.clock()


def test_a_wrong_password_and_an_unknown_name_are_told_and_cost_the_same(
    shop: Shop, doors: DoorControl, quick_hash: list[str | None]
) -> None:
    messages = []
    for name in ("bea", "nobody"):
        with pytest.raises(NotSignedIn) as refused:
            doors.sign_in(name, "wrong", come())
        messages.append(str(refused.value))
    assert len(set(messages)) == 1
    assert quick_hash == [f"hash of {GOOD}", None]
    assert len(said(shop)) == 2


def test_failures_are_noted_but_never_a_name_that_nobody_has(shop: Shop, doors: DoorControl) -> None:
    fail(doors, "bea", come())
    fail(doors, "my secret password", come())
    assert said(shop) == [
        ("somebody", "sign in refused", "user", "web 10.0.0.1"),
        ("somebody", "sign in refused", "user:bea", "web 10.0.0.1"),
    ]


def test_strangers_cannot_fill_the_audit_log(shop: Shop, doors: DoorControl, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("horizon.control.doors.MOST_NOTED", 4)
    for index in range(8):
        assert fail(doors, f"name{index}", come(f"10.0.0.{index}")) is NotSignedIn
    assert len(said(shop)) == 4
    doors.sign_in("bea", GOOD, come())
    assert said(shop)[0][1] == "sign in"


def test_after_so_many_failures_not_even_the_right_password_is_looked_at(
    shop: Shop, doors: DoorControl, quick_hash: list[str | None]
) -> None:
    assert [fail(doors, "bea", come(f"10.0.0.{index}")) for index in range(3)] == [NotSignedIn] * 3
    looked, noted = len(quick_hash), len(said(shop))
    with pytest.raises(TooManyAttempts, match="wait 6 minutes") as refused:
        doors.sign_in("bea", GOOD, come("10.9.9.9"))
    assert 300 < refused.value.retry_after <= 330
    assert (len(quick_hash), len(said(shop))) == (looked, noted)
    shop.clock.advance(330)
    assert doors.sign_in("bea", GOOD, come()).name == "bea"


def test_nobody_tries_twice_as_often_around_the_end_of_five_minutes(shop: Shop, doors: DoorControl) -> None:
    fail(doors, "bea", come())
    shop.clock.advance(290)
    assert [fail(doors, "bea", come()) for _ in range(3)] == [NotSignedIn, NotSignedIn, TooManyAttempts]
    shop.clock.advance(40)
    assert [fail(doors, "bea", come()) for _ in range(2)] == [NotSignedIn, TooManyAttempts]


def test_names_that_nobody_has_are_limited_alike(doors: DoorControl) -> None:
    assert [fail(doors, "ghost", come(f"10.0.0.{index}")) for index in range(4)] == [NotSignedIn] * 3 + [TooManyAttempts]


def test_an_address_is_limited_over_all_names(doors: DoorControl) -> None:
    kinds = [fail(doors, f"name{index}", come()) for index in range(10)]
    assert kinds == [NotSignedIn] * 9 + [TooManyAttempts]
    assert doors.sign_in("bea", GOOD, come("10.0.0.2")).name == "bea"


def test_the_limit_holds_over_every_process_that_shares_the_store(shop: Shop, doors: DoorControl) -> None:
    kinds = [fail(DoorControl(shop, attempts=3), "bea", come()) for _ in range(4)]
    assert kinds == [NotSignedIn] * 3 + [TooManyAttempts]


def test_who_signs_in_again_and_again_is_never_locked_out(doors: DoorControl) -> None:
    for _ in range(20):
        doors.sign_in("bea", GOOD, come())


def test_success_forgives_no_other_failure(doors: DoorControl) -> None:
    fail(doors, "bea", come())
    fail(doors, "bea", come())
    doors.sign_in("bea", GOOD, come())
    assert [fail(doors, "bea", come()) for _ in range(2)] == [NotSignedIn, TooManyAttempts]


def test_strangers_cannot_lock_out_somebody_in_a_browser_known_to_be_theirs(doors: DoorControl) -> None:
    for index in range(4):
        fail(doors, "bea", come(f"10.0.0.{index}"))
    with pytest.raises(TooManyAttempts):
        doors.sign_in("bea", GOOD, come("10.1.1.1"))
    assert doors.sign_in("bea", GOOD, come("10.1.1.1", known="b1")).name == "bea"
    assert [fail(doors, "bea", come("10.1.1.2", known="b2")) for _ in range(4)] == [NotSignedIn] * 3 + [TooManyAttempts]


def test_going_out_ends_one_sign_in_and_is_noted(shop: Shop, doors: DoorControl) -> None:
    doors.sign_out("bea", "s1", shop.clock() + HOUR, "web 10.0.0.1")
    assert shop.backend().accounts.visitor("bea", "s1") is None
    assert shop.backend().accounts.visitor("bea", "s2") is not None
    assert said(shop) == [("bea", "sign out", "user:bea", "web 10.0.0.1")]


# with a token -----------------------------------------------------------------------------------------


def test_a_token_that_fits_is_let_in_however_often_and_its_use_is_noted(shop: Shop, doors: DoorControl) -> None:
    token, text = TokenControl(shop).add(ANA, "deploy", "viewer")
    for _ in range(50):
        assert doors.token(text, come()).id == token.id
    assert TokenControl(shop).list()[0].used_at == shop.clock()


def test_an_expired_a_revoked_and_a_wrong_one_are_refused(shop: Shop, doors: DoorControl) -> None:
    control = TokenControl(shop)
    token, text = control.add(ANA, "deploy", "viewer", expires=HOUR)
    with pytest.raises(NotSignedIn, match="not known here"):
        doors.token(text[:-1] + ("A" if text[-1] != "A" else "B"), come())
    shop.clock.advance(3600)
    with pytest.raises(NotSignedIn, match="this token expired at"):
        doors.token(text, come())
    control.revoke(ANA, token.id)
    with pytest.raises(NotSignedIn, match="not known here"):
        doors.token(text, come())
    assert [verb for _, verb, _, _ in said(shop)].count("token refused") == 3


def test_bad_tokens_are_limited_by_address_and_good_ones_are_not(shop: Shop, doors: DoorControl) -> None:
    _, text = TokenControl(shop).add(ANA, "deploy", "viewer")
    kinds = []
    for _ in range(10):
        with pytest.raises((NotSignedIn, TooManyAttempts)) as refused:
            doors.token("hz_nonsense", come())
        kinds.append(refused.type)
    assert kinds == [NotSignedIn] * 9 + [TooManyAttempts]
    assert doors.token(text, come()).name == "deploy"


# what counts as one address -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("10.0.0.1", "10.0.0.1"),
        ("::ffff:10.0.0.1", "10.0.0.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
        (None, "this machine"),
        ("unix:", "unix:"),
    ],
)
def test_one_household_is_one_address(address: str | None, counted: str) -> None:
    assert neighbourhood(address) == counted


def test_the_wait_is_told_as_people_say_it() -> None:
    assert [in_words(seconds) for seconds in (1, 40, 91, 300)] == ["a second", "40 seconds", "2 minutes", "5 minutes"]
