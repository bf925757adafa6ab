"""MySQL and MariaDB as a dialect."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from horizon.backends.database.db import Access
from horizon.backends.database.dialects import Dialect, Waiter
from horizon.backends.database.mysql import place as places
from horizon.backends.database.mysql.place import Place
from horizon.backends.database.pool import PoolAccess
from horizon.backends.database.store import Store
from horizon.backends.values import StoreOptions

if TYPE_CHECKING:
    from horizon.backends.database.mysql.driver import MySqlDb


class MySqlDialect(Dialect):
    """See `Dialect`. The driver is loaded when the first way in is made."""

    kind = "mysql"
    makes_tables = False
    at_once = 200  # a turn is two ways to the server, and a commit is dear

    def locate(self, url: str, extra: Mapping[str, object]) -> Place:
        return places.locate(url, extra)

    def access(self, place: Place) -> PoolAccess[MySqlDb]:
        from horizon.backends.database.mysql import driver

        return PoolAccess(partial(driver.open_db, place), patience=place.busy_timeout, location=place.location)

    def migrating(self, place: Place) -> Access:
        from horizon.backends.database.mysql import migrating

        return migrating.access(place)

    def waiter(self, place: Place, access: PoolAccess[Any]) -> Waiter:
        from horizon.backends.database.mysql.wait import Polling

        return Polling(access)

    def warnings(self, place: Place) -> Sequence[str]:
        from horizon.backends.database.mysql import link

        return link.warnings(place)

    def store(self, place: Place, access: Any, options: StoreOptions) -> Store:
        from horizon.backends.database.mysql.store import MySqlStore

        return MySqlStore(access, options, place.location)


DIALECT = MySqlDialect()
