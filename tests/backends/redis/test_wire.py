from __future__ import annotations

import threading
from dataclasses import dataclass

import hiredis
import pytest

from horizon.backends.redis import wire as wire_room
from horizon.backends.redis.address import locate
from horizon.backends.redis.backend import RedisBackend
from horizon.backends.redis.header import pack_id, unpack_id
from horizon.backends.redis.link import Link
from horizon.backends.redis.parser import PlainReader, ReplyError
from horizon.backends.redis.wire import pack, pack_slowly
from horizon.core.errors import BackendUnavailable, StoreFull
from horizon.core.states import Priority
from tests.backends.redis.conftest import Opener
from tests.conformance.driver import envelope
from tests.servers.fixtures import OwnServer
from tests.servers.redis import Redis
from tests.waiting import until

REPLIES = b"+OK\r\n:42\r\n$-1\r\n$5\r\na\r\nb\x00\r\n*3\r\n:1\r\n*0\r\n$2\r\nhi\r\n*-1\r\n$0\r\n\r\n"


@pytest.mark.parametrize("step", [1, 2, 7, 1000])
def test_both_readers_read_alike_however_the_bytes_come(step: int) -> None:
    plain, fast = PlainReader(), hiredis.Reader()
    read: list[list[object]] = [[], []]
    for start in range(0, len(REPLIES), step):
        for reader, found in zip((plain, fast), read, strict=True):
            reader.feed(REPLIES[start : start + step])
            while (reply := reader.gets()) is not False:
                found.append(reply)
    assert read[0] == read[1]
    assert read[0] == [b"OK", 42, None, b"a\r\nb\x00", [1, [], b"hi"], None, b""]


def test_a_complaint_is_a_value() -> None:
    reader = PlainReader()
    reader.feed(b"-READONLY no\r\n")
    assert isinstance(reader.gets(), ReplyError)


def test_a_command_is_packed_with_the_length_of_its_bytes() -> None:
    assert pack(("SET", "é", b"\x00\r\n", 7)) == b"*4\r\n$3\r\nSET\r\n$2\r\n\xc3\xa9\r\n$3\r\n\x00\r\n\r\n$1\r\n7\r\n"


def test_both_ways_to_pack_say_the_same() -> None:
    parts = ("SET", "é", b"\x00\r\n", 7, -3, 0.25, 1e20, "")
    assert pack(parts) == pack_slowly(parts)


def test_a_number_of_another_kind_is_packed_as_one() -> None:
    assert pack(("SET", Priority.HIGH)) == pack(("SET", int(Priority.HIGH)))


@dataclass
class Deaf:
    """A connection on which no answer comes."""

    looks: int = 0

    def poll(self, timeout: float) -> list[tuple[int, int]]:
        self.looks += 1
        return []


def test_a_server_that_is_far_away_is_not_waited_for_awake_each_time(store: RedisBackend, monkeypatch: pytest.MonkeyPatch) -> None:
    wire, deaf = store._link.take(), Deaf()
    monkeypatch.setattr(wire_room, "PROCESSORS", 2)
    near = wire._poll
    monkeypatch.setattr(wire, "_poll", deaf)
    rounds = 0
    while rounds < wire_room.SELDOM - 1:
        before, rounds = deaf.looks, rounds + 1
        wire.linger()
        assert (deaf.looks > before) == (rounds <= wire_room.SOME)
    wire.linger()
    assert deaf.looks > before
    monkeypatch.setattr(wire, "_poll", near)
    wire.close()


@pytest.mark.parametrize(
    ("text", "kind", "said"),
    [
        ("LOADING Redis is loading the dataset in memory", BackendUnavailable, "after a start"),
        ("OOM command not allowed when used memory > 'maxmemory'.", StoreFull, "maxmemory"),
        ("MISCONF Redis is configured to save RDB snapshots", BackendUnavailable, "disk"),
        ("NOAUTH Authentication required.", BackendUnavailable, "password"),
        ("CLUSTERDOWN The cluster is down", BackendUnavailable, "cluster"),
    ],
)
def test_a_complaint_becomes_an_error_that_says_what_to_look_at(text: str, kind: type[Exception], said: str) -> None:
    error = Link(locate("redis://h", {})).told(ReplyError(text))
    assert type(error) is kind
    assert said in str(error)


def test_threads_share_a_store(store: RedisBackend) -> None:
    threads = [threading.Thread(target=lambda: [store.push([envelope()]) for _ in range(20)]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert store.remaining() == 80
    assert dict(store.numbers.recount()) == {}


def test_a_node_of_a_cluster_takes_all_that_is_asked_of_it(own_server: OwnServer, open_at: Opener) -> None:
    server = own_server(Redis, "--databases", "1", "--cluster-enabled", "yes")
    backend = open_at(f"redis://127.0.0.1:{server.port}/0")
    with pytest.raises(BackendUnavailable, match="cluster"):
        backend.push([envelope()])
    backend._link.call("CLUSTER", "ADDSLOTS", *range(16384))
    until(lambda: b"cluster_state:ok" in backend._link.call("CLUSTER", "INFO"))
    made = envelope(tags=("a",), unique_key="k")
    backend.push([made])
    assert backend.get(made.id) is not None
    assert backend.tick().promoted == 0


@pytest.mark.parametrize(
    "id",
    [
        "01a2025e-cdc7-78e7-99fa-03e3ab629c7a",
        "01A2025E-CDC7-78E7-99FA-03E3AB629C7A",
        "no id at all",
        "",
        "exactly16letters",
        "é" * 18,
        "\ud800",
    ],
)
def test_an_id_comes_back_as_it_was(id: str) -> None:
    packed = pack_id(id)
    assert unpack_id(packed) == id
    assert len(packed) == 16 or packed[:1] == b"\0"
