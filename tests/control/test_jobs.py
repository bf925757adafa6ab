from __future__ import annotations

import pytest

from horizon.backends.values import Acted, ActParams, Operation, Verb
from horizon.control.jobs import JobControl
from horizon.core.clock import SECOND
from horizon.core.errors import InvalidFilter, InvalidOption, NotFound, PermissionDenied, UnknownAction
from horizon.core.outcome import Kind
from horizon.core.query import JobQuery, Selection
from horizon.core.states import JobState
from horizon.security.permissions import Actor
from tests.shop import ANA, OTTO, VERA, Shop

FAILED = Selection(query=JobQuery(states=(JobState.FAILED,)))


@pytest.fixture
def control(shop: Shop) -> JobControl:
    return JobControl(shop)


def of(*ids: str) -> Selection:
    return Selection(ids=ids)


def last_entry(shop: Shop):
    return shop.backend().audit.list(limit=1)[0]


# what it does ---------------------------------------------------------------------------------------


def test_an_act_changes_the_job_and_leaves_an_entry_with_actor_verb_target_count_and_origin(shop, control):
    (id,) = shop.push()
    assert control.act(ANA, "cancel", of(id), ActParams(reason="sold out")).done == (id,)
    assert shop.state(id) == "cancelled"
    entry = last_entry(shop)
    assert (entry.actor, entry.verb, entry.target, entry.count, entry.origin) == ("ana", "cancel", id, 1, "web 127.0.0.1")
    assert entry.detail == "reason sold out"


def test_an_act_on_several_counts_them_and_names_the_first(shop, control):
    ids = shop.push(3)
    control.act(OTTO, Verb.PRIORITIZE, of(*ids), ActParams(priority=10))
    assert last_entry(shop).count == 3
    assert last_entry(shop).target == f"{ids[0]} and 2 more"
    assert last_entry(shop).detail == "priority 10"


def test_an_act_on_what_a_query_matches_names_the_search(shop, control):
    shop.push(2)
    shop.run(2, Kind.FAILED)
    assert len(control.act(OTTO, "retry", FAILED).done) == 2
    assert last_entry(shop).target == "states:failed"


def test_nothing_done_leaves_no_entry(shop, control):
    assert control.act(ANA, "retry", of("0199f3c2-7b1e-7c44-b1d5-000000000000")).done == ()
    assert shop.backend().audit.list() == []


def test_of_two_people_who_retry_the_same_job_one_has_it_done_and_the_other_is_told_why_not(shop, control):
    (id,) = shop.push()
    shop.run(1, Kind.FAILED)
    first, second = (control.act(actor, "retry", of(id)) for actor in (ANA, OTTO))
    assert first.done == (id,)
    assert second.done == ()
    assert second.skipped[0][0] == id
    assert "pending" in second.skipped[0][1]
    assert [entry.actor for entry in shop.backend().audit.list()] == ["ana"]


def test_start_and_stop_are_other_words_for_run_now_and_cancel(shop, control):
    (id,) = shop.push(delay=3600 * SECOND)
    control.act(OTTO, "start", of(id))
    assert shop.state(id) == "pending"
    control.act(OTTO, "stop", of(id))
    assert shop.state(id) == "cancelled"


def test_an_act_reaches_the_connection_that_is_named_and_where_none_is_the_one_that_has_the_job(shop, control):
    first, second = shop.push(2, connection="archive")
    assert control.act(ANA, "cancel", of(first), connection="default").done == ()
    assert control.act(ANA, "cancel", of(first), connection="archive").done == (first,)
    assert control.act(ANA, "cancel", of(second)).done == (second,)


def test_a_connection_that_does_not_exist_is_refused_by_name(control):
    with pytest.raises(NotFound, match="no connection 'nowhere'; there are: default, archive"):
        control.act(ANA, "cancel", of("x"), connection="nowhere")


# more than one act takes ----------------------------------------------------------------------------


def test_up_to_500_matches_are_done_at_once(shop, control):
    shop.push(500)
    done = control.act(ANA, "cancel", Selection(query=JobQuery(queue="mail")))
    assert isinstance(done, Acted)
    assert len(done.done) == 500


def test_more_than_500_matches_become_an_operation_that_ends_with_all_of_them_done(shop, control):
    ids = shop.push(501)
    started = control.act(ANA, "cancel", Selection(query=JobQuery(queue="mail", states=(JobState.PENDING,))), ActParams(reason="sold out"))
    assert isinstance(started, Operation)
    assert (started.state, started.actor, started.expected) == ("running", "ana", 501)
    assert last_entry(shop).count == 501
    while shop.backend().tick().more:
        pass
    for _ in range(5):
        shop.backend().tick()
    assert {shop.state(id) for id in ids} == {"cancelled"}
    assert shop.backend().operations.get(started.id).done == 501


