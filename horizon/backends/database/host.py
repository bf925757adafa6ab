"""The host's SQLAlchemy: what its session is doing, joining its transaction, loading its models.

The only place above the stores that knows SQLAlchemy; imported only where an app hands its `db` to Horizon.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any, Protocol

from sqlalchemy import URL, Connection, Engine, make_url
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, scoped_session

from horizon.backends.database import host_fate
from horizon.backends.database.host_writes import trace_of
from horizon.core.errors import ConfigurationError, InvalidInput, NotFound

Bind = Engine | Connection


class Ref(Protocol):
    """A model among a job's arguments: `module:qualname` of its class, and its primary key."""

    @property
    def name(self) -> str: ...
    @property
    def key(self) -> tuple[object, ...]: ...


class Host:
    """One app's `db`: a Flask-SQLAlchemy object, anything with a scoped `session`, or a `scoped_session` itself."""

    def __init__(self, db: Any) -> None:
        scoped = db if isinstance(db, scoped_session) else getattr(db, "session", None)
        if not isinstance(scoped, scoped_session):
            raise ConfigurationError(f"db= takes your Flask-SQLAlchemy object (or a scoped_session); got {db!r}")
        self._db = db
        self._scoped: scoped_session[Any] = scoped
        self._models: dict[str, type] = {}
        host_fate.listen()

    def writing(self, url: str | None) -> HostTransaction | None:
        """The transaction of the host's session, if it holds writes and (unless None) reaches the database at `url`."""
        session = self._session()
        if session is None or not holds_writes(session):
            return None
        bind = None if url is None else self._bind(session, url)
        if url is not None and (bind is None or commits_alone(session.connection(bind_arguments={"bind": bind}))):
            return None
        return HostTransaction(session, bind)

    def given(self, session: object, url: str | None) -> HostTransaction:
        """The transaction of this session, begun where it has none. Raises InvalidInput where it reaches another database."""
        real = unwrap(session)
        bind = None if url is None else self._bind(real, url)
        if url is not None and bind is None:
            raise InvalidInput(
                f"this session is bound to another database than the job's connection ({_shown(url)}), so one commit cannot cover both; "
                "use .after_commit() to dispatch when the session has committed, or .immediately() to dispatch now"
            )
        return HostTransaction(real, bind)

    def reaches(self, session: object, url: str) -> bool:
        """Whether this session is bound to the database at `url`."""
        return self._bind(unwrap(session), url) is not None

    def load(self, ref: Ref) -> object:
        """The row this stands for, loaded afresh by the host's session. Raises NotFound where the row or its class is gone."""
        cls = self._model(ref.name)
        found = self._scoped.get(cls, ref.key[0] if len(ref.key) == 1 else ref.key)
        if found is None:
            raise NotFound(f"{cls.__name__} {', '.join(map(str, ref.key))}, an argument of this job, is not in the database (any more)")
        return found

    def _model(self, name: str) -> type:
        found = self._models.get(name)
        if found is None:
            registry = getattr(getattr(self._db, "Model", None), "registry", None)
            mapped = [] if registry is None else [mapper.class_ for mapper in registry.mappers]
            self._models = {f"{cls.__module__}:{cls.__qualname__}": cls for cls in mapped}
            found = self._models.get(name) or _loaded(name)
        if found is None:
            raise NotFound(f"no mapped class {name} is loaded in this process; add its module to HORIZON_IMPORTS")
        return found

    def _session(self) -> Session | None:
        """The session in use here, without making one."""
        try:
            return self._scoped() if self._scoped.registry.has() else None
        except RuntimeError:  # Flask-SQLAlchemy outside an app context
            return None

    def _bind(self, session: Session, url: str) -> Bind | None:
        wanted = identity(make_url(url))
        for bind in self._binds(session):
            if wanted is not None and identity(bind.engine.url) == wanted:
                return bind
        return None

    def _binds(self, session: Session) -> Iterator[Bind]:
        """What the session may be connected to, likeliest first."""
        with contextlib.suppress(SQLAlchemyError):  # it may have binds per model only
            yield session.get_bind()
        yield from host_fate.connections(session)
        if session is self._session():
            yield from getattr(self._db, "engines", {}).values()


class HostTransaction:
    """A session's transaction; `bind` is what it reaches the store's database through."""

    def __init__(self, session: Session, bind: Bind | None) -> None:
        self._session = session
        self._bind = bind

    def join(self, write: Callable[[object], None]) -> None:
        """Call `write` with the session's own connection to the store's database."""
        write(self._session.connection(bind_arguments={"bind": self._bind}))

    def follow(self, on_commit: Callable[[], None], on_rollback: Callable[[], None]) -> None:
        """Call exactly one of the two when it is known how the transaction, or a savepoint open in it now, has ended."""
        host_fate.follow(self._session, on_commit, on_rollback)


def unwrap(session: object) -> Session:
    """The session itself. Raises InvalidInput for anything that is none."""
    real = session() if isinstance(session, scoped_session) else session
    if not isinstance(real, Session):
        raise InvalidInput(f"session= takes a SQLAlchemy Session, such as db.session; got {session!r}")
    return real


def holds_writes(session: Session) -> bool:
    """Whether anything of the session is unsaved, or was written in the transaction it is in."""
    if session.new or session.deleted or session.dirty:
        return True
    return any(trace_of(connection).wrote for connection in host_fate.connections(session))


def commits_alone(connection: Connection) -> bool:
    """Whether every statement is its own transaction (isolation level AUTOCOMMIT): there is none to join then."""
    driver = connection.connection.dbapi_connection
    ask = getattr(driver, "get_autocommit", None)  # drivers for MySQL have a method where others have the value
    return bool(ask()) if ask is not None else getattr(driver, "autocommit", False) is True


@lru_cache(maxsize=256)
def identity(url: URL) -> tuple[object, ...] | None:
    """What tells databases apart, whatever driver or user reaches them; None for one that nobody else can reach."""
    kind = url.get_backend_name()
    if kind != "sqlite":
        return _server(url, kind)
    path = (url.database or "").removeprefix("file:").partition("?")[0]
    return None if path in ("", ":memory:") or url.query.get("mode") == "memory" else ("sqlite", os.path.realpath(path))


def _server(url: URL, kind: str) -> tuple[object, ...]:
    """Of a database that a server keeps. A socket stands in the query."""
    host, port = (_first(url.query.get(name)) or given for name, given in (("host", url.host), ("port", url.port)))
    there = "localhost" if host in (None, "", "127.0.0.1", "::1") else str(host).lower()
    there = _first(url.query.get("unix_socket")) or there
    return (_KINDS.get(kind, kind), there, int(port or _PORTS.get(kind, 0)), url.database)


def _first(value: str | tuple[str, ...] | None) -> str | None:
    return value[0] if isinstance(value, tuple) else value


_KINDS = {"postgres": "postgresql", "mariadb": "mysql"}
_PORTS = {"postgresql": 5432, "mysql": 3306, "mariadb": 3306}


def _shown(url: str) -> str:
    return make_url(url).render_as_string(hide_password=True)


def _loaded(name: str) -> type | None:
    """A mapped class outside the host's own registry, among the modules that are loaded; nothing is imported."""
    module, _, qualname = name.partition(":")
    found: Any = sys.modules.get(module)
    for part in qualname.split("."):
        found = getattr(found, "__dict__", {}).get(part)
    return found if isinstance(found, type) and hasattr(found, "__mapper__") else None
