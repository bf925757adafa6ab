"""One dialect per kind of SQL database: how an address is read, connections are opened, tables are made, waiting is done.

Acts and nouns speak through `db.Db` and know no dialect. A new one is a class here beside the others, a `Db` over its
driver, and a translation of the texts, which are written for SQLite.
"""

from __future__ import annotations

import importlib
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from horizon.backends.database.db import Access, Db
from horizon.backends.database.store import Store
from horizon.backends.values import AT_ONCE, StoreOptions
from horizon.core.errors import ConfigurationError

if TYPE_CHECKING:
    from sqlalchemy import Connection

NAMES = {
    "sqlite": "horizon.backends.database.sqlite_dialect",
    "postgresql": "horizon.backends.database.postgres.dialect",
    "postgres": "horizon.backends.database.postgres.dialect",
    "mysql": "horizon.backends.database.mysql.dialect",
    "mariadb": "horizon.backends.database.mysql.dialect",
}
"""Where the dialect of a scheme lives. Imported when asked for: each needs a driver."""


class Place(Protocol):
    """A database and how it is to be used, from an address and its options."""

    @property
    def location(self) -> str:
        """The address as people may see it: no secrets."""


class Waiter(Protocol):
    """What waits for jobs, shared by the threads of one process."""

    def wait(self, store: Store, queues: Sequence[str], timeout: float) -> bool:
        """See `Backend.wait`."""

    def wake(self) -> None:
        """Let every waiter of this process look; safe in a signal handler."""

    def close(self) -> None:
        """Let go of the connections nobody waits on."""


class MigratingDb(Db, Protocol):
    """A `Db` with the SQLAlchemy connection that migrations run over."""

    connection: Connection


class Dialect(ABC):
    """One kind of SQL database."""

    kind: str
    """As `Backend.kind` names it."""
    makes_tables: bool
    """Whether missing or older tables are made to fit at the first start; else `horizon db upgrade` does it."""
    at_once: int = AT_ONCE
    """See `Backend`."""

    @abstractmethod
    def locate(self, url: str, extra: Mapping[str, object]) -> Any:
        """The place (see `Place`) a URL names. Opens nothing. Raises ConfigurationError for one that could lose jobs."""

    @abstractmethod
    def access(self, place: Any) -> Access:
        """The way in over the bare driver: neither SQLAlchemy nor the app is loaded."""

    def app_access(self, place: Any) -> Access:
        """The way in for processes that have loaded the app; the same unless a dialect says otherwise."""
        return self.access(place)

    @abstractmethod
    def migrating(self, place: Any) -> Access:
        """A way in whose `Db` is a `MigratingDb`; its writes wait for those of another process that migrates."""

    @abstractmethod
    def waiter(self, place: Any, access: Any) -> Waiter:
        """What waits for jobs."""

    def lacks(self, place: Any) -> bool:
        """Whether it is plain, without opening anything, that nothing is there yet."""
        return False

    def store(self, place: Any, access: Access, options: StoreOptions) -> Store:
        """What acts and nouns are handed."""
        return Store(access, options, place.location)

    def warnings(self, place: Any) -> Sequence[str]:
        """Sentences about a set-up that could lose jobs."""
        return ()


def dialect_of(url: str) -> Dialect:
    """The dialect an address asks for. Raises ConfigurationError where there is none."""
    scheme = url.partition(":")[0].partition("+")[0]
    if scheme not in NAMES:
        raise ConfigurationError(f"expected the address of an SQL database ({', '.join(f'{name}://' for name in NAMES)}), got {scheme}://")
    made: Dialect = importlib.import_module(NAMES[scheme]).DIALECT
    return made
