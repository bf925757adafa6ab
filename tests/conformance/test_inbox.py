from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from horizon.backends.values import QueueSettings
from horizon.core.clock import SECOND
from horizon.core.envelope import Envelope
from horizon.core.ids import uuid7
from tests.conformance.conftest import THERE
from tests.conformance.driver import Driver, after, envelope, url_of
from tests.conformance.grouping import members, push_batch
from tests.conformance.limiting import limit, parked

Host = Callable[[], AbstractContextManager[object]]
WITHOUT_TRANSACTIONS = {"memory", "redis", "valkey"}


@pytest.fixture
def host(kind: str, tmp_path: Path) -> Host:
    """A transaction of the host's own on the database in which the store lives; some have none and take anything."""

    @contextmanager
    def transaction() -> Iterator[object]:
        if kind in WITHOUT_TRANSACTIONS:
            yield None
            return
        from sqlalchemy import create_engine

        engine = create_engine(url_of(kind, tmp_path))
        with engine.begin() as connection:
            yield connection
        engine.dispose()

    return transaction


@pytest.fixture
def put(drive: Driver, host: Host) -> Callable[..., None]:
    """Dispatch inside a host's transaction, and commit it."""

    def put_all(*envelopes: Envelope) -> None:
        with host() as connection:
            drive.backend.inbox.put(envelopes, connection=connection)

    return put_all


def test_a_committed_job_can_be_seen_before_it_is_admitted(drive: Driver, put) -> None:
    made = envelope(payload=b"\x01", tags=("a",), priority=4, user="ana")
    put(made)
    record = drive.get(made.id)
    assert (record.in_inbox, record.state, record.payload, record.tags) == (True, "pending", b"\x01", ("a",))
    assert (record.priority, record.user, record.attempts) == (4, "ana", 0)
    assert (drive.backend.inbox.waiting(), drive.backend.remaining(), drive.counts()) == (1, 1, {})


def test_the_next_tick_admits_it(drive: Driver, put) -> None:
    made = envelope()
    put(made)
    assert drive.backend.tick().admitted == 1
    assert (drive.state(made.id), drive.get(made.id).in_inbox, drive.backend.inbox.waiting()) == ("pending", False, 0)
    assert drive.counts() == {"pending": 1}


def test_the_next_turn_admits_and_reserves_it(drive: Driver, put) -> None:
    made = envelope()
    put(made)
    assert drive.take().id == made.id


def test_jobs_wait_for_their_limits_once_they_are_admitted(drive: Driver, put) -> None:
    first, second = (envelope(limits=(limit(1),)) for _ in range(2))
    put(first, second)
    assert drive.get(second.id).limits == ("smtp",)
    assert drive.take().id == first.id
    assert (parked(drive, second.id), drive.reserve(1)) == ([True], [])


def test_what_no_limit_may_say_ends_as_a_record(drive: Driver, put) -> None:
    wrong = envelope(limits=(limit(0),))
    put(wrong)
    drive.backend.tick()
    assert drive.state(wrong.id) == "failed"
    assert drive.get(wrong.id).reason.startswith("refused: a limit allows 1 to")


def test_admission_keeps_everything_that_was_said(drive: Driver, put) -> None:
    made = envelope(
        payload=bytes(range(256)), priority=3, tags=("x", "日本"), user="ana", tenant="t", max_tries=4, timeout=5 * SECOND, backoff="7",
        hook=True, code_version="v", signature="s", max_crashes=2, deadline=drive.clock() + 99 * SECOND, unique_key="k",
        retry_until=drive.clock() + 50 * SECOND, created_at=drive.clock() - SECOND,
    )  # fmt: skip
    put(made)
    got = drive.take()
    assert (got.payload, got.priority, got.tags, got.user, got.tenant) == (made.payload, 3, made.tags, "ana", "t")
    assert (got.max_tries, got.timeout, got.backoff, got.hook, got.code_version, got.signature) == (4, 5 * SECOND, "7", True, "v", "s")
    assert (got.max_crashes, got.deadline, got.retry_until, got.unique_key) == (2, made.deadline, made.retry_until, "k")
    assert got.created_at == made.created_at


def test_jobs_are_admitted_in_the_order_in_which_they_came(drive: Driver, put) -> None:
    made = [envelope() for _ in range(4)]
    put(*made[:2])
    put(*made[2:])
    assert drive.backend.inbox.admit() == 4
    assert [r.id for r in drive.reserve(4)] == [one.id for one in made]


