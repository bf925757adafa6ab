"""SQLite as a dialect; what is particular to its files stands in `sqlite.py`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from horizon.backends.database import driver, sqlite
from horizon.backends.database.access import StoreAccess
from horizon.backends.database.db import Access
from horizon.backends.database.dialects import Dialect, Waiter
from horizon.backends.database.wait import Waiting


class SqliteDialect(Dialect):
    """See `Dialect`. SQLAlchemy is loaded only where the app is."""

    kind = "sqlite"
    makes_tables = True

    def locate(self, url: str, extra: Mapping[str, object]) -> sqlite.Place:
        return sqlite.locate(url, extra)

    def access(self, place: sqlite.Place) -> StoreAccess[Any]:
        return driver.access(place)

    def app_access(self, place: sqlite.Place) -> StoreAccess[Any]:
        from horizon.backends.database import engine

        return engine.access(place)

    def migrating(self, place: sqlite.Place) -> Access:
        return self.app_access(place)

    def waiter(self, place: sqlite.Place, access: StoreAccess[Any]) -> Waiter:
        return Waiting(place, access)

    def lacks(self, place: sqlite.Place) -> bool:
        return not Path(place.path).exists()

    def warnings(self, place: sqlite.Place) -> Sequence[str]:
        return sqlite.warnings(place)


DIALECT = SqliteDialect()
