from __future__ import annotations

import os

import pytest

from horizon.worker.page import COMMAND, SHELF_TOKENS, Command, Page, Running

TOKEN = "0123456789abcdef01234567-42"
JOB = "01890000-0000-7000-8000-000000000000"


@pytest.fixture
def page():
    page = Page.create(3)
    yield page
    page.close()


def test_a_new_page_says_that_nothing_runs_and_nothing_waits(page):
    assert page.running() == []
    assert page.unstarted() == []
    assert page.words[COMMAND] == Command.RUN


def test_what_begins_in_a_slot_is_read_back_whole(page):
    page.begin(1, TOKEN, JOB, 1_000, 2_000, 3_000_000)
    assert page.running() == [Running(slot=1, mark=1, token=TOKEN, job=JOB, started=1_000, deadline=2_000, delay=3_000_000)]


def test_no_deadline_and_no_further_try_are_told_apart_from_zero_delay(page):
    page.begin(0, TOKEN, JOB, 1_000, 0, None)
    page.begin(1, TOKEN, JOB, 1_000, 0, 0)
    last, again = page.running()
    assert (last.deadline, last.delay) == (None, None)
    assert again.delay == 0


def test_what_has_ended_is_not_running(page):
    page.begin(0, TOKEN, JOB, 1, 2, 3)
    page.end(0)
    assert page.running() == []


def test_each_start_in_a_slot_has_a_mark_of_its_own(page):
    marks = []
    for _ in range(3):
        page.begin(0, TOKEN, JOB, 1, 2, 3)
        marks.append(page.running()[0].mark)
        page.end(0)
    assert len(set(marks)) == 3


def test_the_other_side_of_the_descriptor_reads_the_same(page):
    other = Page(os.dup(page.fd), 3)
    page.begin(2, TOKEN, JOB, 1, 2, None)
    page.lay_out(["a", "b"])
    assert other.running() == page.running()
    assert other.unstarted() == ["a", "b"]
    other.close()


def test_a_kill_while_a_start_is_being_written_reads_as_not_started(page, monkeypatch):
    page.begin(0, TOKEN, JOB, 1, 2, 3)

    class Killed(Exception):
        pass

    class DyingNames:
        def pack_into(self, *args):
            raise Killed

    monkeypatch.setattr("horizon.worker.page._NAMES", DyingNames())
    with pytest.raises(Killed):
        page.begin(0, "other", JOB, 9, 9, 9)
    monkeypatch.undo()
    assert page.running() == []


def test_a_start_that_happens_while_it_is_read_is_not_read_as_a_mixture(page, monkeypatch):
    page.begin(0, TOKEN, JOB, 1, 2, 3)
    from horizon.worker import page as module

    real = module._NAMES

    class Interrupting:
        def unpack_from(self, *args):
            found = real.unpack_from(*args)
            monkeypatch.setattr(module, "_NAMES", real)
            page.begin(0, "later", JOB, 7, 8, 9)
            return found

    monkeypatch.setattr(module, "_NAMES", Interrupting())
    assert page.running() == []
    assert page.running()[0].token == "later"


def test_a_token_that_does_not_fit_is_refused_rather_than_cut(page):
    with pytest.raises(ValueError, match="at most 64"):
        page.begin(0, "t" * 65, JOB, 1, 2, 3)


def test_unstarted_tokens_are_those_after_the_ones_that_were_taken(page):
    page.lay_out(["a", "b", "c"])
    page.take()
    assert (page.begun(), page.unstarted()) == (["a"], ["b", "c"])
    page.lay_out(["c"], ["a", "b"])
    assert (page.begun(), page.unstarted()) == (["a", "b"], ["c"])


def test_a_kill_while_the_shelf_is_laid_out_leaves_it_as_it_was(page, monkeypatch):
    page.lay_out(["a", "b"])
    page.take()

    class DyingMap:
        def __setitem__(self, *args):
            raise KeyboardInterrupt

    monkeypatch.setattr(page, "_map", DyingMap())
    with pytest.raises(KeyboardInterrupt):
        page.lay_out(["x"], ["y"])
    monkeypatch.undo()
    assert (page.begun(), page.unstarted()) == (["a"], ["b"])


def test_the_shelf_never_claims_more_than_it_holds(page):
    most = SHELF_TOKENS + page.slots
    page.lay_out([f"t{n}" for n in range(most + 5)], ["old"])
    assert (len(page.unstarted()), page.begun()) == (most, [])
    page.lay_out([f"t{n}" for n in range(most - 1)], ["old", "older"])
    assert page.begun() == ["older"]


def test_a_stop_carries_its_token_and_reason(page):
    assert page.stop_of(0) == ("", "")
    page.stop(0, TOKEN, "Ana said so")
    assert page.stop_of(0) == (TOKEN, "Ana said so")
    assert page.stop_of(1) == ("", "")


def test_a_long_reason_is_cut_between_characters(page):
    page.stop(0, TOKEN, "é" * 1000)
    assert page.stop_of(0) == (TOKEN, "é" * 128)


def test_stops_and_starts_of_one_slot_do_not_touch_each_other_or_the_next_slot(page):
    page.stop(0, TOKEN, "r" * 256)
    page.begin(1, "u" * 64, "j" * 40, 1, 2, 3)
    page.begin(0, "v" * 64, "k" * 40, 1, 2, 3)
    assert page.stop_of(0) == (TOKEN, "r" * 256)
    assert [job.token for job in page.running()] == ["v" * 64, "u" * 64]


def test_the_job_that_began_last_is_known_after_its_end_too(page):
    assert page.latest() == []
    page.begin(0, TOKEN, "a", 1_000, 0, None)
    page.begin(2, TOKEN, "b", 3_000, 0, None)
    page.begin(1, TOKEN, "c", 2_000, 0, None)
    page.end(2)
    assert page.latest()[0] == (3_000, "b")
