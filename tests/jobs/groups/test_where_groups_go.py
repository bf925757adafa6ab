"""Connections, transactions of the host, and words that a group does not take."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from horizon import Job, batch, chain, workflow
from horizon.core import current
from horizon.core.errors import InvalidInput, InvalidOption, NotCommitted, NotFound
from horizon.runtime import Runtime
from tests.jobs.groups.sample import Does, drain, seen
from tests.jobs.hands import Hands, runtime


class FakeHost:
    """A host whose session holds writes until the test ends its transaction."""

    def __init__(self) -> None:
        self.open = True
        self._ends: list[tuple[Any, Any]] = []

    def writing(self, url: str | None) -> FakeHost | None:
        return self if self.open else None

    def follow(self, on_commit: Any, on_rollback: Any) -> None:
        self._ends.append((on_commit, on_rollback))

    def end(self, *, commit: bool) -> None:
        self.open = False
        for ends in self._ends:
            ends[0 if commit else 1]()


@pytest.fixture
def host(here: Runtime) -> FakeHost:
    made = FakeHost()
    here.host = made  # type: ignore[assignment]
    return made


def test_a_group_does_not_join_a_transaction_and_says_what_to_do(host: FakeHost) -> None:
    with pytest.raises(InvalidInput, match=r"\.after_commit\(\).*\.immediately\(\).*dispatch one job"):
        batch([Does("a")]).dispatch()


def test_after_the_commit_it_is_pushed(host: FakeHost, hands: Hands) -> None:
    id = batch([Does("a")]).after_commit().dispatch()
    assert id.record() is None
    with pytest.raises(NotCommitted, match="transaction that is still open"):
        id.wait(0)
    host.end(commit=True)
    drain(hands)
    assert id.wait(0).finished()


def test_after_a_rollback_it_never_was(host: FakeHost, hands: Hands) -> None:
    id = chain([Does("a")]).after_commit().dispatch()
    host.end(commit=False)
    assert drain(hands) == []
    with pytest.raises(NotFound, match="rolled back"):
        id.cancel()


def test_what_cannot_be_stored_is_refused_before_the_commit(host: FakeHost) -> None:
    with pytest.raises(InvalidInput, match="job 2 of the batch"):
        batch(iter([Does("a"), "b"])).after_commit().dispatch()


def test_a_push_after_the_commit_that_fails_is_logged(
    here: Runtime, host: FakeHost, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    id = batch([Does("a")]).after_commit().dispatch()
    monkeypatch.setattr(here.backend(), "push", lambda *_, **__: 1 / 0)
    with caplog.at_level(logging.ERROR, logger="horizon.jobs"):
        host.end(commit=True)
    assert str(id) in caplog.text
    with pytest.raises(NotFound, match="lost"):
        id.wait(0)


def test_immediately_asks_nobody(host: FakeHost, hands: Hands) -> None:
    batch([Does("a")]).immediately().dispatch()
    drain(hands)
    assert seen == ["a"]


@pytest.fixture
def two() -> Any:
    made = runtime(CONNECTIONS={"other": "memory://other", "here": "sync://"})
    with current.use(made):
        yield made
    made.close()


def test_a_group_lives_in_one_store(two: Runtime) -> None:
    id = batch([Does("a"), chain([Does("b")])]).on_connection("other").dispatch()
    assert two.backend("other").groups.get(id) is not None
    assert id.find().total_jobs == 2  # type: ignore[union-attr]
    first = batch([Does("a").on_connection("other"), Does("b").on_connection("other")]).dispatch()
    assert two.backend("other").groups.get(first) is not None
    for group in (batch([Does("a"), Does("b").on_connection("other")]), batch([Does("a").on_connection("default")]).on_connection("other")):
        with pytest.raises(InvalidInput, match=r"all of a group lives in one store; say \.on_connection"):
            group.dispatch()


def test_a_connection_that_keeps_nothing_has_no_groups(two: Runtime) -> None:
    with pytest.raises(InvalidInput, match=r"has no workflow.*memory://"), workflow("W").on_connection("here") as w:
        w.add(Does("a"))


def test_a_group_waits_for_jobs_and_groups_and_jobs_for_groups(hands: Hands) -> None:
    first = batch([Does("a"), Does("b")]).dispatch()
    second = chain([Does("c"), Does("d")]).depends_on(first).dispatch()
    Does("e").depends_on(second).dispatch()
    handle = second.find()
    assert handle is not None
    Does("f").depends_on(handle).dispatch()
    assert [len(hands.run()) for _ in range(5)] == [2, 1, 1, 2, 0]
    with pytest.raises(InvalidOption, match="dispatch it first"):
        Does("g").depends_on(batch([]))


def test_words_that_a_group_does_not_take_are_refused() -> None:
    with pytest.raises(InvalidOption, match="has no unique key"):
        batch([]).unique_by("x")
    with pytest.raises(InvalidOption, match="are JSON data"):
        batch([]).options(at=object())
    with pytest.raises(InvalidOption, match="at most 4,000 bytes"):
        batch([]).options(text="x" * 5_000)
    with pytest.raises(InvalidOption, match="a chain's name"):
        chain([]).name("")
    for make in (batch, chain):
        with pytest.raises(InvalidInput, match="takes a list of jobs"):
            make("abc")


def test_callbacks_of_jobs_elsewhere_are_refused(two: Runtime) -> None:
    with pytest.raises(InvalidInput, match="belongs to the connection 'other'"):
        batch([Does("a")]).then(Does("b").on_connection("other")).dispatch()


def test_a_member_keeps_its_own_options(here: Runtime) -> None:
    class Careful(Job, name="test-groups-careful", max_tries=7):
        def handle(self) -> None: ...

    id = batch([Careful()]).dispatch()
    (record,) = id.find().jobs()  # type: ignore[union-attr]
    assert record.max_tries == 7
