"""Encrypted jobs: nothing of them is kept in the clear, and nothing that is not theirs is run."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from horizon import JobState
from horizon.backends.values import Verdict, VerdictKind
from horizon.core import current
from horizon.core.errors import ConfigurationError
from horizon.core.ids import uuid7
from horizon.core.outcome import Kind
from horizon.jobs import codec
from horizon.security.keys import Keyring
from tests.jobs.capturing import capturing
from tests.jobs.hands import Hands, runtime
from tests.jobs.secret_jobs import NEW, OLD, SECRET, Once, Plain, Private, everything, one, refused, run, seen


@pytest.fixture(autouse=True)
def _unseen() -> Iterator[None]:
    seen.clear()
    yield
    seen.clear()


@pytest.fixture
def capture() -> Iterator[None]:
    with capturing():
        yield


@pytest.fixture
def hands() -> Iterator[Hands]:
    made = Hands(runtime(KEYS=[NEW]))
    with current.use(made.runtime):
        yield made


@pytest.mark.usefixtures("capture")
@pytest.mark.parametrize("end", ["well", "badly", "cancelled"])
def test_neither_the_arguments_nor_what_the_job_says_reach_the_store_in_the_clear(hands: Hands, end: str) -> None:
    Private(SECRET, end).with_tries(1).dispatch()
    reservation = one(hands)
    assert SECRET.encode() not in reservation.payload
    prepared = hands.attempts.prepare(reservation)
    outcome = prepared.run()
    assert seen[0] == SECRET
    assert SECRET not in everything(outcome)
    assert len(outcome.logs) == 1
    hands.backend.turn([outcome])
    assert SECRET not in repr(hands.backend.get(reservation.id))


def test_what_was_encrypted_can_be_opened_with_the_key(hands: Hands) -> None:
    Private(SECRET).dispatch()
    outcome = run(hands, one(hands))
    assert outcome.result is not None
    assert codec.decode_result(hands.runtime.keyring.open(outcome.id, outcome.result)) == f"did {SECRET}"


def test_progress_on_the_way_is_encrypted_too(hands: Hands) -> None:
    Private(SECRET).dispatch()
    (prepared,) = hands.prepared()
    prepared._running.report(5, SECRET)
    prepared._running.line("INFO", SECRET)
    news = prepared.news()
    assert news is not None
    assert SECRET not in repr(news)
    assert hands.runtime.keyring.open(prepared.reservation.id, (news.note or "").encode()).decode() == SECRET


def test_a_queue_may_encrypt_whatever_is_dispatched_to_it(hands: Hands) -> None:
    hands.runtime.routing.define_queue("vault", encryption_enabled=True)
    Plain(SECRET).on_queue("vault").dispatch()
    reservation = one(hands)
    assert SECRET.encode() not in reservation.payload
    assert SECRET not in everything(run(hands, reservation))
    assert seen == [SECRET]


def test_a_job_of_another_queue_stays_readable_and_is_signed(hands: Hands) -> None:
    Plain(SECRET).dispatch()
    reservation = one(hands)
    assert SECRET.encode() in reservation.payload
    assert (reservation.signature or "").startswith(hands.runtime.keyring.fingerprints[0])
    assert run(hands, reservation).kind is Kind.COMPLETED


def test_moved_to_another_queue_with_another_priority_it_still_runs(hands: Hands) -> None:
    Private(SECRET).dispatch()
    assert run(hands, replace(one(hands), queue="elsewhere", priority=7, max_tries=9)).kind is Kind.COMPLETED


def test_a_flipped_bit_fails_the_job_for_good_and_runs_nothing(hands: Hands) -> None:
    Private(SECRET).with_tries(5).dispatch()
    reservation = one(hands)
    changed = bytearray(reservation.payload)
    changed[-5] ^= 1
    assert refused(run(hands, replace(reservation, payload=bytes(changed)))) == "InvalidSignature"
    record = hands.backend.get(reservation.id)
    assert record is not None
    assert (record.state, record.reason) == (JobState.FAILED, "its signature is not valid")


@pytest.mark.parametrize("changed", [{"name": Plain.name}, {"user": "root"}, {"tenant": "other"}, {"payload": b'{"args":{"word":"x"}}'}, {"signature": None}])  # fmt: skip
def test_another_name_user_tenant_or_payload_is_not_what_was_signed(hands: Hands, changed: dict[str, Any]) -> None:
    Private(SECRET).dispatch()
    assert refused(run(hands, replace(one(hands), **changed))) == "InvalidSignature"


def test_a_replayed_envelope_fails(hands: Hands) -> None:
    Private(SECRET).dispatch()
    (envelope,) = hands.backend.envelopes([one_id(hands)])
    hands.backend.push([replace(envelope, id=uuid7())])
    first, again = hands.reserve()
    assert refused(run(hands, again)) == "InvalidSignature"
    assert run(hands, first).kind is Kind.COMPLETED


def one_id(hands: Hands) -> str:
    from horizon.core.query import JobQuery

    return hands.backend.find(JobQuery()).items[0].id


def test_a_plain_job_whose_signature_is_wrong_is_not_run_either(hands: Hands) -> None:
    Plain(SECRET).dispatch()
    reservation = one(hands)
    assert refused(run(hands, replace(reservation, payload=reservation.payload.replace(b"4111", b"4112")))) == "InvalidSignature"


def test_a_plain_job_that_was_never_signed_runs_as_before(hands: Hands) -> None:
    Plain(SECRET).dispatch()
    assert run(hands, replace(one(hands), signature=None)).kind is Kind.COMPLETED


def test_where_all_must_be_signed_a_plain_job_without_a_signature_is_not_run() -> None:
    hands = Hands(runtime(KEYS=[NEW], SIGNED_ONLY=True))
    with current.use(hands.runtime):
        Plain(SECRET).dispatch()
        Plain(SECRET).dispatch()
        unsigned, signed = hands.reserve()
        assert refused(run(hands, replace(unsigned, signature=None))) == "InvalidSignature"
        assert run(hands, signed).kind is Kind.COMPLETED


def test_where_all_must_be_signed_the_follow_up_that_a_store_makes_runs_all_the_same() -> None:
    hands = Hands(runtime(KEYS=[NEW], SIGNED_ONLY=True))
    with current.use(hands.runtime):
        buried(hands)
        hands.run()
    assert seen == ["failed with it ran 70 s"]


@pytest.mark.parametrize("here", [[], [NEW]])
def test_a_key_that_the_worker_does_not_have_fails_the_job_for_good(here: list[str]) -> None:
    there = runtime(KEYS=[OLD])
    with current.use(there):
        Private(SECRET).dispatch()
    hands = Hands(there)
    reservation = one(hands)
    hands.attempts._runtime = runtime(KEYS=here)
    assert refused(hands.attempts.prepare(reservation).run()) == "UnknownKey"


def test_an_older_key_of_the_list_still_opens(hands: Hands) -> None:
    hands.runtime.keyring = Keyring([OLD])
    Private(SECRET).dispatch()
    hands.runtime.keyring = Keyring([NEW, OLD])
    assert run(hands, one(hands)).kind is Kind.COMPLETED


def test_without_keys_an_encrypted_job_is_refused_where_it_is_dispatched() -> None:
    with current.use(runtime()), pytest.raises(ConfigurationError, match="horizon keys generate"):
        Private(SECRET).dispatch()


def test_without_keys_nothing_is_signed() -> None:
    hands = Hands(runtime())
    with current.use(hands.runtime):
        Plain(SECRET).dispatch()
    assert one(hands).signature is None


def test_equal_arguments_are_the_same_to_a_unique_job_though_they_are_encrypted_differently(hands: Hands) -> None:
    assert Once(SECRET).dispatch() is not None
    assert Once(SECRET).dispatch() is None
    assert Once("other").dispatch() is not None


def test_the_unique_key_of_an_encrypted_job_cannot_be_guessed_from_its_arguments(hands: Hands) -> None:
    Once(SECRET).dispatch()
    key = one(hands).unique_key
    other = Hands(runtime(KEYS=[OLD]))
    with current.use(other.runtime):
        Once(SECRET).dispatch()
    assert key != one(other).unique_key


# what may not learn of it -------------------------------------------------------------------------


def test_its_repr_shows_no_argument() -> None:
    assert repr(Private(SECRET)) == "Private(‹encrypted›)"
    assert SECRET in repr(Plain(SECRET))


def test_the_guardian_is_told_no_key() -> None:
    assert NEW not in repr(runtime(KEYS=[NEW]).resolved())


def test_after_a_kill_failed_is_called_with_the_arguments_decrypted(hands: Hands) -> None:
    buried(hands)
    hands.run()
    assert seen == ["failed with it ran 70 s"]


def test_after_a_kill_failed_is_not_called_for_what_was_changed(hands: Hands, monkeypatch: pytest.MonkeyPatch) -> None:
    buried(hands)
    get = hands.backend.get
    monkeypatch.setattr(hands.backend, "get", lambda id: (found := get(id)) and replace(found, user="root"))
    (outcome,) = hands.run()
    assert (outcome.kind, seen) == (Kind.FAILED, [])
    assert outcome.error is not None
    assert outcome.error.type.endswith("InvalidSignature")


def buried(hands: Hands) -> None:
    """An encrypted job on its last try whose process was killed; what the guardian writes of it holds no argument."""
    Private(SECRET).with_tries(1).dispatch()
    reservation = one(hands)
    verdict = Verdict(kind=VerdictKind.TIMEOUT, reason="it ran 70 s")
    hands.backend.sessions.bury("hands", 1, {reservation.token: verdict})
    record = hands.backend.get(reservation.id)
    assert record is not None
    assert SECRET not in repr(record)
    assert record.error is None or record.error.message == "it ran 70 s"
