"""PostgreSQL as a dialect."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from horizon.backends.database.db import Access
from horizon.backends.database.dialects import Dialect, Waiter
from horizon.backends.database.pool import PoolAccess
from horizon.backends.database.postgres import place as places
from horizon.backends.database.postgres.place import Place
from horizon.backends.database.store import Store
from horizon.backends.values import StoreOptions
from horizon.core.errors import ConfigurationError

if TYPE_CHECKING:
    from horizon.backends.database.postgres.driver import PostgresDb


class PostgresDialect(Dialect):
    """See `Dialect`. The driver is loaded when the first way in is made."""

    kind = "postgresql"
    makes_tables = False

    def locate(self, url: str, extra: Mapping[str, object]) -> Place:
        return places.locate(url, extra)

    def access(self, place: Place) -> PoolAccess[PostgresDb]:
        try:
            from horizon.backends.database.postgres import driver
        except ImportError as error:
            raise ConfigurationError(
                f"{place.location} needs psycopg 3, which is not there ({error}); run: pip install 'flask-horizon[postgres]'"
            ) from None
        return PoolAccess(partial(driver.open_db, place), patience=place.busy_timeout, location=place.location)

    def migrating(self, place: Place) -> Access:
        from horizon.backends.database.postgres import migrating

        return migrating.access(place)

    def waiter(self, place: Place, access: PoolAccess[Any]) -> Waiter:
        from horizon.backends.database.postgres.wait import Listening

        return Listening(place, access)

    def store(self, place: Place, access: Any, options: StoreOptions) -> Store:
        from horizon.backends.database.postgres.store import PostgresStore

        return PostgresStore(access, options, place.location)


DIALECT = PostgresDialect()
