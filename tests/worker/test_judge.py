from __future__ import annotations

import pytest

from horizon.backends.values import VerdictKind
from horizon.worker import judge
from horizon.worker.judge import Limits, Step
from horizon.worker.page import Running

LIMITS = Limits(lease=15, grace=2, cancel_grace=10, boot_timeout=60)
S = judge.NS


def job(token="t", *, started=0, deadline=None, delay=None, slot=0):
    return Running(slot=slot, mark=1, token=token, job=f"job-{token}", started=started, deadline=deadline, delay=delay)


def judged(now, jobs, *, cancelled=None, killed=None, died="SIGKILL"):
    return judge.verdicts(now, jobs, cancelled or {}, LIMITS, killed=killed, died=died)


@pytest.mark.parametrize(
    ("seconds", "step"), [(0, Step.WAIT), (9.9, Step.WAIT), (10, Step.TERM), (12.4, Step.TERM), (12.5, Step.KILL), (99, Step.KILL)]
)
def test_a_lease_that_is_not_renewed_ends_its_executors_at_two_thirds_and_five_sixths(seconds, step):
    assert judge.lease_step(judge.ns(seconds), 0, 15) is step


def test_nothing_may_start_once_its_executor_could_be_ended_for_the_lease():
    until = judge.start_until(0, 15)
    assert judge.lease_step(until - 1, 0, 15) is Step.WAIT
    assert judge.lease_step(until, 0, 15) is Step.TERM


@pytest.mark.parametrize(("late", "step"), [(-1, Step.WAIT), (1.9, Step.WAIT), (2, Step.TERM), (3.9, Step.TERM), (4, Step.KILL)])
def test_a_job_past_its_timeout_is_termed_after_one_grace_and_killed_after_two(late, step):
    assert judge.late_step(judge.ns(60 + late), [job(deadline=60 * S)], {}, LIMITS) is step


def test_a_job_without_timeout_is_never_late():
    assert judge.late_step(10**18, [job()], {}, LIMITS) is Step.WAIT


def test_a_cancelled_job_is_late_after_its_own_grace_even_if_its_timeout_is_far_away():
    jobs, cancelled = [job("a", deadline=9999 * S)], {"a": 5 * S}
    assert judge.late_step(judge.ns(16.9), jobs, cancelled, LIMITS) is Step.WAIT
    assert judge.late_step(judge.ns(17), jobs, cancelled, LIMITS) is Step.TERM
    assert judge.late_step(judge.ns(19), jobs, cancelled, LIMITS) is Step.KILL


def test_a_cancellation_of_something_else_hurries_nobody():
    assert judge.late_step(100 * S, [job("a")], {"b": 1}, LIMITS) is Step.WAIT


def test_the_latest_job_of_an_executor_decides_about_all_of_it():
    jobs = [job("a", deadline=10 * S), job("b", deadline=1000 * S)]
    assert judge.late_step(judge.ns(14), jobs, {}, LIMITS) is Step.KILL


def test_a_crash_is_charged_to_a_job_that_ran_alone():
    verdict = judged(5 * S, [job("a", started=2 * S)])["a"]
    assert (verdict.kind, verdict.only, verdict.runtime) == (VerdictKind.CRASH, True, 3_000_000)
    assert "SIGKILL" in verdict.reason


def test_a_crash_is_charged_to_nobody_where_several_ran():
    verdicts = judged(5 * S, [job("a"), job("b", slot=1)])
    assert [v.only for v in verdicts.values()] == [False, False]


def test_a_death_with_nothing_running_accuses_nobody():
    assert judged(5 * S, []) == {}


def test_a_killed_timeout_keeps_the_delay_that_stood_on_the_page():
    verdict = judged(64 * S, [job("a", deadline=60 * S, delay=3_000_000)], killed="late")["a"]
    assert (verdict.kind, verdict.delay) == (VerdictKind.TIMEOUT, 3_000_000)
    assert "its timeout of 60 s" in verdict.reason
    assert "64.0 s" in verdict.reason


def test_a_killed_last_try_has_no_delay():
    assert judged(64 * S, [job("a", deadline=60 * S)], killed="late")["a"].delay is None


def test_neighbours_of_a_killed_job_are_interrupted_and_told_why():
    verdicts = judged(64 * S, [job("a", deadline=60 * S), job("b", deadline=70 * S, delay=1)], killed="a neighbour")
    assert verdicts["b"].kind is VerdictKind.INTERRUPTED
    assert (verdicts["b"].reason, verdicts["b"].delay) == ("a neighbour", None)


def test_a_cancelled_job_that_had_to_be_killed_ends_cancelled():
    verdict = judged(20 * S, [job("a")], cancelled={"a": S}, killed="late")["a"]
    assert verdict.kind is VerdictKind.CANCEL


def test_a_job_killed_before_its_own_time_was_up_is_interrupted():
    assert judged(61 * S, [job("a", deadline=60 * S)], killed="the lease")["a"].kind is VerdictKind.INTERRUPTED


def test_whatever_comes_first_decides_between_timeout_and_cancellation():
    late = job("a", deadline=60 * S)
    assert judge.soft_end(late, {"a": 40 * S}, LIMITS) == (50 * S, VerdictKind.CANCEL)
    assert judge.soft_end(late, {"a": 55 * S}, LIMITS) == (60 * S, VerdictKind.TIMEOUT)


def test_renewals_come_every_third_of_the_lease_and_at_least_every_second_when_somebody_waits():
    assert judge.renew_every(15, attentive=False) == 5
    assert judge.renew_every(15, attentive=True) == 1
    assert judge.renew_every(1.5, attentive=True) == 0.5


def test_executors_that_cannot_load_the_app_are_tried_ever_less_often():
    delays = [judge.boot_delay(n) for n in range(10)]
    assert delays[0] == 0
    assert delays == sorted(delays)
    assert delays[-1] == 30


def test_an_end_is_told_in_words():
    assert judge.how_it_ended(3) == "exit code 3"
    assert judge.how_it_ended(-9) == "SIGKILL"
    assert judge.how_it_ended(-999) == "signal 999"


def test_unstarted_jobs_are_taken_back_from_behind_a_job_that_runs_for_long():
    assert not judge.stuck(S, [job(started=S - 1)])
    assert judge.stuck(2 * S, [job(started=S)])
