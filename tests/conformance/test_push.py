from __future__ import annotations

import pytest

from horizon.backends.values import PUSH_LIMIT, QueueSettings, Verb
from horizon.core.alike import Alike
from horizon.core.clock import SECOND
from horizon.core.envelope import Edge
from horizon.core.errors import DependencyCycle, QueueFull, UnknownDependency
from horizon.core.ids import uuid7, uuid7s
from horizon.core.limit import Limit
from horizon.core.outcome import Kind
from tests.conformance.driver import Driver, after, audit, envelope


def statuses(drive: Driver, *envelopes) -> list[str]:
    return [str(answer.status) for answer in drive.backend.push(envelopes)]


def test_a_pushed_job_is_pending_with_all_that_was_said_about_it(drive: Driver) -> None:
    now = drive.clock()
    id = drive.push(
        name="shop.jobs:Report", queue="reports", payload=b'{"args":{"year":2026}}', priority=7, tags=("year", "pdf"), user="ana",
        tenant="north", deadline=now + 90 * SECOND, max_tries=5, timeout=30 * SECOND, backoff="[1,2]", unique_key="report:2026",
        code_version="v7", created_at=now - SECOND,
    )  # fmt: skip
    record = drive.get(id)
    assert (record.name, record.queue, record.state, record.priority) == ("shop.jobs:Report", "reports", "pending", 7)
    assert (record.payload, record.tags, record.user, record.tenant) == (b'{"args":{"year":2026}}', ("year", "pdf"), "ana", "north")
    assert (record.max_tries, record.timeout, record.backoff) == (5, 30 * SECOND, "[1,2]")
    assert (record.created_at, record.available_at, record.deadline) == (now - SECOND, now, now + 90 * SECOND)
    assert (record.attempts, record.round, record.crashes, record.history, record.result) == (0, 0, 0, (), None)
    assert (record.unique_key, record.code_version, record.connection) == ("report:2026", "v7", "default")


def test_created_at_is_the_time_of_arrival_where_the_client_says_nothing(drive: Driver) -> None:
    assert drive.get(drive.push()).created_at == drive.clock()


def test_binary_payloads_and_unicode_names_come_back_byte_for_byte(drive: Driver) -> None:
    id = drive.push(name="café:Über", payload=bytes(range(256)), tags=("naïve", "日本"), user="zoë")
    record = drive.get(id)
    assert (record.name, record.payload, record.tags, record.user) == ("café:Über", bytes(range(256)), ("naïve", "日本"), "zoë")


def test_numbers_grow_in_push_order(drive: Driver) -> None:
    numbers = [drive.get(id).n for id in [*drive.push_many(3), drive.push(queue="other")]]
    assert numbers == sorted(set(numbers))


def alike(count: int, **agreed: object) -> Alike:
    return Alike(uuid7s(count), [b"%d" % n for n in range(count)], {"name": "shop.jobs:Mail", "queue": "mails", **agreed}, fresh=True)


def test_jobs_that_are_alike_are_stored_as_any_others(drive: Driver) -> None:
    made = alike(3, tags=("a",), priority=4)
    assert [(answer.id, answer.status) for answer in drive.backend.push(made)] == [(id, "created") for id in made.ids]
    found = [drive.get(id) for id in made.ids]
    assert [(one.payload, one.tags, one.priority, one.state) for one in found] == [(b"%d" % n, ("a",), 4, "pending") for n in range(3)]


@pytest.mark.parametrize(
    "agreed", [{}, {"tags": ("a", "b")}, {"delay": SECOND}, {"unique_key": "one"}, {"limits": (Limit(key="k", most=1, per=SECOND),)}]
)
def test_pushing_jobs_that_are_alike_again_changes_nothing(drive: Driver, agreed: dict[str, object]) -> None:
    made = alike(5, **agreed)
    first = ["created"] + ["duplicate" if "unique_key" in agreed else "created"] * 4
    assert [str(answer.status) for answer in drive.backend.push(made)] == first
    counted = drive.counts()
    assert [str(answer.status) for answer in drive.backend.push(made)] == ["exists" if one == "created" else one for one in first]
    assert [answer.id for answer in drive.backend.push(made[1:4])] == list(made.ids[1:4])
    assert drive.counts() == counted