def test_where_no_counter_knows_how_many_match_they_are_looked_at(shop, control):
    shop.push(30, tags=("a",))
    shop.push(600)
    done = control.act(ANA, "cancel", Selection(query=JobQuery(queue="mail", tag="a", text=("shop",))))
    assert isinstance(done, Acted)
    assert len(done.done) == 30


def test_an_act_ignores_on_which_page_of_a_list_somebody_stood(shop, control):
    shop.push(30)
    page = shop.backend().find(JobQuery(queue="mail", limit=10))
    done = control.act(ANA, "cancel", Selection(query=JobQuery(queue="mail", limit=10, cursor=page.next)))
    assert len(done.done) == 30


# what is refused, with nothing changed --------------------------------------------------------------


@pytest.mark.parametrize("word", ["", "explode", "CANCEL", "retry ", None, 3, ["cancel"], {"a": 1}])
def test_an_unknown_action_is_refused_with_the_list_of_those_there_are(shop, control, word):
    (id,) = shop.push()
    with pytest.raises(UnknownAction, match="run_now") as caught:
        control.act(ANA, word, of(id))
    assert {"cancel", "retry", "start", "stop"} <= set(caught.value.allowed)


def test_a_misspelt_action_is_answered_with_the_nearest(control):
    with pytest.raises(UnknownAction, match="did you mean retry"):
        control.act(ANA, "retri", of("x"))


@pytest.mark.parametrize("verb", list(Verb))
def test_a_viewer_may_do_nothing(shop, control, verb):
    ids = shop.push()
    with pytest.raises(PermissionDenied, match="vera"):
        control.act(VERA, verb, of(*ids))
    assert shop.state(ids[0]) == "pending"


@pytest.mark.parametrize("verb", [Verb.FORGET, Verb.RESTORE])
def test_an_operator_may_not_remove_records(shop, control, verb):
    (id,) = shop.push()
    with pytest.raises(PermissionDenied, match="forget"):
        control.act(OTTO, verb, of(id))


@pytest.mark.parametrize(
    ("verb", "params", "says"),
    [
        ("prioritize", ActParams(), "needs priority"),
        ("prioritize", ActParams(priority=1000), "-100 to 100"),
        ("prioritize", ActParams(priority=True), "-100 to 100"),
        ("reschedule", ActParams(), "needs at"),
        ("reschedule", ActParams(at=1), "in the past"),
        ("reschedule", ActParams(at=-(10**30)), "in the past"),
        ("reschedule", ActParams(at=10**18), "days away"),
        ("move", ActParams(), "needs queue"),
        ("move", ActParams(queue="no spaces"), "1 to 64"),
        ("move", ActParams(queue="q" * 65), "1 to 64"),
        ("retry", ActParams(queue="other"), "does not take queue"),
        ("run_now", ActParams(priority=1, reason="x"), "does not take priority or reason"),
        ("cancel", ActParams(reason="x" * 501), "at most 500"),
        ("cancel", ActParams(reason="\ud800"), "surrogate"),
    ],
)
def test_parameters_that_are_missing_wrong_or_too_many_are_refused(shop, control, verb, params, says):
    (id,) = shop.push()
    with pytest.raises(InvalidOption, match=says):
        control.act(ANA, verb, of(id), params)
    assert shop.state(id) == "pending"
    assert shop.backend().audit.list() == []


def test_a_filter_that_means_everything_is_refused(shop, control):
    (id,) = shop.push()
    with pytest.raises(InvalidFilter, match="matches every job"):
        control.act(ANA, "forget", Selection(query=JobQuery()))
    with pytest.raises(InvalidFilter, match="matches every job"):
        control.act(ANA, "cancel", Selection(query=JobQuery(limit=3, backwards=True, include_forgotten=True)))
    assert shop.state(id) == "pending"


def test_more_ids_than_one_act_takes_are_refused(control):
    with pytest.raises(InvalidFilter, match="at most 500 ids, got 501"):
        control.act(ANA, "cancel", of(*(str(n) for n in range(501))))


def test_an_actor_without_a_known_role_cannot_even_be_made():
    with pytest.raises(Exception, match="role"):
        Actor(name="x", role="root")
