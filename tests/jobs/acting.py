"""A job that does what a test says, and what is run of it."""

from __future__ import annotations

from typing import Any

from horizon import Job
from horizon.core.outcome import Outcome
from tests.jobs.hands import Hands
from tests.jobs.sample import Call


def run(hands: Hands, act: Any, *, tries: int = 3, job: Job | None = None) -> Outcome:
    """Dispatch a job whose handle is `act`, and run it once."""
    Call.acts["it"] = act
    (job or Call("it")).with_tries(tries).dispatch()
    return hands.run_one()


def fail(job: Any) -> None:
    """An act for `run` that goes wrong."""
    raise ValueError("bad row")
