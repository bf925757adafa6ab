from __future__ import annotations

from horizon.backends.values import ProgressReport, Reservation
from horizon.core.outcome import Answer, LogLine
from tests.conformance.driver import Driver


def news(of: Reservation, **more) -> ProgressReport:
    return ProgressReport(ref=of.ref, token=of.token, **more)


def lines(*messages: str) -> tuple[LogLine, ...]:
    return tuple(LogLine(at, "INFO", message) for at, message in enumerate(messages))


def test_progress_of_a_running_job_can_be_seen(drive: Driver) -> None:
    id = drive.push()
    got = drive.take()
    assert drive.backend.progress.report([news(got, percent=40, note="rows 400/1000")]) == [Answer.OK]
    assert (drive.get(id).progress, drive.get(id).progress_note) == (40, "rows 400/1000")


def test_a_report_without_figures_keeps_the_last_ones(drive: Driver) -> None:
    id = drive.push()
    got = drive.take()
    drive.backend.progress.report([news(got, percent=40, note="rows")])
    drive.backend.progress.report([news(got, logs=lines("hello"))])
    assert (drive.get(id).progress, drive.get(id).progress_note) == (40, "rows")


def test_log_lines_can_be_read_while_the_job_runs_and_stay_with_its_attempt(drive: Driver) -> None:
    id = drive.push()
    got = drive.take()
    drive.backend.progress.report([news(got, logs=lines("one"))])
    drive.backend.progress.report([news(got, logs=lines("two"))])
    assert [line.message for line in drive.get(id).history[0].logs] == ["one", "two"]
    drive.retry(got, logs=lines("three"))
    drive.complete(drive.take(), logs=lines("again"))
    first, second = drive.get(id).history
    assert [line.message for line in first.logs] == ["one", "two", "three"]
    assert [line.message for line in second.logs] == ["again"]


def test_dropped_lines_are_counted(drive: Driver) -> None:
    id = drive.push()
    got = drive.take()
    drive.backend.progress.report([news(got, logs=lines("kept"), logs_dropped=7)])
    drive.complete(got)
    assert drive.get(id).history[0].logs_dropped == 7


def test_a_token_that_no_longer_holds_its_job_reports_nothing(drive: Driver) -> None:
    id = drive.push()
    stale = drive.take()
    drive.give_back(stale)
    assert drive.backend.progress.report([news(stale, percent=9)]) == [Answer.LOST]
    now_running = drive.take(id)
    answers = drive.backend.progress.report([news(stale, percent=9, logs=lines("late")), news(now_running, percent=1)])
    assert list(answers) == [Answer.LOST, Answer.OK]
    assert (drive.get(id).progress, drive.get(id).history[0].logs) == (1, ())


def test_a_new_attempt_starts_without_progress(drive: Driver) -> None:
    id = drive.push()
    got = drive.take()
    drive.backend.progress.report([news(got, percent=90, note="almost")])
    drive.retry(got)
    drive.take(id)
    assert (drive.get(id).progress, drive.get(id).progress_note) == (None, None)


def test_log_lines_of_what_was_killed_are_kept(drive: Driver) -> None:
    id = drive.push()
    got = drive.take()
    drive.backend.progress.report([news(got, logs=lines("last words"))])
    drive.crash(got)
    (attempt,) = drive.get(id).history
    assert (attempt.outcome, [line.message for line in attempt.logs]) == ("crashed", ["last words"])


def test_log_lines_are_text_whatever_they_hold(drive: Driver) -> None:
    id = drive.push()
    odd = "<b>\x1b[31m\r\n日本 \u2028 ' \" ; --"
    drive.complete(drive.take(), logs=lines(odd))
    assert drive.get(id).history[0].logs[0].message == odd
