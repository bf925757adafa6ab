"""Redis with sentinels, and as a cluster of two: the way to the primary, or to the node with the keys, is found by itself."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest
import redis

from horizon.backends.redis.backend import RedisBackend
from horizon.backends.values import Want
from horizon.core.clock import ManualClock
from horizon.core.errors import BackendUnavailable
from horizon.core.outcome import Answer
from tests.backends.redis.conftest import Opener
from tests.conformance.driver import Driver, envelope
from tests.servers.fixtures import OwnServer
from tests.servers.redis import Redis, Sentinel
from tests.servers.server import Missing
from tests.waiting import until

# sentinels ------------------------------------------------------------------------------------------


class Guarded:
    """A primary, a replica of it, and a sentinel that has seen both."""

    def __init__(self, own_server: OwnServer) -> None:
        self.primary: Redis = own_server(Redis)
        self.replica: Redis = own_server(Redis, "--replicaof", "127.0.0.1", str(self.primary.port), "--repl-diskless-sync-delay", "0")
        until(lambda: b"master_link_status:up" in self.replica.ask("INFO", "replication"))
        self.sentinel = Sentinel(self.primary.port)
        self.sentinel.start()
        until(lambda: len(self.sentinel.ask("SENTINEL", "replicas", "shop")) == 1, 60)

    @property
    def address(self) -> str:
        return f"redis+sentinel://127.0.0.1:1,127.0.0.1:{self.sentinel.port}/shop/2"

    def fails_over(self) -> bool:
        """Have it change places; not before the sentinel has heard from the replica."""
        try:
            self.sentinel.ask("SENTINEL", "FAILOVER", "shop")
        except redis.ResponseError:
            return False
        return True

    def elsewhere(self) -> bool:
        """Whether the sentinel sends people to what was the replica."""
        return self.sentinel.ask("SENTINEL", "get-master-addr-by-name", "shop")[1] == str(self.replica.port).encode()


@pytest.fixture
def guarded(own_server: OwnServer) -> Iterator[Guarded]:
    try:
        made = Guarded(own_server)
    except Missing as missing:
        pytest.skip(str(missing))
    yield made
    made.sentinel.close()


def served(backend: RedisBackend) -> bool:
    try:
        backend.version()
    except BackendUnavailable:
        return False
    return True


def test_the_first_sentinel_that_answers_is_asked_where_to_go(
    own_server: OwnServer, open_at: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    sentinel = Sentinel(own_server(Redis).port)
    sentinel.start()
    address = f"redis+sentinel://127.0.0.1:1,127.0.0.1:{sentinel.port}/shop/2"
    backend = open_at(address)
    backend.push([envelope()])
    assert backend.remaining() == 1
    monkeypatch.setattr("horizon.backends.redis.link.PATIENCE", 0.0)
    with pytest.raises(BackendUnavailable, match="knows no service 'other'"):
        open_at(address.replace("/shop/", "/other/")).version()
    sentinel.close()


@pytest.mark.slow
def test_what_was_the_primary_refuses_after_a_failover_and_work_goes_on_at_the_next_one(
    guarded: Guarded, open_at: Opener, clock: ManualClock
) -> None:
    backend = open_at(guarded.address)
    drive = Driver(backend, clock)
    ids = drive.push_many(3)
    got = drive.take(ids[0])
    assert backend._link.call("WAIT", 1, 5000) == 1
    until(guarded.fails_over, 60)
    until(guarded.elsewhere, 60)
    until(lambda: guarded.primary.ask("ROLE")[0] == b"slave")
    assert drive.complete(got) is Answer.OK
    drive.push()
    assert backend.wait(["mails"], 1) is True
    assert guarded.replica.ask("ROLE")[0] == b"master"
    assert drive.counts() == {"completed": 1, "pending": 3}


@pytest.mark.slow
def test_a_primary_that_was_killed_is_replaced_and_everybody_finds_the_next_one(
    guarded: Guarded, open_at: Opener, clock: ManualClock
) -> None:
    backend = open_at(guarded.address)
    drive = Driver(backend, clock)
    ids = drive.push_many(3)
    assert backend._link.call("WAIT", 1, 5000) == 1
    guarded.primary.stop(signal.SIGKILL)
    until(lambda: served(backend), 60)
    assert guarded.elsewhere()
    assert [one.id for one in backend.turn([], Want(session="w", executor=0, count=9)).reservations] == ids


# a cluster ------------------------------------------------------------------------------------------


class Cluster:
    """Two nodes with half of the slots each."""

    def __init__(self) -> None:
        self.nodes = [Redis("--databases", "1", "--cluster-enabled", "yes", "--cluster-node-timeout", "2000") for _ in range(2)]
        for epoch, node in enumerate(self.nodes, 1):
            node.start()
            node.ask("CLUSTER", "SET-CONFIG-EPOCH", epoch)
        first, second = self.nodes
        first.ask("CLUSTER", "ADDSLOTS", *range(8192))
        second.ask("CLUSTER", "ADDSLOTS", *range(8192, 16384))
        first.ask("CLUSTER", "MEET", "127.0.0.1", second.port)
        until(lambda: all(b"cluster_state:ok" in node.ask("CLUSTER", "INFO") for node in self.nodes), 60)

    def home(self, prefix: str) -> Redis:
        """The node with the keys of a connection."""
        return self.nodes[self.nodes[0].ask("CLUSTER", "KEYSLOT", f"{{{prefix}}}") > 8191]

    def other(self, prefix: str) -> Redis:
        return next(node for node in self.nodes if node is not self.home(prefix))


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    try:
        made = Cluster()
    except Missing as missing:
        pytest.skip(str(missing))
    yield made
    for node in made.nodes:
        node.close()


def test_whichever_node_is_named_the_way_leads_to_the_one_with_the_keys(cluster: Cluster, open_at: Opener, clock: ManualClock) -> None:
    asked, home = cluster.other("hz"), cluster.home("hz")
    backend = open_at(f"redis://127.0.0.1:{asked.port}/0")
    backend.ready()
    drive = Driver(backend, clock)
    ids = drive.push_many(2, tags=("a",))
    drive.run(ids[0])
    assert backend.wait(["mails"], 1) is True
    assert backend.wait(["quiet"], 0.01) is False
    drive.did("prioritize", ids[1], priority=3)
    assert sorted(drive.found(tag="a")) == sorted(ids)
    assert dict(backend.numbers.recount()) == {}
    assert not any(key.startswith(b"{hz}") for key in asked.ask("KEYS", "*"))
    assert any(key.startswith(b"{hz}") for key in home.ask("KEYS", "*"))


def test_connections_of_several_prefixes_live_on_several_nodes(cluster: Cluster, open_at: Opener) -> None:
    prefixes = [next(name for name in map(str, range(99)) if cluster.home(name) is node) for node in cluster.nodes]
    for prefix in prefixes:
        backend = open_at(f"redis://127.0.0.1:{cluster.nodes[0].port}/0?prefix={prefix}")
        backend.push([envelope()])
        assert backend.remaining() == 1
    assert all(node.ask("DBSIZE") > 0 for node in cluster.nodes)
