"""Jobs and values at the top level of a module, where a worker would find them."""

from __future__ import annotations

import enum
from dataclasses import InitVar, dataclass, field
from typing import Any

from horizon import Job, current_job, job


class Colour(enum.Enum):
    RED = "r"
    GREEN = "g"


class Size(enum.IntEnum):
    SMALL = 1


class Access(enum.Flag):
    READ = 1
    WRITE = 2


@dataclass
class Address:
    street: str
    colour: Colour = Colour.RED
    length: int = field(init=False, default=0)

    def __post_init__(self) -> None:
        self.length = len(self.street)


@dataclass(frozen=True)
class Frozen:
    inner: Address


@dataclass
class WithInitVar:
    seed: InitVar[int]


class SendEmail(Job):
    queue = "emails"
    max_tries = 3
    timeout = 60
    backoff = [5, 30, 120]
    tags = ["mail"]

    def __init__(self, to_email: str, subject: str = "Hi", body: str = "") -> None:
        super().__init__()
        self.to_email, self.subject, self.body = to_email, subject, body

    def handle(self) -> str:
        return f"sent to {self.to_email}"


class Take(Job):
    """Takes anything and gives it back."""

    def __init__(self, value: Any) -> None:
        self.value = value

    def handle(self) -> Any:
        return self.value


class Everything(Job):
    """A constructor with every kind of parameter."""

    def __init__(self, first: int, /, second: int, *rest: int, only: int = 0, **more: int) -> None:
        self.seen = (first, second, rest, only, more)

    def handle(self) -> Any:
        first, second, rest, only, more = self.seen
        return [first, second, list(rest), only, more]


@dataclass
class Dated(Job):
    user_id: int
    status: str = "new"

    def handle(self) -> str:
        return f"{self.user_id} {self.status}"


@dataclass(slots=True)
class Slotted(Job):
    user_id: int

    def handle(self) -> int:
        return self.user_id


class NoInit(Job):
    def handle(self) -> None: ...


class Call(Job):
    """Runs a function of the test's choosing: the tests put it into `acts` under a name."""

    acts: dict[str, Any] = {}
    ended: list[BaseException] = []

    def __init__(self, act: str) -> None:
        self.act = act

    def handle(self) -> Any:
        return Call.acts[self.act](self)

    def failed(self, exception: Exception) -> None:
        Call.ended.append(exception)


@job(queue="reports", max_tries=5)
def make_report(year: int, *, draft: bool = False) -> dict[str, Any]:
    running = current_job()
    return {"year": year, "draft": draft, "try": None if running is None else running.attempts}


@job
def bare(value: int) -> int:
    return value + 1


@job
async def fetch(value: int) -> int:
    return value * 2
