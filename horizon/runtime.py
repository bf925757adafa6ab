"""The one place that builds: from settings to stores, queues' definitions, limits. Everything else is handed what it needs.

One `Runtime` per app. Backends are made when first asked for, and made anew in a process that forked.
"""

from __future__ import annotations

import os
import threading
import weakref
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import Any, cast

from horizon.backends import drivers
from horizon.backends.base import Backend
from horizon.backends.connect import check, connect, scheme_of
from horizon.backends.outages import Outages
from horizon.backends.together.backend import Together
from horizon.backends.values import Retention, StoreOptions
from horizon.core import connections, current, events
from horizon.core.clock import SECOND
from horizon.core.connections import DEFAULT
from horizon.core.errors import ConfigurationError
from horizon.core.named import named
from horizon.core.settings import Settings
from horizon.jobs import standard
from horizon.jobs.ambient import HostLike
from horizon.jobs.registry import REGISTRY, Registry
from horizon.jobs.routing import PROCESS, Routing
from horizon.security.keys import Keyring
from horizon.timetable import wanted
from horizon.timetable.wanted import Declared


class Runtime:
    """What one app's Horizon consists of. `sender` is who signals are said to come from: the web floor puts the app there."""

    def __init__(self, settings: Settings, *, url: str, name: str = "app", host: HostLike | None = None) -> None:
        self.settings = settings
        self.name = name
        self.default = DEFAULT
        self.registry: Registry = REGISTRY
        self.routing = Routing(PROCESS)
        if settings.STANDARD_QUEUES:
            standard.define(self.routing)
        self.routing.learn(settings.ROUTES)
        self.schedules = Declared(wanted.PROCESS)
        self.events = events.PROCESS
        self.host = host
        self.around: Callable[[], AbstractContextManager[object]] | None = None
        """Entered around every run of a job: the web floor sets an app context here."""
        self.sender: object = self
        self.keyring = Keyring(settings.KEYS or ())
        self._middleware: tuple[Any, ...] | None = None
        self._connections = connections.parse(settings.CONNECTIONS, url)
        for connection, options in self._connections.stores.items():
            _check_address(connection, options["url"])
        self.outages = Outages()
        self._together = cast(Backend, Together(self))
        self._backends: dict[str, Backend] = {}
        self._unready: dict[str, Backend] = {}
        self._defined: dict[str, int] = {}
        self._left_behind: list[Backend] = []
        self._lock = threading.Lock()
        _ALIVE.add(self)

    @classmethod
    def build(cls, settings: Settings, *, url: str, name: str = "app", host_db: object | None = None) -> Runtime:
        """A runtime that `core.current` knows of. `host_db`: the host's Flask-SQLAlchemy (or alike), whose transactions
        dispatches join where the job's store is that database."""
        host = None
        if host_db is not None:
            from horizon.backends.database.host import Host  # SQLAlchemy is loaded only where the host uses it anyway

            host = Host(host_db)
        made = cls(settings, url=url, name=name, host=host)
        current.register(made)
        return made

    @property
    def middleware(self) -> tuple[Any, ...]:
        """What stands around every job, made when the first one runs. Raises ConfigurationError.

        Without a lock, such as `cached_property` has before Python 3.12: the first to ask may be a job that a timeout interrupts
        just then, and the lock would stay taken for every other thread.
        """
        found = self._middleware
        if found is None:
            found = self._middleware = tuple(named(one, "HORIZON_MIDDLEWARE") for one in self.settings.MIDDLEWARE)
        return found

    # stores ---------------------------------------------------------------------------------------

    def connections(self) -> tuple[str, ...]:
        """Names of the stores, the default one first."""
        return tuple(self._connections.stores)

    def way(self, connection: str | None = None) -> tuple[str, ...]:
        """The stores that take what is dispatched to a connection: the first, and the next ones while it is down.

        Raises ConfigurationError for a name that is not configured.
        """
        return self._connections.way(connection or self.default)

    def runs_here(self, connection: str) -> bool:
        """Whether jobs of this connection run in whoever dispatches them."""
        return connection in self._connections.here

    def failovers(self) -> tuple[tuple[str, str], ...]:
        """(store, store that takes its jobs while it is down), each pair once."""
        ways = self._connections.ways.values()
        return tuple(dict.fromkeys((way[0], other) for way in ways for other in way[1:]))

    def url(self, connection: str | None = None) -> str:
        """Address of a store. Raises ConfigurationError for a name that is not configured."""
        return str(self.options_of(connection)["url"])

    def options_of(self, connection: str | None = None) -> Mapping[str, Any]:
        """What is configured for a connection: `url`, and perhaps `max_tries`, `timeout`, `backoff`."""
        return self._connections.stores[self.way(connection)[0]]

    def max_tries(self, connection: str | None = None) -> int:
        """How often a job may run that says nothing of it itself, unless its worker was started with `--tries`."""
        return int(self.options_of(connection).get("max_tries", self.settings.MAX_TRIES))

    def backend(self, connection: str | None = None) -> Backend:
        """The store of a connection, ready for use: made and looked at once, then kept.

        Raises ConfigurationError, BackendUnavailable, SchemaMismatch.
        """
        name = self.way(connection)[0]
        found = self._backends.get(name)
        if found is not None and self._defined.get(name) == self.routing.version:
            return found
        with self._lock:
            return self._made(name)

    def everywhere(self) -> Backend:
        """Every store as one, for people; where there is one only, that one."""
        return self._together if len(self.connections()) > 1 else self.backend()

    def store(self, connection: str | None = None) -> Backend:
        """The store of a connection, not looked at: for what goes over the host's own connection, where looking from a
        second one could wait for the host's transaction, and the host for us."""
        name = self.way(connection)[0]
        found = self._backends.get(name) or self._unready.get(name)
        if found is None:
            with self._lock:
                found = self._unready.setdefault(name, connect(self.url(name), self._store_options(name)))
        return found

    def _made(self, name: str) -> Backend:
        backend = self._backends.get(name)
        if backend is None:
            backend = self._unready.get(name) or connect(self.url(name), self._store_options(name))
            backend.ready()
        version = self.routing.version
        if self._defined.get(name) != version:
            queues = [said.settings() for said in self.routing.queues().values() if self._may_hold(name, said.connection)]
            if queues:
                backend.queues.define(queues)
            self._defined[name] = version
        self._backends[name] = backend
        self._unready.pop(name, None)
        return backend

    def _may_hold(self, name: str, connection: str | None) -> bool:
        """Whether jobs that are dispatched to a connection may come to this store."""
        return name in self._connections.ways.get(connection or self.default, ())

    def _store_options(self, name: str) -> StoreOptions:
        settings = self.settings
        return StoreOptions(
            name=name,
            lease=round(settings.LEASE * SECOND),
            retention=retention(settings),
            max_crashes=settings.MAX_CRASHES,
            seal_timeout=round(settings.SEAL_TIMEOUT * SECOND),
            extra={
                "synchronous": settings.SQLITE_SYNCHRONOUS,
                "busy_timeout": settings.SQLITE_BUSY_TIMEOUT,
                "log_lines": settings.LOG_LINES,
                "allow_eviction": settings.ALLOW_EVICTION,
            },
        )

    def close(self) -> None:
        """Let go of every store; the next use opens them again."""
        with self._lock:
            backends = [*self._backends.values(), *self._unready.values()]
            self._backends, self._unready, self._defined = {}, {}, {}
        for backend in backends:
            backend.close()

    def _forked(self) -> None:
        """In the child of a fork: open connections belong to the parent, so they are neither used nor closed here."""
        self._left_behind += [*self._backends.values(), *self._unready.values()]
        self._backends, self._unready, self._defined, self._lock = {}, {}, {}, threading.Lock()

    # what a process without the app must know -----------------------------------------------------

    def resolved(self, connection: str | None = None) -> dict[str, Any]:
        """Settings as JSON-able data, for the guardian, which loads neither app nor SQLAlchemy. Durations in seconds.

        `connection`: the store it is to work for; None: the default one.
        """
        settings = self.settings
        return {
            "name": self.name,
            "connection": self.way(connection)[0],
            "connections": [name for name in self.connections() if not self.url(name).startswith("memory:")],
            "homes": self._homes(),
            "url": self.url(connection),
            "driver": drivers.path_of(scheme_of(self.url(connection))),
            "lease": settings.LEASE,
            "grace": settings.GRACE,
            "cancel_grace": settings.CANCEL_GRACE,
            "boot_timeout": settings.BOOT_TIMEOUT,
            "concurrency": settings.CONCURRENCY,
            "processes": settings.PROCESSES,
            "memory": settings.MEMORY,
            "max_crashes": settings.MAX_CRASHES,
            "max_tries": settings.MAX_TRIES,
            "timeout": settings.TIMEOUT,
            "log_lines": settings.LOG_LINES,
            "code_version": settings.CODE_VERSION,
            "synchronous": settings.SQLITE_SYNCHRONOUS,
            "busy_timeout": settings.SQLITE_BUSY_TIMEOUT,
            "retention": {
                "completed": settings.KEEP_COMPLETED,
                "completed_jobs": settings.KEEP_COMPLETED_JOBS,
                "failed": settings.KEEP_FAILED,
                "cancelled": settings.KEEP_CANCELLED,
                "audit": settings.KEEP_AUDIT,
                "undo": settings.UNDO,
                "sessions": settings.KEEP_SESSIONS,
                "effects": settings.KEEP_EFFECTS,
                "minutes": settings.KEEP_MINUTES,
                "hours": settings.KEEP_HOURS,
                "days": settings.KEEP_DAYS,
            },
        }

    def _homes(self) -> dict[str, list[str]]:
        """Per defined queue the stores in which its jobs may be; `""`: of every other queue."""
        said = {name: queue.connection for name, queue in self.routing.queues().items()}
        return {name: list(self._connections.ways.get(where or self.default, ())) for name, where in {**said, "": None}.items()}

    def __repr__(self) -> str:
        return f"<Runtime {self.name}: {', '.join(self.connections())}>"


