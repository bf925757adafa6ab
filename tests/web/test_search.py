from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from horizon.core.clock import DAY, HOUR, MINUTE, SECOND, from_datetime
from horizon.core.errors import InvalidFilter
from horizon.core.ids import uuid7
from horizon.core.query import JobQuery
from horizon.core.states import JobState
from horizon.web import filters, search

NOW = from_datetime(datetime(2026, 11, 22, 14, 30, tzinfo=UTC))


def asked(text: str, zone=UTC) -> JobQuery:
    return filters.query_of({"q": text}, now=NOW, zone=zone)


def test_every_term_of_the_language_is_understood():
    query = asked(
        'queue:emails tag:user:* state:failed error:SMTP class:SendEmail after:1h took:>5s arg:4127 user:ana cause:c0ffee invoice "two words"'
    )
    assert query == JobQuery(
        queue="emails", tag="user:*", states=(JobState.FAILED,), error="SMTP", name="SendEmail", after=NOW - HOUR, took_over=5 * SECOND,
        arg="4127", user="ana", cause="c0ffee", text=("invoice", "two words"),
    )  # fmt: skip


def test_a_minus_leaves_out():
    query = asked("state:failed -queue:data -class:Ping -class:Pong -tag:noise")
    assert (query.not_queue, query.not_name, query.not_tag) == (("data",), ("Ping", "Pong"), ("noise",))
    assert asked("-state:completed,failed,cancelled").states == (
        JobState.SCHEDULED, JobState.BLOCKED, JobState.PENDING, JobState.PROCESSING, JobState.RETRYING,
    )  # fmt: skip


def test_quotes_hold_words_together_and_may_hold_quotes():
    assert asked(r'error:"connection \"closed\" early"').error == 'connection "closed" early'
    assert asked('"queue:emails"').text == ("queue:emails",)
    assert asked('"-x"').text == ("-x",)


def test_a_whole_id_is_looked_up_and_a_part_of_one_is_a_word():
    id = uuid7()
    assert asked(id.upper()).ids == (id,)
    assert asked(f"id:{id}").ids == (id,)
    assert asked(id[:13]).text == (id[:13],)
    with pytest.raises(InvalidFilter, match="whole ids of 36 characters"):
        asked("id:0199")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("after:90s", NOW - 90 * SECOND), ("after:1.5h", NOW - 90 * MINUTE), ("after:2d", NOW - 2 * DAY), ("before:14:03", NOW - 27 * MINUTE),
        ("before:23:00", NOW - 15 * HOUR - 30 * MINUTE), ("after:today", NOW - 14 * HOUR - 30 * MINUTE), ("after:yesterday", NOW - 38 * HOUR - 30 * MINUTE),
        ("after:2026-11-21", NOW - 38 * HOUR - 30 * MINUTE), ("after:2026-11-22T14:00", NOW - 30 * MINUTE), ("after:2026-11-22T15:00+01:00", NOW - 30 * MINUTE),
    ],
)  # fmt: skip
def test_moments_are_relative_or_absolute(text, expected):
    query = asked(text)
    assert (query.after or query.before) == expected


def test_absolute_moments_are_in_the_viewers_zone():
    assert asked("after:15:03", ZoneInfo("Europe/Rome")).after == NOW - 27 * MINUTE


def test_took_is_over_or_under():
    assert asked("took:>200ms").took_over == 200_000
    assert asked("took:<2min").took_under == 2 * MINUTE
    assert asked("took:5").took_over == 5 * SECOND


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("quue:emails", "did you mean queue:"), ("http://example.com", 'quote it: "http://example.com"'), ("state:faild", "did you mean failed"),
        ('"never closed', "never closed"), ('error:"a" "b', "never closed"), ("queue:", "nothing to look for"), ("-", "nothing to look for"),
        ("-word", "the filters that take a minus"), ("-error:x", "the filters that take a minus"), ("-after:1h", "the filters that take a minus"),
        ("queue:a queue:b", "given twice"), ("tag:a tag:b", "given twice"), ("queue:em*", "only tag: takes"), ("tag:*", "at the end of a tag"), ("tag:a*b", "at the end of a tag"),
        ("took:soon", "not a duration"), ("took:5lightyears", "not a duration"), ("after:later", "not a time"), ("after:25:99", "not a time"), ("after:99999999999999", "not a time"),
        ("-queue:data", "beside what to leave out"), ("state:failed state:pending", "no job can match"), ("a b c d e f g h i", "at most 8 plain words"), ("x" * 1001, "at most 1,000 characters"),
    ],
)  # fmt: skip
def test_what_is_not_understood_is_refused_with_what_to_type(text, said):
    with pytest.raises(InvalidFilter, match=said.replace("(", r"\(").replace("*", r"\*")):
        asked(text)


@given(st.text(max_size=80))
def test_any_text_is_understood_or_refused_in_words(text):
    with suppress(InvalidFilter):
        query = asked(text)
        assert filters.query_of(filters.args_of(query), now=NOW) == query


def test_terms_can_be_spelt_again():
    for typed in ('tag:"two words"', "-queue:data", "plain", '"has:colon"', '"-minus"', r'"a\"b\\c"'):
        (term,) = search.terms(typed)
        assert search.terms(term.spelt())[0].value == term.value
        assert search.terms(term.spelt())[0].key == term.key
