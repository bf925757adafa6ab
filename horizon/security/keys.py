"""The keys of an installation: what they encrypt is told by its beginning, what they sign by its signature.

Whatever is encrypted begins with `hz1:` and the fingerprint of its key, then comes a Fernet token (AES-128-CBC and
HMAC-SHA256) of the job's id and the data: put beside another job it does not open. The newest key encrypts and signs;
every key of the list opens and checks, so that keys can be replaced while jobs wait.
"""

from __future__ import annotations

import hmac
import re
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from typing import Any, Protocol

from horizon.core.errors import ConfigurationError, InvalidSignature, UnknownKey
from horizon.security.sealed import FINGERPRINT, SEALED

SIZE = 32
_KEY = re.compile(r"[A-Za-z0-9_-]{43}=")
_SIGNING = b"horizon: signing, 1"
_STAMP = b"stamp\n"
_NAMING = b"horizon: fingerprint, 1"
NO_CRYPTOGRAPHY = "encrypted jobs need the package cryptography, which is not installed here: pip install 'flask-horizon[crypto]'"

NO_KEY = (
    "an encrypted job needs HORIZON_KEYS, which holds no key; make one with `horizon keys generate`, and give it to web and workers alike"
)


class Signed(Protocol):
    """What a signature is about: an envelope, a reservation, a record. What people may change later (queue, priority, times) is
    left out, and so is what a batch or a chain adds."""

    @property
    def id(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def payload(self) -> bytes | None: ...
    @property
    def user(self) -> str | None: ...
    @property
    def tenant(self) -> str | None: ...
    @property
    def signature(self) -> str | None: ...


def generate() -> str:
    """A new key, as `HORIZON_KEYS` takes it."""
    return urlsafe_b64encode(secrets.token_bytes(SIZE)).decode()


class Key:
    """One key. Its text never leaves it: neither errors nor `repr` show more than the fingerprint."""

    __slots__ = ("_fernet", "_signing", "_text", "fingerprint")

    def __init__(self, text: str) -> None:
        raw = _decoded(text)
        self._text = text
        self._signing = hmac.digest(raw, _SIGNING, "sha256")
        self._fernet: Any = None
        self.fingerprint = hmac.digest(raw, _NAMING, "sha256").hex()[:FINGERPRINT]

    @property
    def fernet(self) -> Any:
        """What encrypts with it. Raises ConfigurationError where `cryptography` is not installed."""
        if self._fernet is None:
            try:
                from cryptography.fernet import Fernet  # an extra, and 20 ms: only who encrypts pays for it
            except ImportError as error:
                raise ConfigurationError(NO_CRYPTOGRAPHY) from error
            self._fernet = Fernet(self._text)
        return self._fernet

    def sign(self, of: Signed) -> str:
        """The signature of an envelope."""
        return f"{self.fingerprint}:{urlsafe_b64encode(hmac.digest(self._signing, _said(of), 'sha256')).decode()[:43]}"

    def stamp(self, data: bytes) -> str:
        """What proves that this was made by somebody with the key."""
        return f"{self.fingerprint}:{hmac.digest(self._signing, _STAMP + data, 'sha256').hex()}"

    def digest(self, data: bytes) -> str:
        """32 hexadecimal digits."""
        return hmac.digest(self._signing, b"digest\n" + data, "sha256").hex()[:32]

    def __repr__(self) -> str:
        return f"<Key {self.fingerprint}>"


class Keyring:
    """All keys, the newest first. Without any it is falsy, signs nothing and opens nothing."""

    __slots__ = ("_keys", "_newest")

    def __init__(self, texts: Sequence[str] = ()) -> None:
        """Raises ConfigurationError that says which key of the list is none, and never what it says."""
        self._keys: dict[str, Key] = {}
        for place, text in enumerate(texts, 1):
            try:
                key = Key(text)
            except ValueError as error:
                raise ConfigurationError(
                    f"key {place} of {len(texts)} in HORIZON_KEYS is not one: {error}; a key is what `horizon keys generate` prints, "
                    "several are separated by commas, the newest first"
                ) from None
            self._keys.setdefault(key.fingerprint, key)
        self._newest = next(iter(self._keys.values()), None)

    def __bool__(self) -> bool:
        return self._newest is not None

    @property
    def fingerprints(self) -> tuple[str, ...]:
        """Of every key, the newest first; they give nothing away."""
        return tuple(self._keys)

    # encrypting -----------------------------------------------------------------------------------

    def seal(self, id: str, data: bytes) -> bytes:
        """Encrypt something of the job with this id. Raises ConfigurationError where there is no key, or no `cryptography`."""
        if self._newest is None:
            raise ConfigurationError(NO_KEY)
        token: bytes = self._newest.fernet.encrypt(id.encode() + b"\n" + data)
        return b"%b%b:%b" % (SEALED, self._newest.fingerprint.encode(), token)

    def open(self, id: str, sealed: bytes) -> bytes:
        """What `seal` was given for this id. Raises UnknownKey, InvalidSignature for what was changed or belongs to another job,
        and ConfigurationError where `cryptography` is not installed."""
        _, fingerprint, token = [*sealed.split(b":", 2), b"", b""][:3]
        key = self._require(fingerprint.decode("ascii", "replace"))
        opened = _decrypted(key, token)
        owner, _, data = opened.partition(b"\n")
        if owner != id.encode():
            raise InvalidSignature("this was encrypted for another job")
        return data

    # signing --------------------------------------------------------------------------------------

    def sign(self, of: Signed) -> str | None:
        """The signature of an envelope by the newest key; None without keys."""
        return None if self._newest is None else self._newest.sign(of)

    def check(self, of: Signed) -> None:
        """Raise UnknownKey or InvalidSignature unless the signature of this job is one of ours. Nothing is decoded for it."""
        if of.signature is None:
            raise InvalidSignature(
                f"{of.name} has to be signed, and this job is not: it was not dispatched by a process that has HORIZON_KEYS"
            )
        key = self._require(of.signature.partition(":")[0])
        if not hmac.compare_digest(key.sign(of).encode(), of.signature.encode()):
            raise InvalidSignature(
                "the signature does not fit: id, name, arguments, user or tenant are not what was dispatched; nothing of it was run"
            )

    def digest(self, data: bytes) -> str:
        """A digest by the newest key: it can be compared, and nobody without the key can try out what it is of."""
        if self._newest is None:
            raise ConfigurationError(NO_KEY)
        return self._newest.digest(data)

    def stamp(self, data: bytes) -> str:
        """What proves that this was made by somebody with a key. Raises ConfigurationError where there is none."""
        if self._newest is None:
            raise ConfigurationError(NO_KEY)
        return self._newest.stamp(data)

    def check_stamp(self, data: bytes, stamp: str) -> None:
        """Raise UnknownKey or InvalidSignature unless it is one of ours, of exactly this."""
        if not stamp:
            raise InvalidSignature("this carries no stamp, so nobody who has HORIZON_KEYS made it; nothing of it was run")
        key = self._require(stamp.partition(":")[0])
        if not hmac.compare_digest(key.stamp(data).encode(), stamp.encode("utf-8", "backslashreplace")):
            raise InvalidSignature(
                "the stamp does not fit: this is not what was dispatched, or it was made for something else; nothing of it was run"
            )

    def _require(self, fingerprint: str) -> Key:
        key = self._keys.get(fingerprint)
        if key is None:
            named = fingerprint if len(fingerprint) == FINGERPRINT and fingerprint.isalnum() else "of another form"
            have = f"here are {', '.join(self._keys)}" if self._keys else "here is none"
            raise UnknownKey(
                f"made with the key {named}, which HORIZON_KEYS does not hold ({have}); add it at the end of the list, then retry"
            )
        return key


def _decoded(text: str) -> bytes:
    """Raises ValueError that says what is wrong, without the text."""
    if not _KEY.fullmatch(text):
        raise ValueError(f"it is not {SIZE} bytes in URL-safe base64, which are 44 characters, the last of them =")
    return urlsafe_b64decode(text)


def _decrypted(key: Key, token: bytes) -> bytes:
    fernet = key.fernet
    from cryptography.fernet import InvalidToken

    try:
        opened: bytes = fernet.decrypt(token)
    except InvalidToken:
        raise InvalidSignature(f"this was encrypted with the key {key.fingerprint} and changed since, so it cannot be opened") from None
    return opened


def _said(of: Signed) -> bytes:
    """What is signed, each part with its length before it, so that no two envelopes read the same."""
    parts = (of.id, of.name, "-" if of.user is None else f"+{of.user}", "-" if of.tenant is None else f"+{of.tenant}")
    head = "".join(f"{len(part)}:{part}" for part in parts)
    return head.encode("utf-8", "backslashreplace") + b"\n" + (of.payload or b"")
