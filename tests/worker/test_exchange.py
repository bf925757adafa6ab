from __future__ import annotations

from horizon.core.outcome import Kind
from horizon.worker.page import ASKED, RECALL
from horizon.worker.shelf import returned
from tests.worker.fakes import Desk, reservation


def test_a_turn_settles_the_outbox_and_fills_the_shelf():
    desk = Desk()
    desk.store.ready = [reservation(1), reservation(2)]
    turned = desk.post.exchange.turn(1)
    assert [one.id for one in turned.reservations] == ["id1"]
    assert desk.post.shelf.head().id == "id1"


def test_the_question_says_who_asks_and_for_what():
    desk = Desk(queues=("a", "b"), fair=True)
    want = desk.post.want(7, 0.25)
    assert (want.session, want.executor, want.count, want.queues, want.fair, want.draw) == ("s", 1, 7, ("a", "b"), True, 0.25)
    assert (want.default_max_tries, want.default_timeout) == (3, 60_000_000)


def test_outcomes_survive_a_store_that_does_not_answer(capsys):
    desk = Desk()
    desk.post.shelf.keep(returned(reservation(1)), desk.slot())
    desk.store.down = True
    assert desk.post.exchange.turn(0) is None
    assert desk.post.exchange.turn(0) is None
    assert desk.post.exchange.silent_for() > 0
    desk.store.down = False
    assert desk.post.exchange.settle()
    assert desk.post.exchange.silent_for() == 0
    assert [outcome.token for outcomes, _ in desk.store.turns for outcome in outcomes] == ["t1"]
    said = capsys.readouterr().err
    assert said.count("does not answer") == 1
    assert said.count("answers again") == 1


def test_a_fault_of_the_store_that_is_no_outage_loses_nothing_either(caplog):
    desk = Desk()
    desk.post.shelf.keep(returned(reservation(1)), desk.slot())
    broken, desk.store.turn = desk.store.turn, lambda *_: 1 / 0
    assert desk.post.exchange.turn(0) is None
    assert "a turn with the store failed" in caplog.text
    desk.store.turn = broken
    assert desk.post.exchange.settle()


def test_jobs_reserved_by_an_answer_that_was_lost_go_back_before_the_next_question():
    desk = Desk()
    desk.store.ready = [reservation(1)]
    desk.store.lose_reply = True
    assert desk.post.exchange.turn(1) is None
    assert list(desk.store.held) == ["t1"]
    turned = desk.post.exchange.turn(1)
    assert [one.id for one in turned.reservations] == ["id1"]
    assert desk.store.turns[1][0][0].kind is Kind.RETURNED


def test_what_is_known_here_is_not_handed_back_after_a_lost_answer():
    desk = Desk()
    slot = desk.slot()
    desk.store.ready = [reservation(1), reservation(2), reservation(3)]
    desk.post.exchange.turn(2)
    desk.post.shelf.take(slot)
    desk.store.lose_reply = True
    desk.post.exchange.turn(1)
    desk.post.exchange.turn(0)
    desk.post.exchange.turn(1)
    returned_tokens = [o.token for outcomes, _ in desk.store.turns for o in outcomes if o.kind is Kind.RETURNED]
    assert returned_tokens == ["t3"]


def test_an_outcome_that_came_too_late_is_told_to_the_log(caplog):
    desk = Desk()
    slot = desk.slot()
    desk.store.ready = [reservation(1)]
    desk.post.exchange.turn(1)
    taken = desk.post.shelf.take(slot)
    desk.store.held.clear()
    desk.post.work_on(slot, taken)
    desk.post.exchange.settle()
    assert "no longer ours" in caplog.text


def test_an_answer_is_taken_in_when_it_is_heard_and_the_page_tells_of_it_until_then():
    desk = Desk()
    desk.store.overlaps = True
    desk.store.ready = [reservation(1), reservation(2)]
    desk.post.shelf.keep(returned(reservation(9)), desk.slot())
    desk.post.exchange.ask(2)
    assert desk.page.words[ASKED] == 1
    assert desk.post.shelf.head() is None
    assert "t9" in desk.post.shelf.tokens()
    desk.post.exchange.hear()
    assert desk.page.words[ASKED] == 0
    assert desk.post.shelf.tokens() == {"t1", "t2"}
    assert desk.post.exchange.hear() is None
    desk.post.exchange.ask(2)
    assert desk.page.words[ASKED] == 2


def test_a_store_that_cannot_be_asked_ahead_gets_the_outbox_with_the_next_turn():
    desk = Desk()
    desk.post.shelf.keep(returned(reservation(9)), desk.slot())
    desk.post.exchange.ask(2)
    assert desk.page.words[ASKED] == 0
    assert desk.post.exchange.hear() is None
    assert desk.post.exchange.settle()
    assert [outcome.token for outcomes, _ in desk.store.turns for outcome in outcomes] == ["t9"]


def test_an_answer_that_is_lost_loses_no_outcome_and_leaves_no_job_behind():
    desk = Desk()
    desk.store.overlaps = desk.store.lose_reply = True
    desk.store.ready = [reservation(1)]
    desk.post.shelf.keep(returned(reservation(9)), desk.slot())
    desk.post.exchange.ask(1)
    assert desk.post.exchange.hear() is None
    assert desk.page.words[ASKED] == 0
    assert [outcome.token for outcome in desk.post.shelf.outbox] == ["t9"]
    turned = desk.post.exchange.turn(1)
    assert [one.id for one in turned.reservations] == ["id1"]
    assert [o.token for o in desk.store.turns[1][0]] == ["t1"], "first of all what nobody had heard of goes back"


def test_jobs_of_a_question_from_before_a_recall_go_back_unstarted_once_the_recall_was_answered():
    desk = Desk()
    desk.store.overlaps = True
    desk.store.ready = [reservation(1)]
    desk.post.exchange.ask(1)
    desk.page.words[RECALL] += 1
    desk.post.shelf.answer_recall()
    desk.post.exchange.hear()
    assert desk.post.shelf.head() is None
    assert [(outcome.token, outcome.kind) for outcome in desk.post.shelf.outbox] == [("t1", Kind.RETURNED)]


def test_nobody_who_must_not_wait_waits_for_an_answer():
    desk = Desk()
    desk.store.overlaps = desk.store.slow = True
    desk.store.ready = [reservation(1)]
    desk.post.exchange.overhear()
    desk.post.exchange.ask(1)
    desk.post.exchange.overhear()
    assert desk.post.shelf.head() is None
    desk.store.slow = False
    desk.post.exchange.overhear()
    assert desk.post.shelf.head().id == "id1"
