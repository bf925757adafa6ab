"""What a store keeps of an encrypted job, looked at behind its back."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import redis

from horizon import Job, JobState, SecureJob
from horizon.core import current
from horizon.runtime import Runtime
from horizon.security import keys
from tests.jobs.capturing import capturing
from tests.jobs.hands import Hands, runtime
from tests.stores.lending import fresh_of

WORD = "4111-1111-marzipan"


class Told(Job):
    """Tells its word in every way there is."""

    name = "at-rest:Told"

    def __init__(self, word: str, fails: bool) -> None:
        super().__init__()
        self.word, self.fails = word, fails

    def handle(self) -> str:
        self.progress(10, f"note {self.word}")
        logging.getLogger("shop").warning("line %s", self.word)
        if self.fails:
            raise ValueError(f"error {self.word}")
        return f"result {self.word}"


class Whispered(SecureJob, Told):
    """The same, encrypted."""

    name = "at-rest:Whispered"

    def handle(self) -> str:
        return Told.handle(self)


@pytest.fixture(params=["memory", "sqlite", "redis"])
def store(request: pytest.FixtureRequest) -> tuple[Runtime, Callable[[], str]]:
    """A runtime with a key, and all that its store holds as text."""
    address = fresh_of(request.param)
    made = runtime(address, KEYS=[keys.generate()])
    look = {"memory": lambda: _in_memory(made), "sqlite": lambda: _in_files(address), "redis": lambda: _on_redis(address)}
    return made, look[request.param]


@pytest.fixture(autouse=True)
def _capture() -> Iterator[None]:
    with capturing():
        yield


def _in_memory(made: Runtime) -> str:
    backend = made.backend()
    jobs = backend._store.jobs.values()  # type: ignore[attr-defined]
    return "\n".join(
        repr(value) for job in jobs for value in (job.envelope, job.result, job.error, job.history, job.logs, job.progress_note)
    )


def _in_files(address: str) -> str:
    path = Path(address.removeprefix("sqlite:///"))
    return "\n".join(file.read_bytes().decode("latin-1") for file in path.parent.glob(f"{path.name}*"))


def _on_redis(address: str) -> str:
    parts = urlsplit(address)
    where = address if parts.scheme != "redis+socket" else f"unix://{parts.path}?{parts.query}"
    with redis.Redis.from_url(where.partition("?")[0]) as server:
        return "\n".join(repr(_value(server, key)) for key in server.keys("*"))


def _value(server: redis.Redis, key: bytes) -> object:
    read = {b"string": server.get, b"hash": server.hgetall, b"set": server.smembers}
    kind = server.type(key)
    if kind in read:
        return read[kind](key)
    return server.lrange(key, 0, -1) if kind == b"list" else server.zrange(key, 0, -1)


def ended(made: Runtime, cls: type[Told], fails: bool) -> JobState:
    with current.use(made):
        id = cls(WORD, fails).with_tries(1).for_user("ana é").for_tenant("7").dispatch()
        made.keyring.check(made.backend().envelopes([str(id)])[0])  # as it would be carried to another store
        hands = Hands(made)
        (prepared,) = hands.prepared()
        outcome = prepared.run()
        hands.backend.turn([outcome])
    record = hands.backend.get(str(id))
    assert record is not None
    return record.state


@pytest.mark.parametrize("fails", [False, True])
def test_nothing_of_an_encrypted_job_is_kept_in_the_clear(store: tuple[Runtime, Callable[[], str]], fails: bool) -> None:
    made, look = store
    assert ended(made, Whispered, fails) is (JobState.FAILED if fails else JobState.COMPLETED)
    assert WORD not in look()
    ended(made, Told, fails)
    assert WORD in look(), "this look would not have found it"
