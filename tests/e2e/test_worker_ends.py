"""How a worker ends, is ended, and replaces its executors: nothing is lost, and nothing is charged to a job that is not to blame."""

from __future__ import annotations

import contextlib
import os
import random
import signal
from collections import Counter

import pytest

from horizon.core.states import JobState, Priority
from tests.e2e import worker_app
from tests.e2e.worker_site import alive, site, soon

pytestmark = pytest.mark.e2e


@pytest.fixture
def here(tmp_path):
    with site(tmp_path, LEASE=3, GRACE=0.3) as made:
        yield made


@pytest.fixture
def brief(tmp_path):
    """A site whose leases are short (yet long enough for a guardian on a busy machine)."""
    with site(tmp_path, LEASE=2.5, GRACE=0.3) as made:
        yield made


def held(here, key="held"):
    """A job that runs until let go: its id, and the process that runs it."""
    id = here.push(worker_app.hold, key)
    (_, pid), *_ = soon(lambda: here.effects("hold"))
    return id, int(pid)


def test_a_slot_that_is_kept_for_urgent_jobs_runs_one_while_long_ones_fill_the_others(here):
    here.ready(here.work("--processes", "1", "--concurrency", "3", "--reserve", "critical=1"))
    here.push_many(worker_app.hold, [("held",)] * 10)
    soon(lambda: len(here.effects("hold")) == 2)

    with here.app.app_context():
        urgent = worker_app.effect.job(1).with_priority(Priority.CRITICAL).dispatch()

    assert here.wait(urgent).state == "completed"
    assert len(here.effects("hold")) == 2
    here.let_go("held")


def test_more_slots_than_there_are_cannot_be_kept(here):
    worker = here.work("--processes", "1", "--concurrency", "1", "--reserve", "critical=2")
    assert worker.ended() == 2
    assert "keeps 2 slots and the worker has 1" in worker.said


def test_ctrl_c_in_a_terminal_is_one_signal_and_lets_running_jobs_finish(here):
    worker = here.ready(here.work())
    id, executor = held(here)
    waiting = here.push(worker_app.effect, 1)
    os.killpg(worker.pid, signal.SIGINT)  # what a terminal does: everybody in the foreground group gets it
    soon(lambda: "waiting for 1 job" in worker.said)
    assert alive(executor)
    here.let_go("held")
    assert worker.ended() == 0
    assert here.job(id).state == "completed"
    assert here.effects("let-go") == [["held", str(executor)]]
    assert (here.job(waiting).state, here.job(waiting).attempts) == ("pending", 0)
    assert here.backend.sessions.list(kind="worker") == []


def test_a_second_term_hands_running_jobs_back_at_once_and_charges_nothing(here):
    worker = here.ready(here.work())
    id, executor = held(here)
    worker.signal(signal.SIGTERM)
    soon(lambda: "waiting for 1 job" in worker.said)
    worker.signal(signal.SIGTERM)
    assert worker.ended() == 0
    job = here.job(id)
    assert (job.state, job.attempts, job.crashes) == ("pending", 0, 0)
    assert [attempt.outcome for attempt in job.history] == ["interrupted"]
    assert not alive(executor)


def test_when_a_guardian_is_killed_its_executors_die_and_its_jobs_run_elsewhere_after_the_lease(brief):
    worker = brief.ready(brief.work())
    id, executor = held(brief)
    brief.work()
    worker.process.kill()
    worker.process.wait()
    assert brief.job(id).state == "processing"
    soon(lambda: not alive(executor))
    brief.let_go("held")
    job = brief.wait(id)
    assert job.state == "completed"
    assert job.crashes == 0, "nobody knows that it was this job's fault"


def test_a_worker_that_was_stopped_for_longer_than_its_lease_runs_nothing_twice_at_a_time(brief):
    worker = brief.ready(brief.work())
    id, executor = held(brief)
    brief.work()
    worker.signal(signal.SIGSTOP)
    soon(lambda: not alive(executor))
    soon(lambda: len(brief.effects("hold")) == 2)
    brief.let_go("held")
    assert brief.wait(id).state == "completed"
    worker.signal(signal.SIGCONT)
    soon(lambda: "starting afresh" in worker.said)
    assert brief.wait(brief.push(worker_app.effect, 1)).state == "completed"
    assert len(brief.effects("let-go")) == 1


def test_an_executor_that_slept_through_its_lease_changes_nothing_when_it_wakes(brief):
    worker = brief.ready(brief.work())
    id, executor = held(brief)
    worker.signal(signal.SIGSTOP)
    os.kill(executor, signal.SIGSTOP)
    brief.work()
    soon(lambda: len(brief.effects("hold")) == 2)
    brief.let_go("held")
    before = brief.wait(id)
    os.kill(executor, signal.SIGCONT)  # it finds its job let go, or its lease over, whichever it sees first
    soon(lambda: not alive(executor) or f"job {id} was no longer ours" in worker.said)
    worker.signal(signal.SIGCONT)
    soon(lambda: "starting afresh" in worker.said)
    assert brief.job(id) == before
    assert [attempt.outcome for attempt in before.history] == ["crashed", "completed"]


