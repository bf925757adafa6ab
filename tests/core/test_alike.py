"""Jobs that agree in all but their ids and arguments behave as a list of them does, whoever looks."""

from __future__ import annotations

import pytest

from horizon.core.alike import Alike, ids, kinds, renew, take_back
from horizon.core.envelope import Envelope

AGREED = {"name": "shop:Mail", "queue": "mails", "tags": ("a",), "max_tries": 3}


def some(count: int) -> Alike:
    return Alike([f"id {n}" for n in range(count)], [b"%d" % n for n in range(count)], AGREED)


def listed(count: int) -> list[Envelope]:
    return [Envelope(id=f"id {n}", payload=b"%d" % n, name="shop:Mail", queue="mails", tags=("a",), max_tries=3) for n in range(count)]


@pytest.mark.parametrize("count", [1, 2, 5])
def test_they_are_what_a_list_of_them_would_be(count: int) -> None:
    assert list(some(count)) == listed(count)
    assert (len(some(count)), some(count).first, some(count)[-1]) == (count, listed(count)[0], listed(count)[-1])
    assert [some(count)[at] for at in range(count)] == listed(count)
    assert ids(some(count)) == ids(listed(count))


@pytest.mark.parametrize("part", [slice(0, 2), slice(1, 4), slice(3, 99), slice(-2, None), slice(2, 2), slice(4, 1), slice(None, None, 2)])
def test_a_part_of_them_is_a_part_of_the_list(part: slice) -> None:
    assert list(some(5)[part]) == listed(5)[part]


def test_one_stands_for_all_of_its_kind() -> None:
    assert list(kinds(some(3))) == listed(1)
    assert list(kinds(listed(3))) == listed(3)


@pytest.mark.parametrize("made", [some, listed])
def test_what_was_made_just_now_is_so_until_it_is_taken_back(made: type[Alike]) -> None:
    envelopes = made(3)  # type: ignore[call-arg, arg-type]
    assert not take_back(envelopes)
    renew(envelopes)
    assert take_back(envelopes)
    assert not take_back(envelopes)


def test_a_part_that_was_taken_back_is_not_new_again_for_whoever_asks_for_it_again() -> None:
    envelopes = some(5)
    renew(envelopes)
    assert take_back(envelopes[0:3])
    assert not take_back(envelopes[0:3])
    assert take_back(envelopes[3:5])


def test_the_whole_of_them_is_themselves() -> None:
    envelopes = some(5)
    assert envelopes[0:1000] is envelopes
