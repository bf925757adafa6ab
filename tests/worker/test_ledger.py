from __future__ import annotations

import pytest

from horizon.backends.values import Renewed, SessionInfo, SessionReport
from horizon.core.clock import boottime_ns
from horizon.core.errors import BackendUnavailable
from horizon.core.outcome import Kind
from horizon.worker.ledger import Ledger


class Store:
    """Notes what it is told; `down` makes it silent."""

    def __init__(self):
        self.down, self.alive = False, True
        self.told, self.holds = [], []
        self.sessions = self

    def _tell(self, *what):
        if self.down:
            raise BackendUnavailable("away")
        self.told.append(what)

    def open(self, info, lease):
        self._tell("open", info.id, lease)

    def renew(self, session, lease, report):
        self._tell("renew", session)
        return Renewed(alive=self.alive, expires_at=0)

    def bury(self, session, executor, running):
        self._tell("bury", executor)

    def held(self, session, executor):
        self._tell("held", executor)
        return self.holds

    def turn(self, outcomes, want):
        self._tell("turn", *outcomes)

    def close(self, session):
        self._tell("close", session)


@pytest.fixture
def store():
    return Store()


@pytest.fixture
def ledger(store):
    made = Ledger(store, lambda session: SessionInfo(id=session, kind="worker", host="h", pid=1), 15.0)
    made.open()
    store.told.clear()
    return made


def test_the_lease_counts_from_before_the_renewal_was_sent(ledger):
    before = ledger.renewed
    sent = boottime_ns()
    ledger.renew(SessionReport())
    assert before < ledger.renewed <= boottime_ns()
    assert ledger.renewed >= sent


def test_a_renewal_that_was_not_answered_or_came_too_late_prolongs_nothing(ledger, store):
    before = ledger.renewed
    store.down = True
    assert ledger.renew(SessionReport()) is None
    store.down, store.alive = False, False
    assert not ledger.renew(SessionReport()).alive
    assert ledger.renewed == before


def test_a_burial_is_told_again_until_the_store_has_heard_it_and_in_order(ledger, store):
    store.down = True
    ledger.bury(1, {})
    ledger.bury(2, {})
    assert not ledger.settle()
    store.down = False
    assert ledger.settle()
    assert ledger.settle()
    assert store.told == [("bury", 1), ("bury", 2)]


def test_silence_is_said_once_and_so_is_its_end(ledger, store, capsys):
    store.down = True
    ledger.renew(SessionReport())
    ledger.renew(SessionReport())
    store.down = False
    ledger.renew(SessionReport())
    ledger.renew(SessionReport())
    said = capsys.readouterr().err
    assert said.count("does not answer") == 1
    assert said.count("answers again") == 1


def test_only_the_unstarted_jobs_of_an_executor_are_taken_back(ledger, store):
    store.holds = [("a", 1, "ta"), ("b", 2, "tb")]
    assert ledger.take_back(3, {"tb", "gone"})
    (outcome,) = store.told[1][1:]
    assert (outcome.id, outcome.ref, outcome.token, outcome.kind, outcome.started) == ("b", 2, "tb", Kind.RETURNED, False)


def test_nothing_to_take_back_is_no_turn(ledger, store):
    assert ledger.take_back(3, {"x"})
    assert store.told == [("held", 3)]


def test_a_new_session_has_a_new_name_and_owes_nothing_of_the_old_one(ledger, store):
    old = ledger.session
    store.down = True
    ledger.bury(1, {})
    assert not ledger.reopen()
    assert ledger.session == old
    store.down = False
    assert ledger.reopen()
    assert ledger.session != old
    assert ledger.settle()
    assert [what for what, *_ in store.told] == ["open"]


def test_an_end_the_store_did_not_hear_is_reported_as_such(ledger, store):
    store.down = True
    assert not ledger.close()
    store.down = False
    assert ledger.close()
