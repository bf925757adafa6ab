"""One worker, many ways for a job to go wrong: every one ends in one record that says what happened."""

from __future__ import annotations

import os
import signal

import pytest

from horizon.backends.values import ActParams, Verb
from horizon.core.query import Selection
from tests.e2e import worker_app
from tests.e2e.worker_site import alive, site, soon

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def here(tmp_path_factory):
    with site(tmp_path_factory.mktemp("attempts"), LEASE=3, GRACE=0.3, CANCEL_GRACE=0.3) as made:
        made.worker = made.work()
        made.ready(made.worker)
        yield made


def test_a_job_finds_its_app_around_it_and_its_log_lines_are_kept(here):
    job = here.wait(here.push(worker_app.surroundings))
    assert b"tests.e2e.worker_app" in job.result
    assert "said in passing" in [line.message for line in job.history[0].logs]


def test_a_job_whose_process_is_killed_runs_again_and_the_crash_is_charged(here):
    id = here.push(worker_app.hold, "killed")
    (_, pid), *_ = soon(lambda: [words for words in here.effects("hold") if words[0] == "killed"])
    os.kill(int(pid), signal.SIGKILL)
    soon(lambda: len([words for words in here.effects("hold") if words[0] == "killed"]) == 2)
    here.let_go("killed")
    job = here.wait(id)
    assert (job.state, job.crashes) == ("completed", 1)
    assert [attempt.outcome for attempt in job.history] == ["crashed", "completed"]
    assert "SIGKILL" in job.history[0].reason


def test_a_job_that_kills_its_process_every_time_fails_at_the_third(here):
    job = here.wait(here.push(worker_app.crash))
    assert (job.state, job.crashes) == ("failed", 3)
    assert len(here.effects("crash")) == 3


def test_a_job_that_hangs_in_c_code_is_killed_for_its_timeout(here):
    job = here.wait(here.push(worker_app.compute))
    assert job.state == "failed"
    assert job.error.type == "JobTimeout"
    assert "its timeout of 0.5 s" in job.error.message


def test_a_job_that_ignores_term_is_killed_with_all_it_started(here):
    job = here.wait(here.push(worker_app.stubborn))
    assert (job.state, job.attempts) == ("failed", 1)
    (pids,) = here.effects("stubborn")
    assert not any(alive(int(pid)) for pid in pids)


def test_a_job_that_can_be_stopped_is_stopped_at_its_timeout_without_losing_its_process(here):
    job = here.wait(here.push(worker_app.sleepy))
    assert (job.state, job.attempts) == ("failed", 2)
    assert job.error.type.endswith("JobTimeout")
    assert len({pid for (pid,) in here.effects("sleepy")}) == 1


def test_a_running_job_that_looks_is_told_that_it_was_cancelled(here):
    id = here.push(worker_app.Patient)
    soon(lambda: here.effects("patient"))
    here.backend.act(Selection(ids=(id,)), Verb.CANCEL, ActParams(reason="Ana said so"))
    assert here.wait(id).state == "cancelled"
    assert here.effects("gave-in") == here.effects("patient")


def test_a_running_job_that_does_not_look_is_stopped(here):
    id = here.push(worker_app.Deaf)
    soon(lambda: here.effects("deaf"))
    here.backend.act(Selection(ids=(id,)), Verb.CANCEL, ActParams(reason="Ana said so"))
    job = here.wait(id)
    assert (job.state, job.reason) == ("cancelled", "Ana said so")


def test_paused_by_a_signal_it_starts_nothing_and_goes_on_when_told(here):
    here.worker.signal(signal.SIGUSR2)
    soon(lambda: "paused" in states(here))
    id = here.push(worker_app.effect, 7)
    (seen,) = here.backend.sessions.list(kind="worker")
    soon(lambda: here.backend.sessions.list(kind="worker")[0].renewed_at > seen.renewed_at)
    assert here.job(id).state == "pending"
    here.worker.signal(signal.SIGCONT)
    assert here.wait(id).state == "completed"


def test_paused_from_the_dashboard_it_goes_on_from_the_dashboard(here):
    here.backend.sessions.command("pause")
    soon(lambda: "paused" in states(here))
    here.backend.sessions.command("resume")
    soon(lambda: "running" in states(here))


def test_what_waits_behind_a_job_that_blocks_its_whole_process_goes_back_to_the_store(here):
    here.worker.signal(signal.SIGUSR2)
    soon(lambda: "paused" in states(here))
    before = [here.push(worker_app.effect, n) for n in range(100, 130)]
    greedy = here.push(worker_app.greedy)
    behind = [here.push(worker_app.effect, n) for n in range(200, 205)]
    here.worker.signal(signal.SIGCONT)
    here.wait(greedy, "processing", "completed")
    soon(lambda: here.job(greedy).state == "completed" or {here.job(id).state for id in behind} == {"pending"})
    assert here.job(greedy).state == "processing"
    assert {here.wait(id).state for id in [*before, greedy, *behind]} == {"completed"}
    assert sorted(int(n) for n, _ in here.effects("effect") if int(n) >= 100) == [*range(100, 130), *range(200, 205)]


def states(here):
    return [session.report.state for session in here.backend.sessions.list(kind="worker")]
