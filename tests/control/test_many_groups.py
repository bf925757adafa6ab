from __future__ import annotations

import pytest

from horizon.backends.notes import MOST, NoteChange
from horizon.control import group_act, many_groups
from horizon.control.group_act import CANCEL, IDS, RETRY, GroupAct
from horizon.control.groups import GroupControl
from horizon.control.many_groups import GroupActs
from horizon.core.envelope import Envelope
from horizon.core.errors import BackendUnavailable, InvalidTransition
from horizon.core.group import GroupKind, NewGroup
from horizon.core.ids import uuid7
from horizon.core.outcome import Kind
from horizon.core.query import JobQuery
from horizon.web.pages import telling
from tests.shop import ANA, OTTO, Shop


class Silent:
    """A store that does not answer."""

    def __getattr__(self, name: str) -> object:
        raise BackendUnavailable("archive does not answer")


@pytest.fixture
def away(shop):
    """Between these two acts, the store `archive` does not answer."""
    patch = pytest.MonkeyPatch()

    def leave() -> None:
        patch.setitem(shop.stores, "archive", Silent())

    def back() -> None:
        patch.undo()
        shop.outages.answered("archive")

    yield leave, back
    patch.undo()


@pytest.fixture
def acts(shop: Shop) -> GroupActs:
    return GroupActs(shop)


def batch(shop: Shop, count: int = 1, connection: str | None = None, queue: str = "mail") -> str:
    group = NewGroup(id=uuid7(), kind=GroupKind.BATCH, allow_all=True)
    own = [Envelope(id=uuid7(), name="shop:Send", queue=queue, payload=b'{"args":{}}', group=group.id, max_tries=1) for _ in range(count)]
    shop.backend(connection).push(own, groups=[group], seal=[group.id])
    return group.id


def of(shop: Shop, *ids: str):
    return shop.everywhere().groups.many(ids)


def states(shop: Shop, *ids: str) -> list[str]:
    return [one.state.value for one in of(shop, *ids)]


def test_a_store_that_is_away_loses_nothing_of_what_was_done_before_and_is_waited_for(shop, acts, away):
    here, there, last = batch(shop), batch(shop, connection="archive"), batch(shop)
    leave, back = away
    groups = of(shop, here, there, last)
    leave()
    said = acts.act(ANA, CANCEL, groups)
    assert (said.state, said.done, said.skipped) == ("running", 1, 0)
    acts.run()
    (kept,) = acts.list()
    assert (kept.state, kept.done, kept.skipped) == ("running", 1, 0)
    back()
    acts.run()
    (kept,) = acts.list()
    assert (kept.state, kept.done, dict(kept.reasons)) == ("done", 3, {})
    assert states(shop, here, there, last) == ["cancelled"] * 3


def test_what_failed_again_is_not_retried_each_time_that_a_store_which_is_away_is_asked(shop, acts, away):
    leave, _ = away
    here, there = batch(shop), batch(shop, connection="archive")
    shop.run(1, Kind.FAILED)
    groups = of(shop, here, there)
    leave()
    acts.act(ANA, RETRY, groups)
    shop.run(1, Kind.FAILED)
    for _ in range(3):
        acts.run()
    assert [job.state.value for job in shop.backend().find(JobQuery(group=here)).items] == ["failed"]


def test_an_act_that_waits_for_a_store_keeps_no_other_from_going_on(shop, acts, away, monkeypatch):
    monkeypatch.setattr(many_groups, "STEP", 1)
    leave, _ = away
    stuck = [batch(shop), batch(shop, connection="archive")]
    acts.act(ANA, CANCEL, of(shop, *stuck))
    shop.clock.advance(1)
    others = [batch(shop) for _ in range(3)]
    acts.act(ANA, CANCEL, of(shop, *others))
    leave()
    acts.run()
    assert sorted((one.state, one.done) for one in acts.list()) == [("done", 3), ("running", 1)]


def test_nothing_is_done_before_anybody_is_answered_that_a_store_is_away(shop, acts, away):
    leave, _ = away
    there = of(shop, batch(shop, connection="archive"))
    leave()
    with pytest.raises(BackendUnavailable):
        acts.act(ANA, CANCEL, there)
    assert acts.list() == []


