from __future__ import annotations

import pytest

from horizon.backends.spread import Spread
from horizon.backends.values import Cause
from horizon.core.clock import SECOND
from horizon.monitor.causes import group, suggestion


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
    one = Spread(trend=(1, 2), versions=("b7e0d11",), hosts=("web-2",))
    assert suggestion(cause("KeyError", count=3), one).endswith("All of it in version b7e0d11 and on web-2.")
    assert "All of it" not in suggestion(cause("KeyError", count=1), one)
    assert "All of it" not in suggestion(cause("KeyError", count=3), Spread(trend=(), versions=("a", "b"), hosts=("x", "y")))


def test_a_cause_is_resolved_until_it_comes_again() -> None:
    assert group(cause("KeyError"), None, (9 * SECOND, "ana")).resolved_by == "ana"
    assert group(cause("KeyError"), None, (8 * SECOND, "ana")).resolved_at is None
    assert group(cause("KeyError"), None).resolved_at is None
