from __future__ import annotations

from datetime import timedelta

import pytest

from horizon import Job, JobState, ShouldBeUnique, ShouldBeUniqueUntilProcessing
from horizon.core.clock import SECOND
from horizon.core.errors import InvalidOption
from horizon.jobs import envelopes
from horizon.runtime import Runtime
from tests.jobs.hands import Hands
from tests.jobs.sample import SendEmail


class ProcessUser(Job, ShouldBeUnique, name="test-process-user"):
    def __init__(self, user_id: int, note: str = "") -> None:
        self.user_id, self.note = user_id, note

    def unique_id(self) -> str:
        return f"process_user_{self.user_id}"

    def unique_for(self) -> timedelta:
        return timedelta(hours=1)

    def handle(self) -> None: ...


class SameArguments(Job, ShouldBeUnique, name="test-same-arguments"):
    def __init__(self, a: int) -> None:
        self.a = a

    def handle(self) -> None: ...


class TwoArguments(Job, ShouldBeUnique, name="test-two-arguments"):
    def __init__(self, a: int, b: int) -> None:
        self.a, self.b = a, b

    def handle(self) -> None: ...


class UntilItStarts(Job, ShouldBeUniqueUntilProcessing, name="test-until-it-starts"):
    def unique_id(self) -> str:
        return "one"

    def handle(self) -> None: ...


def test_a_second_one_of_the_same_id_is_not_dispatched_until_the_first_has_ended(hands: Hands) -> None:
    assert ProcessUser.dispatch(1, "first") is not None
    assert ProcessUser.dispatch(1, "second") is None
    assert ProcessUser.dispatch(2) is not None
    hands.run()
    assert ProcessUser.dispatch(1) is not None


def test_the_key_names_the_class_and_its_time_is_kept(here: Runtime) -> None:
    envelope = envelopes.make(ProcessUser(7), here)[1]
    assert (envelope.unique_key, envelope.unique_for) == ("test-process-user:process_user_7", 3600 * SECOND)
    assert not envelope.unique_until_processing


def test_without_a_unique_id_equal_arguments_count(here: Runtime) -> None:
    assert SameArguments.dispatch(1) is not None
    assert SameArguments.dispatch(a=1) is None
    assert SameArguments.dispatch(2) is not None
    assert TwoArguments.dispatch(1, b=2) is not None
    assert TwoArguments.dispatch(b=2, a=1) is None


def test_until_processing_frees_the_key_at_the_start(hands: Hands) -> None:
    assert UntilItStarts.dispatch() is not None
    assert UntilItStarts.dispatch() is None
    assert len(hands.reserve()) == 1
    assert UntilItStarts.dispatch() is not None


def test_a_fluent_key_holds_across_classes_and_wins_over_the_class(here: Runtime) -> None:
    assert SendEmail("a").unique_by("daily", 60).dispatch() is not None
    assert ProcessUser(1).unique_by("daily").dispatch() is None
    assert ProcessUser(1).dispatch() is not None


def test_of_two_equal_keys_in_one_push_the_second_is_the_duplicate(here: Runtime) -> None:
    first, second, third = ProcessUser.dispatch_many([(1,), (1,), (2,)])
    assert first is not None
    assert second is None
    assert third is not None


def test_a_job_that_was_not_dispatched_has_no_id(here: Runtime) -> None:
    ProcessUser.dispatch(1)
    job = ProcessUser(1)
    assert job.dispatch() is None
    assert job.job_id is None


def test_a_long_key_is_shortened_and_stays_its_own(here: Runtime) -> None:
    class Long(Job, ShouldBeUnique, name="test-long-key"):
        def __init__(self, text: str) -> None:
            self.text = text

        def unique_id(self) -> str:
            return self.text

        def handle(self) -> None: ...

    keys = {envelopes.make(Long("x" * 500 + end), here)[1].unique_key for end in "abc"}
    assert len(keys) == 3
    assert all(key is not None and len(key) <= 200 for key in keys)


def test_an_id_that_is_no_text_is_refused(here: Runtime) -> None:
    class Wrong(Job, ShouldBeUnique, name="test-wrong-key"):
        def unique_id(self) -> str:
            return None  # type: ignore[return-value]

        def handle(self) -> None: ...

    with pytest.raises(InvalidOption, match="unique_id"):
        Wrong.dispatch()


def test_cancelling_frees_the_key(here: Runtime) -> None:
    id = ProcessUser.dispatch(1)
    assert id is not None
    id.cancel()
    assert id.record().state is JobState.CANCELLED  # type: ignore[union-attr]
    assert ProcessUser.dispatch(1) is not None
