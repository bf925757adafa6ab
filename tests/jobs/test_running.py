from __future__ import annotations

import threading

from horizon.core.outcome import Kind
from horizon.jobs.running import MAX_LINE, Decided, Running


def test_news_come_once_and_only_when_there_are_any() -> None:
    running = Running("id", 1)
    assert running.news() is None
    running.report(40, "half")
    running.line("INFO", "one")
    news = running.news()
    assert news is not None
    assert (news.percent, news.note, [line.message for line in news.lines], news.dropped) == (40, "half", ["one"], 0)
    assert running.news() is None
    running.line("INFO", "two")
    news = running.news()
    assert news is not None
    assert [line.message for line in news.lines] == ["two"]
    assert news.percent == 40


def test_beyond_the_cap_the_oldest_lines_go_and_are_counted() -> None:
    running = Running("id", 1, most_lines=3)
    for number in range(10):
        running.line("INFO", str(number))
    news = running.news()
    assert news is not None
    assert [line.message for line in news.lines] == ["7", "8", "9"]
    assert news.dropped == 7


def test_lines_told_before_do_not_count_as_dropped() -> None:
    running = Running("id", 1, most_lines=3)
    for number in range(3):
        running.line("INFO", str(number))
    running.news()
    for number in range(3, 5):
        running.line("INFO", str(number))
    news = running.news()
    assert news is not None
    assert ([line.message for line in news.lines], news.dropped) == (["3", "4"], 0)


def test_no_lines_are_kept_where_none_are_wanted() -> None:
    running = Running("id", 1, most_lines=0)
    running.line("INFO", "x")
    assert running.news() is None


def test_long_lines_are_cut_and_unstorable_characters_spelled_out() -> None:
    running = Running("id", 1)
    running.line("INFO", "x" * 10_000)
    running.line("INFO", "a\ud800b\x00c")
    news = running.news()
    assert news is not None
    assert len(news.lines[0].message) < MAX_LINE + 50
    assert news.lines[1].message == "a\\ud800b\\x00c"


def test_the_first_outcome_recorded_stays() -> None:
    running = Running("id", 1)
    running.decide("RELEASED", delay=5)
    running.decide("FAILED")
    assert running.decided == Decided(Kind.RELEASED, 5)


def test_nothing_is_recorded_after_the_end() -> None:
    running = Running("id", 1)
    running.closed = True
    running.decide("FAILED")
    running.line("INFO", "late")
    assert running.decided is None
    assert running.news() is None


def test_lines_from_many_threads_are_all_there() -> None:
    running = Running("id", 1, most_lines=10_000)
    seen: list[str] = []

    def write(number: int) -> None:
        for line in range(200):
            running.line("INFO", f"{number}.{line}")

    def read() -> None:
        for _ in range(50):
            if (news := running.news()) is not None:
                seen.extend(line.message for line in news.lines)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(4)] + [threading.Thread(target=read)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if (news := running.news()) is not None:
        seen.extend(line.message for line in news.lines)
    assert sorted(seen) == sorted(f"{number}.{line}" for number in range(4) for line in range(200))
