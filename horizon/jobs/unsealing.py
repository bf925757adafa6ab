"""An encrypted record made readable again, for people who may: arguments, result, log lines, exceptions, the note.

Values of sensitive fields are taken out of everything the job said and returned, as they are at each run; the arguments keep
them, and whoever shows these masks them by their names (`names`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from horizon.core.errors import ConfigurationError, HorizonError, InvalidSignature, UnknownKey
from horizon.core.outcome import Failure, Outcome
from horizon.core.record import Attempt, Record
from horizon.jobs import stored
from horizon.jobs.sealing import sensitive_of
from horizon.security.keys import Keyring
from horizon.security.payloads import ENCRYPTED
from horizon.security.redaction import secrets_in, without
from horizon.security.sealed import fingerprint_of, is_sealed


@dataclass(frozen=True, kw_only=True, slots=True)
class Revealed:
    """A record that can be read."""

    record: Record
    names: tuple[str, ...]
    """Its sensitive fields, never shown to anybody."""


def keeps_secrets(record: Record) -> bool:
    """Whether anything of this record (as `get` answers it) is encrypted."""
    return is_sealed(record.payload) or is_sealed(record.result) or any(is_sealed(text) for text in _words(record))


def key_of(record: Record) -> str | None:
    """Fingerprint of the key with which its arguments are encrypted."""
    return fingerprint_of(record.payload) if is_sealed(record.payload) else None


def revealed(record: Record, keyring: Keyring, redact: Sequence[str] = ()) -> Revealed:
    """The record with everything that these keys open; what they do not stays as it is.

    Raises UnknownKey, InvalidSignature or ConfigurationError where its arguments cannot be opened.
    """
    payload = keyring.open(record.id, record.payload or b"") if is_sealed(record.payload) else record.payload
    names = sensitive_of(payload) if is_sealed(record.payload) else ()
    opener = _Opener(keyring, record.id, secrets_in(stored.arguments(payload), (*redact, *names)) if names else ())
    made = replace(
        record,
        payload=payload,
        result=opener.data(record.result),
        progress_note=record.progress_note and opener.text(record.progress_note),
        error=record.error and opener.failure(record.error),
        history=tuple(opener.attempt(one) for one in record.history),
    )
    return Revealed(record=made, names=names)


class _Opener:
    """Opens the parts of one record."""

    def __init__(self, keyring: Keyring, id: str, secrets: Sequence[str]) -> None:
        self._keyring, self._id, self._secrets = keyring, id, secrets

    def data(self, data: bytes | None) -> bytes | None:
        opened = self._opened(data) if data is not None and is_sealed(data) else None
        if opened is None:
            return data
        return without(opened.decode("utf-8", "replace"), self._secrets).encode() if self._secrets else opened

    def text(self, text: str) -> str:
        if not is_sealed(text):
            return text
        opened = self._opened(text.encode("ascii", "replace"))
        return text if opened is None else without(opened.decode("utf-8", "replace"), self._secrets)

    def failure(self, failure: Failure) -> Failure:
        return replace(failure, message=self.text(failure.message), traceback=self.text(failure.traceback))

    def attempt(self, one: Attempt) -> Attempt:
        lines = tuple(line._replace(message=self.text(line.message)) for line in one.logs)
        return replace(one, error=one.error and self.failure(one.error), logs=lines)

    def _opened(self, sealed: bytes) -> bytes | None:
        """None where it cannot be opened: a part that was encrypted with a key that is gone does not hide the others."""
        try:
            return self._keyring.open(self._id, sealed)
        except (UnknownKey, InvalidSignature):
            return None


def outcome(told: Outcome, keyring: Keyring) -> Outcome:
    """The end of a run as it would be read with these keys; for tests, which ask what a job said."""
    opener = _Opener(keyring, told.id, ())
    lines = tuple(line._replace(message=opener.text(line.message)) for line in told.logs)
    return replace(told, result=opener.data(told.result), error=told.error and opener.failure(told.error), logs=lines)


def words(id: str, text: str, keyring: Keyring) -> str:
    """What the job with this id said, for code that handles it; where it cannot be opened here, that it is encrypted."""
    if not is_sealed(text):
        return text
    try:
        return keyring.open(id, text.encode("ascii", "replace")).decode("utf-8", "replace")
    except HorizonError:
        return ENCRYPTED


def why_not(record: Record, keyring: Keyring) -> str:
    """Why its arguments cannot be opened here; empty where they can."""
    if not is_sealed(record.payload):
        return ""
    try:
        keyring.open(record.id, record.payload or b"")
    except ConfigurationError as error:
        return str(error)
    except HorizonError as error:
        return "this web process has no HORIZON_KEYS" if not keyring else str(error)
    return ""


def _words(record: Record) -> list[str]:
    """All it said."""
    failures = [record.error, *(one.error for one in record.history)]
    said = [text for one in failures if one is not None for text in (one.message, one.traceback)]
    return [record.progress_note or "", *said, *(line.message for one in record.history for line in one.logs[:1])]
