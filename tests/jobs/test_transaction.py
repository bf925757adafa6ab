"""A dispatch shares the fate of the writes around it, on real SQLite files with Flask-SQLAlchemy."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest
import sqlalchemy as sa

from horizon import JobState
from horizon.core.errors import NotCommitted, NotFound
from tests.jobs.hands import Hands
from tests.jobs.place import Place, sent
from tests.jobs.sample import SendEmail, Take

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
