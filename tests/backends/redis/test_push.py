"""A push of more than a thousand: the next thousand is put together while the store is busy with the one before."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from horizon.backends.redis.backend import RedisBackend
from horizon.backends.redis.link import Begun, Link
from horizon.core.errors import BackendUnavailable, UnknownGroup
from tests.conformance.driver import Driver, envelope


def fails(*_: object) -> None:
    raise BackendUnavailable("cut off")


def fails_after(act: Callable[[Begun], object]) -> Callable[[Begun], object]:
    def done_unheard(begun: Begun) -> object:
        act(begun)
        raise BackendUnavailable("the answer was lost")

    return done_unheard


def test_thousands_are_stored_in_their_order(drive: Driver) -> None:
    made = [envelope() for _ in range(2_100)]
    answers = drive.backend.push(made)
    assert [answer.id for answer in answers] == [one.id for one in made]
    assert {answer.status for answer in answers} == {"created"}
    assert [one.id for one in drive.reserve(2_100, max_bytes=10**9)] == [one.id for one in made]


@pytest.mark.parametrize("where", ["sent", "heard", "lost"])
def test_a_fault_on_the_way_is_no_harm(store: RedisBackend, monkeypatch: pytest.MonkeyPatch, where: str) -> None:
    if where == "sent":
        monkeypatch.setattr(Link, "begin", fails)
    else:
        monkeypatch.setattr(Begun, "finish", fails if where == "heard" else fails_after(Begun.finish))
    made = [envelope() for _ in range(1_100)]
    assert len(store.push(made)) == 1_100
    assert store.remaining() == 1_100


def test_what_is_refused_later_leaves_nothing_unread(store: RedisBackend) -> None:
    made = [envelope() for _ in range(1_000)]
    with pytest.raises(UnknownGroup):
        store.push([*made, envelope(group="g")])
    assert store.remaining() == 1_000
    assert {answer.status for answer in store.push(made)} == {"exists"}
