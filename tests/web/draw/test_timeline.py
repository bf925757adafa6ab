from __future__ import annotations

from dataclasses import replace

from horizon.core.clock import SECOND
from horizon.core.record import Attempt, Record
from horizon.core.states import JobState
from horizon.web.draw.timeline import MOST, rounds, timeline


def record(state: JobState = JobState.FAILED, **more) -> Record:
    given = {
        "created_at": 0,
        "available_at": 0,
        "started_at": None,
        "finished_at": None,
        "attempts": 0,
        "max_tries": 3,
        "timeout": None,
        **more,
    }
    return Record(id="x", n=1, name="shop:Job", queue="emails", connection="default", state=state, priority=0, **given)


def attempt(number: int, started: float, finished: float | None, outcome: str = "retry", delay: float = 0, round: int = 0) -> Attempt:
    end = None if finished is None else round_(finished)
    return Attempt(
        number=number, round=round, started_at=round_(started), finished_at=end, worker="w", outcome=outcome, delay=round_(delay) or None
    )


def round_(seconds: float) -> int:
    return int(seconds * SECOND)


def told(drawn) -> list[tuple[str, float]]:
    return [(span.label, span.lasts / SECOND) for span in drawn.spans]


def test_waits_attempts_and_backoffs_follow_one_another_without_a_gap():
    history = (attempt(1, 1, 2, delay=10), attempt(2, 13, 14, delay=20), attempt(3, 34, 35, "failed"))
    drawn = timeline(record(history=history, finished_at=35 * SECOND), 99 * SECOND)
    assert told(drawn) == [
        ("Waited in emails", 1),
        ("Attempt 1", 1),
        ("Backoff", 10),
        ("Waited in emails", 1),
        ("Attempt 2", 1),
        ("Backoff", 20),
        ("Attempt 3", 1),
    ]
    assert drawn.lasts == 35 * SECOND
    assert all(first.end == second.start for first, second in zip(drawn.spans, drawn.spans[1:], strict=False))


def test_lengths_are_to_scale():
    drawn = timeline(record(history=(attempt(1, 25, 100, "completed"),), wait=25 * SECOND), 0)
    assert [(span.x, span.width) for span in drawn.spans] == [(0, 25), (25, 75)]


def test_the_shortest_span_can_be_seen_and_stays_inside():
    drawn = timeline(record(history=(attempt(1, 1000, 1000.001, "completed"),)), 0)
    assert all(span.width >= 0.6 and span.x + span.width <= 100 for span in drawn.spans)


def test_what_was_scheduled_is_told_from_what_waited():
    drawn = timeline(record(history=(attempt(1, 70, 71, "completed"),), wait=10 * SECOND), 0)
    assert told(drawn) == [("Scheduled", 60), ("Waited in emails", 10), ("Attempt 1", 1)]


def test_a_step_that_waited_for_another_job_was_blocked_and_not_scheduled():
    drawn = timeline(record(history=(attempt(1, 70, 71, "completed"),), wait=10 * SECOND, depends_on=("y",)), 0)
    assert told(drawn) == [("Blocked", 60), ("Waited in emails", 10), ("Attempt 1", 1)]


def test_a_running_attempt_grows_to_now():
    drawn = timeline(record(JobState.PROCESSING, history=(attempt(1, 1, None, "running"),)), 9 * SECOND)
    assert told(drawn)[-1] == ("Attempt 1", 8)
    assert drawn.spans[-1].open


def test_what_is_still_to_come_is_drawn_up_to_its_time():
    assert told(timeline(record(JobState.SCHEDULED, available_at=60 * SECOND), 10 * SECOND)) == [("Scheduled", 60)]
    history = (attempt(1, 0, 1, delay=30),)
    assert told(timeline(record(JobState.RETRYING, available_at=31 * SECOND, history=history), 5 * SECOND))[-1] == ("Backoff", 30)
    assert told(timeline(record(JobState.PENDING), 7 * SECOND)) == [("Waits in emails", 7)]
    assert told(timeline(record(JobState.BLOCKED), 7 * SECOND)) == [("Blocked", 7)]


