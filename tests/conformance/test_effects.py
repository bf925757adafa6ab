from __future__ import annotations

import pytest

from horizon.backends.values import Retention, Verb, Want
from horizon.core.audit import AuditQuery
from horizon.core.clock import DAY
from horizon.core.effect import LONGEST, Effect, Noted
from horizon.core.outcome import Answer, Kind
from tests.conformance.conftest import Opener
from tests.conformance.driver import Driver, audit, outcome

CHARGED = Noted("charge:42", b'{"result":"ch_1"}')


def test_an_effect_is_known_once_the_attempt_in_which_it_took_place_has_ended(drive: Driver) -> None:
    id = drive.push()
    got = drive.take()
    assert drive.backend.effects.get(["charge:42"]) == {}
    drive.clock.advance(3)
    drive.complete(got, effects=(CHARGED, Noted("mail:42", None)))
    at = drive.clock()
    assert drive.backend.effects.get(["charge:42", "mail:42", "other"]) == {
        "charge:42": Effect(name="charge:42", value=CHARGED.value, job_id=id, at=at),
        "mail:42": Effect(name="mail:42", value=None, job_id=id, at=at),
    }
    assert drive.backend.effects.get([]) == {}


@pytest.mark.parametrize("how", [Kind.RETRY, Kind.FAILED, Kind.RELEASED, Kind.RETURNED, Kind.CANCELLED])
def test_it_took_place_however_the_attempt_ended(drive: Driver, how: Kind) -> None:
    drive.push()
    drive.settle(drive.take(), how, delay=10, reason="interrupted", effects=(CHARGED,))
    assert drive.backend.effects.get(["charge:42"])["charge:42"].value == CHARGED.value


def test_beside_a_result_and_among_plain_ends_nothing_is_mixed_up(drive: Driver) -> None:
    drive.push_many(3)
    first, second, third = drive.reserve(3)
    drive.complete(first, result=b"1")
    drive.complete(second, result=b"2", effects=(CHARGED, Noted("b", b"bytes\x00|\xff"), Noted("c", b"")))
    drive.complete(third)
    assert (drive.get(second.id).result, drive.get(second.id).state) == (b"2", "completed")
    found = drive.backend.effects.get(["b", "c"])
    assert (found["b"].value, found["c"].value, found["b"].job_id) == (b"bytes\x00|\xff", b"", second.id)


def test_a_worker_that_settles_and_takes_in_one_turn_keeps_them_too(drive: Driver) -> None:
    """The turn of a busy worker, for which a store may have a way of its own."""
    drive.push_many(2)
    got = drive.take()
    turned = drive.backend.turn([outcome(got, Kind.COMPLETED, effects=(CHARGED,))], Want(session="w", executor=0, count=1))
    assert (list(turned.answers), len(turned.reservations)) == ([Answer.OK], 1)
    assert drive.backend.effects.get(["charge:42"])["charge:42"].job_id == got.id


def test_of_two_with_one_name_the_first_stands(drive: Driver) -> None:
    drive.push_many(2)
    first, second = drive.reserve(2)
    drive.complete(first, effects=(CHARGED,))
    drive.clock.advance(1)
    drive.complete(second, effects=(Noted("charge:42", b"later"),))
    assert drive.backend.effects.get(["charge:42"])["charge:42"].value == CHARGED.value


def test_who_is_no_longer_the_holder_leaves_nothing(drive: Driver) -> None:
    drive.push()
    got = drive.take()
    drive.crash(got)
    assert drive.complete(got, effects=(CHARGED,)) is Answer.LOST
    assert drive.backend.effects.get(["charge:42"]) == {}


def test_an_end_that_is_told_twice_keeps_them_once(drive: Driver) -> None:
    drive.push()
    got = drive.take()
    assert drive.complete(got, effects=(CHARGED,)) is Answer.OK
    drive.backend.effects.forget("charge:42")
    assert drive.complete(got, effects=(CHARGED,)) is Answer.DUP
    assert drive.backend.effects.get(["charge:42"]) == {}


def test_it_outlives_its_job(open_driver: Opener, retention: Retention) -> None:
    drive = open_driver(retention=retention)
    id = drive.push()
    drive.complete(drive.take(), effects=(CHARGED,))
    drive.jump(retention.completed / 1_000_000 + 61)
    assert drive.backend.get(id) is None
    assert "charge:42" in drive.backend.effects.get(["charge:42"])


def test_it_is_forgotten_when_its_time_is_over_and_not_before(open_driver: Opener, retention: Retention) -> None:
    drive = open_driver(retention=retention)
    drive.push()
    drive.complete(drive.take(), effects=(CHARGED,))
    drive.jump((retention.effects - DAY) / 1_000_000)
    assert "charge:42" in drive.backend.effects.get(["charge:42"])
    drive.jump(2 * 86_400)
    assert drive.backend.effects.get(["charge:42"]) == {}


def test_a_person_may_have_it_take_place_again_and_the_audit_log_knows(drive: Driver) -> None:
    drive.push()
    drive.complete(drive.take(), effects=(CHARGED,))
    assert drive.backend.effects.forget("charge:42", audit=audit("forget_effect", "charge:42"))
    assert not drive.backend.effects.forget("charge:42", audit=audit("forget_effect", "charge:42"))
    assert drive.backend.effects.get(["charge:42"]) == {}
    assert [entry.verb for entry in drive.backend.audit.find(AuditQuery()).items] == ["forget_effect"]


def test_a_job_that_is_done_over_finds_what_it_did(drive: Driver) -> None:
    id = drive.push()
    drive.complete(drive.take(), effects=(CHARGED,))
    drive.did(Verb.RETRY, id)
    drive.complete(drive.take(id), effects=(Noted("charge:42", b"again"),))
    assert drive.backend.effects.get(["charge:42"])["charge:42"].value == CHARGED.value


def test_the_longest_name_and_the_oddest_are_kept_apart_from_those_beside_them(drive: Driver) -> None:
    names = ["ä" * LONGEST, "ä" * (LONGEST - 1) + "a", "a|b", "A|b", "a b:*{?}", "'\"\\"]
    drive.push()
    drive.complete(drive.take(), effects=tuple(Noted(name, str(at).encode()) for at, name in enumerate(names)))
    assert {name: effect.value for name, effect in drive.backend.effects.get(names).items()} == {
        name: str(at).encode() for at, name in enumerate(names)
    }
