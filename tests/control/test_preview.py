from __future__ import annotations

import pytest

from horizon.backends.values import Verb
from horizon.control.preview import FITS, preview
from horizon.core.query import JobQuery
from horizon.core.states import JobState
from tests.shop import Shop


def test_counters_know_a_state_exactly_and_of_what_it_is(shop: Shop):
    shop.push(700)
    seen = preview(shop.backend(), JobQuery(states=(JobState.PENDING,)))
    assert (seen.count, seen.exact, seen.looked) == (700, True, 0)
    assert (dict(seen.states), list(seen.queues.values()), list(seen.names.values())) == ({JobState.PENDING: 700}, [700], [700])


def test_a_search_that_no_counter_knows_is_looked_at_as_far_as_is_quick(shop: Shop):
    shop.push(1_200)
    seen = preview(shop.backend(), JobQuery(after=0))
    assert (seen.count >= 1_000, seen.exact, seen.looked) == (True, False, 1_000)
    assert seen.states == {JobState.PENDING: 1_000}


def test_a_short_list_is_counted_to_its_end(shop: Shop):
    shop.push(300)
    seen = preview(shop.backend(), JobQuery(after=0))
    assert (seen.count, seen.exact, seen.looked) == (300, True, 0)


def test_it_says_what_a_verb_would_leave_alone(shop: Shop):
    shop.push(3)
    shop.run(1)
    seen = preview(shop.backend(), JobQuery(after=0))
    assert seen.left(Verb.CANCEL) == {JobState.COMPLETED: 1}
    assert seen.left(Verb.FORGET) == {}


@pytest.mark.parametrize("verb", list(Verb))
def test_every_verb_says_which_states_it_touches(verb: Verb):
    assert FITS[verb]
