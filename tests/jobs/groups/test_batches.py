"""`batch([...])` and `JobBatch`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from horizon import Job, JobBatch, JobState, batch, chain
from horizon.core.errors import GroupEnded, InvalidInput, InvalidOption, JobTimeout
from horizon.core.group import GroupQuery
from horizon.core.query import JobQuery
from horizon.runtime import Runtime
from tests.jobs.groups.sample import Batchable, Does, Fails, Once, Tells, acts, drain, plain, seen, with_batch
from tests.jobs.hands import Hands


def found(id: str) -> JobBatch:
    made = JobBatch.find(id)
    assert made is not None
    return made


def figures(made: JobBatch) -> tuple[int, ...]:
    return made.total_jobs, made.pending_jobs, made.processed_jobs, made.completed_jobs, made.failed_jobs, made.cancelled_jobs


def test_a_batch_is_followed_from_dispatch_to_its_end(hands: Hands) -> None:
    id = batch([Does("a"), Does("b"), plain.job("c")]).name("Imports").options(file="rows.csv").for_user(7).dispatch()
    made = found(id)
    assert (made.name, made.state, made.progress(), made.finished()) == ("Imports", "running", 0, False)
    assert (made.options, made.record.user) == ({"file": "rows.csv"}, "7")
    assert figures(made) == (3, 3, 0, 0, 0, 0)
    drain(hands)
    assert sorted(seen) == ["a", "b", "c"]
    assert (made.progress(), made.finished(), made.cancelled(), made.state) == (100, True, False, "completed")
    assert figures(made) == (3, 0, 3, 3, 0, 0)
    assert made.finished_at is not None
    assert [record.state for record in made.jobs()] == [JobState.COMPLETED] * 3


def test_progress_counts_what_has_ended_and_figures_add_up_on_the_way(hands: Hands) -> None:
    id = batch([Does("a"), Fails(), Does("c").delay_until(60), Does("d").delay_until(60)]).allow_failures(1).dispatch()
    drain(hands)
    made = found(id)
    assert made.progress() == 50
    assert figures(made) == (4, 2, 2, 1, 1, 0)
    assert "50 %" in repr(made)


def test_one_failure_ends_it_unless_it_allows_some(hands: Hands) -> None:
    strict = batch([Fails(), Does("late").delay_until(60)]).dispatch()
    bears = batch([Fails(), Does("a")]).allow_failures(1).dispatch()
    drain(hands)
    assert found(strict).state == "failed"
    assert figures(found(strict)) == (2, 0, 2, 0, 1, 1)
    failure = found(strict).failure
    assert failure is not None
    assert (failure.type, failure.message) == ("ValueError", "bad row")
    assert found(bears).state == "completed"


@pytest.mark.parametrize(
    ("allowed", "state"), [(True, "completed"), (False, "failed"), (2, "completed"), (1, "failed"), ("50%", "completed"), (0.49, "failed")]
)
def test_how_many_may_fail_is_a_number_a_share_or_any(hands: Hands, allowed: Any, state: str) -> None:
    id = batch([Fails(), Fails(), Does("a"), Does("b")]).allow_failures(allowed).dispatch()
    drain(hands)
    assert found(id).state == state


@pytest.mark.parametrize("allowed", [-1, "10", "x%", 1.5, "120%", None, float("nan")])
def test_any_other_threshold_is_refused_where_it_is_written(allowed: Any) -> None:
    with pytest.raises(InvalidOption, match="allow_failures takes"):
        batch([]).allow_failures(allowed)


def test_an_empty_batch_ends_at_once_and_its_callbacks_run(hands: Hands) -> None:
    id = batch([]).name("None").then(with_batch).dispatch()
    assert found(id).finished()
    assert found(id).progress() == 100
    drain(hands)
    assert seen == [("batch", "None", 100)]


def test_jobs_are_added_to_a_live_one_and_then_waits_for_them(hands: Hands) -> None:
    id = batch([Does("a"), Does("b").delay_until(60)]).then(Tells("done")).dispatch()
    made = found(id)
    ids = made.add([Does("c"), chain([Does("d"), Does("e")])])
    assert [one is not None for one in ids] == [True, True, True]
    assert made.total_jobs == 4
    drain(hands)
    assert sorted(seen) == ["a", "c", "d", "e"]
    made.cancel()
    with pytest.raises(GroupEnded, match="ended already"):
        made.add([Does("f")])


def test_a_member_adds_to_its_own_batch_and_an_attempt_that_runs_again_adds_nothing_twice(hands: Hands) -> None:
    def grow(job: Job) -> None:
        added = job.batch().add([Does("x"), Does("x"), Does("y")])
        seen.append(tuple(added))
        if job.attempts == 1:
            raise ValueError("again")

    acts["grow"] = grow
    id = batch([Does("grow").with_tries(2).with_backoff(0)]).dispatch()
    drain(hands)
    first, second = (one for one in seen if isinstance(one, tuple))
    assert first == second
    assert sorted(one for one in seen if isinstance(one, str)) == ["grow", "grow", "x", "x", "y"]
    assert (found(id).total_jobs, found(id).state) == (4, "completed")


def test_cancelling_cancels_what_has_not_started(hands: Hands) -> None:
    id = batch([Does("a"), Does("b").delay_until(60)]).dispatch()
    made = found(id)
    assert made.cancel("wrong file")
    assert (made.cancelled(), made.state, made.record.reason) == (True, "cancelled", "wrong file")
    assert not made.cancel()
    assert drain(hands) == []


def test_a_job_handed_out_before_its_batch_was_cancelled_is_skipped(hands: Hands) -> None:
    id = batch([Batchable("a"), Batchable("b")]).dispatch()
    held = hands.prepared()
    found(id).cancel()
    outcomes = [one.run() for one in held]
    hands.backend.turn(outcomes)
    assert seen == []
    assert found(id).state == "cancelled"


def test_failed_jobs_are_retried_together_and_the_batch_is_open_again(hands: Hands) -> None:
    acts["x"] = lambda job: job.fail(ValueError("not yet"))
    id = batch([Does("x"), Does("a"), chain([Does("x"), Does("b")])]).then(Tells("done")).dispatch()
    drain(hands)
    made = found(id)
    assert made.state == "failed"
    acts.clear()
    assert made.retry_failed() == 2
    assert not made.finished()
    drain(hands)
    assert (made.progress(), made.state) == (100, "completed")
    assert seen[-2:] == ["b", "done"] or seen[-1] == "done"


def test_what_fails_again_at_once_is_not_retried_twice(hands: Hands, monkeypatch: pytest.MonkeyPatch) -> None:
    acts["x"] = lambda job: job.fail(ValueError("never"))
    id = batch([Does("x"), Does("x")]).dispatch()
    drain(hands)
    act, rounds = hands.backend.act, []

    def act_beside_a_quick_worker(*given: Any, **more: Any) -> Any:
        rounds.append(acted := act(*given, **more))
        if len(rounds) < 5:
            drain(hands)
        return acted

    monkeypatch.setattr(hands.backend, "act", act_beside_a_quick_worker)
    assert found(id).retry_failed() == 2
    assert len(rounds) == 1


def test_a_job_knows_its_batch_also_by_way_of_a_chain_in_it(hands: Hands) -> None:
    acts["deep"] = lambda job: seen.append(job.batch().id)
    acts["alone"] = lambda job: seen.append(job.batch())
    id = batch([chain([Does("a"), batch([Does("x")]), Does("deep")])]).dispatch()
    Does("alone").dispatch()
    drain(hands)
    assert str(id) in seen
    assert None in seen


def test_any_number_of_jobs_is_pushed_a_thousand_at_a_time_as_they_come(here: Runtime) -> None:
    pushed: list[int] = []
    store, most = here.backend(), 0
    made = 0

    def jobs() -> Iterator[Job]:
        nonlocal made, most
        for _ in range(3_500):
            made += 1
            most = max(most, made - sum(pushed))
            yield Does("n")

    real = store.push

    def push(envelopes: Any, **more: Any) -> Any:
        pushed.append(len(envelopes))
        return real(envelopes, **more)

    store.push = push  # type: ignore[method-assign]
    many = batch(jobs()).then(Tells("done"))
    id = many.dispatch()
    assert pushed == [1000, 1000, 1000, 501]
    assert most <= 1_001
    assert found(id).total_jobs == 3_500
    assert found(id).record.sealed
    with pytest.raises(InvalidInput, match="used up; give it a list"):
        many.dispatch()
    with pytest.raises(InvalidInput, match="would use up"):
        many.plan()


def test_a_class_among_the_jobs_is_refused_by_its_name(here: Runtime) -> None:
    with pytest.raises(InvalidInput, match=r"got the class Does; write Does\(\.\.\.\), with its arguments"):
        batch([Does]).dispatch()


def test_a_batch_whose_rest_cannot_be_pushed_is_cancelled(here: Runtime) -> None:
    def jobs() -> Iterator[Any]:
        yield from (Does("n") for _ in range(1_200))
        yield "no job"

    with pytest.raises(InvalidInput, match="job 1201 of the batch: expected a job"):
        batch(jobs()).name("Broken").dispatch()
    while here.backend().tick().more:  # a store takes so many at a time
        pass
    (group,) = here.backend().groups.find(GroupQuery()).items
    assert (group.state, group.total) == ("cancelled", 1_000)
    assert "broke off" in (group.reason or "")


def test_the_words_of_a_batch_hold_for_its_jobs_unless_their_own_say_otherwise(here: Runtime) -> None:
    id = batch([Does("a"), Does("b").on_queue("own").tagged("mine")]).on_queue("all").tagged("ours").with_priority(5).dispatch()
    records = {record.queue: record for record in here.backend().find(JobQuery(group=id)).items}
    assert records.keys() == {"all", "own"}
    assert {record.priority for record in records.values()} == {5}
    assert records["own"].tags == ("ours", "mine")


def test_a_duplicate_is_no_member(here: Runtime) -> None:
    Once.dispatch()
    id = batch([Once(), Does("a")]).dispatch()
    assert found(id).total_jobs == 1


def test_its_id_is_text_that_can_answer(hands: Hands) -> None:
    id = batch([Does("a")]).dispatch()
    with pytest.raises(JobTimeout, match="has not ended within 0 s"):
        id.wait(0)
    drain(hands)
    assert id.wait(0).finished()
    assert not id.cancel()
    assert (len(id), id.record().kind, type(id.find())) == (36, "batch", JobBatch)  # type: ignore[union-attr]
    assert JobBatch.find("0" * 36) is None
    assert JobBatch.find(chain([Does("a")]).dispatch()) is None
