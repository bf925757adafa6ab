"""A store and jobs small enough to look into, for tests of the executor's own steps."""

from __future__ import annotations

import socket
import sys
import threading
from collections.abc import Callable

from horizon.backends.values import QueueCount, Reservation, Turned
from horizon.core.clock import boottime_ns
from horizon.core.errors import BackendUnavailable
from horizon.core.outcome import Answer, Kind, Outcome
from horizon.jobs.attempt import AttemptDefaults
from horizon.worker.bell import Bell
from horizon.worker.orders import Orders
from horizon.worker.page import FENCE_AT, START_UNTIL, Page
from horizon.worker.post import Post
from horizon.worker.run import Runner
from horizon.worker.slot import Slot
from horizon.worker.tally import Tally

HOUR = 3600 * 10**9


def reservation(n: int, name: str = "job", *, alone: bool = False, **values: object) -> Reservation:
    """Number `n`; its token is `t<n>`."""
    fields = dict.fromkeys(Reservation.__slots__)
    fields.update(id=f"id{n}", ref=n, token=f"t{n}", name=name, queue="default", payload=b"{}", tags=(), attempt=1, alone=alone, priority=0)
    return Reservation(**{**fields, **values})


class FakeStore:
    """Hands out what is in `ready`, notes every outcome; `down` makes it silent."""

    def __init__(self) -> None:
        self.ready: list[Reservation] = []
        self.turns: list[tuple[list[Outcome], int]] = []
        self.held: dict[str, Reservation] = {}
        self.outcomes: dict[str, Outcome] = {}
        self.down = False
        self.lose_reply = False
        self.overlaps = False
        self.asked: list[FakeAsked] = []
        self.slow = False
        """Answers to what was asked are not there before somebody waits for them."""
        self.hint = threading.Event()
        self.news: list[object] = []
        self.sessions = self.progress = self.numbers = self
        self.lock = threading.Lock()
        self.at_once = 50

    def counts(self) -> list[QueueCount]:
        return []

    def turn(self, outcomes, want=None):
        with self.lock:
            if self.down:
                raise BackendUnavailable("the store is away")
            count = want.count if want else 0
            self.turns.append((list(outcomes), count))
            answers = [self._settle(outcome) for outcome in outcomes]
            given = [one for one in self.ready if not want or want.floor is None or one.priority >= want.floor][:count]
            self.ready = [one for one in self.ready if one not in given]
            self.held.update({one.token: one for one in given})
            if self.lose_reply:
                self.lose_reply = False
                raise BackendUnavailable("the reply was lost")
            return Turned(answers=answers, reservations=given, next_due=None, now=0)

    def ask(self, outcomes, want):
        if not self.overlaps:
            return None
        self.asked.append(FakeAsked(self, outcomes, want))
        return self.asked[-1]

    def _settle(self, outcome: Outcome) -> Answer:
        held = self.held.pop(outcome.token, None)
        if held is None:
            return Answer.DUP if outcome.token in self.outcomes else Answer.LOST
        if outcome.kind is Kind.RETURNED and not outcome.started:
            self.ready.append(held)
        else:
            self.outcomes[outcome.token] = outcome
        return Answer.OK

    def held_by(self, session, executor=None):
        return [(one.id, one.ref, one.token) for one in self.held.values()]

    def report(self, reports):
        self.news.extend(reports)
        return [Answer.OK for _ in reports]

    def wait(self, queues, timeout):
        hinted = self.hint.wait(min(timeout, 0.05))
        self.hint.clear()
        return hinted

    def wake(self):
        self.hint.set()

    def remaining(self, queues=()):
        return len(self.ready) + len(self.held)


class FakeAsked:
    """A turn that is made at once and told later."""

    def __init__(self, store: FakeStore, outcomes, want) -> None:
        self._store, self._error = store, None
        try:
            self._turned = store.turn(outcomes, want)
        except BackendUnavailable as error:
            self._error = error

    def ready(self):
        return not self._store.slow

    def finish(self):
        if self._error:
            raise self._error
        return self._turned


