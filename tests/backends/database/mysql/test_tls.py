"""A MariaDB behind TLS: whom nobody known vouches for is refused, and a wish to be sure is never passed over."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from horizon.backends.database import migrate
from horizon.backends.database.backend import DatabaseBackend
from horizon.backends.values import StoreOptions
from horizon.core.errors import BackendUnavailable, ConfigurationError
from tests.conformance.driver import envelope
from tests.servers.certificates import Authority
from tests.servers.mariadb import DRIVER, MariaDB
from tests.servers.server import Missing

REFUSED = {"pymysql": "certificate verify failed", "mysqldb": "self-signed certificate"}
"""What each driver says of a server that nobody known vouches for."""


@dataclass
class Secured:
    server: MariaDB
    ca: Path
    address: str

    def store(self, **options: object) -> DatabaseBackend:
        said = "&".join(f"{name}={value}" for name, value in options.items())
        return DatabaseBackend(f"{self.address}?{said}", StoreOptions())


@pytest.fixture(scope="module")
def secured() -> Iterator[Secured]:
    try:
        server = MariaDB()
        authority = Authority(server.folder / "tls")
        certificate, key = authority.vouch("server", "IP:127.0.0.1")
    except Missing as missing:
        pytest.skip(str(missing))
    if server.account:
        for file in (authority.folder, *authority.folder.iterdir()):
            os.chown(file, *server.account)
    server.options = (f"--ssl-cert={certificate}", f"--ssl-key={key}", f"--ssl-ca={authority.certificate}")
    server.start()
    address = server.fresh()
    migrate.upgrade(address)
    yield Secured(server, authority.certificate, address)
    server.close()


def cipher(store: DatabaseBackend) -> str:
    ((_, value),) = store._access.read(lambda db: db.all("SHOW STATUS LIKE 'Ssl_cipher'"))
    return str(value)


@pytest.mark.parametrize("more", [{}, {"ssl_verify_identity": "true"}, {"ssl_verify_identity": "false"}])
def test_over_tls_all_is_as_ever(secured: Secured, more: dict[str, str]) -> None:
    store = secured.store(ssl_ca=secured.ca, **more)
    assert cipher(store) != ""
    store.push([envelope()])
    store.close()


def test_whom_nobody_known_vouches_for_is_refused(secured: Secured, tmp_path: Path) -> None:
    stranger = Authority(tmp_path / "stranger").certificate
    for options in ({"ssl_ca": stranger}, {"ssl_ca": stranger, "ssl_verify_identity": "false"}, {"ssl_verify_identity": "true"}):
        with pytest.raises(BackendUnavailable, match=REFUSED[DRIVER]):
            secured.store(**options).version()


def test_who_asks_for_nothing_but_secrecy_trusts_anybody(secured: Secured) -> None:
    store = secured.store(ssl_verify_identity="false")
    assert cipher(store) != ""
    store.close()


def test_files_that_are_not_there_are_named(secured: Secured) -> None:
    with pytest.raises(ConfigurationError, match=r"/nowhere/ca\.pem"):
        secured.store(ssl_ca="/nowhere/ca.pem").version()
