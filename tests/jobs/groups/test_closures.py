"""Closures as callbacks: off unless asked for, signed, and never run where anything about them does not fit."""

from __future__ import annotations

import sys
from base64 import b64encode
from collections.abc import Iterator
from typing import Any

import cloudpickle
import pytest

from horizon import batch, chain, workflow
from horizon.core import current
from horizon.core.envelope import Edge, Envelope, On
from horizon.core.errors import ConfigurationError, InvalidOption
from horizon.core.ids import uuid7
from horizon.core.outcome import Kind
from horizon.core.query import JobQuery
from horizon.core.record import Record
from horizon.jobs import codec, sealing
from horizon.jobs.attempt import Attempts
from horizon.jobs.groups import closures
from horizon.runtime import Runtime
from horizon.security import keys
from tests.jobs.groups import sample
from tests.jobs.groups.sample import Does, Fails, drain, nothing, seen
from tests.jobs.hands import Hands, runtime
from tests.stores.lending import fresh

KEY = keys.generate()


@pytest.fixture
def here() -> Iterator[Runtime]:
    """An app that allows them."""
    made = runtime(fresh("memory"), CLOSURES=True, KEYS=[KEY])
    with current.use(made):
        yield made
    made.close()


@pytest.fixture
def hands(here: Runtime) -> Hands:
    return Hands(here)


def test_a_closure_is_called_with_what_it_holds(hands: Hands) -> None:
    word = "held"
    batch([Does("a")]).then(lambda b: sample.seen.append((word, b.total_jobs))).dispatch()
    chain([Fails()]).catch(lambda error: sample.seen.append((word, str(error)))).finally_(lambda: sample.seen.append("end")).dispatch()
    drain(hands)
    assert sorted(map(str, seen)) == ["('held', 'bad row')", "('held', 1)", "a", "end"]


def test_functions_that_have_a_name_are_stored_by_it_all_the_same(hands: Hands) -> None:
    batch([Does("a")]).then(nothing).dispatch()
    assert len(stored(hands, ".calling:Then")) == 1


def test_they_are_jobs_with_a_name_for_people_and_their_code_is_not_shown(hands: Hands) -> None:
    batch([Does("a")]).finally_(lambda: None).dispatch()
    (record,) = stored(hands, "FinallyClosure")
    assert "callback" in record.tags
    assert any("<lambda>" in tag for tag in record.tags)
    assert "code" in closures.FinallyClosure.redact


def stored(hands: Hands, ending: str) -> list[Record]:
    """Jobs of the classes whose names end so."""
    return [one for one in hands.backend.find(JobQuery(limit=50)).items if one.name.endswith(ending)]


# refused where it is written --------------------------------------------------------------------------


@pytest.mark.parametrize("made", [batch, chain])
def test_they_are_off_unless_the_app_asks_for_them(made: Any) -> None:
    with (
        current.use(runtime("memory://", KEYS=[KEY])),
        pytest.raises(InvalidOption, match=r"a lambda cannot be found.*set HORIZON_CLOSURES = True.*closures\]"),
    ):
        made([]).then(lambda: None)


def test_without_an_app_nobody_asked_for_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(current, "_known", [])
    with pytest.raises(InvalidOption, match="HORIZON_CLOSURES"):
        workflow("W").then(lambda: None)


def test_without_keys_they_are_refused() -> None:
    with current.use(runtime("memory://", CLOSURES=True)), pytest.raises(ConfigurationError, match=r"are signed.*horizon keys generate"):
        batch([]).then(lambda: None)


def test_without_the_package_it_says_what_to_install(here: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cloudpickle", None)
    with pytest.raises(ConfigurationError, match=r"pip install 'flask-horizon\[closures\]'"):
        batch([]).then(lambda: None)


def test_what_cannot_be_pickled_or_is_too_large_is_refused(here: Runtime) -> None:
    generator, data = (number for number in [1]), "x" * 70_000
    with pytest.raises(InvalidOption, match="cannot be pickled"):
        batch([]).then(lambda: generator)
    with pytest.raises(InvalidOption, match="at most 64,000"):
        batch([]).then(lambda: data)
    with pytest.raises(InvalidOption, match="takes 3 arguments"):
        batch([]).then(lambda a, b, c: None)


# refused where it would be run ------------------------------------------------------------------------


def payload(group: str, code: bytes, stamp: str, python: str = closures.PYTHON) -> bytes:
    return codec.encode({"group": group, "call": "x:y", "code": b64encode(code).decode(), "stamp": stamp, "python": python})


def planted(here: Runtime, group: str, made: bytes) -> Envelope:
    """A callback that somebody put beside the group, signed as every job of the app is."""
    edge = Edge(job_id=group, on=On.COMPLETED, of_group=True)
    name = "horizon.jobs.groups.closures:ThenClosure"
    envelope = Envelope(id=uuid7(), name=name, queue="default", payload=made, max_tries=3, edges=(edge,))
    return sealing.protect(envelope, here.keyring, sealed=False)


def bad(here: Runtime, group: str, how: str) -> bytes:
    """A payload that a worker must not run."""
    code = cloudpickle.dumps(lambda: seen.append("planted"))
    ring, other = here.keyring, keys.Keyring([keys.generate()])
    stamped = closures._stamped(On.COMPLETED, group, closures.PYTHON, code)
    old = closures._stamped(On.COMPLETED, group, "cpython 3.2", code)
    return {
        "unsigned": payload(group, code, ""),
        "signed by another key": payload(group, code, other.stamp(stamped)),
        "changed": payload(group, code + b" ", ring.stamp(stamped)),
        "of another group": payload(group, code, ring.stamp(closures._stamped(On.COMPLETED, uuid7(), closures.PYTHON, code))),
        "of another event": payload(group, code, ring.stamp(closures._stamped(On.FAILED, group, closures.PYTHON, code))),
        "of another Python": payload(group, code, ring.stamp(old), "cpython 3.2"),
    }[how]


@pytest.mark.parametrize(
    "how", ["unsigned", "signed by another key", "changed", "of another group", "of another event", "of another Python"]
)
def test_what_does_not_fit_is_never_unpickled(here: Runtime, hands: Hands, how: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cloudpickle, "loads", lambda code: pytest.fail("it was unpickled"))
    group = batch([Does("a")]).dispatch()
    here.backend().push([planted(here, group, bad(here, group, how))])
    drain(hands)
    (record,) = stored(hands, "ThenClosure")
    assert (record.state, record.attempts, seen) == ("failed", 1, ["a"])


def test_a_worker_without_the_setting_runs_none(here: Runtime, hands: Hands) -> None:
    batch([Does("a")]).then(lambda: None).dispatch()
    plain = runtime("memory://", KEYS=[KEY])
    hands.run()
    (reservation,) = hands.reserve()
    with current.use(plain):
        outcome = Attempts(here, worker="w", defaults=hands.defaults).prepare(reservation).run()
    assert outcome.kind is Kind.FAILED
    assert outcome.error is not None
    assert "HORIZON_CLOSURES is not set here" in outcome.error.message
