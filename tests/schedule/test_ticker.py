from __future__ import annotations

import logging
import os
import threading

import pytest

from horizon.backends.connect import connect
from horizon.core.envelope import Envelope
from horizon.core.errors import BackendUnavailable
from horizon.core.ids import uuid7
from horizon.schedule.leader import LOCK
from horizon.schedule.ticker import Ticker
from tests.stores.lending import fresh
from tests.waiting import until


@pytest.fixture
def backend():
    made = connect(fresh())
    yield made
    made.close()


@pytest.fixture
def ticker():
    """Makes tickers and stops every one of them."""
    made = []

    def make(**backends) -> Ticker:
        made.append(Ticker(lambda: {name: (lambda b=b: b) for name, b in backends.items()}, every=0.05))
        return made[-1]

    yield make
    for one in made:
        assert one.stop()


class Ticks:
    """Counts the ticks of a backend; otherwise it is that backend."""

    def __init__(self, backend) -> None:
        self._backend = backend
        self.count = 0

    def tick(self):
        self.count += 1
        return self._backend.tick()

    def __getattr__(self, name):
        return getattr(self._backend, name)


def test_making_one_starts_no_thread(backend, ticker):
    before = threading.active_count()
    made = ticker(default=backend)
    assert threading.active_count() == before
    assert not made.running


def test_it_leads_and_keeps_house_again_and_again(backend, ticker):
    counted = Ticks(backend)
    made = ticker(default=counted)
    made.start()
    until(lambda: counted.count >= 3)
    assert made.running
    assert backend.locks.read(LOCK).holder == made.leaderships["default"].holder


def test_starting_twice_makes_one_thread(backend, ticker):
    made = ticker(default=backend)
    made.start()
    count = threading.active_count()
    made.start()
    assert threading.active_count() == count


def test_of_two_only_one_keeps_house(backend, ticker):
    first, second = Ticks(backend), Ticks(backend)
    one, two = ticker(default=first), ticker(default=second)
    one.start()
    until(lambda: first.count)
    two.start()
    until(lambda: "default" in two.leaderships and first.count >= 5)
    assert second.count == 0


def test_the_other_one_takes_over_at_once_when_the_leader_stops(backend, ticker):
    first, second = Ticks(backend), Ticks(backend)
    one, two = ticker(default=first), ticker(default=second)
    one.start()
    until(lambda: first.count)
    two.start()
    one.stop()
    until(lambda: second.count)


def test_two_that_believe_they_lead_do_no_harm(backend, ticker):
    ids = [uuid7() for _ in range(50)]
    backend.push([Envelope(id=id, name="x", queue="q", payload=b"{}", delay=1) for id in ids])
    for made in (ticker(default=backend), ticker(default=backend)):
        made._keep_house("default", backend)
        backend.locks.release(made.leaderships["default"].lease)
    assert {record.state.value for record in backend.many(ids)} == {"pending"}
    assert backend.remaining() == 50


def test_a_store_that_does_not_answer_is_told_once_and_delays_no_other(backend, ticker, caplog):
    class Dead:
        @property
        def locks(self):
            raise BackendUnavailable("the disk is gone")

    counted = Ticks(backend)
    with caplog.at_level(logging.WARNING, "horizon.schedule"):
        ticker(archive=Dead(), default=counted).start()
        until(lambda: counted.count >= 3)
    told = [record.getMessage() for record in caplog.records]
    assert told == ["housekeeping of connection 'archive' waits for its store: the disk is gone"]


def test_a_defect_in_housekeeping_is_logged_with_its_trace_and_tried_again(backend, ticker, caplog):
    class Broken(Ticks):
        def tick(self):
            self.count += 1
            raise RuntimeError("boom")

    broken = Broken(backend)
    with caplog.at_level(logging.WARNING, "horizon.schedule"):
        ticker(default=broken).start()
        until(lambda: broken.count >= 3)
    assert [record.exc_info[0] for record in caplog.records] == [RuntimeError]


def test_stopping_ends_the_thread(backend, ticker):
    before = threading.active_count()
    made = ticker(default=backend)
    made.start()
    made.stop()
    assert threading.active_count() == before
    assert not made.running


def test_a_run_that_hangs_in_the_store_does_not_hold_up_the_end(backend, ticker):
    inside, let_go = threading.Event(), threading.Event()

    class Hanging(Ticks):
        def tick(self):
            inside.set()
            let_go.wait(30)
            return super().tick()

    made = Ticker(lambda: {"default": lambda: Hanging(backend)}, every=0.05)
    made.start()
    left_to_die = made._scheduler
    assert inside.wait(30)
    assert made.stop(timeout=0.1) is False
    let_go.set()
    left_to_die.shutdown(wait=False)  # as the end of the process would: no other test shall meet its thread


def test_apscheduler_says_nothing_into_the_hosts_log(backend, ticker, caplog):
    counted = Ticks(backend)
    with caplog.at_level(logging.DEBUG):
        logging.getLogger("apscheduler.scheduler").setLevel(logging.INFO)
        ticker(default=counted).start()
        until(lambda: counted.count >= 3)
    assert [record.name for record in caplog.records if record.name.startswith("apscheduler")] == []


def test_a_forked_child_forgets_the_thread_that_it_never_had(backend):
    made = Ticker(lambda: {"default": lambda: backend}, every=0.05)
    made.start()
    pid = os.fork()
    if pid == 0:
        os._exit(0 if not made.running and made.stop() else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    assert made.running
    assert made.stop()
