"""A dispatch shares the fate of the host's writes where the host's database is the same PostgreSQL."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import make_url
from sqlalchemy.orm import Session

from horizon import JobState
from horizon.backends.database.host import identity
from horizon.core import current
from horizon.core.errors import SchemaMismatch
from horizon.core.events import Events
from horizon.core.settings import Settings
from horizon.jobs.jobid import JobId
from horizon.runtime import Runtime
from tests.conformance.driver import envelope
from tests.jobs.sample import SendEmail
from tests.servers.postgres import Postgres


class Place:
    """A host app on PostgreSQL, and Horizon living in the same database."""

    def __init__(self, url: str, **engine: Any) -> None:
        self.app = Flask("host")
        host = url.replace("postgresql:", "postgresql+psycopg:")
        if "+mysqldb:" not in host:  # for mysqlclient localhost is no address, but a socket of its own
            host = host.replace("127.0.0.1", "localhost")
        self.app.config.update(SQLALCHEMY_DATABASE_URI=host, SQLALCHEMY_ENGINE_OPTIONS=engine)
        self.db = db = SQLAlchemy()
        db.init_app(self.app)

        class Order(db.Model):  # type: ignore[name-defined, misc]
            id = sa.Column(sa.Integer, primary_key=True)

        self.Order: Any = Order
        self.runtime = Runtime.build(Settings({}, environ={}), url=url, host_db=db)
        self.runtime.events = Events()
        self.queued: list[str] = []
        self.runtime.events.listen("job_queued", lambda **details: self.queued.append(details["job_id"]))

    @property
    def session(self) -> Any:
        return self.db.session

    @contextlib.contextmanager
    def entered(self) -> Iterator[Place]:
        with self.app.app_context(), current.use(self.runtime):
            self.db.create_all()
            yield self
            self.session.remove()
            self.runtime.close()
            self.db.engine.dispose()


@pytest.fixture
def place(url: str) -> Iterator[Place]:
    with Place(url).entered() as made:
        yield made


def sent(id: JobId | None) -> JobId:
    assert id is not None
    return id


def test_it_is_committed_with_the_writes_before_it(place: Place) -> None:
    place.session.add(place.Order())
    id = sent(SendEmail.dispatch("a"))
    assert (id.record(), place.queued) == (None, [])
    place.session.commit()
    record = id.record()
    assert record is not None
    assert (record.state, record.in_inbox) == (JobState.PENDING, True)
    assert place.queued == [id]
    place.runtime.backend().tick()
    admitted = id.record()
    assert admitted is not None
    assert not admitted.in_inbox


def test_it_is_rolled_back_with_the_writes_before_it(place: Place) -> None:
    place.session.add(place.Order())
    id = sent(SendEmail.dispatch("a"))
    place.session.rollback()
    assert (id.record(), place.runtime.backend().remaining(), place.queued) == (None, 0, [])


def test_without_writes_it_is_there_at_once(place: Place) -> None:
    place.session.scalars(sa.select(place.Order)).all()
    id = sent(SendEmail.dispatch("a"))
    place.session.rollback()
    assert id.record() is not None


def test_a_savepoint_takes_along_what_was_dispatched_in_it_and_nothing_else(place: Place) -> None:
    place.session.add(place.Order())
    place.session.flush()
    outside = sent(SendEmail.dispatch("outside"))
    nested = place.session.begin_nested()
    lost = sent(SendEmail.dispatch("lost"))
    nested.rollback()
    with place.session.begin_nested():
        with contextlib.suppress(ValueError), place.session.begin_nested():
            SendEmail.dispatch("lost too")
            raise ValueError
        kept = sent(SendEmail.dispatch("kept"))
    place.session.commit()
    assert place.queued == [outside, kept]
    assert lost.record() is None
    assert place.runtime.backend().remaining() == 2


def test_a_session_that_is_given_is_joined(place: Place) -> None:
    own = Session(place.db.engine)
    lost = sent(SendEmail("a").dispatch(session=own))
    own.rollback()
    kept = sent(SendEmail("a").dispatch(session=own))
    own.commit()
    own.close()
    assert (lost.record() is None, kept.record() is None) == (True, False)


def test_a_host_that_commits_every_statement_has_its_job_at_once(url: str) -> None:
    with Place(url, isolation_level="AUTOCOMMIT").entered() as place:
        place.session.add(place.Order())
        place.session.flush()
        id = sent(SendEmail.dispatch("a"))
        assert place.queued == [id]
        place.session.rollback()
        assert id.record() is not None


def test_a_long_transaction_of_the_host_keeps_nobody_waiting(place: Place) -> None:
    place.session.add(place.Order())
    place.session.flush()
    sent(SendEmail.dispatch("a"))
    backend = place.runtime.backend()
    backend.push([envelope()])
    assert (backend.tick().admitted, backend.remaining()) == (0, 1)
    place.session.commit()
    assert (backend.tick().admitted, backend.remaining()) == (1, 2)


def test_a_database_without_tables_says_what_to_run(server: Postgres) -> None:
    url = server.fresh()
    with Place(url).entered() as place:
        place.session.add(place.Order())
        with pytest.raises(SchemaMismatch, match="horizon db upgrade"):
            SendEmail.dispatch("a")
        place.session.rollback()
    server.drop(url)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("postgresql://a@localhost/x", "postgresql+psycopg2://b:c@127.0.0.1:5432/x", True),
        ("postgresql:///x?host=/run/pg", "postgresql+psycopg://u@/x?host=/run/pg", True),
        ("postgresql:///x?host=/run/pg", "postgresql://localhost/x", False),
        ("postgresql://db/x", "postgresql://db/y", False),
        ("postgresql://db:5433/x", "postgresql://db/x", False),
    ],
)
def test_addresses_of_one_database_are_known_as_such(one: str, other: str, same: bool) -> None:
    assert (identity(make_url(one)) == identity(make_url(other))) is same
