"""A push of more than a thousand: the next thousand is put together while the store is busy with the one before."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from horizon.backends.redis.backend import RedisBackend
from horizon.backends.redis.link import Begun, Link
from horizon.core.alike import Alike
from horizon.core.clock import SECOND
from horizon.core.errors import BackendUnavailable, UnknownGroup
from horizon.core.ids import uuid7s
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


@pytest.mark.parametrize("agreed", [{}, {"tags": ("a", "b"), "user": "ana"}, {"priority": 3, "max_tries": 2, "delay": 60 * SECOND}])
def test_of_jobs_that_are_known_to_be_alike_none_but_the_first_is_made_and_they_are_stored_the_same(
    store: RedisBackend, monkeypatch: pytest.MonkeyPatch, agreed: dict[str, Any]
) -> None:
    one_by_one = [envelope(payload=b"%d" % number, **agreed) for number in range(1_100)]
    store.push(one_by_one)
    monkeypatch.setattr(Alike, "_all", lambda self: pytest.fail("the others were made"))
    made = Alike(uuid7s(1_100), [one.payload for one in one_by_one], {"name": one_by_one[0].name, "queue": one_by_one[0].queue, **agreed})
    assert [answer.id for answer in store.push(made)] == made.ids
    first, second = (store.envelopes(ids) for ids in ([one.id for one in one_by_one], list(made.ids)))
    assert [replace(one, id="", created_at=None) for one in second] == [replace(one, id="", created_at=None) for one in first]


@pytest.mark.parametrize("together", [True, False])
def test_whatever_its_id_a_job_is_found_by_it_and_pushed_but_once(store: RedisBackend, together: bool) -> None:
    of_many_times = [f"0192{minute:04x}-0000-7000-8000-000000000001" for minute in range(3)]
    ids = [
        *of_many_times,
        "6f9619ff-8b86-4d01-b42d-00cf4fc964ff",
        "6f9619ff-8b86-5d01-b42d-00cf4fc964ff",
        "no id at all",
        "x",
        "exactly16letters",
    ]
    made = [envelope(id=id) for id in ids]
    for group in [made, made] if together else [[one] for one in (*made, *made)]:
        store.push(group)
    assert [one.id for one in store.many(ids)] == ids
    assert {answer.status for answer in store.push(made)} == {"exists"}
    assert store.remaining() == len(ids)


def test_ids_of_one_minute_lie_together(store: RedisBackend) -> None:
    store.push([envelope(id=f"01920001-{at:04x}-7000-8000-000000000001") for at in range(300)])
    assert store._link.call("HLEN", store._link.key("i:").encode() + bytes.fromhex("01920001")) == 300


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