def test_what_a_step_did_whose_end_was_never_noted_counts_as_done_when_it_is_taken_again(shop, acts, monkeypatch):
    monkeypatch.setattr(many_groups, "STEP", 1)
    known = [batch(shop) for _ in range(3)]
    said = acts.act(ANA, CANCEL, of(shop, *known))
    GroupControl(shop).cancel(ANA, known[1], reason=str(said.params[group_act.MARK]))  # and then its process ended
    acts.run()
    (kept,) = acts.list()
    assert (kept.state, kept.done, kept.skipped) == ("done", 3, 0)


def test_one_that_somebody_else_has_cancelled_and_that_still_runs_is_left_alone(shop, acts):
    known = [batch(shop, 2), batch(shop, 2)]
    shop.start()
    GroupControl(shop).cancel(OTTO, known[0])
    assert states(shop, known[0]) == ["running"]
    said = acts.act(ANA, CANCEL, of(shop, *known))
    assert (said.done, dict(said.reasons)) == (1, {"it was cancelled already": 1})


def test_an_act_that_cannot_be_kept_does_nothing(shop, acts):
    notes = shop.backend().notes
    notes.write([NoteChange(kind=IDS, name=str(at), body="", version=0) for at in range(MOST)])
    one = batch(shop)
    with pytest.raises(InvalidTransition, match="too many acts"):
        acts.act(ANA, CANCEL, of(shop, one))
    assert states(shop, one) == ["running"]


def test_undo_puts_back_what_a_step_did_that_was_under_way_when_it_was_stopped(shop, acts, monkeypatch):
    monkeypatch.setattr(many_groups, "STEP", 1)
    known = [batch(shop) for _ in range(3)]
    said = acts.act(ANA, CANCEL, of(shop, *known))
    GroupControl(shop).cancel(ANA, known[1], reason=str(said.params[group_act.MARK]))  # a step that is not noted yet
    acts.undo(ANA, said)
    acts.run()
    assert states(shop, *known) == ["running"] * 3


def test_undo_puts_back_what_it_can_and_the_rest_once_the_store_that_is_away_answers(shop, acts, away):
    here, there, foreign = batch(shop), batch(shop, connection="archive"), batch(shop, connection="archive")
    GroupControl(shop).cancel(OTTO, foreign, reason="mine")
    said = acts.act(ANA, CANCEL, of(shop, there, here, foreign))
    leave, back = away
    leave()
    undone = acts.undo(ANA, said).said
    assert (undone.state, undone.done, undone.expected) == ("running", 1, 3)
    assert states(shop, here) == ["running"]
    acts.run()
    assert acts.get(undone.id).looked == 1
    back()
    acts.run()
    assert states(shop, here, there, foreign) == ["running", "running", "cancelled"]
    kept = acts.get(undone.id)
    assert (kept.state, kept.done, dict(kept.reasons)) == ("done", 2, {many_groups.NOT_CANCELLED: 1})


@pytest.mark.parametrize("connection", [None, "archive"])
def test_undo_waits_where_all_of_it_lies_on_a_store_that_is_away(shop, acts, away, connection):
    there = batch(shop, connection="archive")
    said = acts.act(ANA, CANCEL, of(shop, there), connection=connection)
    leave, back = away
    leave()
    told = acts.undo(ANA, said)
    undone = told.said
    assert (undone.state, undone.looked, undone.expected) == ("running", 0, 1)
    assert telling.about_undo(told).text == "0 batches put back so far; 1 batch will be looked at once the store that is away answers"
    back()
    acts.run()
    assert states(shop, there) == ["running"]


def test_however_many_reasons_there_are_an_act_stays_small_enough_to_be_kept(shop):
    act = GroupAct(
        id="a", verb=RETRY, kind=GroupKind.BATCH, query=JobQuery(), params={}, actor="ana", state="running", created_at=0, expected=1_000
    )  # fmt: skip
    results = [(str(at), f"{at:03} " + "x" * 196, 0, ()) for at in range(1_000)]
    moved = group_act.moved(act, results, 1)
    assert len(group_act.write(moved).encode()) < 30_000
    assert (moved.skipped, sum(moved.reasons.values()), moved.reasons["for other reasons"]) == (1_000, 1_000, 980)
