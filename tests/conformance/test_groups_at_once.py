"""Groups whose members end at the same moment, in several workers."""

from __future__ import annotations

import threading
from collections.abc import Callable

from horizon.backends.values import Verb, Want
from horizon.core.group import GroupKind
from horizon.core.outcome import Kind
from tests.conformance.driver import LEASE, Driver, outcome
from tests.conformance.grouping import chained, new, push_batch

WORKERS = 4


def together(*acts: Callable[[], None]) -> None:
    """Run these in threads that start at the same moment; what one of them raises is raised here."""
    begin, errors = threading.Barrier(len(acts)), list[BaseException]()

    def run(act: Callable[[], None]) -> None:
        begin.wait()
        try:
            act()
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]


def test_the_last_members_that_end_at_the_same_moment_end_their_group(grouped: Driver) -> None:
    for _ in range(5):
        batch = push_batch(grouped, WORKERS)
        attempts = [one for one in grouped.reserve(50) if one.id in batch.jobs]
        together(*(lambda one=one: grouped.complete(one) and None for one in attempts))  # type: ignore[misc]
        assert (batch.now.state, batch.figures()) == ("completed", (0, 0, WORKERS, 0, 0))
        assert batch.callbacks() == ("pending", "cancelled", "pending")


def test_a_failure_and_an_end_at_the_same_moment_fail_the_group_once(grouped: Driver) -> None:
    for _ in range(5):
        batch = push_batch(grouped, 2)
        first, second = (one for one in grouped.reserve(50) if one.id in batch.jobs)
        together(lambda: grouped.fail(first) and None, lambda: grouped.complete(second) and None)  # noqa: B023
        assert (batch.now.state, batch.figures()) == ("failed", (0, 0, 1, 1, 0))
        assert batch.callbacks() == ("cancelled", "pending", "pending")


def test_workers_that_drain_several_groups_at_once_count_each_member_once(grouped: Driver) -> None:
    batches = [
        push_batch(grouped, 30),
        push_batch(grouped, chained(group := new(GroupKind.CHAIN), 8), group=group),
        push_batch(grouped, 30),
    ]

    def work(session: str) -> None:
        got = list(grouped.backend.turn([], Want(session=session, executor=0, count=5)).reservations)
        while got:
            ends = [outcome(one, Kind.COMPLETED) for one in got]
            got = list(grouped.backend.turn(ends, Want(session=session, executor=0, count=5)).reservations)

    while any(batch.now.unfinished for batch in batches):
        for number in range(WORKERS):
            grouped.open(f"w{number}", lease=LEASE)
        together(*(lambda n=number: work(f"w{n}") for number in range(WORKERS)))  # type: ignore[misc]
    assert [batch.now.state for batch in batches] == ["completed"] * 3
    assert [batch.figures() for batch in batches] == [(0, 0, 30, 0, 0), (0, 0, 8, 0, 0), (0, 0, 30, 0, 0)]
    for batch in batches:
        assert [len(grouped.get(id).history) for id in (batch.then, batch.catch, batch.last)] in (
            [1, 0, 1],
            [0, 0, 0],
            [1, 0, 0],
            [0, 0, 1],
        )
    assert dict(grouped.backend.numbers.recount()) == {}


def test_a_member_retried_while_the_last_one_ends_keeps_its_group_open(grouped: Driver) -> None:
    for _ in range(5):
        batch = push_batch(grouped, 2, allow_all=True)
        batch.end(batch.jobs[0], Kind.FAILED)
        (last,) = (one for one in grouped.reserve(50) if one.id in batch.jobs)
        together(lambda: grouped.complete(last) and None, lambda: grouped.act(Verb.RETRY, batch.jobs[0]) and None)  # noqa: B023
        assert (batch.now.state, batch.figures()) == ("running", (1, 0, 1, 0, 0))
        batch.end(batch.jobs[0])
        assert (batch.now.state, batch.figures()) == ("completed", (0, 0, 2, 0, 0))
