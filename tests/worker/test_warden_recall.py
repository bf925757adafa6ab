"""Jobs that were handed out and not begun are taken back from behind a stuck one."""

from __future__ import annotations

from horizon.core import clock
from horizon.worker import judge, warden
from horizon.worker.page import ASKED, RECALL


def test_unstarted_jobs_are_taken_back_once_from_behind_a_stuck_one(keep):
    first = keep.children[0].ready().run("stuck", seconds=2)
    first.page.lay_out(["stuck", "behind"])
    keep.watch()
    keep.watch()
    assert keep.ledger.taken == [(1, {"behind"})]
    assert first.page.words[RECALL] == 1


def test_nothing_is_taken_back_from_behind_a_job_that_has_just_begun(keep):
    first = keep.children[0].ready().run("new", seconds=0.1)
    first.page.lay_out(["behind"])
    keep.watch()
    assert keep.ledger.taken == []


def test_what_is_reserved_once_the_recall_was_answered_is_not_taken_back(keep, monkeypatch):
    first = keep.children[0].ready().run("stuck", seconds=2)
    first.page.lay_out(["behind"])
    monkeypatch.setattr(warden.clock, "sleep", lambda seconds: first.page.lay_out(["behind", "fresh"]))
    keep.watch()
    assert keep.ledger.taken == [(1, {"behind"})]


def test_jobs_in_an_answer_that_nobody_reads_are_taken_back_from_behind_a_stuck_one(keep):
    first = keep.children[0].ready()
    first.page.lay_out(["stuck"], ["ended"])
    first.page.take()
    first.run("stuck", seconds=2)
    first.page.words[ASKED] = 4
    keep.ledger.handed_out = {"ended", "stuck", "unread"}
    keep.watch()
    keep.watch()
    assert keep.ledger.taken == [(1, {"unread"})]


def test_jobs_in_an_answer_that_is_read_meanwhile_are_not(keep, monkeypatch):
    first = keep.children[0].ready().run("stuck", seconds=2)
    first.page.words[ASKED] = 4
    keep.ledger.handed_out = {"stuck", "read"}
    monkeypatch.setattr(warden.clock, "sleep", lambda seconds: first.page.words.__setitem__(ASKED, 0))
    keep.watch()
    assert keep.ledger.taken == [(1, set())]


def test_unstarted_jobs_are_taken_back_from_an_executor_that_does_nothing_about_them(keep, monkeypatch):
    first, now = keep.children[0].ready(), clock.boottime_ns()
    first.page.lay_out(["a", "b"])
    keep.watch()
    assert keep.ledger.taken == []
    monkeypatch.setattr(warden.clock, "boottime_ns", lambda: now + judge.LYING_AFTER + judge.NS)
    keep.watch()
    keep.watch()
    assert keep.ledger.taken == [(1, {"a", "b"})]


def test_an_executor_that_starts_one_after_the_other_keeps_its_unstarted_jobs(keep, monkeypatch):
    first, now = keep.children[0].ready(), clock.boottime_ns()
    first.page.lay_out(["a", "b"])
    keep.watch()
    first.page.take()
    monkeypatch.setattr(warden.clock, "boottime_ns", lambda: now + judge.LYING_AFTER + judge.NS)
    keep.watch()
    assert keep.ledger.taken == []
