"""Groups on a Redis: answers that were lost, memory that is short, and what the scripts know of the words of others."""

from __future__ import annotations

import pytest

from horizon.backends.redis.backend import RedisBackend
from horizon.backends.redis.scripts import FOLDER
from horizon.backends.values import Want
from horizon.core.clock import ManualClock
from horizon.core.errors import StoreFull
from horizon.core.group import GROUP_FAILED
from horizon.core.outcome import Answer, Kind
from tests.backends.redis.conftest import Opener
from tests.conformance.driver import Driver, outcome
from tests.conformance.grouping import callbacks_of, members, new, push_batch
from tests.servers.fixtures import OwnServer
from tests.servers.proxy import Proxy
from tests.servers.redis import Redis


@pytest.mark.parametrize("part", [0, 1, 2])
def test_a_push_with_a_group_whose_answers_were_lost_is_stored_once(through: RedisBackend, proxy: Proxy, drive: Driver, part: int) -> None:
    through.version()
    proxy.cut_at = part
    group = new()
    through.push([*callbacks_of(group), *members(group, 1500)], groups=[group], seal=[group.id])
    got = drive.backend.groups.get(group.id)
    assert got is not None
    assert (got.state, got.total, got.pending) == ("running", 1500, 1500)
    assert dict(drive.backend.numbers.recount()) == {}


def test_the_end_of_a_group_whose_answer_was_lost_counts_once(through: RedisBackend, proxy: Proxy, drive: Driver) -> None:
    batch = push_batch(drive, 3)
    got = drive.reserve(3)
    through.version()
    proxy.cut_after = 3
    answers = through.turn([outcome(one, Kind.COMPLETED) for one in got]).answers
    assert set(answers) == {Answer.DUP}
    assert (batch.now.state, batch.figures(), batch.callbacks()) == ("completed", (0, 0, 3, 0, 0), ("pending", "cancelled", "pending"))


def test_members_that_a_lost_answer_handed_out_run_once(through: RedisBackend, proxy: Proxy, drive: Driver) -> None:
    batch = push_batch(drive, 3)
    through.version()
    proxy.cut_after = 3
    got = through.turn([], Want(session="w", executor=0, count=2)).reservations
    assert ([one.id for one in got], {one.group for one in got}) == (list(batch.jobs[:2]), {batch.id})
    assert batch.figures() == (1, 2, 0, 0, 0)


def test_over_maxmemory_a_group_is_refused_whole_and_those_under_way_end(
    own_server: OwnServer, open_at: Opener, clock: ManualClock
) -> None:
    backend = open_at(own_server(Redis).fresh())
    drive = Driver(backend, clock)
    batch, open_one = push_batch(drive, 2), push_batch(drive, 1, seal=False)
    got = drive.reserve(2)
    backend._link.call("CONFIG", "SET", "maxmemory", "1mb")
    group = new()
    for refused in (members(group, 3), []):
        with pytest.raises(StoreFull, match="maxmemory"):
            backend.push(refused, groups=[group], seal=[group.id])
    with pytest.raises(StoreFull, match="maxmemory"):
        backend.push(members(open_one.id, 2), seal=[open_one.id])
    assert (backend.groups.get(group.id), open_one.now.state, open_one.now.total) == (None, "open", 1)
    drive.settle_all(got)
    assert (batch.now.state, batch.callbacks()) == ("completed", ("pending", "cancelled", "pending"))
    assert backend.groups.cancel(open_one.id).state == "cancelled"


def test_scripts_say_why_members_are_cancelled_in_the_words_of_every_store() -> None:
    assert f"'{GROUP_FAILED}'" in (FOLDER / "parts" / "groups.lua").read_text()
