from __future__ import annotations

import pytest

from horizon.web.ranking import best, score


@pytest.mark.parametrize(
    ("typed", "better", "worse"),
    [
        ("emails", "emails", "emails-slow"),
        ("em", "emails", "SendEmail"),
        ("send", "SendEmail", "shop.jobs:Resend"),
        ("se", "SendEmail", "user:7"),
        ("send em", "SendEmail", "sendem"[::-1] + "send em not at the start of words"),
        ("mail", "mail-out", "email"),
        ("eml", "emails", "quarterly-report"),
    ],
)
def test_what_fits_better_scores_higher(typed: str, better: str, worse: str) -> None:
    assert score(typed, better) > score(typed, worse)


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("SENDEMAIL", "SendEmail"),
        ("se", "SendEmail"),
        ("sm", "SendMail"),
        ("SalRep", "SalesReport"),
        ("tenant:7", "tenant:7"),
        ("üb", "Über"),
        ("ユ", "ユーザ"),
    ],
)
def test_names_are_found_by_beginnings_letters_and_words_whatever_the_case(typed: str, name: str) -> None:
    assert score(typed, name) > 0


@pytest.mark.parametrize(("typed", "name"), [("zz", "emails"), ("xe", "emails"), ("es", "emails-x"[:1])])
def test_what_does_not_fit_scores_nothing(typed: str, name: str) -> None:
    assert score(typed, name) == 0


def test_those_that_fit_alike_stay_in_their_order_and_nothing_typed_fits_all() -> None:
    words = ["beta", "alpha", "gamma"]
    assert best("", words, lambda word: (word,), 2) == ["beta", "alpha"]
    assert best("a", ["xa1", "xa2", "ab"], lambda word: (word,), 5) == ["ab", "xa1", "xa2"]


def test_a_name_that_is_very_long_costs_no_more_than_its_beginning() -> None:
    assert score("x" * 300, "x" * 100_000) == 0
    assert score("xx", "x" * 100_000) > 0
