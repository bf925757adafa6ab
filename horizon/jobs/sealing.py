"""Encrypting and signing what is dispatched, checking and decrypting what is to be run, encrypting what a run says.

1. At dispatch (`protect`): with keys every job is signed; those that should be are encrypted first, since the signature is
   over what is stored.
2. In the worker (`opened`): the signature is checked before anything is decoded, then the arguments are decrypted.
3. Whatever the run tells the store goes through its `Cover`: result, log lines, notes, what exceptions say.
"""

from __future__ import annotations

import json
from dataclasses import replace

from horizon.backends.values import ProgressReport
from horizon.core.effect import Noted
from horizon.core.envelope import Envelope
from horizon.core.errors import ConfigurationError, UnknownKey
from horizon.core.outcome import Failure, Kind, LogLine, Outcome
from horizon.jobs.ending import INTERRUPTED
from horizon.security.keys import NO_KEY, Keyring, Signed
from horizon.security.sealed import is_sealed

SENSITIVE = "sensitive"
"""Beside `args` in an encrypted payload: names whose values are masked, whoever looks."""
OWN_WORDS = frozenset({INTERRUPTED, "cancelled", "deleted by the job"})
"""Reasons of an end that are not the words of the job."""
UNSAID = "for a reason that is encrypted"


def protect(envelope: Envelope, keyring: Keyring, *, sealed: bool, sensitive: tuple[str, ...] = ()) -> Envelope:
    """The envelope as it is pushed, encrypted where it should be, and signed; changed in place, for nobody has seen it yet.

    Raises ConfigurationError where it should be encrypted and there is no key.
    """
    if sealed and not is_sealed(envelope.payload):
        if not keyring:
            raise ConfigurationError(f"{envelope.name} is not dispatched: {NO_KEY}")
        envelope.payload = keyring.seal(envelope.id, noted(envelope.payload, sensitive))
    if keyring:
        envelope.signature = keyring.sign(envelope)
    return envelope


def noted(payload: bytes, sensitive: tuple[str, ...]) -> bytes:
    """The payload with a note of which fields are sensitive; whoever opens it knows it without making the job's object."""
    if not sensitive:
        return payload
    return payload[:-1] + b',"%b":%b}' % (SENSITIVE.encode(), json.dumps(sensitive).encode())


def sensitive_of(payload: bytes | None) -> tuple[str, ...]:
    """The names noted in an opened payload."""
    if not payload or b'"sensitive":[' not in payload:
        return ()
    try:
        names = json.loads(payload).get(SENSITIVE)
    except (ValueError, AttributeError, RecursionError):
        return ()
    return tuple(name for name in names if isinstance(name, str)) if isinstance(names, list) else ()


def checked(of: Signed, keyring: Keyring, *, demanded: bool) -> None:
    """Raise InvalidSignature or UnknownKey for a job that is not what was dispatched. `demanded`: its class lets none run
    unsigned; whatever is encrypted was signed as well. Without keys nothing can be checked, and what must be is refused."""
    demanded = demanded or is_sealed(of.payload)
    if demanded and not keyring:
        raise UnknownKey(f"{of.name} has to be signed, and this process has no key at all to check that; set HORIZON_KEYS, then retry")
    if demanded or (keyring and of.signature is not None):
        keyring.check(of)


def opened(of: Signed, keyring: Keyring, *, demanded: bool) -> bytes:
    """The arguments as they were encoded. Raises InvalidSignature, UnknownKey, ConfigurationError without `cryptography`."""
    checked(of, keyring, demanded=demanded)
    payload = of.payload or b""
    return keyring.open(of.id, payload) if is_sealed(payload) else payload


class Cover:
    """Encrypts what one run tells the store."""

    __slots__ = ("_id", "_keyring")

    def __init__(self, keyring: Keyring, id: str) -> None:
        self._keyring, self._id = keyring, id

    def data(self, data: bytes | None) -> bytes | None:
        """A result."""
        return None if data is None else self._keyring.seal(self._id, data)

    def text(self, text: str) -> str:
        """Words."""
        return self._keyring.seal(self._id, text.encode("utf-8", "backslashreplace")).decode() if text else text

    def lines(self, lines: tuple[LogLine, ...]) -> tuple[LogLine, ...]:
        """Log lines."""
        return tuple(line._replace(message=self.text(line.message)) for line in lines)

    def failure(self, failure: Failure) -> Failure:
        """An exception; its type and where it came from stay readable, so that failures can be counted by their cause."""
        return replace(failure, message=self.text(failure.message), traceback=self.text(failure.traceback))

    def outcome(self, told: Outcome, asked_to_stop: str | None = None) -> Outcome:
        """The end of the run, changed in place: nobody has seen it yet. `asked_to_stop`: the words of the person who cancelled
        it, which are not the job's."""
        if told.kind is Kind.CANCELLED and told.reason not in OWN_WORDS and told.reason != asked_to_stop:
            told.reason = UNSAID
        told.result = self.data(told.result)
        told.error = told.error and self.failure(told.error)
        told.logs = self.lines(told.logs)
        told.effects = tuple(Noted(name, self.data(value)) for name, value in told.effects)
        return told

    def progress(self, told: ProgressReport) -> ProgressReport:
        """What it says on the way."""
        return replace(told, note=told.note and self.text(told.note), logs=self.lines(told.logs))
