"""How many executors there are, and how many jobs they may start together."""

from __future__ import annotations

from horizon.core import clock
from horizon.core.scaling import Scale
from horizon.worker.page import COMMAND, JOBS, Command, Ending
from tests.worker.fake_executors import make


def start_jobs(keep, child, count):
    for _ in range(count):
        assert keep.tally.claim(child.orders.place)
    child.page.words[JOBS] = count


def test_each_executor_has_a_place_that_its_successor_takes_over(few):
    assert [child.orders.place for child in few.children] == [0, 1]
    few.children[0].ready().die()
    few.reap()
    few.fill()
    assert [child.orders.place for child in few.children] == [1, 0]


def test_when_all_its_jobs_have_run_nobody_is_started_any_more_and_it_is_enough(few):
    first, second = few.children
    start_jobs(few, first.ready(), 2)
    few.tally.claim(second.ready().orders.place)
    assert not few.enough()  # it is about to start, and does not stand on the page yet
    second.run()
    assert not few.enough()
    second.page.end(0)
    second.page.words[JOBS] = 1
    assert few.enough()
    for child in (first, second):
        child.leave(Ending.RECYCLED)
    few.reap()
    few.fill()
    assert few.over()


def test_nobody_is_sent_home_while_the_last_job_is_about_to_start(few):
    first, second = few.children
    start_jobs(few, first.ready(), 2)
    few.tally.claim(second.ready().orders.place)
    few.trim()
    assert orders(few) == {1: Command.RUN, 2: Command.RUN}


def test_a_start_that_is_taken_back_between_two_looks_is_not_the_last_one(few, monkeypatch):
    first, second = few.children
    start_jobs(few, first.ready(), 2)
    few.tally.claim(second.ready().orders.place)
    counted = few.tally.starts

    def taken_back_behind_it():
        starts = counted()
        few.tally.release(second.orders.place)
        return starts

    monkeypatch.setattr(few.tally, "starts", taken_back_behind_it)
    assert not few.enough()
    monkeypatch.setattr(few.tally, "starts", counted)
    assert (few.tally.left(), few.enough()) == (1, False)


def test_what_a_dead_executor_had_taken_and_not_started_may_be_started_by_another(few):
    first, second = few.children
    start_jobs(few, first.ready(), 1)
    few.tally.claim(0)
    few.tally.claim(0)
    first.die()
    second.leave(Ending.RECYCLED)
    few.reap()
    assert few.tally.left() == 2
    assert not few.over()
    few.fill()
    assert len(few.children) == 2
    assert few.children[0].before + few.children[1].before == 1


# how many somebody wants for now ------------------------------------------------------------------------------------


def orders(keep):
    return {child.number: child.page.words[COMMAND] for child in keep.children}


def test_more_are_started_when_somebody_wants_more_and_never_more_than_allowed(keep, monkeypatch):
    big = make("--processes", "2", "--max-processes", "4")
    big.scale = Scale(to=3, by="ana")
    big.trim()
    big.fill()
    assert [child.orders.place for child in big.children] == [0, 1, 2]
    big.scale = Scale(to=40, by="ana")
    big.fill()
    assert len(big.children) == big.size == big.plan.most_processes


def test_those_who_are_too_many_finish_what_they_run_and_are_not_replaced(keep):
    keep.scale = Scale(to=1, by="ana")
    keep.trim()
    keep.trim()
    assert orders(keep) == {1: Command.RUN, 2: Command.DRAIN}
    keep.children[1].leave(Ending.DRAINED)
    keep.reap()
    keep.fill()
    assert [child.number for child in keep.children] == [1]
    keep.scale = None
    keep.trim()
    keep.fill()
    assert [child.orders.place for child in keep.children] == [0, 1]


def test_a_number_that_was_set_for_a_time_ends_with_it(keep, capsys):
    keep.scale = Scale(to=1, by="ana", until=clock.now() - 1)
    keep.trim()
    assert (keep.scale, keep.size) == (None, 2)
    assert orders(keep) == {1: Command.RUN, 2: Command.RUN}
    assert "back to 2 processes" in capsys.readouterr().err


def test_a_worker_that_drains_sends_nobody_home_twice(keep):
    keep.order(Command.INTERRUPT)
    keep.scale = Scale(to=1, by="ana")
    keep.trim()
    assert set(orders(keep).values()) == {Command.INTERRUPT}


def test_one_that_ends_when_its_jobs_are_done_never_gets_more_than_it_began_with(few):
    assert few.plan.most_processes == few.plan.processes
