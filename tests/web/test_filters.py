from __future__ import annotations

from datetime import UTC

import pytest
from hypothesis import given
from hypothesis import strategies as st

from horizon.core.errors import InvalidFilter
from horizon.core.ids import uuid7
from horizon.core.query import JobQuery
from horizon.core.states import JobState
from horizon.web import filters

NOW = 1_795_357_800_000_000
WORD = st.text(alphabet=st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12).filter(
    lambda word: word.strip() == word and "*" not in word
)
QUERIES = st.builds(
    JobQuery,
    states=st.lists(st.sampled_from(list(JobState)), unique=True, min_size=1, max_size=3).map(tuple),
    queue=st.none() | st.from_regex(r"[A-Za-z0-9_.:-]{1,20}", fullmatch=True),
    name=st.none() | WORD, tag=st.none() | WORD, user=st.none() | WORD, error=st.none() | WORD, arg=st.none() | WORD,
    ids=st.lists(st.builds(uuid7), max_size=2).map(tuple), not_tag=st.lists(WORD, max_size=2).map(tuple), text=st.lists(WORD, max_size=3).map(tuple),
    after=st.none() | st.integers(10**14, NOW), before=st.none() | st.integers(10**14, NOW), took_over=st.none() | st.integers(1, 10**8),
    limit=st.integers(1, 200), cursor=st.none() | st.from_regex(r"[A-Za-z0-9_.~-]{1,30}", fullmatch=True),
)  # fmt: skip


def understood(**args: str) -> filters.Filter:
    return filters.understand(args, now=NOW, zone=UTC)


@given(QUERIES)
def test_a_query_survives_the_way_through_the_query_string(query):
    assert filters.query_of(filters.args_of(query), now=NOW) == query


@given(QUERIES)
def test_a_query_survives_the_way_through_one_line_of_text(query):
    back = filters.query_of({"q": filters.text_of(query)}, now=NOW)
    assert filters.text_of(back) == filters.text_of(query)


def test_a_state_in_the_text_wins_over_the_parameter():
    assert understood(state="pending", q="state:failed").query.states == (JobState.FAILED,)
    assert understood(state="pending,failed").query.states == (JobState.PENDING, JobState.FAILED)


def test_parameters_of_others_are_ignored():
    assert understood(view="causes", utm="x").query == JobQuery()


@pytest.mark.parametrize(("args", "said"), [
    ({"limit": "x"}, "whole number from 1 to 200"), ({"limit": "0"}, "1 to 200"), ({"limit": "201"}, "1 to 200"), ({"limit": "²"}, "1 to 200"),
    ({"state": "gone"}, "not a state"), ({"queue": "a", "q": "queue:b"}, "given twice"),
])  # fmt: skip
def test_malformed_parameters_are_refused(args, said):
    with pytest.raises(InvalidFilter, match=said):
        understood(**args)


def test_terms_can_be_taken_out_one_by_one():
    found = understood(q='tag:a "two words" state:failed', state="pending", limit="10")
    assert found.without(found.terms[0]) == {"q": '"two words" state:failed', "state": "pending", "limit": "10"}
    assert found.unstated == 'tag:a "two words"'
    assert found.args(cursor="c")["cursor"] == "c"