def test_a_parked_job_waits_until_now():
    assert told(timeline(record(JobState.SCHEDULED, waits_for_limit="shop:Job"), 7 * SECOND)) == [("Waits for room", 7)]


def test_a_job_re_opened_by_a_person_is_drawn_from_there():
    history = (attempt(1, 0, 1, "failed"), attempt(2, 86_401, 86_402, "completed", round=1))
    drawn = timeline(record(JobState.COMPLETED, round=1, history=history, wait=SECOND), 0)
    assert told(drawn) == [("Waited in emails", 1), ("Attempt 2", 1)]


def test_of_a_long_history_only_the_latest_attempts_are_drawn():
    history = tuple(attempt(index, index * 10, index * 10 + 1, delay=9) for index in range(40))
    drawn = timeline(record(history=history), 0)
    assert drawn.hidden == 40 - MOST
    assert next(label for label, _ in told(drawn) if label.startswith("Attempt")) == "Attempt 28"


def test_a_job_cancelled_before_it_began_only_waited():
    assert told(timeline(record(JobState.CANCELLED, finished_at=5 * SECOND), 9 * SECOND)) == [("Waited in emails", 5)]


def test_clocks_that_disagree_never_draw_backwards():
    strange = record(history=(attempt(1, 5, 3, "failed"),), created_at=10 * SECOND)
    assert all(span.end >= span.start for span in timeline(replace(strange, wait=99 * SECOND), 0).spans)


def rounds_record(**more):
    history = (
        attempt(1, 1, 2), attempt(2, 12, 13, "failed"), attempt(3, 86_405, 86_406, delay=10, round=1), attempt(4, 86_417, 86_418, "failed", round=1),
    )  # fmt: skip
    return record(round=1, history=history, finished_at=round_(86_418), **more)


def test_each_round_of_a_re_opened_job_is_drawn_by_itself():
    first = timeline(rounds_record(), 0, 0)
    assert (first.since, first.round, first.over) == ("dispatch", 0, True)
    assert first.lasts == 13 * SECOND
    assert told(first)[0] == ("Waited in emails", 1)
    assert all("Waits" not in label for label, _ in told(first))


def test_a_round_whose_beginning_is_not_known_says_from_where_it_is_drawn():
    second = timeline(rounds_record(wait=SECOND), 0)
    assert (second.since, second.lasts) == ("its first start", 13 * SECOND)
    assert [label for label, _ in told(second)] == ["Attempt 3", "Backoff", "Waited in emails", "Attempt 4"]


def test_a_round_with_one_attempt_begins_where_it_was_re_opened():
    history = (attempt(1, 0, 1, "failed"), attempt(2, 500, 503, "failed", round=1))
    drawn = timeline(record(round=1, history=history, wait=2 * SECOND, finished_at=round_(503)), 0)
    assert (drawn.since, drawn.lasts) == ("re-opening", 5 * SECOND)


def test_a_long_history_says_with_which_attempt_its_drawing_begins():
    history = tuple(attempt(index, index * 10, index * 10 + 1, delay=9) for index in range(40))
    assert timeline(record(history=history), 0).since == "attempt 28"


def test_rounds_are_listed_from_the_latest_with_how_each_ended():
    assert [(one.number, one.attempts, one.outcome) for one in rounds(rounds_record())] == [(1, 2, "failed"), (0, 2, "failed")]
    assert rounds(record()) == ()
    waiting = rounds(record(JobState.PENDING, round=1, history=(attempt(1, 0, 1, "failed"),)))
    assert [(one.attempts, one.ended_at) for one in waiting] == [(0, None), (1, SECOND)]


def test_a_round_in_which_nothing_ran_yet_is_drawn_from_its_re_opening():
    waiting = record(JobState.PENDING, round=1, history=(attempt(1, 0, 1, "failed"),), available_at=50 * SECOND)
    drawn = timeline(waiting, 57 * SECOND)
    assert (drawn.since, told(drawn)) == ("re-opening", [("Waits in emails", 7)])
