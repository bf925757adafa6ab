from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, text

from horizon.backends.database.inbox import read_envelope, write_envelope
from horizon.backends.values import QueueSettings
from horizon.core.clock import SECOND
from horizon.core.envelope import Edge, Envelope, On
from horizon.core.errors import ConfigurationError
from horizon.core.ids import uuid7
from horizon.core.query import JobQuery
from tests.backends.database.conftest import Opener
from tests.conformance.driver import Driver, envelope


@pytest.fixture
def host(file: Path) -> Iterator[Engine]:
    """The host's own engine, with the settings it comes with."""
    engine = create_engine(f"sqlite:///{file}")
    yield engine
    engine.dispose()


def test_a_row_put_by_the_host_shares_the_fate_of_its_transaction(drive: Driver, host: Engine) -> None:
    inbox = drive.backend.inbox
    with host.connect() as connection:
        connection.execute(text("CREATE TABLE orders (id INTEGER PRIMARY KEY)"))
        connection.commit()
        for id, keep in ((1, False), (2, True)):
            connection.execute(text("INSERT INTO orders VALUES (:id)"), {"id": id})
            inbox.put([envelope(name=f"m:{id}")], connection=connection)
            assert inbox.waiting() == 0
            connection.commit() if keep else connection.rollback()
        assert connection.execute(text("SELECT id FROM orders")).fetchall() == [(2,)]
    assert inbox.waiting() == 1
    assert drive.take().name == "m:2"


def test_a_savepoint_that_is_undone_takes_its_jobs_with_it(drive: Driver, host: Engine) -> None:
    with host.connect() as connection:
        connection.exec_driver_sql("BEGIN")
        drive.backend.inbox.put([envelope(name="m:Kept")], connection=connection)
        nested = connection.begin_nested()
        drive.backend.inbox.put([envelope(name="m:Undone")], connection=connection)
        nested.rollback()
        connection.commit()
    drive.backend.tick()
    assert [record.name for record in drive.backend.find(JobQuery()).items] == ["m:Kept"]


@pytest.mark.parametrize("keep", [True, False])
def test_a_host_that_comes_first_makes_the_tables_over_its_own_connection(opened: Opener, host: Engine, keep: bool) -> None:
    store = opened()
    made = envelope()
    with host.connect() as connection:
        store.inbox.put([made], connection=connection)
        connection.commit() if keep else connection.rollback()
    store.ready()
    found = store.get(made.id)
    assert (found is not None and found.in_inbox) is keep


def test_anything_but_a_connection_is_refused(drive: Driver) -> None:
    with pytest.raises(ConfigurationError, match="Connection"):
        drive.backend.inbox.put([envelope()], connection="sqlite:///x.db")


def test_an_envelope_comes_out_as_it_went_in() -> None:
    whole = Envelope(
        id=uuid7(), name="m:A", queue="q", payload=b"\x00\xff", version=1, priority=-5, available_at=7, max_tries=2, timeout=3, backoff="[1]",
        retry_until=4, max_crashes=5, deadline=6, tags=("ü", "b"), user="ana", tenant="t", edges=(Edge(job_id=uuid7(), on=On.ANY),),
        unique_key="k", unique_for=8, unique_until_processing=True, round=1, crashes=1, weight=3, hook=True, code_version="1", signature="s",
        created_at=9,
    )  # fmt: skip
    assert read_envelope(write_envelope(whole), whole.payload) == whole
    assert not read_envelope(write_envelope(replace(whole, fresh=True)), whole.payload).fresh


def test_many_are_admitted_together_and_a_refused_one_holds_up_nobody(drive: Driver, host: Engine) -> None:
    first = envelope(unique_key="k")
    jobs = [first, envelope(unique_key="k"), envelope(edges=(Edge(job_id=uuid7()),)), *(envelope() for _ in range(250))]
    with host.connect() as connection:
        drive.backend.inbox.put(jobs, connection=connection)
        connection.commit()
    assert drive.backend.inbox.admit() == len(jobs)
    assert drive.states(*(job.id for job in jobs[:3])) == ["pending", "cancelled", "failed"]
    assert drive.get(jobs[1].id).reason == f"duplicate of {first.id}"
    assert str(drive.get(jobs[2].id).reason).startswith("refused: ")
    assert drive.counts() == {"pending": 251, "cancelled": 1, "failed": 1}
    assert drive.backend.numbers.recount() == {}


def test_a_row_with_an_option_that_cannot_be_stored_ends_as_refused(drive: Driver, host: Engine) -> None:
    bad, good = envelope(deadline=2**70), envelope()
    with host.connect() as connection:
        drive.backend.inbox.put([bad, good], connection=connection)
        connection.commit()
    drive.backend.tick()
    assert drive.states(bad.id, good.id) == ["failed", "pending"]


def test_a_full_queue_lets_the_jobs_of_others_pass(drive: Driver, host: Engine) -> None:
    drive.backend.queues.define([QueueSettings(name="small", max_jobs=1)])
    jobs = [envelope(queue="small") for _ in range(150)] + [envelope(queue="wide")]
    with host.connect() as connection:
        drive.backend.inbox.put(jobs, connection=connection)
        connection.commit()
    assert drive.backend.inbox.admit() == 2
    assert drive.state(jobs[-1].id) == "pending"
    drive.take(jobs[0].id, queues=("small",))
    assert drive.backend.inbox.admit() == 1
    assert drive.backend.inbox.waiting() == 148


def test_nobody_is_woken_for_what_a_full_queue_keeps_waiting(drive: Driver, host: Engine) -> None:
    drive.backend.queues.define([QueueSettings(name="small", max_jobs=1)])
    with host.connect() as connection:
        drive.backend.inbox.put([envelope(queue="small") for _ in range(2)], connection=connection)
        connection.commit()
    assert drive.backend.wait(["others"], 0)
    drive.backend.inbox.admit()
    assert not drive.backend.wait(["others"], 0.05)
    drive.backend.queues.override("small", {"max_jobs": 2})
    assert drive.backend.wait(["others"], 0)


def test_a_delay_counts_from_the_dispatch_not_from_the_admission(drive: Driver, host: Engine) -> None:
    late = envelope(delay=60 * SECOND)
    with host.connect() as connection:
        drive.backend.inbox.put([late], connection=connection)
        connection.commit()
    due = drive.clock() + 60 * SECOND
    drive.clock.advance(10)
    drive.backend.inbox.admit()
    assert (drive.state(late.id), drive.get(late.id).available_at) == ("scheduled", due)
