from __future__ import annotations

from typing import Any

import pytest

from horizon.core.clock import MINUTE, SECOND
from horizon.core.outcome import Failure
from horizon.core.record import Attempt, Record
from horizon.monitor.why import ended
from horizon.monitor.why.facts import Facts, Mark, Pause, Point
from tests.monitor.why.test_waiting import NOW, PARENT, job

BEGAN = NOW - 20 * MINUTE


def run(number: int, outcome: str, after: int, lasted: int = 2 * SECOND, **more: Any) -> Attempt:
    return Attempt(
        number=number, round=0, started_at=BEGAN + after, finished_at=BEGAN + after + lasted, worker="web-2:1", outcome=outcome, **more
    )


def over(state: str = "completed", **more: Any) -> Record:
    return job(state, **{"created_at": BEGAN, "finished_at": NOW, "available_at": None, **more})


def points(record: Record, **more: Any) -> dict[str, Point]:
    return {point.key: point for point in ended.points(Facts(record=record, now=NOW, **more))}


def test_a_job_that_simply_completed_raises_no_question() -> None:
    quick = over(created_at=NOW - SECOND, history=(run(1, "completed", 0),))
    assert {key: (one.mark, one.text) for key, one in points(quick).items()} == {"end": (Mark.OK, "It completed {when}.")}


def test_a_job_that_ran_twice_says_which_attempt_ended_how() -> None:
    error = Failure(type="smtplib.Gone", message="secret")
    history = (
        run(1, "retry", 0, error=error),
        run(2, "crashed", 60 * SECOND),
        run(3, "released", 120 * SECOND, reason="no room"),
        run(4, "completed", 180 * SECOND),
    )
    found = points(over(history=history, round=1))
    assert found["attempts"].text == "It ran 4 times."
    assert found["rounds"].text == "It was run again by hand once."
    assert (found["attempt-1"].mark, found["attempt-1"].text) == (Mark.WRONG, "Attempt 1 failed after 2 s: smtplib.Gone.")
    assert found["attempt-2"].text == "Attempt 2 ended with its process after 2 s."
    assert (found["attempt-3"].mark, found["attempt-3"].text) == (Mark.OK, "Attempt 3 put itself back after 2 s: no room.")
    assert "secret" not in "".join(one.text for one in found.values())


@pytest.mark.parametrize(
    ("lasted", "said"),
    [
        (800_000, "800 ms"),
        (400, "0 ms"),
        (999_600, "1 s"),
        (2_540_000, "2.5 s"),
        (9 * SECOND, "9 s"),
        (12_400_000, "12 s"),
        (3 * MINUTE, "3 min"),
    ],
)
def test_an_attempt_lasted_as_long_as_its_timeline_shows(lasted: int, said: str) -> None:
    found = points(over(history=(run(1, "retry", 0, lasted), run(2, "completed", 60 * SECOND))))
    assert found["attempt-1"].text == f"Attempt 1 failed after {said}."


def test_a_late_job_says_where_the_time_went() -> None:
    history = (run(1, "retry", 5 * MINUTE, MINUTE, delay=3 * MINUTE), run(2, "completed", 10 * MINUTE, MINUTE))
    found = points(over(history=history))
    assert found["time"].text == "From its dispatch to its end it took 20 min:"
    assert found["time-queue"].text == "5 min it waited for a free slot, or for its queue to go on (25 %)."
    assert found["time-run"].text == "2 min it ran (10 %)."
    assert found["time-backoff"].text == "3 min it waited between two attempts, as was asked (15 %)."
    assert found["time-again"].text == "1 min it waited for a slot again after a backoff (5 %)."


def test_what_was_asked_to_wait_is_told_apart_from_the_queue() -> None:
    found = points(over(history=(run(1, "completed", 10 * MINUTE),), wait=MINUTE, limits=("smtp",)))
    assert found["time-due"].text == "9 min it was not due yet (45 %)."
    assert found["time-queue"].text.startswith("1 min it waited for a free slot, for room in its limits,")
    blocked = points(over(history=(run(1, "completed", 10 * MINUTE),), wait=MINUTE, depends_on=(PARENT,)))
    assert blocked["time-due"].text == "9 min it was waiting for what it depends on (45 %)."


def test_a_pause_while_it_waited_is_named_and_another_is_not() -> None:
    record = over(history=(run(1, "completed", 10 * MINUTE),))
    assert (
        points(record, pauses=[Pause(by="ana", at=BEGAN + MINUTE)])["paused"].text == "Its queue was paused by ana {when}, while it waited."
    )
    assert "paused" not in points(record, pauses=[Pause(by="ana", at=BEGAN + 11 * MINUTE)])


def test_a_missed_deadline_is_wrong() -> None:
    found = points(over(history=(run(1, "completed", 10 * MINUTE),), deadline=BEGAN + MINUTE))
    assert found["deadline"].mark is Mark.WRONG


def test_a_cancelled_job_says_why_and_leads_to_what_cancelled_it() -> None:
    found = points(over("cancelled", reason=f"the job it waited for failed: {PARENT}"))
    assert found["end"].text == f"It was cancelled {{when}}: the job it waited for failed: {PARENT}."
    assert found["end"].link is not None
    assert found["end"].link.name == PARENT
    assert found["unrun"].text == "It never ran."
    assert points(over("cancelled"))["end"].mark is Mark.UNKNOWN
    assert points(over("cancelled", reason=f"the group it waited for failed: {PARENT}"))["end"].link is None


def test_a_failed_job_says_with_which_try() -> None:
    error = Failure(type="KeyError", message="x")
    assert points(over("failed", attempts=3, error=error))["end"].text == "It failed {when} with the last of its 3 tries: KeyError."
    assert points(over("failed", attempts=1, max_tries=1, error=error))["end"].text == "It failed {when} with its only try: KeyError."
    assert points(over("failed", attempts=1, reason="refused: no room"))["end"].text == "It failed {when}: refused: no room."


@pytest.mark.parametrize(
    ("tries", "reason", "told"), [(3, "the last of 3 tries", "the last of its 3 tries"), (1, "the only try", "its only try")]
)
def test_a_reason_that_only_counts_the_tries_is_not_said_twice(tries: int, reason: str, told: str) -> None:
    error = Failure(type="KeyError", message="x")
    found = points(over("failed", attempts=tries, max_tries=tries, reason=reason, error=error))
    assert found["end"].text == f"It failed {{when}} with {told}: KeyError."
