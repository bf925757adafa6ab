"""kill -9 of an executor, of its guardian, or of both between any two steps of the worker: the job completes once, and its history
tells what is known."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e import worker_app
from tests.e2e.worker_site import alive, site, soon
from tests.stores.lending import fresh_of

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def here(kind, tmp_path_factory):
    with site(tmp_path_factory.mktemp("killed"), URL=fresh_of(kind), LEASE=5, GRACE=0.3) as made:
        made.ready(made.work(app="tests.e2e.failpoint_app:create_app"))
        yield made


NOTHING, DOUBT, CRASH = [], ["crashed"], ["crashed"]


@pytest.mark.parametrize(
    ("point", "ran", "told", "charged"),
    [
        pytest.param("reserved", 1, NOTHING, 0, id="reserved, and not yet on the shelf"),
        pytest.param("laid out", 1, NOTHING, 0, id="on the shelf, and not yet taken"),
        pytest.param("picked", 1, DOUBT, 0, id="taken, and not yet begun"),
        pytest.param("begun", 1, CRASH, 1, id="begun, before its first line"),
        pytest.param("ended", 2, CRASH, 1, id="after its last line, and still on the page"),
        pytest.param("marked as ended", 2, DOUBT, 0, id="off the page, and its outcome not yet kept"),
        pytest.param("kept", 2, DOUBT, 0, id="its outcome kept, and not yet settled"),
        pytest.param("settled", 1, NOTHING, 0, id="settled"),
    ],
)
def test_killed_when_the_job_is(here, point, ran, told, charged):
    here.wait(here.push(worker_app.effect, 0))  # the executor is there, and nothing is left to settle
    Path(f"{here.effects_file}.point").write_text(point)
    n = 1000 + len(here.effects("effect"))
    job = here.wait(here.push(worker_app.effect, n))
    assert [attempt.outcome for attempt in job.history] == [*told, "completed"]
    assert (job.state, job.attempts, job.crashes) == ("completed", 1, charged)
    assert len([words for words in here.effects("effect") if words[0] == str(n)]) == ran


@pytest.mark.slow
@pytest.mark.parametrize("point", ["reserved", "begun", "ended", "kept", "settled"])
@pytest.mark.parametrize("whom", ["guardian", "both"])
def test_its_guardian_is_killed_when_the_job_is(kind, tmp_path, whom, point):
    """Nobody is left who knows anything: the lease runs out, and the job is given to the next worker."""
    with site(tmp_path, URL=fresh_of(kind), LEASE=2, GRACE=0.3) as made:
        worker = made.ready(made.work(app="tests.e2e.failpoint_app:create_app"))
        executors = worker.executors()
        Path(f"{made.effects_file}.point").write_text(f"{whom}:{point}")
        id = made.push(worker_app.effect, 1)
        worker.process.wait(60)
        soon(lambda: not any(alive(pid) for pid in executors))
        made.work()
        job = made.wait(id)
        assert (job.state, job.attempts, job.crashes) == ("completed", 1, 0), "nobody can tell whose fault it was"
        assert [attempt.outcome for attempt in job.history][-1] == "completed"
        assert len(made.effects("effect")) <= len(job.history)
        assert dict(made.backend.numbers.recount()) == {}
        assert sum(sample.completed for sample in made.backend.numbers.samples(0)) == 1
