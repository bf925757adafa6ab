"""Reading a store: no command on the way that walks everything, however much there is."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from horizon.backends.redis import find, read
from horizon.backends.redis.backend import RedisBackend
from horizon.backends.redis.match import narrows
from horizon.backends.values import Verb
from horizon.core.clock import DAY, SECOND
from horizon.core.outcome import Kind
from horizon.core.query import JobQuery
from horizon.core.record import Record
from horizon.core.states import JobState
from tests.conformance.driver import Driver, envelope, error

READS = {"keys", "scan", "hscan", "sscan", "zscan", "sort", "flushdb"}


@pytest.fixture
def shelf(drive: Driver) -> Driver:
    """Some 1,500 jobs in three pieces of the lists, a few of them ended."""
    for part in range(3):
        drive.backend.push(
            [envelope(queue=f"q{n % 3}", name=f"shop.jobs:J{n % 5}", tags=(f"t{n % 7}",), user=f"u{part}") for n in range(500)]
        )
        drive.clock.advance(60)
    for index, one in enumerate(drive.reserve(300)):
        drive.settle(one, (Kind.COMPLETED, Kind.FAILED, Kind.CANCELLED)[index % 3], error=error(cause=f"c{index % 2}"), runtime=SECOND)
    return drive


def used(store: RedisBackend) -> dict[str, int]:
    """Commands since the figures were reset, those inside scripts included."""
    lines = store._link.call("INFO", "commandstats").decode().splitlines()
    return {line[8:].split(":")[0]: int(line.split("calls=")[1].split(",")[0]) for line in lines if line.startswith("cmdstat_")}


QUERIES = [
    JobQuery(),
    JobQuery(states=(JobState.FAILED,)),
    JobQuery(states=(JobState.PENDING, JobState.COMPLETED), queue="q1"),
    JobQuery(queue="q2", name="J3", tag="t4", user="u1"),
    JobQuery(tag="t*", cause="c1"),
    JobQuery(states=(JobState.COMPLETED,), name="J1", tag="t2"),
    JobQuery(text=("mail",), states=(JobState.CANCELLED,)),
    JobQuery(queue="nowhere"),
]


@pytest.mark.parametrize("query", QUERIES)
def test_a_page_takes_a_bounded_number_of_commands(shelf: Driver, store: RedisBackend, query: JobQuery) -> None:
    store.find(query)
    store._link.call("CONFIG", "RESETSTAT")
    page = store.find(query)
    counted = used(store)
    assert READS.isdisjoint(counted)
    assert counted.get("evalsha", 0) <= 2 + 6 * query.narrowed
    rows = 5_000 if query.narrowed else query.limit + 1
    assert sum(counted.values()) <= 60 + 12 * rows
    assert len(page.items) <= query.limit


def test_no_read_walks_everything(shelf: Driver, store: RedisBackend) -> None:
    store._link.call("CONFIG", "RESETSTAT")
    store.numbers.counts()
    store.numbers.names()
    store.numbers.samples(0)
    store.causes(0)
    store.tally(("c0", "c1"))
    store.spread(0, shelf.clock())
    store.oldest()
    store.remaining()
    store.hidden()
    store.queues.all()
    store.sessions.list(dead_since=0)
    store.audit.list()
    store.operations.list()
    store.wait(["quiet"], 0.01)
    assert READS.isdisjoint(used(store))


def walk(store: RedisBackend, limit: int, **query: object) -> tuple[list[str], str | None]:
    """Ids of all pages, and the cursor that led to the last."""
    seen: list[str] = []
    cursor = last = None
    while True:
        page = store.find(JobQuery(limit=limit, cursor=cursor, **query))  # type: ignore[arg-type]
        seen += [record.id for record in page.items]
        if page.next is None:
            return seen, last
        cursor = last = page.next


@pytest.mark.parametrize("states", [(), (JobState.FAILED,)])
def test_pages_in_both_directions_name_every_job_once(shelf: Driver, store: RedisBackend, states: tuple[JobState, ...]) -> None:
    seen, cursor = walk(store, 6, states=states, tag="t3")
    assert len(seen) == len(set(seen)) > 6
    assert seen == walk(store, 200, states=states, tag="t3")[0]
    back: list[str] = []
    while cursor is not None:
        page = store.find(JobQuery(states=states, tag="t3", limit=6, cursor=cursor, backwards=True))
        back = [record.id for record in page.items] + back
        cursor = page.next
    assert back == seen[: len(back)]
    assert len(back) >= len(seen) - 6


def test_a_range_of_time_skips_what_lies_outside_of_it(shelf: Driver, store: RedisBackend) -> None:
    start = shelf.clock() - 180 * SECOND
    middle = JobQuery(after=start + 60 * SECOND, before=start + 120 * SECOND, limit=200)
    store.find(middle)
    store._link.call("CONFIG", "RESETSTAT")
    assert {record.user for record in store.find(middle).items} == {"u1"}
    assert used(store)["hget"] <= 3 * 201 + 30


def test_what_ended_and_ran_again_stands_in_its_lists_once(drive: Driver, store: RedisBackend) -> None:
    id = drive.push(tags=("a",), user="ana")
    drive.run(id, Kind.FAILED, error=error())
    for state in ("failed", "pending"):
        assert drive.found(tag="a", user="ana", states=(JobState(state),)) == [id]
        if state == "failed":
            drive.did(Verb.RETRY, id)
    assert drive.found(tag="a", states=(JobState.FAILED,)) == []
    assert drive.found(cause="mail") == []
    drive.run(id)
    assert drive.found(tag="a", states=(JobState.COMPLETED,)) == drive.found(user="ana") == [id]


def fail(drive: Driver, causes: list[str]) -> None:
    """So many failures a thousandth of a second apart, the oldest first."""
    drive.backend.push([envelope() for _ in causes])
    for one, cause in zip(drive.reserve(len(causes)), causes, strict=True):
        drive.settle(one, Kind.FAILED, error=error(cause=cause))
        drive.clock.advance(0.001)


def test_failures_of_a_cause_are_counted_piece_by_piece(drive: Driver, store: RedisBackend, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(read, "LOOKS", 2)
    start = drive.clock()
    fail(drive, ["old", "often"] + ["often"] * 898)
    fail(drive, ["often"] * 299 + ["new"])
    found = store.tally(("often", "nowhere", "old", "new"))
    assert {cause: (one.count, one.first_at - start, one.last_at - start, one.more) for cause, one in found.items()} == {
        "often": (1_198, 1_000, 1_198_000, False),
        "old": (1, 0, 0, False),
        "new": (1, 1_199_000, 1_199_000, False),
    }


def test_counting_failures_stops_and_says_so(drive: Driver, store: RedisBackend, monkeypatch: pytest.MonkeyPatch) -> None:
    fail(drive, ["a"] * 600 + ["b"])
    monkeypatch.setattr(read, "TALLIED", 1)
    found = store.tally(("a", "b"))
    assert [(cause, one.count, one.more) for cause, one in found.items()] == [("a", 89, True), ("b", 1, True)]
    monkeypatch.setattr(read, "TALLIED", 2)
    assert [(cause, one.count, one.more) for cause, one in store.tally(("a", "b")).items()] == [("a", 600, False), ("b", 1, False)]


@pytest.mark.parametrize("failures", [20, 900])
def test_counting_failures_costs_the_same_however_many_there_are(drive: Driver, store: RedisBackend, failures: int) -> None:
    fail(drive, ["c"] * failures)
    store.causes(0)
    store._link.call("CONFIG", "RESETSTAT")
    store.tally(("c",))
    assert sum(used(store).values()) <= 24
    store._link.call("CONFIG", "RESETSTAT")
    store.causes(0)
    assert sum(used(store).values()) <= 40


@pytest.mark.parametrize("lost", [(), (0,), (0, 1), (1,)])
def test_causes_are_told_alike_where_some_were_never_counted(drive: Driver, store: RedisBackend, lost: tuple[int, ...]) -> None:
    """A store that an older version wrote has no counts, or those of its last pieces alone."""
    fail(drive, ["a", "b", "a"] * 100)
    if 0 in lost:
        store._link.call("DEL", store._link.key("f7:K:0"))
    fail(drive, ["b", "a", "", "b"] * 100)
    if 1 in lost:
        store._link.call("DEL", store._link.key("f7:K:1"))
    ids = [one.id for cause in ("a", "b") for one in store.find(JobQuery(states=(JobState.FAILED,), cause=cause, limit=80)).items]
    for id in ids[:40] + ids[120:]:
        drive.did(Verb.RETRY, id)
    for id in ids[40:120]:
        drive.did(Verb.FORGET, id)
    left = Counter(one.error.cause for one in everything(store) if one.error is not None)
    assert {one.cause: one.count for one in store.causes(0)} == left
    assert {cause: one.count for cause, one in store.tally(("a", "b", "")).items()} == left
    times = [one.finished_at for one in everything(store) if one.error is not None and one.error.cause == "b"]
    (b,) = (one for one in store.causes(0) if one.cause == "b")
    assert (b.first_at, b.last_at) == (min(times), max(times))  # type: ignore[type-var]
    assert (store.tally(("b",))["b"].first_at, store.tally(("b",))["b"].last_at) == (b.first_at, b.last_at)


def everything(store: RedisBackend) -> list[Record]:
    """All that failed."""
    found, cursor = [], None
    while True:
        page = store.find(JobQuery(states=(JobState.FAILED,), limit=200, cursor=cursor))
        found += page.items
        cursor = page.next
        if cursor is None:
            return found


def test_what_was_counted_of_causes_goes_with_the_failures(drive: Driver, store: RedisBackend) -> None:
    fail(drive, ["a"] * 520)
    assert store._link.call("EXISTS", store._link.key("f7:K:0"), store._link.key("f7:K:1")) == 2
    drive.clock.advance(400 * DAY / SECOND)
    while store.tick().more:
        pass
    assert store._link.call("EXISTS", store._link.key("f7:K:0"), store._link.key("f7:K:1")) <= 1


ODD = ("plain", "Grüße", 'a "b"', "back\\slash", "on/off", "\u212a", "\u0130x", "line\nbreak", "Ärger")
SIEVED: list[dict[str, Any]] = [
    {"text": (word,)} for word in ("plain", "GRÜSSE", "grüße", '"b"', "\\s", "on/off", "k", "i", "break", "ärger", "shop", "j3", "E: no", "-7", "0")
] + [
    {"error": "no on/o"}, {"error": "E: no"}, {"error": "grÜSSE"}, {"arg": "grü"}, {"arg": "PLAIN"}, {"arg": "7}"}, *({"reason": word} for word in (*ODD, "Plain")),
    {"took_over": 3 * SECOND}, {"took_under": 3 * SECOND}, {"not_queue": ("q1",)}, {"not_name": ("J2", "shop.jobs:J3")}, {"not_tag": ("on*",)},
    {"text": ("j1", "plain")}, {"text": ("no",), "wordless": True}, {"error": "e", "took_under": 5 * SECOND, "not_queue": ("q0", "q2")},
]  # fmt: skip


def test_what_the_script_leaves_out_would_not_have_fitted(drive: Driver, store: RedisBackend) -> None:
    """Whoever looks at every record one by one finds the same."""
    payloads = {}
    for n in range(64):
        word = ODD[n % 9]
        envelopes = [
            envelope(queue=f"q{n % 3}", name=f"shop.jobs:J{n % 5}", tags=(word,) if n % 2 else (), payload=f'{{"{word}":{n}}}'.encode())
        ]
        drive.backend.push(envelopes)
        payloads[envelopes[0].id] = envelopes[0].payload
    for n, one in enumerate(drive.reserve(50)):
        failed = error(cause=f"c{n % 2}", type="E", message=f"no {ODD[n % 8]}") if n % 3 else None
        drive.settle(one, Kind.FAILED if failed else Kind.COMPLETED, error=failed, runtime=n % 7 * SECOND)
    for word, record in zip(ODD, store.find(JobQuery(states=(JobState.PENDING,), limit=len(ODD))).items, strict=True):
        drive.did(Verb.CANCEL, record.id, reason=word)
    every = store.find(JobQuery(limit=200)).items
    assert len(every) == 64
    for query in SIEVED:
        wanted = JobQuery(**query, states=tuple(JobState), limit=200)
        expected = [record.id for record in every if narrows(record, payloads[record.id], wanted)]
        assert [record.id for record in store.find(wanted).items] == expected, query


def test_a_search_that_stops_says_how_far_it_looked_and_goes_on_from_there(
    drive: Driver, store: RedisBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(find, "SCAN_LIMIT", 20)
    rare = drive.push(tags=("rare",))
    drive.push_many(70)
    seen, cursor, pages = [], None, 0
    while pages == 0 or cursor is not None:
        page = store.find(JobQuery(text=("rare",), cursor=cursor))
        assert (page.searched_back_to is None) == (page.next is None)
        seen += [record.id for record in page.items]
        cursor, pages = page.next, pages + 1
    assert (seen, pages) == ([rare], 4)
    page = store.find(JobQuery(text=("rare",), cursor=store.find(JobQuery(limit=60)).next, backwards=True))
    assert (page.items, page.searched_back_to is None) == ([], False)


def test_a_row_that_is_passed_on_counts_once_and_many_that_do_not_fit_are_not_brought_two_by_two(
    drive: Driver, store: RedisBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(find, "SCAN_LIMIT", 500)
    rare = drive.push()
    drive.push_many(400, tags=("common",))
    assert store._link.call("CONFIG", "RESETSTAT")
    page = store.find(JobQuery(queue="mails", not_tag=("common",), limit=1))
    assert ([record.id for record in page.items], page.searched_back_to) == ([rare], None)
    assert sum(times for command, times in used(store).items() if command in ("evalsha", "evalsha_ro", "fcall", "fcall_ro")) < 10


def test_failures_are_told_apart_however_their_words_are_spelt(drive: Driver, store: RedisBackend) -> None:
    spelt = [('a/"b"', 'v"1/\\'), ("plain", "v2"), ("Größe", None)]
    drive.backend.push([envelope(code_version=version) for _, version in spelt for _ in range(2)])
    versions = {record.id: record.code_version for record in store.find(JobQuery()).items}
    causes = {version: cause for cause, version in spelt}
    for one in drive.reserve(6):
        drive.settle(one, Kind.FAILED, error=error(cause=causes[versions[one.id]], message='say "E":"x"'))
    found = store.spread(drive.clock() - SECOND, drive.clock() + SECOND)
    assert sorted((one.cause, one.count) for one in store.causes(0)) == sorted((cause, 2) for cause, _ in spelt)
    assert {cause: one.versions for cause, one in found.items()} == {cause: (version,) if version else () for cause, version in spelt}
    assert {sum(one.trend) for one in found.values()} == {2}
