"""Users with the rights that the docs name, and no others: one for the app, one for `horizon db upgrade`."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from horizon.backends.database import migrate
from horizon.backends.database.backend import DatabaseBackend
from horizon.backends.values import StoreOptions
from horizon.core.clock import ManualClock
from tests.backends.everything import everything
from tests.conformance.driver import LEASE
from tests.servers.mariadb import MariaDB
from tests.servers.postgres import Postgres
from tests.servers.running import running
from tests.servers.server import Missing


@pytest.fixture(params=[Postgres, MariaDB])
def server(request: pytest.FixtureRequest) -> Postgres | MariaDB:
    try:
        return running(request.param)
    except Missing as missing:
        pytest.skip(str(missing))


@pytest.fixture
def address(server: Postgres | MariaDB) -> Iterator[str]:
    made = server.fresh()
    yield made
    server.drop(made)


def postgres_user(server: Postgres, database: str) -> str:
    server.ask("DROP ROLE IF EXISTS humble")
    server.ask("CREATE ROLE humble LOGIN")
    server.ask("GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO humble", database)
    server.ask("GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO humble", database)
    return f"postgresql://humble@127.0.0.1:{server.port}/{database}"


def mariadb_user(server: MariaDB, database: str, name: str, rights: str) -> str:
    server.ask(f"CREATE OR REPLACE USER {name}@'127.0.0.1' IDENTIFIED BY 'x'")
    server.ask(f"GRANT {rights} ON {database}.* TO {name}@'127.0.0.1'")
    return f"mysql://{name}:x@127.0.0.1:{server.port}/{database}"


def test_the_app_gets_by_with_the_least_rights(server: Postgres | MariaDB, address: str) -> None:
    database, clock = address.rpartition("/")[2], ManualClock()
    if isinstance(server, Postgres):
        migrate.upgrade(address)
        mine = postgres_user(server, database)
    else:
        upgrading = "SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER, INDEX, DROP"
        migrate.upgrade(mariadb_user(server, database, "upgrading", upgrading))
        mine = mariadb_user(server, database, "humble", "SELECT, INSERT, UPDATE, DELETE")
    backend = DatabaseBackend(mine, StoreOptions(clock=clock, lease=LEASE))
    everything(backend, clock)
    backend.close()
    if isinstance(server, Postgres):
        server.ask("DROP OWNED BY humble", database)
