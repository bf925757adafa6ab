from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import Any

import pytest

from horizon import BatchJobProcessor, QueueService, chunked
from horizon.core.errors import InvalidInput, InvalidOption, PayloadTooLarge
from horizon.core.outcome import Kind
from horizon.runtime import Runtime
from tests.jobs.hands import Hands

seen: list[list[int]] = []


class Rows(BatchJobProcessor, name="test-rows", queue="data"):
    def process_job_chunk(self, items: list[Any]) -> None:
        seen.append(items)


class Into(BatchJobProcessor, name="test-rows-into"):
    def __init__(self, items: list[Any], chunk: int = 100, *, table: str) -> None:
        super().__init__(items, chunk)
        self.table = table

    def process_job_chunk(self, items: list[Any]) -> None:
        seen.append([self.table, len(items)])  # type: ignore[list-item]


@pytest.fixture(autouse=True)
def _nothing_seen() -> None:
    seen.clear()


def test_1050_items_are_11_chunks_of_one_job(hands: Hands) -> None:
    Rows(list(range(1_050))).dispatch()
    outcome = hands.run_one()
    assert [len(items) for items in seen] == [100] * 10 + [50]
    assert ([*chain(*seen)], outcome.result) == (list(range(1_050)), b'{"result":1050}')


def test_or_11_jobs_of_a_batch(hands: Hands) -> None:
    id = Rows.split(range(1_050)).name("Import").dispatch()
    assert (id.find().total_jobs, id.find().name) == (11, "Import")
    hands.run()
    assert [len(items) for items in seen] == [100] * 10 + [50]
    assert [*chain(*seen)] == list(range(1_050))
    assert id.find().state == "completed"


def test_of_a_million_items_no_more_are_held_than_go_into_one_push(here: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    backend = here.backend()
    stored, pulled, most_ahead = 0, 0, 0
    push = backend.push

    def count(envelopes: Any, **more: Any) -> Any:
        nonlocal stored
        stored += sum(one.name == "test-rows" for one in envelopes)
        return push(envelopes, **more)

    def items() -> Iterator[int]:
        nonlocal pulled, most_ahead
        for number in range(1_000_000):
            pulled += 1
            most_ahead = max(most_ahead, pulled - stored * 100)
            yield number

    monkeypatch.setattr(backend, "push", count)
    Rows.split(items(), chunk=100).dispatch()
    assert (pulled, stored) == (1_000_000, 10_000)
    assert most_ahead <= 100 * 1_001


def test_a_batch_hands_more_to_the_constructor(hands: Hands) -> None:
    Into.split([1, 2, 3], chunk=2, table="orders").dispatch()
    hands.run()
    assert seen == [["orders", 2], ["orders", 1]]


def test_it_tells_how_far_it_is_and_stops_between_chunks_when_cancelled(hands: Hands) -> None:
    told: list[Any] = []

    class Stops(BatchJobProcessor, name="test-rows-stops"):
        def process_job_chunk(self, items: list[Any]) -> None:
            told.append(prepared.news())
            seen.append(items)
            if len(seen) == 2:
                prepared.cancel("enough")

    Stops([1, 2, 3, 4, 5, 6, 7, 8], chunk=2).dispatch()
    (prepared,) = hands.prepared()
    outcome = prepared.run()
    assert (outcome.kind, seen) == (Kind.CANCELLED, [[1, 2], [3, 4]])
    assert [news and (news.percent, news.note) for news in told] == [None, (25, "2 of 8")]


def test_nothing_to_do_is_done(hands: Hands) -> None:
    Rows([]).dispatch()
    assert hands.run_one().result == b'{"result":0}'


@pytest.mark.parametrize("items", [iter([1]), "abc", 7])
def test_what_is_no_list_is_refused_with_the_way_out(items: Any) -> None:
    with pytest.raises(InvalidInput, match=r"takes a list of items.*Rows\.split\(items\)"):
        Rows(items)


@pytest.mark.parametrize("chunk", [0, -1, 1.5, True])
def test_so_is_a_chunk_of_nothing(chunk: Any) -> None:
    with pytest.raises(InvalidOption, match="size of a chunk"):
        Rows([1], chunk=chunk)
    with pytest.raises(InvalidOption, match="size of a chunk"):
        Rows.split([1], chunk=chunk)


def test_text_is_not_split_into_letters() -> None:
    with pytest.raises(InvalidInput, match="split takes items"):
        Rows.split("abc")


def test_more_than_a_job_can_hold_is_refused_at_dispatch(here: Runtime) -> None:
    with pytest.raises(PayloadTooLarge):
        Rows(list(range(400_000))).dispatch()


def test_without_the_method_the_job_says_what_is_missing(hands: Hands) -> None:
    class Empty(BatchJobProcessor, name="test-rows-empty"): ...

    Empty([1]).with_tries(1).dispatch()
    assert "define one" in str(hands.run_one().error)


def test_a_service_dispatches_chunks_as_a_batch_of_a_queue(hands: Hands) -> None:
    id = QueueService.dispatch_batch((Rows(items) for items in chunked(range(250), 100)), "reports", name="Three")
    handle = id.find()
    assert (handle.total_jobs, handle.name, {job.queue for job in handle.jobs()}) == (3, "Three", {"reports"})
