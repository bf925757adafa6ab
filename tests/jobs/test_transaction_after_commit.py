"""`after_commit()`: pushed to another store when the host's transaction has committed, and only then."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from horizon import JobState
from horizon.core.errors import NotCommitted, NotFound
from horizon.core.query import JobQuery
from horizon.schedule.relay import Relay
from tests.jobs.hands import Hands
from tests.jobs.place import Place, sent
from tests.jobs.sample import SendEmail


def test_after_commit_pushes_to_another_store_when_the_transaction_has_committed(place: Place) -> None:
    place.session.add(place.User(name="x"))
    id = sent(SendEmail("a").on_connection("elsewhere").after_commit().dispatch())
    assert place.runtime.backend("elsewhere").remaining() == 0
    with pytest.raises(NotCommitted):
        id.wait(0)
    place.session.commit()
    assert id.record() is not None
    assert place.queued == [id]


def test_a_job_counts_as_new_only_where_it_is_pushed_at_once(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    elsewhere, fresh = place.runtime.backend("elsewhere"), list[bool]()
    push = elsewhere.push

    def pushed(envelopes: Any, **options: Any) -> Any:
        fresh.extend(one.fresh for one in envelopes)
        return push(envelopes, **options)

    monkeypatch.setattr(elsewhere, "push", pushed)
    SendEmail("a").on_connection("elsewhere").dispatch()
    SendEmail.dispatch_many([SendEmail("b").on_connection("elsewhere")])
    place.session.add(place.User(name="x"))
    SendEmail("c").on_connection("elsewhere").after_commit().dispatch()  # whoever carries it over may be quicker
    place.session.commit()
    assert fresh == [True, True, False]


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
