from __future__ import annotations

import pytest

from horizon.backends.spread import Spread, Tally
from horizon.backends.values import Cause
from horizon.core.clock import SECOND
from horizon.monitor import triage
from horizon.monitor.causes import FailureGroup, group, of_the_past, suggestion
from horizon.monitor.triage import Act, CauseState, Said


def cause(type: str, message: str = "", count: int = 1) -> Cause:
    return Cause(cause="c", type=type, message=message, name="shop:Send", count=count, first_at=SECOND, last_at=9 * SECOND)


@pytest.mark.parametrize(
    ("type", "words"),
    [
        ("smtplib.SMTPServerDisconnected", "The mail server did not answer"),
        ("psycopg.OperationalError", None),
        ("redis.exceptions.ConnectionError", "Redis did not answer"),
        ("horizon.core.errors.JobTimeout", "longer than its timeout"),
        ("JobCrashed", "out of memory"),
        ("KeyError", "bug or unexpected data"),
        ("horizon.core.errors.MaxAttemptsExceeded", "released itself"),
    ],
)
def test_the_exception_says_where_to_begin(type: str, words: str | None) -> None:
    said = suggestion(cause(type), None)
    assert said == "" if words is None else words in said


def test_what_all_failures_have_in_common_is_told() -> None:
    one = Spread(trend=(1, 2), by_version=(("b7e0d11", 3),), by_host=(("web-2", 3),))
    assert suggestion(cause("KeyError", count=3), one).endswith("All of it in version b7e0d11 and on web-2.")
    assert "All of it" not in suggestion(cause("KeyError", count=1), one)
    assert "All of it" not in suggestion(
        cause("KeyError", count=3), Spread(trend=(), by_version=(("a", 2), ("b", 1)), by_host=(("x", 2), ("y", 1)))
    )


def test_a_cause_is_resolved_until_it_comes_again() -> None:
    def told(at: int) -> FailureGroup:
        return group(cause("KeyError"), None, None, Said(last=Act(word="resolve", at=at, by="ana")), 10 * SECOND)

    assert (told(9 * SECOND).state, told(9 * SECOND).resolved_by) == (CauseState.RESOLVED, "ana")
    assert (told(8 * SECOND).state, told(8 * SECOND).resolved_at) == (CauseState.REGRESSED, None)
    assert group(cause("KeyError"), None, None, None, 10 * SECOND).resolved_at is None


def test_the_first_and_the_count_are_those_of_all_that_stand_failed() -> None:
    tally = Tally(count=40, first_at=2, last_at=7 * SECOND, more=True)
    one = group(cause("KeyError"), None, tally, None, 10 * SECOND)
    assert (one.count, one.total, one.more, one.first_at, one.last_at) == (1, 40, True, 2, 9 * SECOND)


def test_a_cause_of_the_past_is_told_by_what_was_said_of_it() -> None:
    said = Said(last=Act(word="mute", at=5, by="ana"), type="KeyError", name="shop:Send")
    one = of_the_past("KeyError shop.py:f", said, None, 10)
    assert (one.state, one.type, one.classes, one.total) == (CauseState.MUTED, "KeyError", ("shop:Send",), 0)


def test_when_it_was_first_seen_is_kept_with_what_was_said_of_it_though_its_jobs_are_gone() -> None:
    act = Act(word="resolve", at=9 * SECOND, by="ana")
    said = triage.after(None, act, first_at=2 * SECOND)
    later = triage.read(triage.written(triage.after(said, act, first_at=5 * SECOND)), 1)
    assert later is not None
    assert later.first_at == 2 * SECOND
    assert of_the_past("KeyError", later, None, 10 * SECOND).first_at == 2 * SECOND
    tally = Tally(count=1, first_at=8 * SECOND, last_at=9 * SECOND)
    assert of_the_past("KeyError", later, tally, 10 * SECOND).first_at == 2 * SECOND
