"""Jobs and callbacks at the top level of a module, and what was seen of them."""

from __future__ import annotations

from typing import Any, ClassVar

from horizon import BatchableJob, ChainableJob, Job, ShouldBeUnique, job
from horizon.core.outcome import Outcome
from tests.jobs.hands import Hands

seen: list[Any] = []
acts: dict[str, Any] = {}
"""What a `Does` does, by its word."""


def drain(hands: Hands) -> list[Outcome]:
    """Run until nothing is left that can run."""
    done: list[Outcome] = []
    while outcomes := hands.run():
        done += outcomes
    return done


class Does(Job):
    """Writes its word down, does what the test says, and returns its word."""

    max_tries = 1

    def __init__(self, word: str) -> None:
        self.word = word

    def handle(self) -> Any:
        seen.append(self.word)
        act = acts.get(self.word)
        return self.word if act is None else act(self)


class Fails(Job):
    max_tries = 1

    def handle(self) -> None:
        raise ValueError("bad row")


class Own(Exception):
    """Not one of Python's."""


class FailsInItsWay(Job):
    max_tries = 1

    def handle(self) -> None:
        raise Own("no such shop")


class Tells(Job):
    """A callback that is a job."""

    def __init__(self, what: str) -> None:
        self.what = what

    def handle(self) -> None:
        seen.append(self.what)


class Batchable(BatchableJob):
    max_tries = 1
    fails: ClassVar[bool] = False

    def __init__(self, word: str) -> None:
        self.word = word

    def _handle(self) -> str:
        seen.append(self.word)
        if self.fails:
            raise ValueError(self.word)
        return self.word


class Adds(ChainableJob):
    """One more than the step before it."""

    def _handle(self) -> int:
        return int(self.get_previous_result() or 0) + 1


class Waits(ChainableJob):
    async def _handle(self) -> Any:
        seen.append("awaited")
        return self.get_previous_result()


class Once(Job, ShouldBeUnique):
    def handle(self) -> None:
        seen.append("once")


@job(max_tries=1)
def plain(word: str) -> str:
    seen.append(word)
    return word


@job
def after() -> None:
    seen.append("after")


def nothing() -> None:
    seen.append("nothing")


def with_batch(batch: Any) -> None:
    seen.append(("batch", batch.name, batch.progress()))


def with_error(error: Any) -> None:
    seen.append(error)


def with_both(batch: Any, error: Any) -> None:
    seen.append((batch.id, error))


def with_anything(*given: Any) -> None:
    seen.append(len(given))


async def awaited(batch: Any) -> None:
    seen.append(("awaited", batch.name))


def three(a: Any, b: Any, c: Any) -> None: ...


def by_keyword(*, batch: Any) -> None: ...


class Holder:
    @staticmethod
    def tell() -> None:
        seen.append("held")

    def method(self) -> None: ...
