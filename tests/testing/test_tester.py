from __future__ import annotations

import logging
import threading
from collections.abc import Callable

import pytest

from horizon import Job, SecureJob
from horizon.core.errors import InvalidInput
from horizon.events import job_failed
from horizon.middleware import FailOnException, Skip
from horizon.testing import JobTester
from tests.testing.jobs import SendEmail, make_report


class Does(Job):
    """Does what its argument says."""

    max_tries = 3
    backoff = 7
    ended: list[str] = []

    def __init__(self, what: str) -> None:
        self.what = what

    def handle(self) -> None:
        match self.what:
            case "release":
                self.release(30)
            case "fail":
                self.fail(ValueError("bad row 7"))
            case "delete":
                self.delete()
            case "raise":
                raise KeyError("sku")
            case "log":
                logging.getLogger("shop").warning("stock is low")

    def failed(self, exception: Exception) -> None:
        Does.ended.append(repr(exception))


def said(check: Callable[[], object]) -> str:
    with pytest.raises(AssertionError) as caught:
        check()
    return str(caught.value)


def test_a_job_that_completes() -> None:
    ran = JobTester(SendEmail("ana@example.com")).run().assert_completed().assert_completed("sent to ana@example.com")
    assert ran.result == "sent to ana@example.com"
    ran.assert_logged("to ana@")
    assert isinstance(ran.job, SendEmail)
    JobTester(make_report.job(2026)).run().assert_completed(2026)


def test_a_job_that_decides_its_own_end() -> None:
    JobTester(Does("release")).run().assert_released().assert_released(30)
    JobTester(Does("fail")).run().assert_failed().assert_failed(ValueError, match="row 7")
    JobTester(Does("delete")).run().assert_deleted()


def test_a_job_that_raises_is_tried_again_and_fails_on_its_last_try() -> None:
    ran = JobTester(Does("raise")).run().assert_retried(KeyError, delay=7)
    assert isinstance(ran.exception, KeyError)
    Does.ended.clear()
    ran.run(attempt=3).assert_failed(LookupError)
    assert Does.ended == ["KeyError('sku')"]


def test_an_async_job_and_one_that_is_defined_in_a_test() -> None:
    class Later(Job):
        async def handle(self) -> int:
            return self.attempts

    JobTester(Later()).run(attempt=2).assert_completed(2)


def test_what_it_logs_is_kept() -> None:
    JobTester(Does("log")).run().assert_logged("stock is low", level="WARNING")


def test_its_middleware_is_around_it() -> None:
    class Skipped(Job):
        middleware = [Skip.when(True)]

        def handle(self) -> None: ...

    class Strict(Job):
        middleware = [FailOnException(KeyError)]

        def handle(self) -> None:
            raise KeyError("x")

    JobTester(Skipped()).run().assert_deleted()
    JobTester(Strict()).run().assert_failed(KeyError)


def test_a_failure_says_what_came_instead() -> None:
    raises = JobTester(Does("raise")).run()
    told = said(lambda: raises.assert_failed(KeyError))
    assert "expected Does to fail for good; it raised KeyError: 'sku' on try 1 of 3 and comes again after 7 s" in told
    assert "see assert_retried(), or run its last try: .run(attempt=3)" in told
    assert "raise KeyError" in said(raises.assert_completed)
    assert "expected ValueError; it raised KeyError" in said(lambda: raises.assert_retried(ValueError))
    assert "released itself and comes again after 30 s" in said(JobTester(Does("release")).run().assert_completed)
    assert "to release itself for 5 s" in said(lambda: JobTester(Does("release")).run().assert_released(5))
    done = JobTester(SendEmail("ana")).run()
    assert said(lambda: done.assert_completed("x")) == "expected the result 'x'; got 'sent to ana'"
    assert "it completed with 'sent to ana'" in said(done.assert_released)
    assert "it logged:\n  INFO to ana" in said(lambda: done.assert_logged("bob"))
    assert "was cancelled (deleted by the job)" in said(JobTester(Does("delete")).run().assert_completed)
    assert "has not run yet" in said(JobTester(Does("x")).assert_completed)


def test_what_could_not_be_stored_is_refused() -> None:
    with pytest.raises(InvalidInput, match="what"):
        JobTester(Does(object()))  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="expected a job"):
        JobTester(Does)  # type: ignore[arg-type]


def test_loggers_are_as_they_were_afterwards() -> None:
    root = logging.getLogger()
    before = root.level, list(root.handlers), [handler.level for handler in root.handlers], threading.Thread.start
    JobTester(Does("log")).run()
    assert (root.level, list(root.handlers), [handler.level for handler in root.handlers], threading.Thread.start) == before


def test_nobody_listens_any_more_afterwards() -> None:
    from horizon.core.events import PROCESS

    before = {name: list(heard) for name, heard in PROCESS._listeners.items()}
    JobTester(Does("raise")).run()
    assert PROCESS._listeners == before
    assert job_failed is not None


class Sealed(SecureJob):
    """Encrypted where it is kept."""

    name = "tester:Sealed"

    def __init__(self, word: str) -> None:
        super().__init__()
        self.word = word

    def handle(self) -> str:
        self.log(f"about {self.word}")
        if self.word == "no":
            raise ValueError(f"not {self.word}")
        return self.word.upper()


def test_an_encrypted_job_is_asked_what_it_said_like_any_other() -> None:
    JobTester(Sealed("yes")).run().assert_completed("YES").assert_logged("about yes")
    JobTester(Sealed("no")).run(attempt=3).assert_failed(ValueError, match="not no")