class Sessions:
    def __init__(self, store: FakeStore) -> None:
        self._store = store

    def held(self, session, executor=None):
        return self._store.held_by(session, executor)


class FakePrepared:
    """Runs a function as its user code; `do` receives this object."""

    def __init__(
        self, one: Reservation, do: Callable[[FakePrepared], object], *, timeout: float | None = None, is_async: bool = False
    ) -> None:
        self.reservation, self._do = one, do
        self.ready: Outcome | None = None
        self.timeout, self.is_async = timeout, is_async
        self.retry_delay_us: int | None = 5_000_000
        self.in_user_code = False
        self.cancelled: str | None = None
        self.to_tell: object = None

    def cancel(self, reason: str) -> None:
        self.cancelled = reason

    def interrupt(self) -> None:
        self.interrupted = True

    def news(self) -> object:
        return self.to_tell

    def outcome(self, kind: Kind, **more: object) -> Outcome:
        one = self.reservation
        return Outcome(id=one.id, ref=one.ref, token=one.token, kind=kind, **more)

    def run(self) -> Outcome:
        self.in_user_code = True
        try:
            answer = self._do(self)
        finally:
            self.in_user_code = False
        return answer if isinstance(answer, Outcome) else self.outcome(Kind.COMPLETED, runtime=100)

    async def arun(self) -> Outcome:
        self.in_user_code = True
        try:
            await self._do(self)
        finally:
            self.in_user_code = False
        return self.outcome(Kind.COMPLETED, runtime=100)


class FakeAttempts:
    """Every job does `do`, unless `by_name` knows its class."""

    def __init__(self, do: Callable[[FakePrepared], object] = lambda prepared: None) -> None:
        self.do = do
        self.by_name: dict[str, Callable[[FakePrepared], object]] = {}
        self.options: dict[str, dict[str, object]] = {}
        self.seen: list[FakePrepared] = []

    def prepare(self, one: Reservation, received_ns: int | None = None) -> FakePrepared:
        prepared = FakePrepared(one, self.by_name.get(one.name, self.do), **self.options.get(one.name, {}))
        self.seen.append(prepared)
        return prepared


_OPEN: list[socket.socket] = []
"""The guardians' ends: a watching thread that finds its guardian gone ends its process."""


class Desk:
    """A post with its page, its pipe and a fake store; the guardian's ends are at hand."""

    def __init__(self, attempts: FakeAttempts | None = None, **orders: object) -> None:
        self.attempts = attempts or FakeAttempts()
        self.store = FakeStore()
        self.store.sessions = Sessions(self.store)
        self.orders = Orders(session="s", number=1, worker="w", guardian=0, **orders)
        self.page = Page.create(self.orders.concurrency)
        self.page.words[START_UNTIL] = boottime_ns() + HOUR
        self.page.words[FENCE_AT] = boottime_ns() + HOUR
        self.guardian, pipe = socket.socketpair()
        _OPEN.append(self.guardian)
        most = 1 if self.orders.once else self.orders.max_jobs
        tally = Tally.create(1, most) if most else None
        defaults = AttemptDefaults(max_tries=3, timeout=60_000_000, backoff=1)
        self.post = Post(
            backend=self.store, page=self.page, orders=self.orders, defaults=defaults, bell=Bell(pipe, gone=sys.exit), tally=tally
        )
        self.post.runner = Runner(self.attempts, self.page, lambda slot, prepared: prepared.run())

    def slot(self, striker: object = None) -> Slot:
        slot = Slot(len(self.post.slots), striker or Idle())
        self.post.slots.append(slot)
        return slot


class Idle:
    """A striker that only notes."""

    def __init__(self) -> None:
        self.struck: list[object] = []

    def strike(self, slot, stop, prepared):
        self.struck.append(stop)
        slot.struck = stop

    def settle(self, slot):
        pass
