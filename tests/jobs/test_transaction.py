"""A dispatch shares the fate of the writes around it, on real SQLite files with Flask-SQLAlchemy and plain sessions."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.orm import Session, scoped_session, sessionmaker

from horizon import JobState
from horizon.core import current
from horizon.core.errors import ConfigurationError, InvalidInput, NotCommitted, NotFound
from horizon.core.events import Events
from horizon.core.query import JobQuery
from horizon.core.settings import Settings
from horizon.jobs.jobid import JobId
from horizon.runtime import Runtime
from horizon.schedule.relay import Relay
from tests.jobs.hands import Hands
from tests.jobs.sample import SendEmail, Take


class Place:
    """A host app with a database (and a second one under the bind `other`), and Horizon living in the first."""

    def __init__(self, folder: Path, url: str | None = None) -> None:
        self.app = Flask("host")
        self.main, self.other = f"sqlite:///{folder}/main.db", f"sqlite:///{folder}/other.db"
        self.app.config.update(SQLALCHEMY_DATABASE_URI=self.main, SQLALCHEMY_BINDS={"other": self.other})
        self.db = db = SQLAlchemy()
        db.init_app(self.app)

        class User(db.Model):  # type: ignore[name-defined, misc]
            id = sa.Column(sa.Integer, primary_key=True)
            name = sa.Column(sa.Text, nullable=False)

        class Note(db.Model):  # type: ignore[name-defined, misc]
            __bind_key__ = "other"
            id = sa.Column(sa.Integer, primary_key=True)
            text = sa.Column(sa.Text)

        self.User: Any = User
        self.Note: Any = Note
        settings = Settings({"HORIZON_SQLITE_BUSY_TIMEOUT": 0.3, "HORIZON_CONNECTIONS": {"elsewhere": "memory://"}}, environ={})
        self.runtime = Runtime.build(settings, url=url or self.main, host_db=db)
        self.runtime.events = Events()
        self.queued: list[str] = []
        self.runtime.events.listen("job_queued", lambda **details: self.queued.append(details["job_id"]))

    @property
    def session(self) -> Any:
        return self.db.session

    def stored(self) -> int:
        return self.runtime.backend().remaining()


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with both databases, their tables made: copied for each test, since making them takes its time."""
    folder = tmp_path_factory.mktemp("template")
    made = Place(folder)
    with made.app.app_context():
        made.db.create_all()
        made.stored()
        made.runtime.close()
        for engine in made.db.engines.values():
            engine.dispose()
    return folder


@pytest.fixture
def place(tmp_path: Path, template: Path) -> Iterator[Place]:
    shutil.copytree(template, tmp_path, dirs_exist_ok=True)
    made = Place(tmp_path)
    with made.app.app_context(), current.use(made.runtime):
        yield made
        made.session.remove()
        made.runtime.close()


def sent(id: JobId | None) -> JobId:
    assert id is not None
    return id


WRITES: dict[str, Any] = {
    "an object added": lambda p: p.session.add(p.User(name="x")),
    "an object flushed": lambda p: (p.session.add(p.User(name="x")), p.session.flush()),
    "an object changed": lambda p: setattr(p.session.get(p.User, 1), "name", "y"),
    "an object deleted": lambda p: p.session.delete(p.session.get(p.User, 1)),
    "a core insert": lambda p: p.session.execute(sa.insert(p.User).values(name="x")),
    "a core update": lambda p: p.session.execute(sa.update(p.User).values(name="y")),
    "a core delete": lambda p: p.session.execute(sa.delete(p.User)),
    "text()": lambda p: p.session.execute(sa.text("UPDATE user SET name = 'y'")),
    "lower-case text() with a comment": lambda p: p.session.execute(sa.text("/* why */ -- really\n  update user set name = 'y'")),
    "a common table expression that writes": lambda p: p.session.execute(sa.text("WITH a AS (SELECT 1) INSERT INTO user (name) SELECT 'z' FROM a")),
    "bulk_insert_mappings": lambda p: p.session.bulk_insert_mappings(p.User, [{"name": "x"}]),
    "bulk_save_objects": lambda p: p.session.bulk_save_objects([p.User(name="x")]),
    "executemany": lambda p: p.session.execute(sa.insert(p.User), [{"name": "x"}, {"name": "y"}]),
    "the session's connection": lambda p: p.session.connection().execute(sa.insert(p.User).values(name="x")),
    "exec_driver_sql": lambda p: p.session.connection().exec_driver_sql("INSERT INTO user (name) VALUES ('x')"),
    "a statement nobody knows": lambda p: p.session.execute(sa.text("ANALYZE")),
    "a table created": lambda p: p.session.execute(sa.text("CREATE TABLE IF NOT EXISTS extra (x)")),
}  # fmt: skip

