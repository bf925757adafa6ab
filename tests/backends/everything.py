"""A little of all that web, workers and people do with a store: for whoever asks whether they may."""

from __future__ import annotations

from horizon.backends.base import Backend
from horizon.backends.values import Verb
from horizon.core.clock import SECOND, ManualClock
from horizon.core.limit import Limit
from horizon.core.query import JobQuery
from tests.conformance.driver import Driver, audit


def everything(backend: Backend, clock: ManualClock) -> None:
    """All that web, workers and people do."""
    backend.ready()
    backend.warnings()
    drive = Driver(backend, clock)
    first, second = drive.push(tags=("a",), unique_key="k"), drive.push(delay=5 * SECOND)
    assert backend.wait(["mails"], 1) is True
    drive.run(first)
    assert backend.wait(["quiet"], 0.01) is False
    clock.advance(6)
    assert backend.tick().promoted == 1
    drive.did("cancel", second, audit=audit())
    one_at_a_time = (Limit(key="door", most=1, strategy="concurrent"),)
    drive.push_many(2, limits=one_at_a_time)
    drive.run()
    drive.run()
    assert [one.running for one in backend.limits.list()] == [0]
    backend.queues.pause("mails", reason="deploy")
    backend.queues.resume("mails")
    assert sorted(drive.found(tag="a")) == [first]
    started = backend.operations.start(Verb.FORGET, JobQuery(queue="mails"), {}, actor="ana", audit=audit())
    backend.tick()
    assert backend.operations.get(started.id) is not None
    lease = backend.locks.acquire("x", "me", SECOND)
    assert lease is not None
    backend.locks.release(lease)
    assert backend.meters.take("m", 5, SECOND).granted
    assert backend.audit.words()[0]
    assert backend.sessions.renew("w", SECOND).alive
    backend.sessions.close("w")
    assert dict(backend.numbers.recount()) == {}
