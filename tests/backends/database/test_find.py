"""Whatever is asked, both stores find the same: the plan must never change the answer."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import pytest

from horizon.backends.database.db import Db
from horizon.backends.database.plan import first_pushed
from horizon.backends.values import Verb
from horizon.core.clock import SECOND, ManualClock
from horizon.core.outcome import Failure, Kind
from horizon.core.query import JobQuery
from horizon.core.states import JobState as S
from tests.conformance.driver import Driver, envelope, open_store, outcome

PARTS: dict[str, list[Any]] = {
    "states": [(), (S.PENDING,), (S.FAILED,), (S.CANCELLED,), (S.COMPLETED, S.FAILED), (S.RETRYING, S.SCHEDULED), (S.PENDING, S.COMPLETED)],
    "queue": [None, "a", "none"],
    "name": [None, "Job1", "m:Job2"],
    "tag": [None, "odd", "t:*"],
    "user": [None, "ana"],
    "cause": [None, "c1"],
    "include_forgotten": [False, True],
}


def filled(kind: str, folder: Path, jobs: list[Any]) -> Driver:
    """A store in which a bit of everything has happened to these jobs."""
    clock = ManualClock()
    drive = Driver(open_store(kind, folder, clock), clock)
    for start in range(0, len(jobs), 10):
        drive.backend.push(jobs[start : start + 10])
        clock.advance(1)
    for number, got in enumerate(drive.reserve(60)):
        clock.advance(0.1)
        cause = f"c{number % 3}"
        fate = (Kind.COMPLETED, Kind.FAILED, Kind.RETRY, Kind.CANCELLED, Kind.RETURNED)[number % 5]
        failure = Failure(type="E", message=f"m{number}", cause=cause) if fate in (Kind.FAILED, Kind.RETRY) else None
        drive.backend.turn([outcome(got, fate, error=failure, delay=300 if fate is Kind.RETRY else 0, runtime=number * 1000)])
    ids = [job.id for job in jobs]
    drive.act(Verb.CANCEL, *ids[70:80])
    drive.act(Verb.FORGET, *ids[::9])
    drive.act(Verb.RETRY, *ids[10:40:7])
    drive.act(Verb.MOVE, *ids[80:85], queue="b")
    return drive


@pytest.fixture
def both(tmp_path: Path) -> tuple[Driver, Driver]:
    """The reference and the store under test, with the same jobs in them."""
    jobs = [
        envelope(
            name=f"m:Job{number % 4}",
            queue="ab"[number % 2],
            tags=(("odd",) if number % 2 else ()) + ((f"t:{number % 5}", f"t:{number % 3}") if number % 4 == 0 else ()),
            user="ana" if number % 6 == 0 else None,
            delay=600 * SECOND if number % 13 == 0 else 0,
            payload=b'{"args":{"x":%d}}' % number,
        )
        for number in range(120)
    ]
    return filled("memory", tmp_path, jobs), filled("sqlite", tmp_path, jobs)


def pages(drive: Driver, **query: Any) -> list[str]:
    """Every id that a search leads to, page by page, then the same backwards."""
    found: list[str] = []
    page = drive.backend.find(JobQuery(**query, limit=7))
    found += [record.id for record in page.items]
    while page.next is not None:
        last = page.next
        page = drive.backend.find(JobQuery(**query, limit=7, cursor=page.next))
        found += [record.id for record in page.items]
        if page.next is None:
            back = drive.backend.find(JobQuery(**query, limit=7, cursor=last, backwards=True))
            found += ["back", *(record.id for record in back.items)]
    return found


def test_every_combination_of_filters_finds_what_the_reference_finds(both: tuple[Driver, Driver]) -> None:
    reference, store = both
    for values in itertools.product(*PARTS.values()):
        query = dict(zip(PARTS, values, strict=True))
        assert pages(store, **query) == pages(reference, **query), query


@pytest.mark.parametrize(
    "narrow",
    [
        {"error": "m2"}, {"arg": '"x":1'}, {"text": ("job1",)}, {"text": ("ODD", "job")}, {"not_queue": ("a",), "user": "ana"},
        {"not_name": ("Job1", "m:Job2"), "states": (S.PENDING,)}, {"not_tag": ("t:*",), "queue": "a"}, {"took_over": 20_000},
        {"took_under": 9_000, "states": (S.COMPLETED,)}, {"ids": ("x", "y")},
    ],
)  # fmt: skip
def test_rows_looked_at_one_by_one_fit_as_in_the_reference(both: tuple[Driver, Driver], narrow: dict[str, Any]) -> None:
    reference, store = both
    assert pages(store, **narrow) == pages(reference, **narrow)


@pytest.mark.parametrize("states", [(), (S.FAILED,), (S.PENDING,), (S.COMPLETED, S.PENDING)])
def test_a_range_of_time_cuts_as_in_the_reference(both: tuple[Driver, Driver], states: tuple[S, ...]) -> None:
    reference, store = both
    start = reference.clock() - 18 * SECOND
    for after, before in itertools.product((None, start, start + 3 * SECOND), (None, start + 5 * SECOND, start + 16 * SECOND)):
        query = {"states": states, "after": after, "before": before}
        assert pages(store, **query) == pages(reference, **query), query


def test_totals_agree_with_the_reference(both: tuple[Driver, Driver]) -> None:
    for states, queue, name in itertools.product(PARTS["states"], PARTS["queue"], PARTS["name"]):
        query = JobQuery(states=states, queue=queue, name=name)
        totals = [drive.backend.find(query).total for drive in both]
        assert totals[0] == totals[1]


def test_ids_and_records_agree_with_the_reference(both: tuple[Driver, Driver]) -> None:
    reference, store = both
    for record in reference.backend.find(JobQuery(limit=200, include_forgotten=True)).items:
        theirs, ours = reference.backend.get(record.id), store.backend.get(record.id)
        assert theirs is not None
        assert ours is not None
        for field in ("state", "queue", "priority", "attempts", "runtime", "wait", "error", "forgotten", "round", "worker", "finished_at"):
            assert getattr(ours, field) == getattr(theirs, field), (field, record.id)
        assert [(a.number, a.outcome, a.round, a.reason) for a in ours.history] == [
            (a.number, a.outcome, a.round, a.reason) for a in theirs.history
        ]


def test_the_first_number_of_a_moment_is_found_by_halves(drive: Driver) -> None:
    moments = []
    for _ in range(20):
        moments.append(drive.clock())
        drive.push()
        drive.clock.advance(1)

    def look(db: Db) -> list[int]:
        return [first_pushed(db, moment) for moment in (*moments, moments[-1] + 1, 0)]

    store: Any = drive.backend
    assert store._access.read(look) == [0, *range(2, 21), 21, 0]
