"""Limits in real worker processes: they hold over all of them together, and what waits costs no try."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from horizon.core.clock import SECOND
from horizon.core.states import JobState
from tests.e2e import limits_app
from tests.e2e.worker_site import Site, site, soon
from tests.stores.lending import fresh_of, kinds

pytestmark = pytest.mark.e2e
APP = "tests.e2e.limits_app:create_app"
PER = round(limits_app.PER * SECOND)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """`stands_on`: the stores on which processes share limits."""
    if "stands_on" in metafunc.fixturenames:
        metafunc.parametrize("stands_on", kinds("sqlite", "postgres", "redis"), scope="module")


@pytest.fixture(scope="module")
def here(stands_on: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Two workers, four slots."""
    with site(tmp_path_factory.mktemp("limits"), URL=fresh_of(stands_on)) as made:
        workers = [made.work("--concurrency", "2", app=APP) for _ in range(2)]
        for worker in workers:
            made.ready(worker)
        yield made


def noted(here: Site, *words: str) -> list[tuple[str, str]]:
    """(`in` or `out`, word) in the order in which it happened, of these words."""
    lines = (line.split() for line in here.effects_file.read_text().splitlines())
    return [(line[0], line[1]) for line in lines if len(line) == 2 and line[0] in ("in", "out") and line[1] in words]


def most_at_a_time(events: list[tuple[str, str]]) -> int:
    running = highest = 0
    for event, _ in events:
        running += 1 if event == "in" else -1
        highest = max(highest, running)
    return highest


def test_so_many_start_in_a_stretch_of_time_whoever_starts_them(here: Site) -> None:
    ids = here.push_many(limits_app.Paced, [(f"paced-{number}",) for number in range(12)])
    records = [here.wait(id) for id in ids]
    assert {record.state for record in records} == {JobState.COMPLETED}
    assert {(record.attempts, len(record.history)) for record in records} == {(1, 1)}
    # none begins before it was handed out, however busy the machine is: so no load brings the later ones forward
    starts = sorted(record.started_at or 0 for record in records)
    pushed = min(record.created_at for record in records)
    for place, start in enumerate(starts):
        assert start - pushed >= place // limits_app.MOST * PER, [start - pushed for start in starts]


def test_so_many_of_a_class_run_at_a_time_and_all_of_them_run(here: Site) -> None:
    words = [f"narrow-{number}" for number in range(10)]
    ids = here.push_many(limits_app.Narrow, [(word, 0.05) for word in words])
    assert {here.wait(id).attempts for id in ids} == {1}
    events = noted(here, *words)
    assert len(events) == 20
    assert most_at_a_time(events) == 2


def test_a_key_that_is_used_up_holds_up_nobody_else(here: Site) -> None:
    ids = here.push_many(limits_app.Mail, [("ana",)] * 200)
    others = here.push_many(limits_app.Mail, [("bob",), ("cho",)])
    plain = here.push(limits_app.Noted, "plain")
    for id in (*others, plain):
        assert here.wait(id).state is JobState.COMPLETED
    soon(lambda: noted(here, "ana")[1:])
    waits = here.job(ids[-1])
    assert (waits.state, waits.attempts, waits.waits_for_limit) == (JobState.SCHEDULED, 0, "limits.mail to:ana")
    assert noted(here, "ana") == [("in", "ana"), ("out", "ana")]
    limit = here.backend.limits.get("limits.mail to:ana")
    assert limit is not None
    assert (limit.used, limit.waiting) == (1, 199)


@pytest.fixture
def alone(tmp_path: Path) -> Iterator[Site]:
    with site(tmp_path, LEASE=3, GRACE=0.3) as made:
        yield made


def test_a_worker_with_newer_code_lets_jobs_go_that_wait_for_an_older_figure(alone: Site) -> None:
    ids = alone.push_many(limits_app.Counted, [(f"counted-{number}",) for number in range(4)])
    alone.ready(alone.work(app=APP, COUNTED="1"))
    alone.wait(ids[0])
    assert alone.job(ids[1]).waits_for_limit == "queue counted"
    alone.ready(alone.work(app=APP, COUNTED="3"))
    for id in ids[1:3]:
        assert alone.wait(id).state is JobState.COMPLETED
    assert alone.job(ids[3]).waits_for_limit == "queue counted"


def test_the_place_of_a_job_whose_worker_was_killed_is_free_again(alone: Site) -> None:
    worker = alone.ready(alone.work(app=APP))
    first = alone.push(limits_app.Held, "one")
    soon(lambda: noted(alone, "one"))
    second = alone.push(limits_app.Held, "two")
    assert alone.job(second).waits_for_limit == "limits.held, at once"
    worker.process.kill()
    alone.let_go("one")
    alone.let_go("two")
    alone.ready(alone.work(app=APP))
    for id in (first, second):
        assert alone.wait(id).state is JobState.COMPLETED
    limit = alone.backend.limits.get("limits.held, at once")
    assert limit is None or (limit.running, limit.waiting) == (0, 0)
