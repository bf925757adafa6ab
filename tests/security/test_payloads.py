from __future__ import annotations

import pytest

from horizon.core.outcome import Failure
from horizon.security.payloads import HIDDEN, NUMBER, TEXT, YES_OR_NO, Sight, may_see_payloads, outline
from horizon.security.permissions import Ability, Actor, rights
from horizon.security.redaction import MASK


def test_operators_and_admins_see_payloads_by_themselves_and_viewers_do_not() -> None:
    assert [may_see_payloads(Actor(name="ana", role=role)) for role in ("viewer", "operator", "admin")] == [False, True, True]


@pytest.mark.parametrize(
    ("least", "seeing"), [("viewer", [True, True, True]), ("operator", [False, True, True]), ("admin", [False, False, True])]
)
def test_the_setting_names_the_least_role_that_sees_them(least: str, seeing: list[bool]) -> None:
    assert [Ability.PAYLOADS in rights(role, payloads=least) for role in ("viewer", "operator", "admin")] == seeing


def test_a_scope_narrows_and_never_adds() -> None:
    assert rights("viewer", payloads="operator", scope=list(Ability)) == {Ability.VIEW}
    assert rights("admin", payloads="operator", scope=[Ability.VIEW, Ability.OPERATE]) == {Ability.VIEW, Ability.OPERATE}


def test_who_may_only_look_keeps_what_looking_shows() -> None:
    assert rights("admin", payloads="operator", looking_only=True) == {Ability.VIEW, Ability.PAYLOADS}
    assert rights("viewer", payloads="operator", looking_only=True) == {Ability.VIEW}


def test_an_outline_keeps_keys_and_kinds_and_no_value() -> None:
    data = {"to": "ana@example.com", "rows": [1, 2.5, {"card": "4111"}], "sure": True, "none": None}
    assert outline(data) == {"to": TEXT, "rows": [NUMBER, NUMBER, {"card": TEXT}], "sure": YES_OR_NO, "none": None}


def test_full_sight_masks_secrets_of_the_settings_and_of_the_class() -> None:
    seen = Sight(secret=("iban_of_ana", "Card"))
    assert seen.data({"card": "4111", "IBAN_of_Ana": "IT60", "password": "x", "to": "ana"}) == {
        "card": MASK,
        "IBAN_of_Ana": MASK,
        "password": MASK,
        "to": "ana",
    }
    assert seen.text("connecting to redis://u:pw@host") == f"connecting to redis://u:{MASK}@host"


def test_without_the_right_a_log_line_says_nothing() -> None:
    assert Sight(full=False).text("sent to ana@example.com") == HIDDEN


def test_a_result_that_was_kept_as_text_hides_its_secrets_too() -> None:
    seen = Sight(secret=("iban_of",))
    assert seen.data("{'password': 'hunter2', 'iban_of': 'DE1', 'city': 'Ulm'") == f"{{'password': {MASK}, 'iban_of': {MASK}, 'city': 'Ulm'"
    assert seen.data("it went well") == "it went well"


FAILURE = Failure(type="ValueError", message="no ana@example.com, password=x1y2", traceback="File\nValueError: ana", cause="c1")


def test_of_an_exception_whoever_may_not_see_data_sees_the_type_alone() -> None:
    assert Sight(full=False).failure(FAILURE) == Failure(type="ValueError", message=HIDDEN, traceback="", cause="c1")
    assert Sight(full=False).failure(Failure(type="ValueError", message="")).message == ""


def test_of_an_exception_everybody_else_sees_all_but_what_looks_like_a_secret() -> None:
    seen = Sight(secret=("holder",)).failure(FAILURE)
    assert (seen.message, seen.traceback) == (f"no ana@example.com, password={MASK}", FAILURE.traceback)
    assert Sight(secret=("holder",)).text("holder: Ana, x=1") == f"holder: {MASK}, x=1"