READS: dict[str, Any] = {
    "nothing": lambda p: None,
    "a query": lambda p: p.session.scalars(sa.select(p.User)).all(),
    "a get": lambda p: p.session.get(p.User, 1),
    "a select as text": lambda p: p.session.execute(sa.text(" -- all\n (select * from user)")) if False else p.session.execute(sa.text("-- all\n select * from user")).all(),
    "a common table expression": lambda p: p.session.execute(sa.text("WITH a AS (SELECT 1) SELECT * FROM a")).all(),
    "explain": lambda p: p.session.execute(sa.text("EXPLAIN QUERY PLAN SELECT * FROM user")).all(),
    "a pragma": lambda p: p.session.execute(sa.text("PRAGMA user_version")).all(),
    "table_info": lambda p: p.session.execute(sa.text("PRAGMA table_info('user')")).all(),
    "a savepoint left again": lambda p: p.session.begin_nested().commit(),
}  # fmt: skip


@pytest.mark.parametrize("write", WRITES)
def test_after_a_write_it_commits_with_it(place: Place, write: str) -> None:
    place.session.add(place.User(name="first"))
    place.session.commit()
    WRITES[write](place)
    id = sent(SendEmail.dispatch("a"))
    assert id.record() is None
    assert place.queued == []
    place.session.commit()
    record = id.record()
    assert record is not None
    assert (record.state, record.in_inbox) == (JobState.PENDING, True)
    assert place.queued == [id]


@pytest.mark.parametrize("write", WRITES)
def test_after_a_write_it_is_rolled_back_with_it(place: Place, write: str) -> None:
    place.session.add(place.User(name="first"))
    place.session.commit()
    WRITES[write](place)
    id = sent(SendEmail.dispatch("a"))
    place.session.rollback()
    assert id.record() is None
    assert place.stored() == 0
    assert place.queued == []
    with pytest.raises(NotFound, match="rolled back"):
        id.wait(0)


@pytest.mark.parametrize("read", READS)
def test_with_no_writes_pending_it_is_there_at_once_and_survives_a_rollback(place: Place, read: str) -> None:
    place.session.add(place.User(name="first"))
    place.session.commit()
    READS[read](place)
    id = sent(SendEmail.dispatch("a"))
    assert place.queued == [id]
    place.session.rollback()
    record = id.record()
    assert record is not None
    assert not record.in_inbox


def test_a_session_removed_or_closed_without_a_commit_takes_the_job_along(place: Place) -> None:
    place.session.add(place.User(name="x"))
    id = sent(SendEmail.dispatch("a"))
    place.session.remove()
    assert id.record() is None
    assert place.stored() == 0


def test_a_second_transaction_of_the_session_starts_clean(place: Place) -> None:
    place.session.add(place.User(name="x"))
    place.session.commit()
    place.session.scalars(sa.select(place.User)).all()
    id = sent(SendEmail.dispatch("a"))
    place.session.rollback()
    assert id.record() is not None


def test_a_flush_that_fails_takes_the_job_along(place: Place) -> None:
    place.session.add(place.User(name=None))
    id = sent(SendEmail.dispatch("a"))
    with pytest.raises(sa.exc.IntegrityError):
        place.session.commit()
    place.session.rollback()
    assert place.stored() == 0
    assert id.record() is None


def test_waiting_and_cancelling_before_the_commit_are_refused(place: Place) -> None:
    place.session.add(place.User(name="x"))
    id = sent(SendEmail.dispatch("a"))
    with pytest.raises(NotCommitted, match="commit first"):
        id.wait(0)
    with pytest.raises(NotCommitted):
        id.cancel()
    place.session.commit()
    assert id.cancel() in (True, False)


def test_a_block_that_begins_and_ends_the_transaction_itself(place: Place) -> None:
    with place.session.begin():
        place.session.add(place.User(name="x"))
        kept = sent(SendEmail.dispatch("a"))
    with contextlib.suppress(ValueError), place.session.begin():
        place.session.add(place.User(name="y"))
        lost = sent(SendEmail.dispatch("b"))
        raise ValueError
    assert (kept.record() is None, lost.record() is None) == (False, True)
    assert place.queued == [kept]