def test_killed_at_random_instants_every_job_still_completes_and_is_recorded_once(brief):
    count, dice = 300, random.Random(7)
    ids = brief.push_many(worker_app.brave, [(n,) for n in range(count)])
    worker = brief.work("--processes", "2")
    for kill in range(5):
        enough = min(len(brief.effects("brave")) + dice.randint(1, 25), count)
        soon(lambda enough=enough: len(brief.effects("brave")) >= enough)
        if kill == 3:
            worker.process.kill()
            worker.process.wait()
            worker = brief.work("--processes", "2")
        else:
            os.kill(dice.choice(soon(worker.executors)), signal.SIGKILL)
    soon(lambda: brief.backend.remaining() == 0)
    worker.signal(signal.SIGTERM)
    assert worker.ended() == 0
    records = brief.all()
    assert sorted(record.id for record in records) == sorted(ids)
    assert Counter(record.state for record in records) == {JobState.COMPLETED: count}
    ran = Counter(int(n) for (n,) in brief.effects("brave"))
    assert set(ran) == set(range(count))
    completions = Counter(sum(attempt.outcome == "completed" for attempt in brief.job(id).history) for id in ids)
    assert completions == {1: count}


@pytest.mark.parametrize("flags", [(), ("--processes", "2", "--concurrency", "2")])
def test_a_worker_goes_home_after_its_share_of_jobs_over_all_its_executors(here, flags):
    ids = here.push_many(worker_app.effect, [(n,) for n in range(30)])
    worker = here.work("--max-jobs", "7", *flags)
    assert worker.ended() == 0
    assert Counter((here.job(id).state, here.job(id).attempts) for id in ids) == {("completed", 1): 7, ("pending", 0): 23}


def test_a_worker_whose_time_is_over_finishes_the_job_in_hand_and_leaves_nothing_reserved(here):
    ids = here.push_many(worker_app.hold, [("key",)] * 3)
    worker = here.work("--max-time", "1")
    soon(lambda: "stopping after 1 s" in worker.said)
    here.let_go("key")
    assert worker.ended() == 0
    started = len(here.effects("hold"))
    assert here.effects("let-go") == here.effects("hold")
    assert Counter(here.job(id).state for id in ids) == {"completed": started, "pending": 3 - started}


def test_a_screen_that_nobody_reads_stops_no_worker(brief):
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    with contextlib.suppress(BlockingIOError):
        while True:
            os.write(writer, b"x" * 4096)
    os.set_blocking(writer, True)
    worker = brief.ready(brief.work("--verbose", screen=writer))
    assert {brief.wait(brief.push(worker_app.effect, n)).state for n in range(3)} == {"completed"}
    worker.signal(signal.SIGTERM)
    assert worker.ended() == 0
    os.close(reader)
    os.close(writer)


def test_an_awaited_job_that_blocks_the_loop_it_shares_is_killed_and_its_neighbours_are_not_charged(here):
    here.work("--concurrency", "2")
    id, _ = held(here)
    blocking = here.push(worker_app.Blocking)
    assert here.wait(blocking).error.type == "JobTimeout"
    soon(lambda: len(here.effects("hold")) == 2)
    here.let_go("held")
    job = here.wait(id)
    assert (job.state, job.attempts, job.crashes) == ("completed", 1, 0)
    assert [attempt.outcome for attempt in job.history] == ["interrupted", "completed"]


def test_an_executor_that_grew_too_large_is_replaced_after_its_job(here):
    here.push(worker_app.swell)
    here.push(worker_app.effect, 1)
    worker = here.work("--memory", "120", "--stop-when-empty")
    assert worker.ended() == 0
    assert here.effects("swell")[0] != here.effects("effect")[0][1:]


def test_several_slots_run_threads_and_awaited_jobs_at_the_same_time(here):
    here.push_many(worker_app.Together, [(3,)] * 3)
    here.push_many(worker_app.side_by_side, [(n, 3) for n in range(3)])
    worker = here.work("--concurrency", "3", "--stop-when-empty")
    assert worker.ended() == 0
    assert Counter(record.state for record in here.all()) == {JobState.COMPLETED: 6}
    assert len({pid for *_, pid in here.effects("side") + here.effects("together")}) == 1


def test_once_runs_one_job_and_a_module_that_cannot_be_imported_is_told_on_screen_and_on_the_dashboard(here):
    ids = here.push_many(worker_app.effect, [(n,) for n in range(3)])
    worker = here.work("--once", HORIZON_IMPORTS="no_such_module")
    assert worker.ended() == 0
    assert Counter(here.job(id).state for id in ids) == {JobState.COMPLETED: 1, JobState.PENDING: 2}
    assert "'no_such_module' of HORIZON_IMPORTS cannot be imported" in worker.said
    (session,) = here.backend.sessions.list(kind="worker", dead_since=0)
    assert any("no_such_module" in problem for problem in session.report.problems)


def test_an_app_that_is_not_there_is_wrong_usage_and_named(here):
    worker = here.work(app="tests.e2e.no_such_app")
    assert worker.ended() == 2
    assert "no_such_app" in worker.said
