"""How a cancellation went, told from what is stored."""

from __future__ import annotations

import dataclasses

import pytest

from horizon.control import marks, stopping
from horizon.control.stopping import By
from horizon.core.outcome import CANCEL_LEVEL, Failure, LogLine
from horizon.core.record import Attempt, Record
from horizon.core.states import JobState
from horizon.security.permissions import Actor

ANA = Actor(name="ana at work", role="operator")
MARK = marks.mark("cancel", ANA, 1_700_000_000_123_000, "sale is over: all of it")
TOLD = LogLine(1_700_000_002_000_000, CANCEL_LEVEL, MARK)


def record(outcome="cancelled", *, state=JobState.CANCELLED, reason=MARK, logs=(TOLD,), error=None, **more):
    run = Attempt(
        number=1,
        round=0,
        started_at=5,
        finished_at=None if outcome == "running" else 9,
        worker="h:1",
        outcome=outcome,
        error=error,
        logs=logs,
    )
    made = Record(
        id="1", n=1, name="j", queue="q", connection="default", state=state, priority=0, created_at=1, available_at=1, started_at=5,
        finished_at=9, attempts=1, max_tries=1, timeout=None, reason=reason, history=(run,),
    )  # fmt: skip
    return dataclasses.replace(made, **more)


def test_who_asked_and_when_stands_in_the_mark():
    told = stopping.of(record())
    assert (told.by, told.asked_at, told.said) == ("ana at work", 1_700_000_000_123_000, "sale is over: all of it")
    assert (told.noticed_at, told.stopped_at) == (TOLD.at, 9)


@pytest.mark.parametrize(
    ("made", "how"),
    [
        (record(), By.FLAG),
        (record(error=Failure(type="horizon.core.errors.JobCancelled", message="x")), By.EXCEPTION),
        (record(error=Failure(type="asyncio.exceptions.CancelledError", message="")), By.EXCEPTION),
        (record(error=Failure(type="JobKilled", message="ended by KILL"), logs=()), By.PROCESS),
        (record(error=Failure(type="KeyError", message="x")), By.ERROR),
        (record("completed", state=JobState.COMPLETED, reason=None), By.COMPLETED),
        (record(logs=()), By.UNKNOWN),
    ],
)
def test_by_what_it_stopped(made, how):
    assert stopping.of(made).how is how


def test_what_runs_on_has_not_stopped():
    asked = stopping.of(record("running", state=JobState.PROCESSING, logs=(), cancel_requested=True))
    assert (asked.by, asked.noticed_at, asked.stopped_at, asked.how) == ("ana at work", None, None, None)
    noticed = stopping.of(record("running", state=JobState.PROCESSING, cancel_requested=True))
    assert (noticed.noticed_at, noticed.how) == (TOLD.at, None)


def test_what_was_never_cancelled_or_never_ran_has_nothing_to_tell():
    assert stopping.of(record("completed", state=JobState.COMPLETED, logs=())) is None
    assert stopping.of(record("running", state=JobState.PROCESSING, logs=())) is None
    assert stopping.of(record(history=())) is None


def test_a_reason_without_a_mark_is_told_as_it_is():
    told = stopping.of(record(reason="the batch failed", logs=()))
    assert (told.by, told.asked_at, told.said) == ("", None, "the batch failed")