def test_many_at_once_share_the_fate_too(place: Place) -> None:
    place.session.add(place.User(name="x"))
    ids = SendEmail.dispatch_many([("a",), ("b",)])
    assert place.queued == []
    place.session.commit()
    assert place.queued == ids
    assert place.stored() == 2


def test_the_job_runs_after_the_commit_with_what_was_committed(place: Place) -> None:
    hands = Hands(place.runtime)
    user = place.User(name="Ana")
    place.session.add(user)
    place.session.flush()
    id = sent(Take.dispatch([user.name, 1]))
    place.session.commit()
    place.runtime.backend().tick()
    hands.run()
    assert id.wait(0).state is JobState.COMPLETED


def test_listeners_of_the_signal_may_use_the_session(place: Place) -> None:
    counted: list[int] = []
    place.runtime.events.listen(
        "job_queued", lambda **details: counted.append(place.session.scalar(sa.select(sa.func.count()).select_from(place.User)))
    )
    place.session.add(place.User(name="x"))
    SendEmail.dispatch("a")
    place.session.commit()
    assert counted == [1]


# savepoints -----------------------------------------------------------------------------------------


def test_a_savepoint_rolled_back_takes_along_what_was_dispatched_in_it_and_nothing_else(place: Place) -> None:
    place.session.add(place.User(name="x"))
    place.session.flush()
    outside = sent(SendEmail.dispatch("outside"))
    nested = place.session.begin_nested()
    inside = sent(SendEmail.dispatch("inside"))
    nested.rollback()
    assert place.queued == []
    with pytest.raises(NotFound):
        inside.wait(0)
    with pytest.raises(NotCommitted):
        outside.wait(0)
    place.session.commit()
    assert place.queued == [outside]
    assert (outside.record() is None, inside.record() is None) == (False, True)


def test_a_savepoint_released_hands_over_to_the_transaction_around_it(place: Place) -> None:
    place.session.add(place.User(name="x"))
    place.session.flush()
    with place.session.begin_nested():
        id = sent(SendEmail.dispatch("inside"))
    assert place.queued == []
    with pytest.raises(NotCommitted):
        id.wait(0)
    place.session.rollback()
    assert place.queued == []
    assert id.record() is None


def test_savepoints_inside_savepoints(place: Place) -> None:
    place.session.add(place.User(name="x"))
    place.session.flush()
    with place.session.begin_nested():
        first = sent(SendEmail.dispatch("first"))
        with contextlib.suppress(ValueError), place.session.begin_nested():
            second = sent(SendEmail.dispatch("second"))
            raise ValueError
        with place.session.begin_nested():
            third = sent(SendEmail.dispatch("third"))
    place.session.commit()
    assert place.queued == [first, third]
    assert second.record() is None


def test_a_savepoint_of_the_connection_itself_counts_too(place: Place) -> None:
    place.session.add(place.User(name="x"))
    place.session.flush()
    savepoint = place.session.connection().begin_nested()
    lost = sent(SendEmail.dispatch("lost"))
    savepoint.rollback()
    with place.session.connection().begin_nested():
        kept = sent(SendEmail.dispatch("kept"))
    place.session.commit()
    assert place.queued == [kept]
    assert lost.record() is None


# which session, which database ----------------------------------------------------------------------


def test_immediately_never_joins(place: Place) -> None:
    place.session.add(place.User(name="x"))
    id = sent(SendEmail("a").immediately().dispatch())
    place.session.rollback()
    assert id.record() is not None
    with pytest.raises(InvalidInput, match="leave one of them out"):
        SendEmail("a").immediately().dispatch(session=place.session)


def test_a_session_that_is_given_is_joined_even_without_writes(place: Place) -> None:
    own = Session(place.db.engine)
    id = sent(SendEmail("a").dispatch(session=own))
    own.rollback()
    assert id.record() is None
    again = sent(SendEmail("a").dispatch(session=own))
    own.commit()
    assert again.record() is not None
    own.close()


def test_the_scoped_session_itself_may_be_given(place: Place) -> None:
    id = sent(SendEmail("a").dispatch(session=place.session))
    place.session.rollback()
    assert id.record() is None


def test_a_session_of_another_engine_on_the_same_file_may_be_given(place: Place) -> None:
    with Session(sa.create_engine(place.main)) as own:
        id = sent(SendEmail("a").dispatch(session=own))
        own.commit()
    assert id.record() is not None


