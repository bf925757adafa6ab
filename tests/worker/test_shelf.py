from __future__ import annotations

import pytest

from horizon.core.outcome import Kind
from horizon.worker.page import RECALL, Page
from horizon.worker.shelf import Shelf, returned
from horizon.worker.slot import Slot
from tests.worker.fakes import Idle, reservation


@pytest.fixture
def shelf():
    page = Page.create(2)
    yield Shelf(page)
    page.close()


@pytest.fixture
def slot():
    return Slot(0, Idle())


def test_jobs_are_taken_in_the_order_in_which_they_came(shelf, slot):
    shelf.put([reservation(1), reservation(2)])
    assert [shelf.take(slot).id, shelf.take(slot).id, shelf.take(slot)] == ["id1", "id2", None]


def test_the_page_shows_what_is_still_unstarted(shelf, slot):
    shelf.put([reservation(1), reservation(2), reservation(3)])
    shelf.take(slot)
    assert shelf.page.unstarted() == ["t2", "t3"]
    shelf.put([reservation(4)])
    assert shelf.page.unstarted() == ["t2", "t3", "t4"]


def test_what_is_given_back_is_off_the_shelf_and_in_the_outbox_as_if_never_taken(shelf):
    shelf.put([reservation(1), reservation(2)])
    assert shelf.give_back("drained") == 2
    assert shelf.head() is None
    assert shelf.page.unstarted() == []
    assert [(o.token, o.kind, o.reason, o.started) for o in shelf.outbox] == [
        ("t1", Kind.RETURNED, "drained", False),
        ("t2", Kind.RETURNED, "drained", False),
    ]


def test_the_head_can_be_kept_when_the_rest_is_given_back(shelf):
    shelf.put([reservation(1), reservation(2), reservation(3)])
    shelf.give_back(but=1)
    assert shelf.head().id == "id1"
    assert [outcome.token for outcome in shelf.outbox] == ["t2", "t3"]


def test_an_unsent_outbox_is_sent_again_before_anything_newer(shelf, slot):
    shelf.keep(returned(reservation(1)), slot)
    sending = shelf.collect()
    shelf.keep(returned(reservation(2)), slot)
    shelf.unsent(sending)
    assert [outcome.token for outcome in shelf.outbox] == ["t1", "t2"]


def test_every_token_is_known_wherever_its_job_stands(shelf, slot):
    shelf.put([reservation(1), reservation(2)])
    shelf.take(slot)
    shelf.keep(returned(reservation(3)), Slot(1, Idle()))
    sending = shelf.collect()
    shelf.keep(returned(reservation(4)), Slot(1, Idle()))
    assert shelf.tokens() == {"t1", "t2", "t3", "t4"}
    shelf.sent(sending)
    assert shelf.tokens() == {"t1", "t2", "t4"}


def test_a_recall_is_answered_once_by_handing_back_what_is_unstarted(shelf, slot):
    shelf.put([reservation(1), reservation(2)])
    shelf.take(slot)
    shelf.page.words[RECALL] = 1
    shelf.answer_recall()
    shelf.put([reservation(3)])
    shelf.answer_recall()
    assert [outcome.token for outcome in shelf.outbox] == ["t2"]
    assert shelf.head().id == "id3"


def test_a_job_picked_before_a_recall_was_answered_still_knows_the_one_before(shelf, slot):
    other = Slot(1, Idle())
    shelf.put([reservation(1), reservation(2)])
    shelf.take(slot)
    shelf.page.words[RECALL] = 1
    shelf.answer_recall()
    shelf.put([reservation(3)])
    shelf.take(other)
    assert (slot.recall, other.recall) == (0, 1)


def test_only_jobs_that_ran_count_as_done(shelf, slot):
    shelf.keep(returned(reservation(1)), slot)
    assert shelf.done == 0
