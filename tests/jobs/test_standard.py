from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest

from horizon import QueueService
from horizon.core import current
from horizon.core.states import Priority
from horizon.jobs import standard
from horizon.runtime import Runtime
from tests.jobs.hands import runtime
from tests.jobs.sample import Take


@pytest.fixture(autouse=True)
def _nobody_wondered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(standard, "_wondered", set())


@pytest.fixture
def here() -> Iterator[Runtime]:
    made = runtime(STANDARD_QUEUES=True)
    with current.use(made):
        yield made
    made.close()


def test_an_app_that_asks_for_them_has_twelve_queues_in_three_levels(here: Runtime) -> None:
    weights = {queue.name: queue.priority_weight for queue in here.backend().queues.all()}
    assert len(weights) == 12
    assert [weights[name] for name in ("emails_high", "emails", "emails_low", "data")] == [10, 3, 1, 3]
    assert set(standard.NAMES[Priority.HIGH]) == {"emails_high", "notifications_high", "default_high"}


def test_unless_it_asks_there_are_none() -> None:
    assert "emails_high" not in runtime().routing.queues()


def test_what_the_code_says_of_one_of_them_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    made = standard.Routing()
    made.define_queue("emails", priority_weight=7)
    standard.define(made)
    assert (made.queues()["emails"].priority_weight, made.queues()["emails_low"].priority_weight) == (7, 1)


def test_the_words_of_the_service_lead_to_them(here: Runtime) -> None:
    id = QueueService.dispatch_high_priority(Take(1), QueueService.QUEUE_EMAIL)
    assert id is not None
    assert id.record().queue == "emails_high"  # type: ignore[union-attr]


def test_a_queue_that_nobody_defined_is_made_and_wondered_about_once(here: Runtime, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "horizon.jobs"):
        for _ in range(2):
            id = Take(1).on_queue("emials").dispatch()
        Take(1).on_queue("emails").dispatch()
        Take(1).dispatch()
    assert id is not None
    assert id.record().queue == "emials"  # type: ignore[union-attr]
    (told,) = caplog.messages
    assert told.startswith("a job goes to the queue 'emials', which is not defined here")
    assert "did you mean 'emails'?" in told


def test_an_app_without_any_definition_may_use_what_names_it_likes(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(standard.Routing, "queues", lambda self: {})
    made = runtime()
    with current.use(made), caplog.at_level(logging.WARNING, "horizon.jobs"):
        Take(1).on_queue("whatever").dispatch()
    made.close()
    assert caplog.messages == []