def test_a_session_bound_to_another_database_is_refused_naming_after_commit(place: Place) -> None:
    with Session(sa.create_engine(place.other)) as own, pytest.raises(InvalidInput, match=r"another database.*\.after_commit\(\)"):
        SendEmail("a").dispatch(session=own)
    with pytest.raises(InvalidInput, match=r"\.after_commit\(\)"):
        SendEmail("a").on_connection("elsewhere").dispatch(session=place.session)
    assert place.stored() == 0


@pytest.mark.parametrize("wrong", [3, "session", object(), Session])
def test_something_that_is_no_session_is_refused(place: Place, wrong: Any) -> None:
    with pytest.raises(InvalidInput, match="takes a SQLAlchemy Session"):
        SendEmail("a").dispatch(session=wrong)


def test_of_two_sessions_in_one_thread_only_the_hosts_is_joined_by_itself(place: Place) -> None:
    with Session(sa.create_engine(place.other)) as stranger:
        stranger.execute(sa.text("CREATE TABLE IF NOT EXISTS t (x)"))
        id = sent(SendEmail.dispatch("a"))
        stranger.rollback()
    assert id.record() is not None
    with Session(sa.create_engine(place.other)) as stranger:
        stranger.execute(sa.text("CREATE TABLE IF NOT EXISTS t (x)"))
        place.session.add(place.User(name="x"))
        second = sent(SendEmail.dispatch("b"))
        stranger.commit()
        assert place.queued == [id]
        place.session.commit()
    assert place.queued == [id, second]


def test_an_engines_own_transaction_is_not_joined(place: Place) -> None:
    with place.db.engine.begin() as connection:
        connection.execute(sa.select(place.User)).all()
        id = sent(SendEmail.dispatch("a"))
        connection.rollback()
    assert id.record() is not None


def test_writes_in_another_bind_of_the_session_count_and_commit_together(place: Place) -> None:
    place.session.add(place.Note(text="x"))
    id = sent(SendEmail.dispatch("a"))
    assert id.record() is None
    place.session.rollback()
    assert id.record() is None
    place.session.execute(sa.insert(place.Note).values(text="y"))
    again = sent(SendEmail.dispatch("a"))
    assert again.record() is None
    place.session.commit()
    assert again.record() is not None


def test_a_job_for_another_store_is_pushed_at_once_unless_it_says_otherwise(place: Place) -> None:
    place.session.add(place.User(name="x"))
    id = sent(SendEmail("a").on_connection("elsewhere").dispatch())
    assert place.queued == [id]
    assert place.runtime.backend("elsewhere").remaining() == 1


# after the commit -----------------------------------------------------------------------------------


def test_after_commit_pushes_to_another_store_when_the_transaction_has_committed(place: Place) -> None:
    place.session.add(place.User(name="x"))
    id = sent(SendEmail("a").on_connection("elsewhere").after_commit().dispatch())
    assert place.runtime.backend("elsewhere").remaining() == 0
    with pytest.raises(NotCommitted):
        id.wait(0)
    place.session.commit()
    assert id.record() is not None
    assert place.queued == [id]


def test_after_commit_drops_the_job_with_a_rollback_also_of_a_savepoint(place: Place) -> None:
    place.session.add(place.User(name="x"))
    SendEmail("a").on_connection("elsewhere").after_commit().dispatch()
    place.session.rollback()
    place.session.add(place.User(name="x"))
    nested = place.session.begin_nested()
    SendEmail("b").on_connection("elsewhere").after_commit().dispatch()
    nested.rollback()
    place.session.commit()
    assert place.runtime.backend("elsewhere").remaining() == 0
    assert place.queued == []


def test_after_commit_on_the_hosts_own_database_simply_joins(place: Place) -> None:
    place.session.add(place.User(name="x"))
    id = sent(SendEmail("a").after_commit().dispatch())
    place.session.commit()
    record = id.record()
    assert record is not None
    assert record.in_inbox


def test_after_commit_with_nothing_pending_dispatches_at_once(place: Place) -> None:
    assert sent(SendEmail("a").after_commit().dispatch()).record() is not None
    assert sent(SendEmail("a").on_connection("elsewhere").after_commit().dispatch()).record() is not None


def test_after_commit_of_a_given_session_of_another_database(place: Place) -> None:
    with Session(sa.create_engine(place.other)) as own:
        id = sent(SendEmail("a").after_commit().dispatch(session=own))
        assert place.stored() == 0
        own.commit()
    assert id.record() is not None
    with Session(sa.create_engine(place.other)) as own:
        SendEmail("a").after_commit().dispatch(session=own)
        own.rollback()
    assert place.stored() == 1