def test_more_of_those_that_are_alike_than_one_act_takes_are_stored_in_order(drive: Driver) -> None:
    made = alike(PUSH_LIMIT + 3)
    answers = drive.backend.push(made)
    assert ([answer.id for answer in answers], {answer.status for answer in answers}) == (list(made.ids), {"created"})
    assert [one.payload for one in drive.reserve(3)] == [b"0", b"1", b"2"]
    assert drive.counts() == {"pending": PUSH_LIMIT, "processing": 3}


def test_pushing_the_same_id_again_changes_nothing(drive: Driver) -> None:
    made = envelope(priority=1)
    assert statuses(drive, made) == ["created"]
    assert statuses(drive, envelope(id=made.id, priority=9, queue="elsewhere")) == ["exists"]
    assert (drive.get(made.id).priority, drive.get(made.id).queue) == (1, "mails")
    assert drive.counts() == {"pending": 1}


def test_the_same_id_twice_in_one_push_is_stored_once(drive: Driver) -> None:
    made = envelope()
    assert statuses(drive, made, made) == ["created", "exists"]
    assert drive.counts() == {"pending": 1}


@pytest.mark.parametrize("kind_of_end", [Kind.COMPLETED, Kind.FAILED, Kind.CANCELLED])
def test_a_push_sent_again_after_the_job_ended_does_not_run_it_again(drive: Driver, kind_of_end: Kind) -> None:
    made = envelope()
    drive.backend.push([made])
    drive.run(made.id, kind_of_end)
    assert statuses(drive, made) == ["exists"]
    assert drive.reserve() == []


def test_the_id_of_a_removed_job_is_gone_for_a_minute_and_unknown_afterwards(open_driver, retention) -> None:
    drive = open_driver(retention=retention)
    made = envelope()
    drive.backend.push([made])
    drive.run(made.id)
    drive.jump(3 * 3600)
    assert drive.backend.get(made.id) is None
    assert statuses(drive, made) == ["gone"]
    drive.clock.advance(61)
    assert statuses(drive, made) == ["created"]


def test_an_id_never_seen_is_created_however_old_it_looks(drive: Driver) -> None:
    assert statuses(drive, envelope(id="00000000-0000-7000-8000-000000000000")) == ["created"]


# time -----------------------------------------------------------------------------------------------


def test_a_delay_counts_from_the_moment_the_store_receives_the_job(drive: Driver) -> None:
    record = drive.get(drive.push(delay=30 * SECOND, created_at=drive.clock() - 500 * SECOND))
    assert (record.state, record.available_at) == ("scheduled", drive.clock() + 30 * SECOND)


def test_a_moment_wins_over_a_delay(drive: Driver) -> None:
    record = drive.get(drive.push(delay=30 * SECOND, available_at=drive.clock() + 5 * SECOND))
    assert (record.state, record.available_at) == ("scheduled", drive.clock() + 5 * SECOND)


def test_a_moment_that_has_passed_makes_a_job_pending(drive: Driver) -> None:
    assert drive.state(drive.push(available_at=drive.clock() - SECOND)) == "pending"


# all or none ----------------------------------------------------------------------------------------


def test_one_refused_envelope_keeps_all_of_them_out(drive: Driver) -> None:
    good, bad = envelope(), envelope(edges=after(uuid7()))
    with pytest.raises(UnknownDependency):
        drive.backend.push([good, bad])
    assert drive.backend.get(good.id) is None
    assert drive.backend.numbers.counts() == []


def test_more_than_a_thousand_are_taken_in_order(drive: Driver) -> None:
    made = [envelope() for _ in range(1203)]
    assert statuses(drive, *made) == ["created"] * 1203
    assert drive.counts() == {"pending": 1203}
    assert [r.id for r in drive.reserve(1100)] == [e.id for e in made[:1100]]


def test_pushing_nothing_is_fine(drive: Driver) -> None:
    assert drive.backend.push([]) == []


# unique keys ----------------------------------------------------------------------------------------


def test_a_held_key_makes_the_next_push_a_duplicate_that_names_the_holder(drive: Driver) -> None:
    holder = drive.push(unique_key="k")
    second = envelope(unique_key="k", queue="other", name="other:Class")
    (answer,) = drive.backend.push([second])
    assert (answer.status, answer.holder) == ("duplicate", holder)
    assert drive.backend.get(second.id) is None
    assert drive.counts("other") == {}


