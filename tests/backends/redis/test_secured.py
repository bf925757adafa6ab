"""A Redis behind TLS, behind a password, and for a user with no more rights than it needs."""

from __future__ import annotations

from pathlib import Path

import pytest

from horizon.core.clock import ManualClock
from horizon.core.errors import BackendUnavailable, ConfigurationError
from tests.backends.everything import everything
from tests.backends.redis.conftest import Opener
from tests.conformance.driver import envelope
from tests.servers.certificates import Authority
from tests.servers.fixtures import OwnServer
from tests.servers.redis import Redis, Redis62, Valkey
from tests.servers.server import Missing, free_port


@pytest.fixture(autouse=True)
def _told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is refused here will not pass."""
    monkeypatch.setattr("horizon.backends.redis.link.PATIENCE", 0.0)


# TLS ------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    try:
        return Authority(tmp_path_factory.mktemp("authority"))
    except Missing as missing:
        pytest.skip(str(missing))


class Secured:
    """A Redis that speaks TLS on a second port."""

    def __init__(self, own_server: OwnServer, authority: Authority, *more: str, at: str = "IP:127.0.0.1") -> None:
        certificate, key = authority.vouch("server", at)
        self.port = free_port()
        files = ("--tls-cert-file", str(certificate), "--tls-key-file", str(key), "--tls-ca-cert-file", str(authority.certificate))
        self.server: Redis = own_server(Redis, "--tls-port", str(self.port), *files, *(more or ("--tls-auth-clients", "no")))

    def address(self, **options: object) -> str:
        said = "&".join(f"{name}={value}" for name, value in options.items())
        return f"rediss://127.0.0.1:{self.port}/0?{said}"


@pytest.fixture
def secured(own_server: OwnServer, authority: Authority) -> Secured:
    return Secured(own_server, authority)


def test_over_tls_all_is_as_ever(secured: Secured, authority: Authority, open_at: Opener, clock: ManualClock) -> None:
    everything(open_at(secured.address(ca=authority.certificate)), clock)


def test_whom_nobody_known_vouches_for_is_refused_with_what_to_do(
    secured: Secured, authority: Authority, open_at: Opener, tmp_path: Path
) -> None:
    stranger = Authority(tmp_path / "stranger")
    for options in ({"ca": stranger.certificate}, {}):
        with pytest.raises(BackendUnavailable, match=r"certificate.*ca="):
            open_at(secured.address(**options)).push([envelope()])
    trusting = open_at(secured.address(verify="no"))
    trusting.push([envelope()])
    assert trusting.remaining() == 1


def test_a_certificate_for_another_host_is_refused(own_server: OwnServer, authority: Authority, open_at: Opener) -> None:
    secured = Secured(own_server, authority, at="DNS:redis.internal")
    with pytest.raises(BackendUnavailable, match="not valid for"):
        open_at(secured.address(ca=authority.certificate)).version()


def test_a_file_that_is_not_there_is_named(secured: Secured, open_at: Opener) -> None:
    with pytest.raises(ConfigurationError, match=r"/nowhere/ca\.pem"):
        open_at(secured.address(ca="/nowhere/ca.pem")).version()


def test_a_server_that_wants_to_know_who_comes_is_shown_a_certificate(own_server: OwnServer, authority: Authority, open_at: Opener) -> None:
    secured = Secured(own_server, authority, "--tls-auth-clients", "yes")
    certificate, key = authority.vouch("worker")
    known = open_at(secured.address(ca=authority.certificate, cert=certificate, key=key))
    known.push([envelope()])
    with pytest.raises(BackendUnavailable):
        open_at(secured.address(ca=authority.certificate)).push([envelope()])
    assert known.remaining() == 1


def test_neither_way_of_speaking_is_understood_at_the_door_of_the_other(secured: Secured, authority: Authority, open_at: Opener) -> None:
    with pytest.raises(BackendUnavailable):
        open_at(f"redis://127.0.0.1:{secured.port}/0").version()
    with pytest.raises(BackendUnavailable, match="TLS"):
        open_at(f"rediss://127.0.0.1:{secured.server.port}/0?timeout=0.3&ca={authority.certificate}").version()


# passwords and rights -------------------------------------------------------------------------------

DOCS = Path(__file__).resolve().parents[3] / "docs/how-to/redis.md"
LEAST = (
    "resetchannels",
    "-@all",
    "+@read",
    "+@write",
    "-@dangerous",
    "-scan",
    "-randomkey",
    "+eval",
    "+evalsha",
    "+select",
    "+time",
    "+info",
)


def test_a_password_is_asked_for_and_taken(own_server: OwnServer, open_at: Opener, clock: ManualClock) -> None:
    server: Redis = own_server(Redis)
    open_at(server.address(0))._link.call("CONFIG", "SET", "requirepass", "p@ss word")
    with pytest.raises(BackendUnavailable, match=r"redis://:password@host"):
        open_at(server.address(1)).version()
    with pytest.raises(BackendUnavailable, match="wrong"):
        open_at(server.address(1).replace("://", "://:nonsense@")).version()
    everything(open_at(server.address(1).replace("://", "://:p%40ss%20word@")), clock)


@pytest.mark.parametrize("kind", [Redis, Redis62, Valkey])
def test_a_user_with_the_least_rights_can_do_all_that_is_needed(
    kind: type[Redis], own_server: OwnServer, open_at: Opener, clock: ManualClock
) -> None:
    server: Redis = own_server(kind)
    open_at(server.address(0))._link.call("ACL", "SETUSER", "horizon", "on", ">secret", "~{hz}*", *LEAST)
    assert f"~{{hz}}* {' '.join(LEAST)}\n" in DOCS.read_text()
    mine = server.address(0).replace("://", "://horizon:secret@")
    everything(open_at(mine), clock)
    with pytest.raises(BackendUnavailable, match="may not do all that is needed"):
        open_at(f"{mine}?prefix=other").push([envelope()])
    for forbidden in (
        ("KEYS", "*"),
        ("SCAN", "0"),
        ("FLUSHALL",),
        ("CONFIG", "GET", "maxmemory"),
        ("CLIENT", "LIST"),
        ("SET", "else", "1"),
    ):
        with pytest.raises(BackendUnavailable, match="may not do all"):
            open_at(mine)._link.call(*forbidden)