def test_admission_is_bounded(drive: Driver, put) -> None:
    put(*(envelope() for _ in range(5)))
    assert drive.backend.inbox.admit(2) == 2
    assert drive.backend.inbox.waiting() == 3


def test_a_delay_counts_from_the_dispatch_and_not_from_the_admission(drive: Driver, put) -> None:
    made = envelope(delay=60 * SECOND)
    put(made)
    due = drive.clock() + 60 * SECOND
    drive.clock.advance(10)
    drive.backend.inbox.admit()
    assert (drive.state(made.id), drive.get(made.id).available_at) == ("scheduled", due)


def test_a_duplicate_found_at_admission_ends_as_a_record_that_says_so(drive: Driver, put) -> None:
    holder = drive.push(unique_key="k")
    made = envelope(unique_key="k")
    put(made)
    assert drive.backend.inbox.admit() == 1
    assert (drive.state(made.id), drive.get(made.id).reason) == ("cancelled", f"duplicate of {holder}")
    drive.run(holder)
    drive.push(unique_key="k")


def test_any_other_refusal_ends_as_a_failed_record_that_says_so(drive: Driver, put) -> None:
    missing = uuid7()
    made = envelope(edges=after(missing))
    put(made)
    assert drive.backend.inbox.admit() == 1
    record = drive.get(made.id)
    assert record.state == "failed"
    assert (record.reason or "").startswith("refused: ")
    assert missing in (record.reason or "")
    assert dict(drive.backend.numbers.recount()) == {}


def test_one_refusal_leaves_the_others_alone(drive: Driver, put) -> None:
    good, bad, fine = envelope(), envelope(edges=after(uuid7())), envelope()
    put(good, bad, fine)
    drive.backend.tick()
    assert drive.states(good.id, bad.id, fine.id) == ["pending", "failed", "pending"]


def test_a_full_queue_lets_it_wait_and_others_pass(drive: Driver, put) -> None:
    drive.backend.queues.define([QueueSettings(name="mails", max_jobs=1)])
    drive.push()
    waiting, other = envelope(), envelope(queue="other")
    put(waiting, other)
    drive.backend.tick()
    assert (drive.get(waiting.id).in_inbox, drive.state(other.id), drive.backend.inbox.waiting()) == (True, "pending", 1)
    drive.run()
    drive.backend.tick()
    assert (drive.get(waiting.id).in_inbox, drive.state(waiting.id)) == (False, "pending")


def test_an_id_that_is_here_already_changes_nothing(drive: Driver, put) -> None:
    made = envelope()
    drive.backend.push([made])
    drive.run(made.id)
    put(made)
    drive.backend.tick()
    assert (drive.state(made.id), drive.backend.inbox.waiting(), drive.counts()) == ("completed", 0, {"completed": 1})


def test_a_job_may_wait_for_another_one_of_the_same_transaction(drive: Driver, put) -> None:
    parent = envelope()
    child = envelope(edges=after(parent.id))
    put(parent, child)
    drive.backend.tick()
    assert drive.states(parent.id, child.id) == ["pending", "blocked"]


@pytest.mark.parametrize("kind", sorted({*THERE} - WITHOUT_TRANSACTIONS), indirect=True)
def test_what_was_rolled_back_was_never_there(drive: Driver, host: Host) -> None:
    """Not for stores that have no transactions, and say so."""
    made = envelope()

    def change_ones_mind() -> None:
        with host() as connection:
            drive.backend.inbox.put([made], connection=connection)
            raise InterruptedError

    with pytest.raises(InterruptedError):
        change_ones_mind()
    assert drive.backend.get(made.id) is None
    assert drive.backend.tick().admitted == 0


def test_a_job_of_a_transaction_joins_its_group_when_it_is_admitted(grouped: Driver, put) -> None:
    batch = push_batch(grouped, 1)
    (late,), (too_late,) = members(batch.id), members(batch.id)
    put(late)
    grouped.backend.tick()
    assert (batch.now.total, grouped.get(late.id).group) == (2, batch.id)
    batch.end(batch.jobs[0])
    batch.end(late.id)
    put(too_late)
    grouped.backend.tick()
    assert grouped.get(too_late.id).group is None
    assert (grouped.state(too_late.id), batch.now.state, batch.now.total) == ("failed", "completed", 2)
