"""One worker, many ways for a job to go wrong: every one ends in one record that says what happened."""

from __future__ import annotations

import os
import signal

import pytest

from horizon.backends.values import ActParams, Verb
from horizon.core.query import Selection
from tests.e2e import worker_app
from tests.e2e.worker_site import alive, site, soon
from tests.stores.lending import fresh_of

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def here(kind, tmp_path_factory):
    with site(tmp_path_factory.mktemp("attempts"), URL=fresh_of(kind), LEASE=3, GRACE=0.3, CANCEL_GRACE=0.3) as made:
        made.worker = made.work()
        made.ready(made.worker)
        yield made


def test_a_job_finds_its_app_around_it_and_its_log_lines_are_kept(here):
    job = here.wait(here.push(worker_app.surroundings))
    assert b"tests.e2e.worker_app" in job.result
    assert "said in passing" in [line.message for line in job.history[0].logs]


def test_what_a_job_prints_is_there_while_its_worker_runs_on(here):
    here.wait(here.push(worker_app.speak))
    assert "said by a job" in here.worker.said


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


@pytest.mark.parametrize(
    ("how", "error"),
    [
        ("sys.exit", "SystemExit"),
        ("interrupt", "KeyboardInterrupt"),
        ("cancelled", "asyncio.exceptions.CancelledError"),
        ("group", "BaseExceptionGroup"),
        ("depth", "RecursionError"),
        ("mute", "tests.e2e.worker_app.Mute"),
    ],
)
def test_a_job_that_leaves_by_an_unusual_door_fails_and_its_process_goes_on(here, how, error):
    job = here.wait(here.push(worker_app.leave, how))
    assert (job.state, job.attempts, job.error.type) == ("failed", 1, error)
    after = here.push(worker_app.effect, 300)
    assert here.wait(after).state == "completed"
    pid = next(pid for way, pid in here.effects("leave") if way == how)
    assert [n for n, its in here.effects("effect") if its == pid]


def test_a_job_that_ends_its_process_without_a_word_has_crashed(here):
    job = here.wait(here.push(worker_app.leave, "os._exit"))
    assert (job.state, job.crashes) == ("failed", 3)
    assert "exit code 0" in job.history[0].reason


def test_a_job_that_awaits_what_it_cancelled_itself_fails_and_does_not_go_round_for_ever(here):
    job = here.wait(here.push(worker_app.Swallow))
    assert (job.state, job.error.type) == ("failed", "asyncio.exceptions.CancelledError")


def test_an_error_of_five_megabytes_is_kept_in_part(here):
    job = here.wait(here.push(worker_app.shout))
    assert job.state == "failed"
    assert "(5000000 characters)" in job.error.message
    assert len(job.error.message) + len(job.error.traceback) < 100_000


@pytest.mark.parametrize("how", ["mute", "long"])
def test_a_result_that_cannot_be_kept_does_not_undo_what_was_done(here, how):
    assert here.wait(here.push(worker_app.answer, how)).state == "completed"


def test_a_flood_of_log_lines_is_cut_and_counted(here):
    job = here.wait(here.push(worker_app.chat))
    assert job.state == "completed", job.error
    (attempt,) = job.history
    assert 0 < len(attempt.logs) <= 1000
    assert len(attempt.logs) + attempt.logs_dropped == 100_002


def test_of_a_job_that_forks_only_the_parent_comes_back(here):
    job = here.wait(here.push(worker_app.split))
    assert (job.state, len(job.history)) == ("completed", 1)
    (child,) = (pid for forked, pid in soon(lambda: len(here.effects("split")) == 2 and here.effects("split")) if forked == "0")
    soon(lambda: not alive(int(child)))
    assert here.wait(here.push(worker_app.effect, 301)).state == "completed"


def test_signals_that_a_job_took_are_given_back(here):
    here.wait(here.push(worker_app.grab))
    ((pid,),) = here.effects("grab")
    job = here.wait(here.push(worker_app.sleepy))
    assert job.error.type.endswith("JobTimeout")
    os.kill(int(pid), signal.SIGTERM)
    assert here.wait(here.push(worker_app.effect, 302)).state == "completed"
    assert alive(int(pid)), "only the guardian's word counts"


def test_a_job_that_closes_every_descriptor_costs_its_process_and_not_the_worker(here):
    here.push(worker_app.cut_off)
    soon(lambda: here.effects("cut-off"))
    ((pid,), *_) = here.effects("cut-off")
    soon(lambda: not alive(int(pid)))
    assert here.wait(here.push(worker_app.effect, 303)).state == "completed"


def test_a_job_whose_folder_is_gone_and_one_that_left_a_thread_behind_are_done(here):
    assert {here.wait(here.push(job)).state for job in (worker_app.saw, worker_app.run_on)} == {"completed"}
    assert here.wait(here.push(worker_app.effect, 304)).state == "completed"
