"""A cancellation leaves its proof behind: who asked and when, when the job was told, and what made it stop."""

from __future__ import annotations

import pytest

from horizon.control import stopping
from horizon.control.jobs import JobControl
from horizon.control.stopping import By
from horizon.core.query import Selection
from horizon.security.permissions import Actor
from tests.e2e import stacks_app, worker_app
from tests.e2e.worker_site import site, soon

pytestmark = pytest.mark.e2e
ANA = Actor(name="ana", role="operator", origin="web")


@pytest.fixture
def here(tmp_path):
    with site(tmp_path, LEASE=15, GRACE=0.3, CANCEL_GRACE=0.3) as made:
        made.ready(made.work("--processes", "1", "--concurrency", "1", app="tests.e2e.stacks_app:create_app"))
        yield made


def stopped(here, job, word, *args):
    """How it went with a job that was cancelled while it ran."""
    id = here.push(job, *args)
    soon(lambda: here.effects(word))
    JobControl(here.app.extensions["horizon"].runtime).act(ANA, "cancel", Selection(ids=(id,)))
    record = here.wait(id)
    return record, stopping.of(record)


def test_each_way_to_stop_is_told_apart(here):
    record, told = stopped(here, worker_app.Patient, "patient")
    assert (record.state, told.by, told.how) == ("cancelled", "ana", By.FLAG)
    assert told.noticed_at is not None

    record, told = stopped(here, worker_app.Deaf, "deaf")
    assert (record.state, told.by, told.how) == ("cancelled", "ana", By.EXCEPTION)
    assert "time.sleep(600)" in record.history[-1].error.traceback, "it is known where it was stopped"
    assert told.asked_at is not None
    assert told.noticed_at is not None

    record, told = stopped(here, stacks_app.computes, "computes", "c")
    assert (record.state, told.by, told.how) == ("cancelled", "ana", By.PROCESS)
    assert "its process was ended by" in record.history[-1].error.message
    assert record.reason.startswith("cancelled by ana at ")
