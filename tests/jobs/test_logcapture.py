from __future__ import annotations

import asyncio
import logging
import subprocess
import sys
import threading
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from horizon import Job
from horizon.jobs import logcapture
from horizon.jobs.inline import inside
from tests.jobs.capturing import capturing
from tests.jobs.hands import Hands
from tests.jobs.sample import Call


@pytest.fixture(autouse=True)
def _capturing() -> Iterator[None]:
    with capturing():
        yield


def lines(hands: Hands, act: Callable[[Any], Any]) -> list[tuple[str, str]]:
    Call.acts["it"] = act
    Call("it").dispatch()
    return [(line.level, line.message) for line in hands.run_one().logs]


def test_everything_from_info_on_is_captured_whatever_the_logger(hands: Hands) -> None:
    def work(job: Any) -> None:
        logging.info("root %d", 1)
        logging.getLogger("shop.mail").warning("named")
        logging.getLogger("shop.mail").debug("too fine")
        job.log("own words")

    assert lines(hands, work) == [("INFO", "root 1"), ("WARNING", "named"), ("INFO", "own words")]


def test_the_trace_of_a_logged_exception_is_captured(hands: Hands) -> None:
    def work(job: Any) -> None:
        try:
            int("x")
        except ValueError:
            logging.getLogger("shop").exception("failed")

    ((level, message),) = lines(hands, work)
    assert level == "ERROR"
    assert message.startswith("failed\nTraceback")
    assert message.endswith("invalid literal for int() with base 10: 'x'")


def test_a_record_that_cannot_be_written_does_not_hurt_the_job(hands: Hands) -> None:
    ((_, message),) = lines(hands, lambda job: logging.getLogger("shop").info("%d rows", "many"))
    assert "could not be written" in message


def test_threads_and_tasks_that_a_job_starts_belong_to_it(hands: Hands) -> None:
    log = logging.getLogger("shop")

    def work(job: Any) -> None:
        thread = threading.Thread(target=log.info, args=("thread",))
        thread.start()
        thread.join()
        with ThreadPoolExecutor(1) as pool:
            pool.submit(log.info, "pool").result()
        asyncio.run(asyncio.to_thread(log.info, "task"))

    assert [message for _, message in lines(hands, work)] == ["thread", "pool", "task"]


def test_a_thread_of_a_subclass_with_its_own_run_belongs_to_it_too(hands: Hands) -> None:
    class Own(threading.Thread):
        def run(self) -> None:
            logging.getLogger("shop").info("own run")

    def work(job: Any) -> None:
        thread = Own()
        thread.start()
        thread.join()

    assert lines(hands, work) == [("INFO", "own run")]


def test_jobs_side_by_side_keep_their_lines_apart(hands: Hands) -> None:
    both = threading.Barrier(2)

    def work(job: Any) -> None:
        both.wait(30)
        logging.getLogger("shop").info("of %s", job.job_id)
        both.wait(30)

    Call.acts["it"] = work
    Call.dispatch_many([("it",), ("it",)])
    with ThreadPoolExecutor(2) as pool:
        outcomes = list(pool.map(lambda prepared: prepared.run(), hands.prepared()))
    assert [[line.message for line in outcome.logs] for outcome in outcomes] == [[f"of {outcome.id}"] for outcome in outcomes]


def test_what_is_logged_outside_a_job_or_after_its_end_goes_nowhere(hands: Hands) -> None:
    release = threading.Event()
    started: list[threading.Thread] = []

    def work(job: Any) -> None:
        thread = threading.Thread(target=lambda: (release.wait(30), logging.getLogger("shop").info("late")))
        thread.start()
        started.append(thread)

    logging.getLogger("shop").info("before")
    assert lines(hands, work) == []
    release.set()
    started[0].join()


def test_the_hooks_lines_are_the_attempts(hands: Hands) -> None:
    class Told(Job, name="test-hook-logs"):
        def handle(self) -> None:
            raise ValueError("x")

        def failed(self, exception: Exception) -> None:
            logging.getLogger("shop").info("told")

    Told().with_tries(1).dispatch()
    assert [line.message for line in hands.run_one().logs] == ["told"]


def test_installing_twice_is_installing_once(hands: Hands) -> None:
    assert logcapture.install() is logcapture.install()
    assert lines(hands, lambda job: logging.getLogger("shop").info("once")) == [("INFO", "once")]


def test_a_level_that_the_app_has_set_is_left_alone() -> None:
    logcapture.uninstall()
    root = logging.getLogger()
    root.setLevel(logging.ERROR)
    logcapture.install("INFO")
    assert root.level == logging.ERROR


def test_handlers_that_were_there_before_see_no_more_than_before() -> None:
    logcapture.uninstall()
    root = logging.getLogger()
    root.setLevel(logging.WARNING)
    seen: list[str] = []

    class Mine(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            seen.append(record.getMessage())

    mine = Mine()
    root.addHandler(mine)
    try:
        logcapture.install("INFO")
        logging.getLogger("shop").info("fine")
        logging.getLogger("shop").warning("loud")
    finally:
        root.removeHandler(mine)
    assert seen == ["loud"]


def test_what_python_shows_where_nobody_listens_is_still_shown() -> None:
    script = (
        "import logging\nfrom horizon.jobs import logcapture\nlogcapture.install('INFO')\n"
        "logging.getLogger('shop').info('hidden')\nlogging.getLogger('shop').warning('shown')\n"
        "logging.getLogger('own').addHandler(logging.NullHandler())\nlogging.getLogger('own').warning('handled')\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=True)
    assert done.stderr == "shown\n"


def test_python_warnings_that_go_through_logging_are_captured(hands: Hands) -> None:
    logging.captureWarnings(True)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("always")
            found = lines(hands, lambda job: warnings.warn("old api", stacklevel=1))
    finally:
        logging.captureWarnings(False)
    assert "old api" in found[0][1]


def test_a_job_run_here_and_now_captures_nothing_for_anybody() -> None:
    Call.acts["it"] = lambda job: None
    with inside(Call("it")) as running:
        logging.getLogger("shop").info("kept for the run under way only")
        news = running.news()
        assert news is not None
        assert len(news.lines) == 1