def test_of_two_equal_keys_in_one_push_the_second_is_the_duplicate(drive: Driver) -> None:
    first, second, other = envelope(unique_key="k"), envelope(unique_key="k"), envelope(unique_key="l")
    answers = drive.backend.push([first, second, other])
    assert [(a.status, a.holder) for a in answers] == [("created", None), ("duplicate", first.id), ("created", None)]


def test_the_id_is_looked_at_before_the_key(drive: Driver) -> None:
    made = envelope(unique_key="k")
    assert statuses(drive, made) == ["created"]
    assert statuses(drive, made) == ["exists"]


@pytest.mark.parametrize("end", [Kind.COMPLETED, Kind.FAILED, Kind.CANCELLED])
def test_the_key_is_free_when_its_holder_ended(drive: Driver, end: Kind) -> None:
    drive.push(unique_key="k")
    drive.run(kind=end)
    assert statuses(drive, envelope(unique_key="k")) == ["created"]


def test_a_person_who_cancels_the_holder_frees_its_key(drive: Driver) -> None:
    waits = drive.push(unique_key="k")
    drive.did(Verb.CANCEL, waits)
    assert statuses(drive, envelope(unique_key="k")) == ["created"]


@pytest.mark.parametrize("kind_of_pause", [Kind.RETRY, Kind.RELEASED, Kind.RETURNED])
def test_the_key_stays_held_while_its_holder_waits_for_another_try(drive: Driver, kind_of_pause: Kind) -> None:
    id = drive.push(unique_key="k")
    drive.run(kind=kind_of_pause, delay=60)
    (answer,) = drive.backend.push([envelope(unique_key="k")])
    assert (answer.status, answer.holder) == ("duplicate", id)


def test_scheduled_blocked_and_running_jobs_hold_their_keys(drive: Driver) -> None:
    drive.push(unique_key="later", delay=60 * SECOND)
    parent = drive.push(unique_key="running")
    drive.push(unique_key="blocked", edges=after(parent))
    drive.take(parent)
    keys = ("later", "running", "blocked")
    assert statuses(drive, *(envelope(unique_key=key) for key in keys)) == ["duplicate"] * 3


def test_an_expired_holders_key_is_taken_over_by_the_push_that_meets_it(drive: Driver) -> None:
    old = drive.push(unique_key="k", unique_for=10 * SECOND)
    drive.clock.advance(9)
    assert statuses(drive, envelope(unique_key="k")) == ["duplicate"]
    drive.clock.advance(1)
    new = drive.push(unique_key="k")
    assert drive.states(old, new) == ["pending", "pending"]


def test_a_holder_that_lost_its_key_does_not_free_the_new_holders(drive: Driver) -> None:
    old = drive.push(unique_key="k", unique_for=10 * SECOND)
    drive.clock.advance(10)
    new = drive.push(unique_key="k")
    drive.run(old)
    (answer,) = drive.backend.push([envelope(unique_key="k")])
    assert (answer.status, answer.holder) == ("duplicate", new)


def test_a_key_until_processing_is_free_as_soon_as_the_job_starts_and_is_never_taken_again(drive: Driver) -> None:
    first = drive.push(unique_key="k", unique_until_processing=True)
    assert statuses(drive, envelope(unique_key="k")) == ["duplicate"]
    got = drive.take(first)
    second = drive.push(unique_key="k", unique_until_processing=True)
    drive.retry(got)
    (answer,) = drive.backend.push([envelope(unique_key="k")])
    assert (answer.status, answer.holder) == ("duplicate", second)
    drive.run(first)
    assert statuses(drive, envelope(unique_key="k")) == ["duplicate"]


# full queues ----------------------------------------------------------------------------------------


def test_a_full_queue_refuses_one_more_and_says_what_to_do(drive: Driver) -> None:
    drive.backend.queues.define([QueueSettings(name="mails", max_jobs=2)])
    drive.push_many(2)
    with pytest.raises(QueueFull, match="mails"):
        drive.backend.push([envelope()])
    drive.take()
    drive.push()


