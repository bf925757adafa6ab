from __future__ import annotations

import pytest

from horizon.core.errors import InvalidFilter
from horizon.core.query import MAX_LIMIT, JobQuery, Selection


@pytest.mark.parametrize("limit", [0, -1, MAX_LIMIT + 1])
def test_a_page_has_a_sensible_size(limit: int) -> None:
    with pytest.raises(InvalidFilter, match=str(limit)):
        JobQuery(limit=limit)


def test_the_largest_and_smallest_page_are_allowed() -> None:
    assert (JobQuery(limit=1).limit, JobQuery(limit=MAX_LIMIT).limit) == (1, MAX_LIMIT)


@pytest.mark.parametrize(
    "narrow",
    [
        {"error": "x"},
        {"arg": "x"},
        {"text": ("x",)},
        {"not_queue": ("x",)},
        {"not_name": ("x",)},
        {"not_tag": ("x",)},
        {"took_over": 1},
        {"took_under": 1},
    ],
)
def test_what_no_index_answers_is_called_narrowed(narrow) -> None:
    assert JobQuery(**narrow).narrowed


def test_what_an_index_answers_is_not() -> None:
    assert not JobQuery(queue="a", name="b", tag="c", user="d", cause="e", after=1, before=2, ids=("x",)).narrowed


def test_a_selection_is_either_ids_or_a_query() -> None:
    Selection(ids=("a",))
    Selection(query=JobQuery())
    with pytest.raises(InvalidFilter):
        Selection()
    with pytest.raises(InvalidFilter):
        Selection(ids=("a",), query=JobQuery())
