"""Which session is joined, of which database, in which kind of host."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session, scoped_session, sessionmaker

from horizon.core import current
from horizon.core.errors import ConfigurationError, InvalidInput
from horizon.core.settings import Settings
from horizon.runtime import Runtime
from tests.jobs.place import Place, sent
from tests.jobs.sample import SendEmail

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
