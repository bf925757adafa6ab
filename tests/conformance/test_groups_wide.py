"""Groups too wide for one act: what one act has no room for is carried on by the next ones, and nothing is lost."""

from __future__ import annotations

from horizon.backends.values import Verb
from horizon.core.envelope import On
from horizon.core.outcome import Kind
from tests.conformance.driver import Driver, envelope
from tests.conformance.grouping import chained, members, new, on, push_batch, take

WIDE = 1_150


def settle_down(drive: Driver) -> None:
    """Tick for as long as there is more to do."""
    for _ in range(20):
        if not drive.backend.tick().more:
            return
    raise AssertionError("there is always more to do")


def test_a_wide_batch_that_fails_is_cancelled_to_its_last_member(grouped: Driver) -> None:
    batch = push_batch(grouped, WIDE)
    running = take(grouped, batch.jobs[700])
    batch.end(batch.jobs[3], Kind.FAILED)
    settle_down(grouped)
    assert batch.figures() == (0, 1, 0, 1, WIDE - 2)
    grouped.complete(running)
    settle_down(grouped)
    assert (batch.now.state, batch.callbacks()) == ("failed", ("cancelled", "pending", "pending"))
    assert dict(grouped.backend.numbers.recount()) == {}


def test_a_wide_group_that_is_cancelled_tells_every_member_why(grouped: Driver) -> None:
    group = new()
    batch = push_batch(grouped, chained(group, WIDE), group=group)
    grouped.backend.groups.cancel(batch.id, reason="wrong month")
    settle_down(grouped)
    assert (batch.now.state, batch.figures()) == ("cancelled", (0, 0, 0, 0, WIDE))
    assert {record.reason for at in (0, 1000) for record in grouped.backend.many(batch.jobs[at : at + 1000])} == {"wrong month"}


def test_many_wait_for_a_group_and_each_is_told(grouped: Driver) -> None:
    batch = push_batch(grouped, 1, allow=1)
    waiting = [envelope(edges=on(batch.id, what)) for what in (On.ANY, On.COMPLETED) for _ in range(WIDE // 2)]
    grouped.backend.push(waiting[:1000])
    grouped.backend.push(waiting[1000:])
    batch.end(batch.jobs[0], Kind.FAILED)
    settle_down(grouped)
    ids = [one.id for one in waiting]
    assert {record.state for at in (0, 1000) for record in grouped.backend.many(ids[at : at + 1000])} == {"pending"}
    grouped.did(Verb.RETRY, batch.jobs[0])
    settle_down(grouped)
    assert batch.now.state == "running"
    batch.end(batch.jobs[0])
    settle_down(grouped)
    assert (batch.now.state, batch.now.generation) == ("completed", 1)
    assert dict(grouped.backend.numbers.recount()) == {}


def test_members_keep_their_order_and_their_group_over_many_pieces(grouped: Driver) -> None:
    batch = push_batch(grouped, WIDE, seal=False)
    others = members(batch.id, 3)
    grouped.backend.push(others, seal=[batch.id])
    attempts = grouped.reserve(WIDE + 3)
    assert batch.figures() == (0, WIDE + 3, 0, 0, 0)
    grouped.settle_all(attempts[:-1])
    assert (batch.now.state, batch.figures()) == ("running", (0, 1, WIDE + 2, 0, 0))
    grouped.settle_all(attempts[-1:])
    assert batch.now.state == "completed"
    assert dict(grouped.backend.numbers.recount()) == {}
