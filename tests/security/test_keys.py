from __future__ import annotations

import sys
from base64 import urlsafe_b64encode
from dataclasses import dataclass, replace

import pytest

from horizon.core.errors import ConfigurationError, InvalidSignature, UnknownKey
from horizon.core.settings import Settings
from horizon.security import keys
from horizon.security.keys import Key, Keyring
from horizon.security.redaction import mentions
from horizon.security.sealed import fingerprint_of, is_sealed, readable

OLD, NEW = (urlsafe_b64encode(bytes(range(at, at + 32))).decode() for at in (0, 100))  # the same in every process: tests are named by them
ID, OTHER = "0190f3a0-0000-7000-8000-000000000001", "0190f3a0-0000-7000-8000-000000000002"


@dataclass(frozen=True)
class Paper:
    """Something to sign."""

    id: str = ID
    name: str = "shop:Pay"
    payload: bytes | None = b'{"args":{}}'
    user: str | None = None
    tenant: str | None = None
    signature: str | None = None

    def signed(self, by: Keyring) -> Paper:
        return replace(self, signature=by.sign(self))


def test_what_is_sealed_opens_with_any_key_of_the_list_and_shows_nothing() -> None:
    sealed = Keyring([OLD]).seal(ID, b"marzipan")
    assert b"marzipan" not in sealed
    assert is_sealed(sealed)
    assert fingerprint_of(sealed) == Key(OLD).fingerprint
    assert Keyring([NEW, OLD]).open(ID, sealed) == b"marzipan"


def test_the_newest_key_seals_and_signs() -> None:
    ring = Keyring([NEW, OLD])
    assert fingerprint_of(ring.seal(ID, b"")) == fingerprint_of(ring.sign(Paper())) == Key(NEW).fingerprint == ring.fingerprints[0]


def test_a_new_key_is_one_and_another_each_time() -> None:
    assert Key(keys.generate()).fingerprint != Key(keys.generate()).fingerprint


def test_the_same_is_never_sealed_twice_alike() -> None:
    ring = Keyring([NEW])
    assert ring.seal(ID, b"x") != ring.seal(ID, b"x")


def test_beside_another_job_it_does_not_open() -> None:
    ring = Keyring([NEW])
    with pytest.raises(InvalidSignature, match="another job"):
        ring.open(OTHER, ring.seal(ID, b"x"))


@pytest.mark.parametrize("at", [13, 20, 60, -1])
def test_a_changed_byte_is_noticed(at: int) -> None:
    ring = Keyring([NEW])
    sealed = bytearray(ring.seal(ID, b"x" * 40))
    sealed[at] = ord("A") if sealed[at] != ord("A") else ord("B")
    with pytest.raises(InvalidSignature):
        ring.open(ID, bytes(sealed))


@pytest.mark.parametrize("sealed", [b"hz1:", b"hz1:0123abcd", b"hz1:0123abcd:xx", b"hz1:\xff\xff:x", b"hz1::::"])
def test_a_key_that_is_not_there_is_named_and_the_list_as_well(sealed: bytes) -> None:
    with pytest.raises(UnknownKey, match=Key(NEW).fingerprint):
        Keyring([NEW]).open(ID, sealed)


def test_a_signature_holds_for_exactly_this_job() -> None:
    ring = Keyring([NEW])
    paper = Paper(user="ana").signed(ring)
    ring.check(paper)
    for other in ({"id": OTHER}, {"name": "shop:Other"}, {"payload": b"{}"}, {"user": None}, {"user": "bob"}, {"tenant": "acme"}):
        with pytest.raises(InvalidSignature):
            ring.check(replace(paper, **other))


def test_parts_cannot_be_moved_from_one_field_to_the_next() -> None:
    ring = Keyring([NEW])
    signed = Paper(name="ab", user="c", tenant=None).signed(ring)
    for other in ({"name": "a", "user": "bc"}, {"user": None, "tenant": "c"}, {"name": "ab1:+c", "user": ""}):
        with pytest.raises(InvalidSignature):
            ring.check(replace(signed, **other))


@pytest.mark.parametrize("signature", ["", "x", "0123abcd", ":::", "é" * 60])
def test_a_signature_that_is_none_is_refused_without_a_fault(signature: str) -> None:
    with pytest.raises((InvalidSignature, UnknownKey)):
        Keyring([NEW]).check(Paper(signature=signature))
    with pytest.raises(InvalidSignature):
        Keyring([NEW]).check(Paper(signature=f"{Key(NEW).fingerprint}:{signature}"))


def test_without_keys_nothing_is_signed_or_sealed() -> None:
    ring = Keyring()
    assert not ring
    assert ring.sign(Paper()) is None
    with pytest.raises(ConfigurationError, match="horizon keys generate"):
        ring.seal(ID, b"x")


@pytest.mark.parametrize("text", ["short", OLD + OLD, OLD[:-1], f"{OLD} ", "é" * 43 + "=", ""])
def test_what_is_no_key_is_refused_by_its_place_and_never_shown(text: str) -> None:
    with pytest.raises(ConfigurationError, match=r"key 2 of 2 .*32 bytes in URL-safe base64") as refused:
        Keyring([NEW, text])
    assert not text or text not in str(refused.value)


def test_neither_a_key_nor_a_ring_shows_itself() -> None:
    assert NEW not in repr(Key(NEW)) + repr(Keyring([NEW])) + str(vars(Settings({"HORIZON_URL": "x"}, environ={})))


@pytest.mark.parametrize("given", [f"{NEW},{OLD}", f" {NEW} , {OLD} ,", [NEW, OLD]])
def test_the_app_may_give_them_as_one_text_or_as_a_list(given: object) -> None:
    assert Settings({"HORIZON_KEYS": given}, environ={}).KEYS == [NEW, OLD]
    assert not isinstance(given, str) or Settings({}, environ={"HORIZON_KEYS": given}).KEYS == [NEW, OLD]


def test_a_setting_that_is_wrong_does_not_show_a_key() -> None:
    with pytest.raises(ConfigurationError) as refused:
        Settings({"HORIZON_KEYS": {"key": NEW}}, environ={})
    assert NEW not in str(refused.value)


def test_without_the_package_that_encrypts_it_is_said_what_to_install_and_signing_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cryptography.fernet", None)
    ring = Keyring([NEW])
    ring.check(Paper().signed(ring))
    with pytest.raises(ConfigurationError, match=r"pip install 'flask-horizon\[crypto\]'"):
        ring.seal(ID, b"x")


def test_what_is_sealed_is_found_by_no_word() -> None:
    sealed = Keyring([NEW]).seal(ID, b"marzipan")
    assert not mentions(sealed, "gAAAA")
    assert readable(sealed.decode()) == ""
    assert readable("marzipan") == "marzipan"
