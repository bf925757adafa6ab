from __future__ import annotations

import os

from horizon.worker.gauge import KEPT, STEP, Gauge, cpu_seconds

SECOND = 1_000_000_000


def gauge(memory=lambda pid: 100, used=lambda pid: 0.0) -> Gauge:
    return Gauge(1, memory=memory, used=used)


def test_the_share_of_a_processor_is_that_of_the_time_since_the_look_before():
    used = iter([10.0, 11.0, 11.0, 15.0])
    made = gauge(used=lambda pid: next(used))
    shares = []
    for second in (0, 2, 3, 5):
        made.look(second * SECOND)
        shares.append(made.cpu)
    assert shares == [None, 50, 0, 200]


def test_two_looks_in_a_moment_say_nothing_new():
    used = iter([10.0, 11.0, 11.5])
    made = gauge(used=lambda pid: next(used))
    for now in (0, 2 * SECOND, 2 * SECOND + 1000):
        made.look(now)
    assert made.cpu == 50


def test_the_past_keeps_the_highest_of_each_step():
    memory = iter([10, 30, 20, 5])
    made = gauge(memory=lambda pid: next(memory))
    for second in (0, 1, 2, STEP):
        made.look(second * SECOND)
    assert made.trend == [30, 5]


def test_a_long_life_is_told_in_as_many_figures_as_a_short_one():
    at = [0]
    made = gauge(memory=lambda pid: at[0])
    for second in range(0, 24 * 3600, STEP):
        at[0] = second
        made.look(second * SECOND)
    assert KEPT // 2 <= len(made.trend) <= KEPT
    assert made.trend == sorted(made.trend)
    assert made.trend[-1] > 23 * 3600
    assert len(made.trend) * made.step >= 24 * 3600 - made.step


def test_a_process_that_is_gone_takes_nothing_that_could_be_told():
    made = gauge(memory=lambda pid: None, used=lambda pid: None)
    made.look(SECOND)
    assert (made.memory_kb, made.cpu, made.trend) == (None, None, [])


def test_the_time_of_this_process_is_in_the_books():
    sum(range(2_000_000))
    assert cpu_seconds(os.getpid()) > 0
