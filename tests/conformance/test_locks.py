from __future__ import annotations

from dataclasses import replace

from horizon.core.clock import SECOND
from tests.conformance.driver import Driver

TTL = 10 * SECOND


def test_a_free_lock_is_taken_for_its_time(drive: Driver) -> None:
    lease = drive.backend.locks.acquire("leader", "a", TTL)
    assert lease is not None
    assert (lease.name, lease.holder, lease.expires_at) == ("leader", "a", drive.clock() + TTL)
    assert drive.backend.locks.read("leader") == lease


def test_nobody_holds_a_lock_that_was_never_taken(drive: Driver) -> None:
    assert drive.backend.locks.read("leader") is None


def test_another_holder_waits_until_it_expires_and_gets_a_greater_term(drive: Driver) -> None:
    locks = drive.backend.locks
    first = locks.acquire("leader", "a", TTL)
    assert first is not None
    drive.clock.advance(9)
    assert locks.acquire("leader", "b", TTL) is None
    drive.clock.advance(1)
    assert locks.read("leader") is None
    second = locks.acquire("leader", "b", TTL)
    assert second is not None
    assert second.term == first.term + 1
    assert locks.acquire("leader", "a", TTL) is None


def test_acquiring_ones_own_lock_prolongs_it_in_the_same_term(drive: Driver) -> None:
    first = drive.backend.locks.acquire("leader", "a", TTL)
    drive.clock.advance(5)
    again = drive.backend.locks.acquire("leader", "a", TTL)
    assert first is not None
    assert again is not None
    assert (again.term, again.expires_at) == (first.term, drive.clock() + TTL)


def test_renewing_prolongs_exactly_this_term(drive: Driver) -> None:
    lease = drive.backend.locks.acquire("leader", "a", TTL)
    assert lease is not None
    drive.clock.advance(5)
    renewed = drive.backend.locks.renew(lease, TTL)
    assert renewed is not None
    assert (renewed.term, renewed.expires_at) == (lease.term, drive.clock() + TTL)
    assert drive.backend.locks.renew(renewed, TTL) is not None


def test_a_lost_term_is_not_renewed_nor_released(drive: Driver) -> None:
    locks = drive.backend.locks
    old = locks.acquire("leader", "a", TTL)
    assert old is not None
    drive.clock.advance(10)
    new = locks.acquire("leader", "b", TTL)
    assert locks.renew(old, TTL) is None
    assert locks.release(old) is False
    assert locks.read("leader") == new


def test_the_same_holder_with_another_term_is_somebody_else(drive: Driver) -> None:
    lease = drive.backend.locks.acquire("leader", "a", TTL)
    assert lease is not None
    assert drive.backend.locks.renew(replace(lease, term=lease.term + 1), TTL) is None


def test_a_released_lock_is_free_at_once_and_its_old_term_is_over(drive: Driver) -> None:
    locks = drive.backend.locks
    lease = locks.acquire("leader", "a", TTL)
    assert lease is not None
    assert locks.release(lease) is True
    assert locks.read("leader") is None
    again = locks.acquire("leader", "a", TTL)
    assert again is not None
    assert again.term > lease.term
    assert locks.release(lease) is False
    assert locks.renew(lease, TTL) is None
    assert locks.read("leader") == again


def test_locks_of_different_names_know_nothing_of_each_other(drive: Driver) -> None:
    assert drive.backend.locks.acquire("one", "a", TTL) is not None
    assert drive.backend.locks.acquire("two", "b", TTL) is not None


def test_a_lock_that_nobody_has_wanted_for_a_day_leaves_no_trace(drive: Driver) -> None:
    """Keys of jobs are names of locks, so there are ever new ones."""
    locks = drive.backend.locks
    first = locks.acquire("order:7", "me", 5 * SECOND)
    assert first is not None
    drive.jump(3600)
    again = locks.acquire("order:7", "me", 5 * SECOND)
    assert again is not None
    assert again.term == 2
    drive.jump(2 * 86_400)
    assert locks.read("order:7") is None
    taken = locks.acquire("order:7", "you", 5 * SECOND)
    assert taken is not None
    assert not locks.release(first)
    assert locks.release(taken)