def test_what_is_here_already_is_no_reason_to_call_a_queue_full(drive: Driver) -> None:
    drive.backend.queues.define([QueueSettings(name="mails", max_jobs=1)])
    made = envelope(unique_key="k")
    assert statuses(drive, made) == ["created"]
    assert statuses(drive, made, envelope(unique_key="k")) == ["exists", "duplicate"]


def test_a_push_that_would_overfill_a_queue_stores_nothing_of_itself(drive: Driver) -> None:
    drive.backend.queues.define([QueueSettings(name="mails", max_jobs=2)])
    with pytest.raises(QueueFull):
        drive.backend.push([envelope(), envelope(), envelope(), envelope(queue="other")])
    assert drive.backend.numbers.counts() == []


# dependencies ---------------------------------------------------------------------------------------


def test_a_dependency_that_is_not_there_is_refused_by_name(drive: Driver) -> None:
    missing = uuid7()
    with pytest.raises(UnknownDependency, match=missing):
        drive.push(edges=after(missing))


@pytest.mark.parametrize("end", [Kind.FAILED, Kind.CANCELLED])
def test_a_dependency_that_already_failed_or_was_cancelled_is_refused(drive: Driver, end: Kind) -> None:
    parent = drive.push()
    drive.run(parent, end)
    with pytest.raises(UnknownDependency, match=parent):
        drive.push(edges=after(parent))


def test_a_dependency_that_completed_already_is_met(drive: Driver) -> None:
    parent = drive.push()
    drive.run(parent)
    assert drive.state(drive.push(edges=after(parent))) == "pending"


def test_a_cycle_is_refused_with_its_path(drive: Driver) -> None:
    a, b, c = uuid7(), uuid7(), uuid7()
    made = [envelope(id=a, edges=after(c)), envelope(id=b, edges=after(a)), envelope(id=c, edges=after(b))]
    with pytest.raises(DependencyCycle) as caught:
        drive.backend.push(made)
    assert all(id in str(caught.value) for id in (a, b, c))
    assert drive.backend.get(a) is None


def test_a_job_that_waits_for_itself_is_a_cycle(drive: Driver) -> None:
    id = uuid7()
    with pytest.raises(DependencyCycle, match=id):
        drive.backend.push([envelope(id=id, edges=(Edge(job_id=id),))])


def test_an_edge_may_point_to_a_job_of_the_same_push_in_any_order(drive: Driver) -> None:
    parent = envelope()
    child = envelope(edges=after(parent.id))
    assert statuses(drive, child, parent) == ["created", "created"]
    assert drive.states(child.id, parent.id) == ["blocked", "pending"]


def test_a_duplicate_cannot_be_waited_for(drive: Driver) -> None:
    drive.push(unique_key="k")
    duplicate = envelope(unique_key="k")
    child = envelope(edges=after(duplicate.id))
    with pytest.raises(UnknownDependency, match=duplicate.id):
        drive.backend.push([duplicate, child])
    assert drive.backend.get(child.id) is None


# the rest of the act --------------------------------------------------------------------------------


def test_the_audit_entry_is_kept_with_the_push_and_counts_what_was_created(drive: Driver) -> None:
    made = envelope()
    drive.backend.push([made, envelope()], audit=audit("push"))
    drive.backend.push([made], audit=audit("push"))
    (entry,) = drive.backend.audit.list()
    assert (entry.actor, entry.verb, entry.count, entry.at) == ("ana", "push", 2, drive.clock())


def test_the_entries_of_a_push_in_several_parts_add_up_to_what_was_created_however_often_it_is_sent(drive: Driver) -> None:
    made = [envelope() for _ in range(1001)]
    drive.backend.push(made[:1000], audit=audit("push"))  # as far as it came when the line was cut
    for _ in range(2):
        drive.backend.push(made, audit=audit("push"))
    assert sorted(entry.count for entry in drive.backend.audit.list()) == [1, 1000]


def test_a_refused_push_leaves_no_audit_entry(drive: Driver) -> None:
    with pytest.raises(UnknownDependency):
        drive.backend.push([envelope(edges=after(uuid7()))], audit=audit("push"))
    assert list(drive.backend.audit.list()) == []


def test_a_removed_job_pushed_while_forgotten_is_still_known(drive: Driver) -> None:
    made = envelope()
    drive.backend.push([made])
    drive.did(Verb.FORGET, made.id)
    assert statuses(drive, made) == ["exists"]
