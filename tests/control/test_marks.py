from __future__ import annotations

import pytest

from horizon.backends.values import Acted, Operation, Verb
from horizon.control import marks
from horizon.control.jobs import JobControl
from horizon.control.operations import OperationControl
from horizon.core.errors import InvalidInput, NotFound, PermissionDenied
from horizon.core.query import JobQuery, Selection
from horizon.core.states import JobState
from tests.shop import ANA, OTTO, VERA, Shop

S = JobState


def test_a_mark_says_who_when_and_why_and_is_made_once():
    made = marks.mark(Verb.CANCEL, ANA, 0, "sale is over")
    assert made == "cancelled by ana at 1970-01-01T00:00:00.000Z: sale is over"
    assert marks.mark(Verb.CANCEL, ANA, 5, made) == made
    assert marks.mark(Verb.FORGET, ANA, 0, made).startswith("forgotten by ana at ")
    assert len(marks.mark(Verb.FORGET, ANA, 0, "x" * 500)) == 500


def test_people_read_a_mark_without_its_moment_and_the_reason_that_somebody_gave_alone():
    made = marks.mark(Verb.CANCEL, ANA, 0, "sale is over")
    assert marks.spoken(made) == "cancelled by ana: sale is over"
    assert (marks.said(made), marks.said("sale is over"), marks.said(marks.mark(Verb.FORGET, ANA, 0, None))) == (
        "sale is over",
        "sale is over",
        "",
    )
    assert marks.spoken("was at 2026-11-22T14:03:22.123Z") == "was at 2026-11-22T14:03:22.123Z"


@pytest.mark.parametrize(
    ("verb", "states", "expected"),
    [
        (Verb.CANCEL, (S.PENDING,), (S.CANCELLED,)), (Verb.FORGET, (S.FAILED,), (S.FAILED,)),
        (Verb.FORGET, (S.PENDING, S.FAILED), (S.FAILED, S.CANCELLED)), (Verb.FORGET, (), (S.COMPLETED, S.FAILED, S.CANCELLED)),
    ],
)  # fmt: skip
def test_what_an_act_left_behind_is_sought_where_it_stands_now(verb, states, expected):
    found = marks.marked(verb, JobQuery(states=states, queue="mail", after=5, error="SMTP"), "m")
    assert found == JobQuery(states=expected, queue="mail", reason="m", include_forgotten=verb is Verb.FORGET)


def carried(shop: Shop, verb: str) -> Operation:
    shop.push(700)
    one = JobControl(shop).act(ANA, verb, Selection(query=JobQuery(queue="mail")))
    assert isinstance(one, Operation)
    return one


@pytest.mark.parametrize("ticks", [0, 1, 5])
@pytest.mark.parametrize("verb", ["cancel", "forget"])
def test_an_operation_is_undone_however_far_it_came(shop: Shop, verb: str, ticks: int):
    one = carried(shop, verb)
    for _ in range(ticks):
        shop.backend().tick()
    undone = OperationControl(shop).undo(ANA, one.id).said
    assert isinstance(undone, Acted | Operation)
    for _ in range(10):
        shop.backend().tick()
    back = {S.PENDING: 700} if verb == "cancel" else {S.PENDING: 200, S.CANCELLED: 500} if ticks == 1 else None
    counts = {state: n for row in shop.backend().numbers.counts() for state, n in row.counts.items() if n}
    if back is not None:
        assert counts == back
    assert sum(counts.values()) == 700
    assert OperationControl(shop).get(one.id).state != "running"


def test_what_cannot_be_undone_is_refused(shop: Shop):
    shop.push(700)
    moved = shop.backend().operations.start("move", JobQuery(queue="mail"), {"queue": "slow"}, actor="ana")
    with pytest.raises(InvalidInput):
        OperationControl(shop).undo(ANA, moved.id)
    with pytest.raises(NotFound):
        OperationControl(shop).undo(ANA, "none")


def test_a_viewer_may_not_undo_one(shop: Shop):
    with pytest.raises(PermissionDenied):
        OperationControl(shop).undo(VERA, carried(shop, "cancel").id)


def test_whoever_may_not_bring_records_back_does_not_even_stop_what_forgets_them(shop: Shop):
    one = carried(shop, "forget")
    with pytest.raises(PermissionDenied):
        OperationControl(shop).undo(OTTO, one.id)
    assert OperationControl(shop).get(one.id).state == "running"
