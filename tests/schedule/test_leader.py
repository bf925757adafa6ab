from __future__ import annotations

import pytest

from horizon.backends.connect import connect
from horizon.backends.values import StoreOptions
from horizon.core.clock import SECOND, ManualClock
from horizon.core.errors import BackendUnavailable
from horizon.schedule.leader import LOCK, TTL, Leadership
from tests.stores.lending import fresh


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def backend(clock):
    made = connect(fresh(), StoreOptions(clock=clock))
    yield made
    made.close()


@pytest.fixture
def candidate(backend, clock):
    return lambda name="one": Leadership(backend.locks, clock, holder=name)


def test_the_first_to_ask_leads_and_the_second_does_not(candidate):
    one, two = candidate("one"), candidate("two")
    assert one.hold()
    assert not two.hold()
    assert (one.term, two.term) == (1, None)


def test_a_leader_that_keeps_asking_leads_for_ever_in_the_same_term(candidate, clock):
    one, two = candidate("one"), candidate("two")
    for _ in range(100):
        assert one.hold()
        assert not two.hold()
        clock.advance(1)
    assert one.term == 1


def test_when_the_leader_dies_another_leads_within_fifteen_seconds(candidate, clock):
    one, two = candidate("one"), candidate("two")
    one.hold()
    waited = 0
    while not two.hold():
        clock.advance(1)
        waited += 1
    assert waited <= 15
    assert two.term == 2


def test_a_leader_that_was_frozen_past_its_lease_steps_down(candidate, clock):
    one, two = candidate("one"), candidate("two")
    one.hold()
    clock.advance(TTL / SECOND + 1)
    assert two.hold()
    assert not one.hold()
    assert one.term is None


def test_a_leader_that_was_frozen_while_nobody_took_over_begins_a_new_term(candidate, clock):
    one = candidate()
    one.hold()
    clock.advance(60)
    assert one.hold()
    assert one.term == 2


def test_giving_up_the_lead_lets_the_next_one_lead_at_once(candidate):
    one, two = candidate("one"), candidate("two")
    one.hold()
    one.release()
    assert two.hold()
    assert two.term == 2


def test_giving_up_what_another_one_has_taken_over_takes_nothing_away(candidate, clock, backend):
    one, two = candidate("one"), candidate("two")
    one.hold()
    clock.advance(60)
    two.hold()
    one.release()
    assert backend.locks.read(LOCK).holder == "two"


def test_the_lease_is_written_once_in_a_while_and_not_with_every_look(candidate, clock, backend, monkeypatch):
    writes = []
    renew = backend.locks.renew
    monkeypatch.setattr(backend.locks, "renew", lambda lease, ttl: writes.append(1) or renew(lease, ttl))
    one = candidate()
    for _ in range(60):
        assert one.hold()
        clock.advance(1)
    assert 10 <= len(writes) <= 20


def test_a_store_that_does_not_answer_is_told_and_the_lead_is_kept_if_it_comes_back_in_time(candidate, clock, backend, monkeypatch):
    def dead(*_):
        raise BackendUnavailable("gone")

    one = candidate()
    one.hold()
    clock.advance(4)
    with monkeypatch.context() as patch:
        patch.setattr(backend.locks, "renew", dead)
        with pytest.raises(BackendUnavailable):
            one.hold()
    assert one.hold()
    assert one.term == 1


def test_every_process_has_a_name_of_its_own():
    from horizon.schedule.leader import new_holder

    assert new_holder() != new_holder()