def retention(settings: Settings) -> Retention:
    """How long things are kept, in the store's unit."""
    return Retention(
        completed=round(settings.KEEP_COMPLETED * SECOND),
        completed_jobs=settings.KEEP_COMPLETED_JOBS,
        failed=round(settings.KEEP_FAILED * SECOND),
        cancelled=round(settings.KEEP_CANCELLED * SECOND),
        audit=round(settings.KEEP_AUDIT * SECOND),
        undo=round(settings.UNDO * SECOND),
        sessions=round(settings.KEEP_SESSIONS * SECOND),
        effects=round(settings.KEEP_EFFECTS * SECOND),
        minutes=round(settings.KEEP_MINUTES * SECOND),
        hours=round(settings.KEEP_HOURS * SECOND),
        days=round(settings.KEEP_DAYS * SECOND),
    )


def _check_address(name: str, url: str) -> None:
    """Refuse at the start of the app what could only fail at its first job. Raises ConfigurationError."""
    try:
        check(url)
    except ConfigurationError as error:
        setting = "HORIZON_URL" if name == DEFAULT else f"HORIZON_CONNECTIONS[{name!r}]"
        raise ConfigurationError(f"the store of the connection {name!r} cannot be used: {error}; set {setting}") from None


_ALIVE: weakref.WeakSet[Runtime] = weakref.WeakSet()


def _after_fork() -> None:
    for runtime in list(_ALIVE):
        runtime._forked()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
