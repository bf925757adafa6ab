from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from horizon.monitor.health import Facts, assess

WELL = Facts(workers=2, waiting=4, longest_wait=3.0, ended=500, failed=0)


def reasons(facts: Facts) -> list[str]:
    return [deduction.reason for deduction in assess(facts).deductions]


def test_with_a_worker_short_waits_and_no_failure_the_score_is_full():
    assert assess(WELL).score == 100
    assert assess(WELL).deductions == ()


def test_no_worker_costs_more_when_jobs_wait_for_one():
    idle, needed = assess(Facts()), assess(Facts(waiting=1_200))
    assert (idle.score, needed.score) == (70, 40)
    assert needed.deductions[0].reason == "no worker is running; 1,200 jobs wait"
    assert reasons(Facts(waiting=1)) == ["no worker is running; 1 job waits"]


def test_the_longer_the_oldest_job_waits_the_more_points_go():
    def points(seconds: float) -> int:
        return 100 - assess(Facts(workers=1, waiting=1, longest_wait=seconds, longest_queue="reports")).score

    assert [points(seconds) for seconds in (59, 60, 599, 600, 3_599, 3_600, 90_000)] == [0, 10, 10, 20, 20, 30, 30]


def test_a_long_wait_names_the_queue_and_how_long():
    assert reasons(Facts(workers=1, waiting=1, longest_wait=61, longest_queue="reports")) == [
        "the oldest job in queue reports has waited 61 s"
    ]
    assert "30 min" in reasons(Facts(workers=1, waiting=1, longest_wait=1_800))[0]
    assert "3 h" in reasons(Facts(workers=1, waiting=1, longest_wait=10_800))[0]


def test_failures_count_by_their_share():
    assert [assess(Facts(workers=1, ended=1_000, failed=n)).score for n in (9, 10, 50, 200)] == [100, 95, 85, 70]
    assert reasons(Facts(workers=1, ended=1_000, failed=50)) == ["50 of 1,000 jobs failed in the past hour (5.0%)"]


def test_one_failure_among_few_jobs_is_no_trend_but_all_of_them_are():
    assert assess(Facts(workers=1, ended=19, failed=0)).score == 100
    assert assess(Facts(workers=1, ended=3, failed=3)).score == 70


def test_paused_and_unserved_queues_are_named():
    assert reasons(Facts(workers=1, paused=["a"])) == ["queue a is paused"]
    assert reasons(Facts(workers=1, paused=["a", "b", "c", "d", "e"])) == ["queues a, b, c and 2 more are paused"]
    assert reasons(Facts(workers=1, unserved=["mail"])) == ["no worker takes from queue mail"]


def test_without_any_worker_unserved_queues_are_not_counted_twice():
    assert len(reasons(Facts(waiting=3, unserved=["mail"]))) == 1


def test_what_workers_complain_about_is_told_in_their_words():
    told = reasons(Facts(workers=1, problems=["cannot import shop.jobs", "x"]))
    assert told == ["a worker reports: cannot import shop.jobs (and 1 more)"]


def test_stores_that_do_not_answer_are_named():
    assert reasons(Facts(workers=1, silent=["archive"])) == ["the connection archive does not answer"]
    assert reasons(Facts(workers=1, silent=["archive", "mails"])) == ["the connections archive, mails do not answer"]


def test_the_heaviest_deduction_comes_first():
    points = [d.points for d in assess(Facts(waiting=9, longest_wait=700, paused=["a"], silent=["w"])).deductions]
    assert points == sorted(points, reverse=True)
    assert len(points) == 4


@given(
    st.builds(
        Facts,
        workers=st.integers(0, 3),
        waiting=st.integers(0, 10**9),
        longest_wait=st.floats(0, 1e9),
        ended=st.integers(0, 10**6),
        failed=st.integers(0, 10**6),
        paused=st.lists(st.text(max_size=5), max_size=9),
        problems=st.lists(st.text(max_size=5), max_size=9),
        silent=st.lists(st.text(max_size=5), max_size=9),
    )
)
def test_the_score_stays_between_nothing_and_a_hundred_and_adds_up(facts: Facts):
    health = assess(facts)
    assert 0 <= health.score <= 100
    assert health.score == max(0, 100 - sum(d.points for d in health.deductions))
