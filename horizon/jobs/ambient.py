"""What jobs need from whoever built the process, as protocols: the floors above fill them in."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, Protocol, cast

from horizon.backends.base import Backend
from horizon.backends.outages import Outages
from horizon.core import current
from horizon.core.errors import HorizonError
from horizon.core.events import Events
from horizon.core.settings import Settings
from horizon.jobs.registry import Registry
from horizon.jobs.routing import Routing
from horizon.jobs.tagged import ModelRef
from horizon.security.keys import Keyring


class HostTransaction(Protocol):
    """A transaction of the host that is under way."""

    def join(self, write: Callable[[object], None]) -> None:
        """Call `write` with the host's own connection to the store's database; what it writes shares the transaction's fate."""

    def follow(self, on_commit: Callable[[], None], on_rollback: Callable[[], None]) -> None:
        """Call exactly one of the two when it is known how the transaction, or the innermost savepoint, ended."""


class HostLike(Protocol):
    """The host's SQLAlchemy, as far as dispatching is concerned."""

    def writing(self, url: str | None) -> HostTransaction | None:
        """The transaction of the host's session, if it holds writes and (unless None) reaches the database at `url`."""

    def given(self, session: object, url: str | None) -> HostTransaction:
        """The transaction of this session. Raises InvalidInput where it is bound to another database than `url`."""

    def reaches(self, session: object, url: str) -> bool:
        """Whether this session is bound to the database at `url`."""

    def load(self, ref: ModelRef) -> object:
        """The row this stands for, loaded afresh. Raises NotFound where it is gone, UnknownClass where its class is."""


class RuntimeLike(Protocol):
    """One app's Horizon."""

    settings: Settings
    registry: Registry
    routing: Routing
    events: Events
    default: str
    host: HostLike | None
    around: Callable[[], AbstractContextManager[object]] | None
    sender: object
    outages: Outages
    keyring: Keyring

    @property
    def middleware(self) -> tuple[Any, ...]:
        """What stands around every job of the app. Raises ConfigurationError."""

    def backend(self, connection: str | None = None) -> Backend:
        """The store of a connection; None: the default one."""

    def connections(self) -> tuple[str, ...]:
        """Names of the stores."""

    def everywhere(self) -> Backend:
        """All stores as one: a job may be moved from the one it was dispatched to."""

    def store(self, connection: str | None = None) -> Backend:
        """The same without looking at it first: for what goes over the host's own connection."""

    def url(self, connection: str | None = None) -> str:
        """Its address."""

    def way(self, connection: str | None = None) -> tuple[str, ...]:
        """The stores that take its jobs: the first, and the next ones while it is down."""

    def runs_here(self, connection: str) -> bool:
        """Whether its jobs run where they are dispatched."""


def runtime() -> RuntimeLike:
    """The runtime that is meant here. Raises NoApp."""
    return cast(RuntimeLike, current.get())


def loader(runtime: RuntimeLike) -> Callable[[ModelRef], object]:
    """What loads models among a job's arguments in this process."""
    if runtime.host is not None:
        return runtime.host.load

    def refuse(ref: ModelRef) -> object:
        raise HorizonError(
            f"{ref.name}, an argument of this job, cannot be loaded: this worker's Horizon knows no database; Horizon(app, db=db)"
        )

    return refuse