def test_a_push_that_fails_after_the_commit_is_carried_out_later(
    place: Place, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    elsewhere = place.runtime.backend("elsewhere")
    with monkeypatch.context() as broken:
        broken.setattr(elsewhere, "push", lambda *_, **__: 1 / 0)
        place.session.add(place.User(name="x"))
        id = sent(SendEmail("a").on_connection("elsewhere").after_commit().dispatch())
        place.session.commit()
    assert "they are carried there from default later" in caplog.text
    assert elsewhere.remaining() == 0
    place.runtime.backend().tick()
    Relay(place.runtime).run("default")
    assert elsewhere.get(id) is not None
    assert place.runtime.backend().find(JobQuery()).items == []


def test_what_was_pushed_after_the_commit_is_not_pushed_again(place: Place) -> None:
    place.session.add(place.User(name="x"))
    id = sent(SendEmail("a").on_connection("elsewhere").after_commit().dispatch())
    place.session.commit()
    hands = Hands(place.runtime, "elsewhere")
    hands.run_one()
    place.runtime.backend().tick()
    assert Hands(place.runtime).run() == []
    Relay(place.runtime).run("default")
    assert hands.run() == []
    record = id.record()
    assert record is not None
    assert record.state is JobState.COMPLETED


def test_from_a_database_that_is_no_store_a_push_that_fails_after_the_commit_is_logged_and_the_commit_stands(
    place: Place, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: Any, **__: Any) -> Any:
        raise RuntimeError("store gone")

    monkeypatch.setattr(place.runtime.backend("elsewhere"), "push", broken)
    with Session(sa.create_engine(place.other)) as own:
        own.execute(sa.text("INSERT INTO note (text) VALUES ('x')"))
        id = sent(SendEmail("a").on_connection("elsewhere").after_commit().dispatch(session=own))
        own.commit()
        assert own.scalar(sa.text("SELECT count(*) FROM note")) == 1
    assert str(id) in caplog.text
    with pytest.raises(NotFound, match="lost"):
        id.wait(0)


# hosts of other kinds -------------------------------------------------------------------------------


def test_tables_are_made_over_the_hosts_own_connection(tmp_path: Path) -> None:
    place = Place(tmp_path)
    with place.app.app_context(), current.use(place.runtime):
        place.db.create_all()
        place.session.add(place.User(name="x"))
        place.session.flush()
        id = sent(SendEmail.dispatch("a"))
        place.session.commit()
        assert id.record() is not None
        assert place.stored() == 1
        place.session.remove()


def test_outside_an_app_context_it_is_an_ordinary_push(tmp_path: Path) -> None:
    place = Place(tmp_path)
    with current.use(place.runtime):
        assert sent(SendEmail.dispatch("a")).record() is not None


def test_a_plain_scoped_session_is_a_host_too(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/plain.db"
    engine = sa.create_engine(url)
    session = scoped_session(sessionmaker(engine))
    here = Runtime(Settings({}, environ={}), url=url)
    built = Runtime.build(here.settings, url=url, host_db=session)
    with current.use(built):
        session.execute(sa.text("CREATE TABLE t (x)"))
        id = sent(SendEmail.dispatch("a"))
        assert id.record() is None
        session.commit()
        assert id.record() is not None
        session.remove()
        assert sent(SendEmail.dispatch("b")).record() is not None


def test_something_that_has_no_session_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="db= takes"):
        Runtime.build(Settings({}, environ={}), url="memory://", host_db=object())


def test_without_a_host_a_session_is_refused_with_what_to_do(tmp_path: Path) -> None:
    here = Runtime(Settings({}, environ={}), url="memory://")
    with current.use(here), Session(sa.create_engine("sqlite://")) as own:
        with pytest.raises(InvalidInput, match=r"Horizon\(app, db=db\)"):
            SendEmail("a").dispatch(session=own)
        with pytest.raises(InvalidInput, match=r"Horizon\(app, db=db\)"):
            SendEmail("a").after_commit().dispatch(session=own)
        assert sent(SendEmail("a").after_commit().dispatch()).record() is not None


def test_a_store_named_by_another_spelling_of_the_same_file_is_the_hosts(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path)
    place = Place(tmp_path, url=f"sqlite:///{tmp_path}/link/main.db")
    with place.app.app_context(), current.use(place.runtime):
        place.db.create_all()
        place.session.add(place.User(name="x"))
        id = sent(SendEmail.dispatch("a"))
        place.session.rollback()
        assert id.record() is None
        place.session.remove()
