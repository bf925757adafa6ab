from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from horizon.core.errors import InvalidFilter
from horizon.web import search
from horizon.web.completing import HINTS, complete
from horizon.web.lexicon import Lexicon

KNOWN = Lexicon(
    queues=("emails", "reports", "two words"),
    classes=("SendEmail", "SalesReport"),
    tags=("user:1", "user:2", "mail"),
    users=("ana",),
    errors=("smtplib.SMTPException",),
    causes=(("c0ffee", "SMTPException of SendEmail"),),
    tags_with=lambda prefix: [tag for tag in ("user:3", "zebra") if tag.startswith(prefix)],
)


def texts(typed: str, **more: Any) -> list[str]:
    return [one.text for one in complete(typed, len(typed), KNOWN, **more)]


def test_an_empty_search_offers_the_keys() -> None:
    assert texts("")[:3] == ["queue:", "class:", "state:"]
    assert "emails t" not in texts("emails t")
    assert texts("emails t")[:2] == ["emails tag:", "emails took:"]


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("queue:", "queue:emails "),
        ("queue:rep", "queue:reports "),
        ("queue:two", 'queue:"two words" '),
        ("class:em", "class:SendEmail "),
        ("fail", "state:failed "),
        ("state:re", "state:retrying "),
        ("state:failed,re", "state:failed,retrying "),
        ("took:", "took:>1s "),
        ("after:y", "after:yesterday "),
        ("cause:smtp", "cause:c0ffee "),
        ('error:"SMTP', "error:smtplib.SMTPException "),
        ("-queue:em", "-queue:emails "),
        ("tag:zeb", "tag:zebra "),
        ("tag:user:3", "tag:user:3 "),
        ("before:", "before:1h "),
    ],
)
def test_values_that_occur_complete_a_term(typed: str, first: str) -> None:
    assert texts(typed)[0] == first


def test_several_tags_that_begin_alike_are_offered_as_one() -> None:
    assert texts("tag:user:")[-1] == "tag:user:* "
    assert "tag:mail* " not in texts("tag:mail")


def test_a_key_that_is_none_says_what_was_probably_meant() -> None:
    (first, *_) = complete("name:Send", 9, KNOWN)
    assert (first.text, first.hint) == ("class:SendEmail ", "name: is not a filter, class: is")
    assert texts("queu:em")[0] == "queue:emails "
    assert texts("nonsense:x") == []


@pytest.mark.parametrize(("typed", "meant"), [("name:x", "class"), ("status:failed", "state"), ("since:1h", "after"), ("quue:x", "queue")])
def test_a_search_with_such_a_key_is_refused_with_the_one_that_is_meant(typed: str, meant: str) -> None:
    with pytest.raises(InvalidFilter, match=f"did you mean {meant}:"):
        search.terms(typed)


def test_what_nobody_may_leave_out_takes_no_minus() -> None:
    assert texts("-") == ["-queue:", "-class:", "-state:", "-tag:"]
    assert texts("-took:") == []


def test_whoever_sees_no_data_is_not_offered_to_search_it() -> None:
    assert not {"error:", "arg:"} & set(texts("", sees_data=False))
    assert texts("error:", sees_data=False) == []


def test_a_term_in_the_middle_is_completed_where_it_stands() -> None:
    (first, *_) = complete("queue:em after:1h", 8, KNOWN)
    assert (first.text, first.caret) == ("queue:emails after:1h", len("queue:emails "))
    (first, *_) = complete('error:"SMTP now" tag:x', 11, KNOWN)
    assert first.text.endswith(" tag:x")


def test_every_key_of_the_language_has_a_hint() -> None:
    assert set(HINTS) == set(search.KEYS)
    assert set(search.SYNONYMS.values()) <= set(search.KEYS)
    assert not set(search.SYNONYMS) & set(search.KEYS)


@given(st.text(max_size=60), st.integers(0, 70))
def test_whatever_is_typed_there_is_an_answer_and_a_finished_value_is_understood(typed: str, caret: int) -> None:
    for one in complete(typed, caret, KNOWN):
        assert 0 <= one.caret <= len(one.text)


@given(st.sampled_from(sorted(search.KEYS)))
def test_a_completed_value_is_a_term_of_the_language(key: str) -> None:
    for one in complete(f"{key}:", len(key) + 1, KNOWN):
        (term,) = search.terms(one.text)
        assert term.key == key
