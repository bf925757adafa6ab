from __future__ import annotations

import gc
from collections.abc import Callable
from datetime import timedelta

import pytest

from horizon import QueueFake, dispatch
from horizon.core import current
from horizon.core.errors import InvalidInput, NotFound
from horizon.jobs import capture
from horizon.runtime import Runtime
from tests.jobs.hands import runtime
from tests.testing.jobs import Reindex, SendEmail, SendSMS, make_report


@pytest.fixture
def here() -> Runtime:
    return runtime()


def said(check: Callable[[], object]) -> str:
    """What the assertion that fails here says."""
    with pytest.raises(AssertionError) as caught:
        check()
    return str(caught.value)


def test_dispatches_are_caught_and_go_nowhere(here: Runtime) -> None:
    with current.use(here):
        with QueueFake() as fake:
            id = SendEmail.dispatch("ana@example.com")
            dispatch(SendSMS("123"))
            assert SendEmail.dispatch_many([("b@example.com",), ("c@example.com",)]) == [one.id for one in fake.pushed(SendEmail)[1:]]
            make_report.dispatch(2026)
        assert id is not None
        assert id.record() is None
        with pytest.raises(NotFound, match="caught by a test's QueueFake"):
            id.wait()
        assert here.backend().remaining() == 0
        assert SendEmail.dispatch("d@example.com") is not None
        assert here.backend().remaining() == 1
    fake.assert_pushed(SendEmail)
    fake.assert_pushed(make_report)
    fake.assert_pushed(SendEmail, lambda job: job.to == "c@example.com", times=1)
    fake.assert_pushed_times(SendEmail, 3)
    fake.assert_pushed_on("emails", SendEmail)
    fake.assert_pushed_on("reports", make_report)


def test_no_app_is_needed() -> None:
    with QueueFake() as fake:
        SendEmail.dispatch("ana@example.com")
        fake.assert_pushed(SendEmail)


def test_apps_that_other_tests_left_behind_do_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(current, "_known", [])
    left = [runtime(), runtime()]
    for one in left:
        current.register(one)
    with QueueFake() as fake:
        SendEmail.dispatch("ana@example.com")
        fake.assert_pushed(SendEmail)
    assert [one.backend().remaining() for one in left] == [0, 0]


def test_a_failure_says_what_was_pushed_instead() -> None:
    with QueueFake() as fake:
        assert said(lambda: fake.assert_pushed(SendSMS)) == "expected SendSMS to be pushed, and none was; nothing was pushed at all"
        SendEmail("ana@example.com").with_priority(5).delay_until(60).dispatch()
        told = "what was pushed:\n  1. SendEmail('ana@example.com') on emails, after 60 s, priority 5"
        assert said(lambda: fake.assert_pushed(SendSMS)) == f"expected SendSMS to be pushed, and none was; {told}"
        assert "SendEmail that matches to be pushed, and none was" in said(lambda: fake.assert_pushed(SendEmail, lambda job: False))
        assert "SendEmail to be pushed twice" not in said(lambda: fake.assert_pushed_times(SendEmail, 2))
        assert "to be pushed 2 times, and it was once" in said(lambda: fake.assert_pushed_times(SendEmail, 2))
        assert "to be pushed on 'other', and it was on 'emails'" in said(lambda: fake.assert_pushed_on("other", SendEmail))
        assert "with priority 7, and it was with 5" in said(lambda: fake.assert_pushed_with_priority(SendEmail, 7))
        assert "with a delay of 61 s, and it was with 60 s" in said(lambda: fake.assert_pushed_with_delay(SendEmail, 61))
        assert "no SendEmail to be pushed, and one was" in said(lambda: fake.assert_not_pushed(SendEmail))
        assert "nothing to be pushed; what was pushed" in said(fake.assert_nothing_pushed)


def test_what_was_said_of_a_dispatch_can_be_asserted() -> None:
    with QueueFake() as fake:
        fake.assert_nothing_pushed()
        SendEmail("ana@example.com").with_priority(5).delay_until(timedelta(minutes=1)).tagged("mail", "welcome").dispatch()
        SendSMS("1").on_connection("default").dispatch()
        fake.assert_pushed_with_delay(SendEmail)
        fake.assert_pushed_with_delay(SendEmail, timedelta(seconds=60))
        fake.assert_pushed_without_delay(SendSMS)
        fake.assert_pushed_with_priority(SendEmail, 5)
        fake.assert_pushed_with_tags(SendEmail, "welcome")
        fake.assert_pushed_on_connection("default", SendSMS)
        fake.assert_not_pushed(Reindex)
        fake.assert_not_pushed(SendEmail, lambda job: job.to == "bob@example.com")


def test_what_dispatch_refuses_is_refused_here_too() -> None:
    with QueueFake() as fake:
        with pytest.raises(InvalidInput, match="number"):
            SendSMS.dispatch(object())  # type: ignore[arg-type]
        fake.assert_nothing_pushed()


def test_of_two_with_one_unique_key_the_second_is_none() -> None:
    with QueueFake() as fake:
        assert Reindex.dispatch(1) is not None
        assert Reindex.dispatch(1) is None
        assert Reindex.dispatch(2) is not None
        fake.assert_pushed_times(Reindex, 2)
        fake.clear()
        assert Reindex.dispatch(1) is not None


def test_only_some_jobs_can_be_caught(here: Runtime) -> None:
    with current.use(here), QueueFake(SendEmail) as fake:
        SendEmail.dispatch("ana@example.com")
        SendSMS.dispatch("1")
        SendSMS.dispatch_many([("2",), SendEmail("bob@example.com")])
        fake.assert_not_pushed(SendSMS)
        fake.assert_pushed_times(SendEmail, 2)
        assert here.backend().remaining() == 2


def test_a_plain_object_catches_until_nobody_keeps_it(here: Runtime) -> None:
    with current.use(here):
        fake = QueueFake()
        SendEmail.dispatch("ana@example.com")
        fake.assert_pushed(SendEmail)
        assert here.backend().remaining() == 0
        del fake
        gc.collect()
        SendEmail.dispatch("ana@example.com")
        assert here.backend().remaining() == 1


def test_of_two_fakes_the_later_one_catches() -> None:
    with QueueFake() as outer:
        with QueueFake() as inner:
            SendEmail.dispatch("ana@example.com")
        SendSMS.dispatch("1")
        inner.assert_not_pushed(SendSMS)
        outer.assert_not_pushed(SendEmail)
        outer.assert_pushed(SendSMS)


def test_a_name_that_is_no_job_is_told() -> None:
    with QueueFake() as fake, pytest.raises(TypeError, match="expected a job class"):
        fake.assert_pushed(3)


def test_nothing_is_left_behind() -> None:
    assert list(capture.spread_now()) == []
