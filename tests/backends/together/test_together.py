"""Several stores as one: lists, acts, figures, and what happens while one of them is down."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from horizon.backends import seeking
from horizon.backends.base import Backend
from horizon.backends.connect import connect
from horizon.backends.outages import Outages
from horizon.backends.together.backend import Together
from horizon.backends.values import ActParams, StoreOptions, Verb
from horizon.core.audit import AuditQuery
from horizon.core.clock import ManualClock
from horizon.core.errors import BackendUnavailable, InvalidCursor, NotFound
from horizon.core.group import GroupQuery
from horizon.core.ids import uuid7
from horizon.core.query import JobQuery, Selection
from horizon.core.states import JobState
from tests.conformance.driver import Driver, audit, open_store
from tests.conformance.grouping import push_batch
from tests.monitor.test_stats import Counting

NAMES = ("default", "archive", "far")


class Three:
    """Three stores of one clock; any of them can be dead."""

    default = "default"

    def __init__(self, stores: dict[str, Backend], clock: ManualClock) -> None:
        self.outages = Outages()
        self.clock = clock
        self.stores = {name: Counting(store, {}) for name, store in stores.items()}
        self.hands = {name: Driver(store, clock) for name, store in stores.items()}
        self.all = Together(self)

    def backend(self, connection: str | None = None) -> Backend:
        return self.stores[connection or "default"]

    def connections(self) -> tuple[str, ...]:
        return tuple(self.stores)

    def push(self, name: str, **options: object) -> str:
        self.clock.advance(1)
        return self.hands[name].push(**options)

    def kill(self, name: str) -> None:
        self.stores[name].dead = True


def memories(clock: ManualClock) -> Three:
    return Three({name: connect("memory://", StoreOptions(name=name, clock=clock)) for name in NAMES}, clock)


@pytest.fixture
def three(tmp_path: Path) -> Iterator[Three]:
    clock = ManualClock()
    stores = {name: open_store("memory", tmp_path, clock, name=name) for name in NAMES[:2]}
    stores["far"] = open_store("sqlite", tmp_path, clock, name="far")
    yield Three(stores, clock)
    stores["far"].close()


def pages(three: Three, query: JobQuery) -> list[list[str]]:
    found: list[list[str]] = []
    while True:
        page = three.all.find(query)
        found.append([record.id for record in page.items])
        if page.next is None:
            return found
        query = replace(query, cursor=page.next)


# lists ----------------------------------------------------------------------------------------------


def test_lists_merge_by_time_whichever_the_stores(three: Three) -> None:
    ids = [three.push(NAMES[index % 3]) for index in range(10)]
    assert pages(three, JobQuery(limit=4)) == [ids[:5:-1], ids[5:1:-1], ids[1::-1]]
    assert three.all.find(JobQuery(limit=4)).total == 10


def test_ended_jobs_are_listed_in_the_order_in_which_they_ended(three: Three) -> None:
    ids = [three.push(name) for name in NAMES]
    for name, id in zip(reversed(NAMES), reversed(ids), strict=True):
        three.clock.advance(1)
        three.hands[name].run(id)
    assert pages(three, JobQuery(states=(JobState.COMPLETED,), limit=2)) == [ids[:2], ids[2:]]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(st.tuples(st.sampled_from(NAMES), st.integers(0, 2)), max_size=25),
    st.integers(1, 7),
    st.lists(st.sampled_from(NAMES), max_size=6),
)
def test_every_job_is_on_exactly_one_page_whatever_comes_in_meanwhile(
    pushed: list[tuple[str, int]], limit: int, meanwhile: list[str]
) -> None:
    three = memories(ManualClock())
    ids = []
    for name, seconds in pushed:
        three.clock.advance(seconds)  # several may be of the same moment
        ids.append(three.hands[name].push())
    seen: list[str] = []
    query = JobQuery(limit=limit)
    while True:
        page = three.all.find(query)
        seen += [record.id for record in page.items]
        if meanwhile:
            three.push(meanwhile.pop())
        if page.next is None:
            break
        query = replace(query, cursor=page.next)
    assert sorted(seen) == sorted(ids)


def test_a_search_that_stopped_in_one_store_holds_the_others_back(three: Three, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("horizon.backends.memory.read.SCAN_LIMIT", 3)
    old = three.push("archive", tags=("wanted",))
    for _ in range(5):
        three.push("default")
    new = three.push("archive", tags=("wanted",))
    found = pages(three, JobQuery(text=("wanted",), limit=5))
    assert [id for page in found for id in page] == [new, old]
    assert found[0] == [new]


def test_cursors_of_a_merged_list_are_its_own(three: Three) -> None:
    three.push("default")
    three.push("default")
    single = three.backend("default").find(JobQuery(limit=1)).next
    for text in ("x", "W10", base64.b64encode(b'{"default":3}').decode(), single):
        with pytest.raises(InvalidCursor):
            three.all.find(JobQuery(cursor=text))


# one job, acts --------------------------------------------------------------------------------------


def test_a_job_is_found_and_acted_on_wherever_it_lives(three: Three) -> None:
    ids = {name: three.push(name) for name in NAMES}
    assert {name: three.all.get(id).connection for name, id in ids.items()} == {name: name for name in NAMES}
    assert [record.id for record in three.all.many([ids["far"], "gone", ids["default"]])] == [ids["far"], ids["default"]]
    acted = three.all.act(Selection(ids=(*ids.values(), "gone")), Verb.CANCEL, ActParams(reason="enough"), audit=audit("cancel"))
    assert sorted(acted.done) == sorted(ids.values())
    assert acted.skipped == (("gone", "there is no such job"),)
    assert {three.hands[name].state(id) for name, id in ids.items()} == {JobState.CANCELLED}
    assert [entry.count for entry in three.all.audit.find(AuditQuery()).items] == [1, 1, 1]


def test_an_act_on_a_search_reaches_every_store(three: Three) -> None:
    for name in NAMES:
        three.push(name)
    acted = three.all.act(Selection(query=JobQuery(queue="mails")), Verb.PRIORITIZE, ActParams(priority=5))
    assert len(acted.done) == 3


def test_an_operation_on_all_stores_is_one_operation(three: Three) -> None:
    for name in ("default", "far", "far"):
        three.push(name)
    started = three.all.operations.start("cancel", JobQuery(queue="mails"), {"reason": "enough"}, actor="ana", audit=audit("cancel"))
    assert started.expected == 3
    while three.all.operations.get(started.id).state == "running":
        three.all.tick()
    (one,) = three.all.operations.list()
    assert (one.id, one.done, one.state) == (started.id, 3, "done")
    assert three.all.find(JobQuery(states=(JobState.CANCELLED,))).total == 3


def test_stores_share_the_pace_of_an_operation(three: Three) -> None:
    for name in ("default", "far"):
        three.push(name)
    started = three.all.operations.start("cancel", JobQuery(queue="mails", states=(JobState.PENDING,)), {"per_second": 30}, actor="ana")
    parts = [three.backend(name).operations.get(started.id) for name in three.connections()]
    assert [dict(part.params) for part in parts if part is not None] == [{"per_second": 15.0}] * 3
    assert started.params["per_second"] == 30.0


def test_a_queue_is_paused_on_every_connection_that_knows_it(three: Three) -> None:
    for name in ("default", "far"):
        three.push(name, queue="mails")
    three.all.queues.pause("mails", reason="deploy")
    assert {name: three.backend(name).queues.get("mails").paused for name in NAMES} == {"default": True, "archive": False, "far": True}
    three.all.queues.resume("mails")
    assert not three.all.queues.get("mails").paused


def test_figures_add_up(three: Three) -> None:
    for name in NAMES:
        three.push(name)
    three.push("far", queue="other")
    assert {count.queue: count.counts[JobState.PENDING] for count in three.all.numbers.counts()} == {"mails": 3, "other": 1}
    assert three.all.remaining(("mails",)) == 3
    assert three.all.oldest()["mails"] == min(three.backend(name).oldest()["mails"] for name in NAMES)
    before = three.all.version()
    three.push("far")
    assert three.all.version() > before


def test_failures_of_one_cause_are_one_cause(three: Three) -> None:
    for name in ("default", "far"):
        hand = three.hands[name]
        hand.fail(hand.take(three.push(name)))
    (cause,) = three.all.causes(0)
    assert cause.count == 2
    assert sum(three.all.spread(0, three.clock() + 1)[cause.cause].trend) == 2
    assert three.all.tally((cause.cause,))[cause.cause].count == 2


def test_the_audit_log_is_one_log(three: Three) -> None:
    for index in range(7):
        three.clock.advance(1)
        three.backend(NAMES[index % 3]).audit.append(audit(f"did-{index}"))
    seen, query = [], AuditQuery(limit=3)
    while True:
        page = three.all.audit.find(query)
        seen += [entry.verb for entry in page.items]
        if page.next is None:
            break
        query = replace(query, cursor=page.next)
    assert seen == [f"did-{index}" for index in reversed(range(7))]


# one is down ----------------------------------------------------------------------------------------


def test_the_rest_goes_on_while_one_is_down(three: Three) -> None:
    here, there = three.push("default"), three.push("far")
    three.kill("far")
    assert [record.id for record in three.all.find(JobQuery()).items] == [here]
    assert three.all.get(here) is not None
    with pytest.raises(BackendUnavailable, match="may be on far, which does not answer"):
        three.all.get(there)
    acted = three.all.act(Selection(ids=(here, there)), Verb.CANCEL)
    assert acted.done == (here,)
    assert acted.skipped == ((there, "there is no such job, unless far has it, which does not answer"),)


def test_the_default_one_may_be_down_too(three: Three) -> None:
    id = three.push("far")
    three.kill("default")
    assert three.all.get(id) is not None
    assert three.all.now() == three.clock()
    assert [record.id for record in three.all.find(JobQuery()).items] == [id]


def test_where_none_answers_its_error_passes(three: Three) -> None:
    for name in NAMES:
        three.kill(name)
    with pytest.raises(BackendUnavailable):
        three.all.find(JobQuery())


def test_a_store_that_is_down_is_not_asked_by_everybody(three: Three) -> None:
    three.kill("far")
    three.all.find(JobQuery())
    since = three.outages.down()["far"].since
    three.stores["far"].dead = False
    three.all.find(JobQuery())
    assert three.outages.down()["far"].since == since
    three.outages.answered("far")
    assert not three.outages.down()


# groups ---------------------------------------------------------------------------------------------


def test_groups_of_all_stores_are_one_list_newest_first(three: Three) -> None:
    made = []
    for number in range(7):
        three.clock.advance(1)
        made.append(push_batch(three.hands[NAMES[number % 3]], 1).id)
    first = three.all.groups.find(GroupQuery(limit=3))
    second = three.all.groups.find(GroupQuery(limit=3, cursor=first.next))
    last = three.all.groups.find(GroupQuery(limit=3, cursor=second.next))
    assert [one.id for page in (first, second, last) for one in page.items] == list(reversed(made))
    assert last.next is None
    assert [one.id for one in three.all.groups.many([made[4], made[0]])] == [made[4], made[0]]


def test_a_search_for_words_in_groups_goes_as_far_back_as_every_store_has_looked(three: Three, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seeking, "SCAN_LIMIT", 2)
    names = ("wanted", "wanted", "wanted", "b", "c", "wanted", "b", "wanted", "wanted")
    made = []
    for number, name in enumerate(names):
        three.clock.advance(1)
        made.append(push_batch(three.hands[NAMES[number % 3]], 1, name=name).id)
    seen: list[str] = []
    cursor, barriers = None, 0
    for _ in range(len(names)):
        page = three.all.groups.find(GroupQuery(text=("wanted",), limit=4, cursor=cursor))
        seen += [one.id for one in page.items]
        barriers += page.searched_back_to is not None
        cursor = page.next
        if cursor is None:
            break
    assert seen == [id for id, name in reversed(list(zip(made, names, strict=True))) if name == "wanted"]
    assert barriers


def test_a_group_is_found_and_cancelled_where_it_lives(three: Three) -> None:
    batch = push_batch(three.hands["far"], 2)
    assert three.all.groups.cancel(batch.id).state == "cancelled"
    found = three.all.groups.get(batch.id)
    assert found is not None
    assert (found.connection, batch.figures()) == ("far", (0, 0, 0, 0, 2))
    assert len(three.all.groups.callbacks(batch.id)) == 3
    with pytest.raises(NotFound):
        three.all.groups.cancel(uuid7())


def test_a_group_that_may_be_on_a_store_that_is_down_is_not_said_to_be_unknown(three: Three) -> None:
    batch = push_batch(three.hands["far"], 1)
    three.kill("far")
    with pytest.raises(BackendUnavailable, match="may be on far"):
        three.all.groups.get(batch.id)
