"""One look at the stores, shared by every page that asks for news at about the same moment.

Fifty open pages would put the same questions fifty times every two seconds. So what a store answers is kept for as long as
a glance lasts, and whoever asks the same within it gets the same answer: fifty viewers cost the store what one does.

1. Kept is what the store said, before anybody's rights, zone or columns are applied to it: nobody sees another's page.
2. Shared by pages that ask for news only; a page that is opened looks for itself.
3. Nobody is shown what is older than their page (`seen`), nor what was before their own act (`afresh`), whichever
   process answers.
4. A failure is shared too: a store that does not answer is asked again by one of them every few seconds, and nobody else waits for it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from threading import Lock
from typing import Any, cast

from horizon.backends.base import Backend
from horizon.backends.outages import Outages
from horizon.backends.together.backend import Together
from horizon.control.acting import Stores, backend_of
from horizon.core.clock import monotonic
from horizon.core.record import Record
from horizon.monitor.figures import Overview
from horizon.monitor.patience import Unfinished
from horizon.monitor.stats import Stats
from horizon.web import live

SHARE = 0.9
"""How much of the time between two questions of a page a glance is good for: less than all of it, so that somebody who
looks alone sees something new every time."""
NOUNS = frozenset({"sessions", "numbers", "audit", "queues", "operations", "schedules", "groups", "locks", "limits", "notes", "tags"})
READS = frozenset({
    "get", "find", "hidden", "causes", "spread", "tally", "ahead", "oldest", "version", "now", "sessions.list", "numbers.counts", "numbers.samples", "numbers.latest", "numbers.rolled",
    "numbers.names", "schedules.all", "schedules.get", "schedules.runs", "locks.read", "audit.find", "audit.list", "audit.words", "queues.get", "queues.all", "operations.get", "operations.list",
    "groups.get", "groups.find", "groups.callbacks", "groups.parents", "groups.links", "limits.get", "limits.list", "notes.get", "notes.all", "tags.words", "tags.counts",
})  # fmt: skip
"""What is kept, by its name in the contract of a store. Everything else goes straight to the store."""


class Answer:
    """What one question led to, once; those who ask meanwhile wait for it."""

    def __init__(self) -> None:
        self._lock = Lock()
        self.told = False
        """Whether it is known."""
        self._value: Any = None
        self._error: Exception | None = None

    def of(self, ask: Callable[[], Any]) -> Any:
        """The answer, asked for if nobody has yet. Raises what asking raised."""
        with self._lock:
            if not self.told:
                self._ask(ask)
        if self._error is not None:
            raise self._error.with_traceback(None)
        return self._value

    def _ask(self, ask: Callable[[], Any]) -> None:
        try:
            self._value = ask()
        except Unfinished:  # whoever asks next goes on with it
            raise
        except Exception as error:
            self._error = error
        self.told = True


class Glance:
    """What is known of all stores at one moment, as far as anybody asked. Thread-safe."""

    def __init__(self, stores: Stores, stats: Stats, *, shared: bool = False) -> None:
        self.default = stores.default
        self.outages: Outages = stores.outages
        self._is_shared = shared
        self.begun = monotonic()
        self._stores, self._stats = stores, stats
        self._answers: dict[object, Answer] = {}
        self._records: dict[tuple[str | None, str], Record | None] = {}
        self._together = cast(Backend, Together(self))

    def connections(self) -> tuple[str, ...]:
        """Every connection by name."""
        return self._stores.connections()

    def backend(self, connection: str | None = None) -> Backend:
        """The store of a connection; what it is asked is asked once."""
        return cast(Backend, Reader(self, self._stores.backend(connection), connection or self.default))

    def everywhere(self) -> Backend:
        """Every store as one; where there is one only, that one."""
        return self._together if len(self.connections()) > 1 else self.backend()

    def figures(self) -> tuple[Overview, tuple[int | None, ...]]:
        """The figures, and the versions of the stores that they are about."""
        return cast(
            tuple[Overview, tuple[int | None, ...]],
            self.once("figures", lambda: (self._stats.overview(live.versions(self)), self._stats.as_of)),
        )

    def once(self, question: object, ask: Callable[[], Any]) -> Any:
        """What `ask` returns, or has returned to whoever put this question first."""
        return self._answers.setdefault(question, Answer()).of(ask)

    def of_store(self, connection: str, question: object, ask: Callable[[], Any]) -> Any:
        """The same of one store. Raises BackendUnavailable, of a glance that is shared at once where the store did not answer just now:
        nobody waits then for the one who asks it again."""
        once = partial(self.once, question, ask)
        return self.outages.ask(connection, once) if self._is_shared and not self._knows(question) else once()

    def _knows(self, question: object) -> bool:
        answer = self._answers.get(question)
        return answer is not None and answer.told

    def many(self, connection: str, store: Backend, ids: Sequence[str], noun: str = "") -> list[Record]:
        """As `Backend.many`, or as that of a noun; only those are read that nobody has asked for."""
        question = (connection, f"{noun}many", tuple(ids))
        return cast(list[Record], self.of_store(connection, question, partial(self._many, f"{noun}{connection}", store, ids)))

    def _many(self, connection: str, store: Backend, ids: Sequence[str]) -> list[Record]:
        missing = [id for id in ids if (connection, id) not in self._records]
        read = {record.id: record for record in store.many(missing)} if missing else {}
        self._records.update({(connection, id): read.get(id) for id in missing})
        return [record for id in ids if (record := self._records[connection, id]) is not None]


class Reader:
    """A store, or one of its nouns, as a glance sees it."""

    def __init__(self, glance: Glance, store: Any, connection: str, noun: str = "") -> None:
        self._glance, self._store, self._connection, self._noun = glance, store, connection, noun

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._store, name)
        if self._noun == "" and name in NOUNS:
            return Reader(self._glance, found, self._connection, f"{name}.")
        if self._noun + name in READS:
            return partial(self._read, self._noun + name, found)
        return found

    def many(self, ids: Sequence[str]) -> list[Record]:
        """See `Backend.many`."""
        return self._glance.many(self._connection, self._store, ids, self._noun)

    def _read(self, verb: str, ask: Callable[..., Any], *args: Any, **named: Any) -> Any:
        question = (self._connection, verb, args, tuple(sorted(named.items())))
        return self._glance.of_store(self._connection, question, partial(ask, *args, **named))


class Glances:
    """Hands out glances: the shared one while it is young, or a new one. One to an app."""

    def __init__(self, stores: Stores, stats: Stats, every: float) -> None:
        self._stores, self._stats, self._good_for = stores, stats, SHARE * every
        self._lock = Lock()
        self._shared: Glance | None = None

    def own(self) -> Glance:
        """One that nobody shares."""
        return Glance(self._stores, self._stats)

    def afresh(self) -> Glance:
        """A new one, which others share from now on."""
        with self._lock:
            self._shared = self._begun()
            return self._shared

    def shared(self, connection: str | None, seen: int) -> Glance:
        """One that others may share, no older than the version of this connection's store that was `seen` already."""
        with self._lock:
            if self._shared is None or monotonic() - self._shared.begun >= self._good_for:
                self._shared = self._begun()
            found = self._shared
        return found if backend_of(found, connection).version() >= seen else self.afresh()

    def _begun(self) -> Glance:
        return Glance(self._stores, self._stats, shared=True)
