"""Proof that the suite can fail: each of these faults, known from real queues, is planted into the memory backend and found."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from horizon.backends import verdicts
from horizon.backends.memory import act, sessions, tick, turn
from horizon.backends.memory.kernel import gates, leveling, lots, record, settle
from horizon.core.errors import HorizonError
from horizon.core.outcome import Kind
from horizon.core.states import JobState
from tests.conformance.machine import StoreMachine

Plant = Callable[[pytest.MonkeyPatch], None]
SEARCH = settings(
    max_examples=25,
    stateful_step_count=40,
    derandomize=True,
    deadline=None,
    database=None,
    phases=[Phase.generate],
    report_multiple_bugs=False,
    suppress_health_check=list(HealthCheck),
)

ROUNDS = range(4, 44)
"""A thousand walks in all, the same every time, and many rounds of few: of a long round the first fifty are too short to meet much."""


def unfenced_settle(patch: pytest.MonkeyPatch) -> None:
    """Whoever speaks of a running job is believed, whichever attempt the token is from."""
    patch.setattr(settle, "holds", lambda job, token: job.state is JobState.PROCESSING)


def key_leaked_on_failure(patch: pytest.MonkeyPatch) -> None:
    """A failed job keeps its unique key for ever."""
    free = record.free_key
    patch.setattr(record, "free_key", lambda store, job: None if job.state is JobState.FAILED else free(store, job))


def key_freed_by_whoever_ends(patch: pytest.MonkeyPatch) -> None:
    """A job frees its key although another one has taken it over."""
    patch.setattr(record, "free_key", lambda store, job: store.keys.pop(job.envelope.unique_key, None))


def return_without_condition(patch: pytest.MonkeyPatch) -> None:
    """A job handed back becomes pending, even one that has ended meanwhile."""
    honest = settle.settle

    def careless(store: Any, outcome: Any, now: int) -> Any:
        job = store.jobs.get(outcome.id)
        if outcome.kind is Kind.RETURNED and job is not None and job.state is not None and job.state.terminal:
            record.move(store, job, JobState.PENDING, now)
        return honest(store, outcome, now)

    patch.setattr(turn, "settle", careless)


def cancellation_not_counted(patch: pytest.MonkeyPatch) -> None:
    """The counter of cancelled jobs never moves."""
    count = record._count
    patch.setattr(record, "_count", lambda store, job, by: None if job.state is JobState.CANCELLED else count(store, job, by))


def gate_opened_on_failure(patch: pytest.MonkeyPatch) -> None:
    """Any end of a cause lets its dependants go."""
    patch.setattr(gates, "satisfied", lambda on, state: state is not None and state.terminal)


def gate_counted_instead_of_remembered(patch: pytest.MonkeyPatch) -> None:
    """A dependant goes as soon as one of those it waits for has ended well."""
    honest = gates.open_if_met

    def hasty(store: Any, job: Any, now: int) -> None:
        for wait in job.waits:
            wait.met = True
        honest(store, job, now)

    patch.setattr(gates, "open_if_met", hasty)


def crash_charged_to_a_neighbour(patch: pytest.MonkeyPatch) -> None:
    """Every job in the executor pays for the crash of one."""
    patch.setattr(verdicts, "charged", lambda job, verdict: True)


def cancelled_job_goes_back(patch: pytest.MonkeyPatch) -> None:
    """Nobody remembers that a person wanted a running job to stop."""
    honest = settle.decide
    patch.setattr(settle, "decide", lambda outcome, now, **more: honest(outcome, now, **{**more, "cancel_reason": None}))


def cancelled_dependants_stay_behind(patch: pytest.MonkeyPatch) -> None:
    """Retrying a cause leaves what it had cancelled where it is."""
    patch.setattr(act.gates, "reopen", lambda store, job, now: None)


def return_costs_a_try(patch: pytest.MonkeyPatch) -> None:
    """A job handed back has used one of its tries."""
    honest = settle.end_attempt

    def charging(store: Any, job: Any, outcome: Any, now: int) -> None:
        job.tries += outcome.kind is Kind.RETURNED
        honest(store, job, outcome, now)

    patch.setattr(settle, "end_attempt", charging)


def session_given_up_too_early(patch: pytest.MonkeyPatch) -> None:
    """Jobs of a session are taken away before its lease is over."""
    honest = turn.catch_up

    def impatient(store: Any, now: int, *limit: int) -> Any:
        for row in store.sessions.values():
            row.expires_at = min(row.expires_at, now)
        return honest(store, now, *limit)

    patch.setattr(turn, "catch_up", impatient)


def pause_overlooked(patch: pytest.MonkeyPatch) -> None:
    """Jobs of a paused queue are handed out."""
    honest = turn._in_order

    def blind(store: Any, want: Any, now: int) -> Any:
        pauses = {name: (row, row.pause) for name, row in store.queues.items()}
        for row, _ in pauses.values():
            row.pause = None
        order = list(honest(store, want, now))
        for row, pause in pauses.values():
            row.pause = pause
        return iter(order)

    patch.setattr(turn, "_in_order", blind)


def limit_not_looked_at_when_a_job_is_taken(patch: pytest.MonkeyPatch) -> None:
    """Whoever stands in is handed out, though others have used up what they share."""
    patch.setattr(turn.lots, "has_room", lambda store, job, now: True)


def slot_lost_with_its_holder(patch: pytest.MonkeyPatch) -> None:
    """A worker that dies takes the slots of its jobs with it."""
    honest, end = sessions.end_attempt, record.lots.end

    def burying(*words: Any) -> None:
        patch.setattr(record.lots, "end", lambda store, job: None)
        honest(*words)
        patch.setattr(record.lots, "end", end)

    patch.setattr(sessions, "end_attempt", burying)


def hit_kept_by_what_never_began(patch: pytest.MonkeyPatch) -> None:
    """A job that goes back unstarted has used up one of its limit's starts."""
    patch.setattr(settle.lots, "give_back", lambda store, job, now: None)


