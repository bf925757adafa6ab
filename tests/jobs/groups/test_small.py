"""What stands beside groups: middleware, base classes, names, and who is heard."""

from __future__ import annotations

from typing import Any

import pytest

import horizon.models
from horizon import BatchableJob, Job, JobBatch, JobState, batch, chain
from horizon.backends.values import Verb
from horizon.core.errors import HorizonError
from horizon.core.events import Events
from horizon.core.query import Selection
from horizon.jobs.groups import inside
from horizon.middleware import SkipIfBatchCancelled
from tests.jobs.groups.sample import Batchable, Does, acts, drain, seen
from tests.jobs.hands import Hands


class Careful(Does):
    middleware = [SkipIfBatchCancelled()]


def test_the_middleware_skips_jobs_of_a_cancelled_batch_and_no_others(hands: Hands) -> None:
    gone, stays = batch([Careful("gone")]).dispatch(), batch([Careful("stays")]).dispatch()
    Careful("alone").dispatch()
    held = hands.prepared()
    gone.cancel()
    hands.backend.turn([one.run() for one in held])
    assert sorted(seen) == ["alone", "stays"]
    assert (gone.record().state, stays.record().state) == ("cancelled", "completed")  # type: ignore[union-attr]


def test_a_batchable_job_looks_at_its_batch_once_a_second(hands: Hands, monkeypatch: pytest.MonkeyPatch) -> None:
    at, reads = [100.0], []
    real = hands.backend.groups.get
    monkeypatch.setattr(hands.backend.groups, "get", lambda id: (reads.append(id), real(id))[1])
    monkeypatch.setattr(inside.clock, "monotonic", lambda: at[0])
    batch([Batchable(str(n)) for n in range(5)]).dispatch()
    drain(hands)
    assert (len(seen), len(reads)) == (5, 1)


def test_a_job_that_was_retried_runs_although_others_of_its_batch_have_failed(hands: Hands) -> None:
    Batchable.fails = True
    id = batch([Batchable("a"), Batchable("b")]).dispatch()
    hands.run()
    Batchable.fails = False
    assert id.record().state == "failed"  # type: ignore[union-attr]
    first = next(iter(id.find().jobs()))  # type: ignore[union-attr]
    hands.backend.act(Selection(ids=(first.id,)), Verb.RETRY)
    seen.clear()
    drain(hands)
    assert seen == ["a"]
    assert hands.backend.get(first.id).state is JobState.COMPLETED  # type: ignore[union-attr]


def test_a_nested_job_is_skipped_with_the_batch_around_it(hands: Hands) -> None:
    id = batch([chain([Batchable("a"), Batchable("b")])]).dispatch()
    held = hands.prepared()
    id.cancel()
    hands.backend.turn([one.run() for one in held])
    assert seen == []
    assert {record.state for record in hands.backend.many([one.reservation.id for one in held])} == {JobState.CANCELLED}


def test_a_base_class_without_work_says_so() -> None:
    class Empty(BatchableJob, name="test-groups-empty"): ...

    with pytest.raises(HorizonError, match=r"Empty has no _handle\(\) method"):
        Empty.dispatch_now()
    assert Batchable.dispatch_now("here") == "here"


def test_the_batch_of_models_is_the_batch_of_the_front_door() -> None:
    assert horizon.models.JobBatch is JobBatch


def test_a_listener_that_only_passes_on_is_heard_where_somebody_is_behind_it() -> None:
    def passes_on(**details: Any) -> None: ...

    somebody: list[Any] = []
    passes_on.heard = lambda: bool(somebody)  # type: ignore[attr-defined]
    events = Events()
    events.listen("batch_finished", passes_on)
    assert not events.heard("batch_finished")
    somebody.append(1)
    assert events.heard("batch_finished")
    assert not events.heard("chain_finished")


def test_the_results_of_a_workflow_before_a_step_are_a_list(hands: Hands) -> None:
    from horizon import workflow

    acts["show"] = lambda job: seen.append(job.get_previous_result())
    inner = workflow("Inner")
    inner.add(Does("b"), after=inner.add(Does("a")))
    chain([inner, Does("show")]).dispatch()
    drain(hands)
    assert seen[-1] == ["a", "b"]


def test_a_job_that_no_worker_runs_has_nothing_around_it() -> None:
    class Alone(Job, name="test-groups-alone"):
        def handle(self) -> tuple[Any, ...]:
            return self.batch(), self.get_previous_result(), self.get_previous_results()

    assert Alone.dispatch_now() == (None, None, [])
