"""Where the first store of a connection is down, the next one takes its jobs, and they come back."""

from __future__ import annotations

import logging

import pytest

from horizon import on
from horizon.core import current, lanes
from horizon.core.audit import AuditQuery
from horizon.core.clock import MINUTE
from horizon.core.errors import BackendUnavailable, ConfigurationError
from horizon.core.query import JobQuery
from horizon.core.states import JobState
from horizon.jobs import failover
from horizon.runtime import Runtime
from horizon.schedule import relay as module
from horizon.schedule.relay import Relay
from tests.conformance.driver import envelope
from tests.jobs.hands import Hands, runtime
from tests.jobs.sample import SendEmail
from tests.monitor.test_stats import Counting


class Lost(Counting):
    """A store that takes a push, or not, and whose answer never comes."""

    arrives = False

    def push(self, envelopes, *, audit=None):
        if self.arrives:
            self._store.push(envelopes, audit=audit)
        raise BackendUnavailable("cut off")


@pytest.fixture
def here() -> Runtime:
    made = runtime(CONNECTIONS={"main": "memory://", "spare": "memory://", "safe": ["main", "spare"]})
    for name in ("main", "spare"):
        made.backend(name)
    return made


def dispatch(here: Runtime, connection: str = "safe"):
    with current.use(here):
        return on("mails").on_connection(connection).dispatch(SendEmail("a"))


def down(here: Runtime, name: str = "main", kind: type[Counting] = Counting) -> Counting:
    """The store does not answer, and this process has noticed."""
    made = here._backends[name] = kind(here.backend(name), {})  # type: ignore[assignment]
    if kind is Counting:
        made.dead = True
        here.outages.failed(name, BackendUnavailable("connection refused"))
    return made


def up(here: Runtime, name: str = "main") -> None:
    here._backends[name] = here._backends[name]._store  # type: ignore[attr-defined]
    here.outages.answered(name)


def waiting(here: Runtime, name: str) -> dict[str, str]:
    found = here.backend(name).find(JobQuery(states=(JobState.PENDING, JobState.SCHEDULED)))
    return {record.id: record.queue for record in found.items}


def test_while_the_first_store_answers_it_takes_the_jobs(here: Runtime) -> None:
    id = dispatch(here)
    assert (waiting(here, "main"), waiting(here, "spare")) == ({id: "mails"}, {})


def test_while_it_is_down_the_next_one_takes_and_runs_them_and_says_so_once(here: Runtime, caplog: pytest.LogCaptureFixture) -> None:
    down(here)
    with caplog.at_level(logging.ERROR, "horizon.jobs"):
        first, second = dispatch(here), dispatch(here)
    assert waiting(here, "spare") == {first: "mails", second: "mails"}
    assert here.backend("spare").get(first).tags[-1] == "failover:main"
    assert len(caplog.records) == 1
    (told,) = here.backend("spare").audit.find(AuditQuery(verb="failover")).items
    assert (told.actor, told.target) == ("horizon", "connection:main")
    assert len(Hands(here, "spare").run()) == 2
    assert first.record().state is JobState.COMPLETED


def test_what_still_waits_comes_back_when_it_answers_again(here: Runtime) -> None:
    down(here)
    id = dispatch(here)
    relay = Relay(here)
    relay.run("spare")
    assert waiting(here, "spare") == {id: "mails"}
    up(here)
    Relay(here).run("spare")
    assert (waiting(here, "main"), waiting(here, "spare")) == ({id: "mails"}, {})
    assert id.record().state is JobState.PENDING
    assert id.record().connection == "main"


def test_a_push_whose_answer_was_lost_waits_until_the_first_store_says_whether_it_has_the_job(here: Runtime) -> None:
    for arrives in (True, False):
        down(here, kind=Lost).arrives = arrives  # type: ignore[attr-defined]
        id = dispatch(here)
        assert waiting(here, "spare") == {id: lanes.lane(lanes.ASK, "main", "mails")}
        assert Hands(here, "spare").run() == []
        up(here)
        Relay(here).run("spare")
        assert waiting(here, "spare") == {}
        assert waiting(here, "main")[str(id)] == "mails"
    assert list(waiting(here, "main").values()) == ["mails"] * 2


def test_a_push_in_doubt_is_not_taken_for_one_that_may_be_sent_as_what_else_waits_is_brought_back(here: Runtime) -> None:
    down(here, kind=Lost)
    doubtful, diverted = dispatch(here), dispatch(here)
    up(here)
    relay = Relay(here)
    relay._bring_back("spare")
    queues = waiting(here, "spare")
    assert queues == {str(doubtful): lanes.lane(lanes.ASK, "main", "mails"), str(diverted): lanes.lane(lanes.TO, "main", "mails")}


def test_a_job_that_waits_for_another_one_is_refused_as_without_a_failover(here: Runtime) -> None:
    parent = dispatch(here)
    down(here)
    with current.use(here), pytest.raises(BackendUnavailable):
        SendEmail("b").on_connection("safe").depends_on(parent).dispatch()


def test_where_none_answers_the_error_of_the_first_passes(here: Runtime) -> None:
    down(here)
    down(here, "spare")
    with pytest.raises(BackendUnavailable, match="connection refused"):
        dispatch(here)


def test_a_connection_without_one_is_as_it_was(here: Runtime) -> None:
    down(here)
    with pytest.raises(BackendUnavailable):
        dispatch(here, "main")
    assert waiting(here, "spare") == {}


def test_the_default_connection_can_have_one() -> None:
    made = runtime(CONNECTIONS={"default": {"url": "memory://", "failover": "spare"}, "spare": "memory://"})
    made.backend("spare")
    made.backend()
    down(made, "default")
    with current.use(made):
        id = SendEmail.dispatch("a")
    assert list(waiting(made, "spare")) == [id]


@pytest.mark.parametrize(
    "connections",
    [
        {"safe": []},
        {"safe": ["default", "gone"]},
        {"safe": ["default", "default"]},
        {"default": ["a", "b"]},
        {"a": {"url": "memory://", "failover": 3}},
    ],
)
def test_what_is_no_failover_is_refused(connections: dict[str, object]) -> None:
    with pytest.raises(ConfigurationError):
        runtime(CONNECTIONS=connections)


def test_the_end_of_it_is_noted_once_it_has_settled(here: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    down(here)
    dispatch(here)
    up(here)
    spare = here.backend("spare")
    real = spare.now()
    monkeypatch.setattr(type(spare), "now", lambda self: real + MINUTE)
    Relay(here).run("spare")
    (noted,) = spare.audit.find(AuditQuery(verb="drained")).items
    assert noted.target == failover.target_of("main")


def test_what_is_diverted_when_the_end_has_been_noted_comes_back_too(here: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    spare, relay, ticks = here.backend("spare"), Relay(here), [1_000.0]
    monkeypatch.setattr(module, "monotonic", lambda: ticks[0])
    relay.run("spare")
    spare.push([envelope(id="late", tags=(failover.mark("main"),))])  # by somebody who has said so long ago, or could not
    for seconds, where in ((module.EVERY, "spare"), (module.AGAIN, "main")):
        ticks[0] += seconds
        relay.run("spare")
        assert waiting(here, where) == {"late": "mails"}
    ticks[0] += module.AGAIN
    relay.run("spare")
    assert spare.audit.find(AuditQuery(verb="drained")).items == []