def hit_given_back_by_whatever_returns(patch: pytest.MonkeyPatch) -> None:
    """A job that had begun gives its hit back as well."""
    honest = settle._remember

    def generous(store: Any, job: Any, outcome: Any, goes: Any, now: int) -> None:
        honest(store, job, outcome, goes, now)
        if outcome.kind is Kind.RETURNED and outcome.started:
            settle.lots.give_back(store, job, now)

    patch.setattr(settle, "_remember", generous)


def one_limit_of_several_taken(patch: pytest.MonkeyPatch) -> None:
    """Of a job's limits only one counts its start."""
    honest = turn.lots._of
    patch.setattr(turn.lots, "_of", lambda store, job: honest(store, job)[:1])


def parked_for_ever_after_a_window(patch: pytest.MonkeyPatch) -> None:
    """Nobody looks whether the time of a limit has come."""
    patch.setattr(tick.lots, "loosen_open", lambda store, now: None)


def parked_for_ever_after_a_slot(patch: pytest.MonkeyPatch) -> None:
    """A slot that was freed is offered to nobody."""
    keep = lots._keep

    def quiet(store: Any, gauge: Any) -> None:
        loose = dict(store.loose)
        keep(store, gauge)
        store.loose = loose

    patch.setattr(lots, "_keep", quiet)
    patch.setattr(tick.lots, "loosen_open", lambda store, now: None)


def keys_in_the_order_in_which_they_came(patch: pytest.MonkeyPatch) -> None:
    """Whoever pushed first is done first, however many jobs that are."""
    patch.setattr(record, "fair_place", lambda entry, head, last, share: entry)


def every_job_of_a_key_at_the_head(patch: pytest.MonkeyPatch) -> None:
    """A key forgets the turns that its waiting jobs have taken already."""
    honest = record.fair_place
    patch.setattr(record, "fair_place", lambda entry, head, last, share: honest(entry, head=head, last=None, share=share))


def floor_overlooked(patch: pytest.MonkeyPatch) -> None:
    """Slots that are kept for urgent jobs are given to any."""
    honest = turn._in_order
    patch.setattr(turn, "_in_order", lambda store, want, now: honest(store, replace(want, floor=None), now))


def important_one_parked_behind_others(patch: pytest.MonkeyPatch) -> None:
    """Whoever came first of a lot stands in, however important the next one is."""
    patch.setattr(leveling, "_is_overtaken", lambda lot: False)


PLANTS: list[Plant] = [
    unfenced_settle,
    key_leaked_on_failure,
    key_freed_by_whoever_ends,
    return_without_condition,
    cancellation_not_counted,
    gate_opened_on_failure,
    gate_counted_instead_of_remembered,
    crash_charged_to_a_neighbour,
    cancelled_job_goes_back,
    cancelled_dependants_stay_behind,
    return_costs_a_try,
    session_given_up_too_early,
    pause_overlooked,
]
OF_LIMITS: list[Plant] = [
    limit_not_looked_at_when_a_job_is_taken,
    slot_lost_with_its_holder,
    hit_kept_by_what_never_began,
    hit_given_back_by_whatever_returns,
    one_limit_of_several_taken,
    parked_for_ever_after_a_window,
    parked_for_ever_after_a_slot,
    important_one_parked_behind_others,
]
OF_TURNS: list[Plant] = [
    keys_in_the_order_in_which_they_came,
    every_job_of_a_key_at_the_head,
    floor_overlooked,
]


class Plain(StoreMachine):
    """Walks among jobs without limits, of which none take turns."""

    limited = turning = False


class Limited(StoreMachine):
    """Walks among jobs of which some have limits, and none take turns."""

    turning = False


class Turning(StoreMachine):
    """Walks among jobs without limits, of which some take turns."""

    limited = False


@pytest.mark.parametrize(
    ("machine", "plant"),
    [*((Plain, plant) for plant in PLANTS), *((Limited, plant) for plant in OF_LIMITS), *((Turning, plant) for plant in OF_TURNS)],
    ids=lambda given: given.__name__,
)  # fmt: skip
def test_a_planted_fault_is_found(machine: type[StoreMachine], plant: Plant, monkeypatch: pytest.MonkeyPatch) -> None:
    plant(monkeypatch)
    with pytest.raises((AssertionError, HorizonError)):
        walk_until_it_shows(machine)


def walk_until_it_shows(machine: type[StoreMachine]) -> None:
    """Round after round, until one raises."""
    for number in ROUNDS:
        run_state_machine_as_test(seed(number)(type(machine.__name__, (machine,), {})), settings=SEARCH)
