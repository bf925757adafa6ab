"""Circuits of a store: which there are, how they stand, closing one by hand."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from horizon import Job
from horizon.backends.circuits import State, circuit, circuits
from horizon.control.circuits import CircuitControl
from horizon.core import clock, current
from horizon.core.errors import InvalidTransition, NotFound, PermissionDenied
from horizon.middleware import CircuitBreaker, come_back
from horizon.runtime import Runtime
from horizon.security.permissions import Actor
from horizon.testing import freeze, work_all
from tests.jobs.hands import Hands, runtime

BEA = Actor(name="bea", role="operator", origin="web")


@pytest.fixture
def here() -> Iterator[Runtime]:
    made = runtime()
    with current.use(made), freeze():
        yield made


class Guarded(Job, name="test-guarded", max_tries=1):
    stack: list[Any] = []

    def __init__(self, word: str = "") -> None:
        self.word = word
        self.middleware = list(Guarded.stack)

    def handle(self) -> None:
        if self.word == "fail":
            raise ConnectionError


def run(*words: str, through: Any) -> list[str]:
    Guarded.stack = [through]
    for word in words:
        Guarded.dispatch(word)
    return [ran.outcome for ran in work_all()]


def test_a_circuit_is_listed_from_its_first_job_on(here: Runtime) -> None:
    assert circuits(here.backend()) == []
    run("good", through=CircuitBreaker("smtp", fail_max=2, reset=30, within=600))
    run("good", through=CircuitBreaker("bank"))
    run("good", through=CircuitBreaker("bank"))
    bank, smtp = circuits(here.backend())
    assert (bank.circuit.service, smtp.circuit.service) == ("bank", "smtp")
    assert (smtp.state, smtp.since, smtp.probe_at, smtp.probe) == (State.CLOSED, None, None, None)
    assert (smtp.circuit.fail_max, smtp.circuit.reset, smtp.circuit.within) == (2, 30 * clock.SECOND, 600 * clock.SECOND)


def test_an_open_one_comes_first_and_says_since_when_and_when_it_is_tried(here: Runtime) -> None:
    began = here.backend().now()
    run("good", through=CircuitBreaker("bank"))
    run("fail", "fail", through=CircuitBreaker("smtp", fail_max=2, reset=30))
    smtp, bank = circuits(here.backend())
    assert (smtp.circuit.service, smtp.state, smtp.since, smtp.probe_at) == ("smtp", State.OPEN, began, began + 30 * clock.SECOND)
    assert bank.state is State.CLOSED
    with freeze(31):
        assert circuits(here.backend())[0].state is State.HALF_OPEN
        run("fail", through=CircuitBreaker("smtp", fail_max=2, reset=30))
        (again,) = [one for one in circuits(here.backend()) if one.state is State.OPEN]
        assert (again.since, again.probe_at) == (began, began + 61 * clock.SECOND)


def test_while_a_job_tries_the_service_it_is_named(here: Runtime) -> None:
    breaker, seen = CircuitBreaker("smtp", fail_max=1, reset=30), []
    run("fail", through=breaker)
    with freeze(31):
        Guarded.stack = [breaker, lambda job, next: (seen.extend(circuits(here.backend())), next(job))[1]]
        id = Guarded.dispatch("probe")
        work_all().assert_completed(1)
        assert breaker.state(here.backend()) is State.CLOSED
    assert (seen[0].state, seen[0].probe) == (State.HALF_OPEN, id)


def test_a_probe_that_was_sent_back_leaves_the_try_to_another(here: Runtime) -> None:
    breaker = CircuitBreaker("smtp", fail_max=1, reset=30)
    run("fail", through=breaker)
    with freeze(31):
        Guarded.stack = [breaker, lambda job, next: come_back(job, 60, "waits") if job.word == "later" else next(job)]
        Guarded.dispatch_many([("later",), ("good",)])
        assert [ran.outcome for ran in work_all()] == ["returned", "completed"]
        assert breaker.state(here.backend()) is State.CLOSED


def test_one_that_is_closed_by_hand_lets_jobs_in_at_once_and_forgets_failures(here: Runtime) -> None:
    breaker = CircuitBreaker("smtp", fail_max=2, reset=30, within=600)
    run("fail", "fail", through=breaker)
    Guarded.dispatch("good")
    closed = CircuitControl(here).close(BEA, "smtp")
    assert (closed.state, closed.since) == (State.CLOSED, None)
    assert Hands(here).run_one().kind.name == "COMPLETED"
    run("fail", through=breaker)
    assert breaker.state(here.backend()) is State.CLOSED
    (entry,) = here.backend().audit.list()
    assert (entry.actor, entry.verb, entry.target, entry.detail) == ("bea", "close circuit", "circuit:smtp", "it was open")


def test_what_cannot_be_closed_is_said(here: Runtime) -> None:
    run("good", through=CircuitBreaker("smtp"))
    with pytest.raises(InvalidTransition, match="smtp is closed"):
        CircuitControl(here).close(BEA, "smtp")
    with pytest.raises(NotFound, match="'smpt'"):
        CircuitControl(here).close(BEA, "smpt")
    with pytest.raises(PermissionDenied):
        CircuitControl(here).close(Actor(name="eve", role="viewer", origin="web"), "smtp")


def test_one_that_nobody_has_used_for_a_month_is_left_out_and_newer_figures_win(here: Runtime) -> None:
    run("good", through=CircuitBreaker("old"))
    with freeze(31 * 86_400):
        run("good", through=CircuitBreaker("new", fail_max=3))
        assert [one.circuit.service for one in circuits(here.backend())] == ["new"]
        run("good", through=CircuitBreaker("new", fail_max=7))
        (new,) = circuits(here.backend())
        assert new.circuit.fail_max == 7
        old = circuit(here.backend(), "old")
        assert old is not None
        assert old.state is State.CLOSED
