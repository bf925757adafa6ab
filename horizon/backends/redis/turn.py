"""turn: settle what ended, reserve what comes next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from horizon.backends.redis import header
from horizon.backends.redis.chores import on_the_way
from horizon.backends.redis.inbox import admit
from horizon.backends.redis.packed import HEAD, WORD, fields_of, group_in
from horizon.backends.redis.settle import Told, unstorable
from horizon.backends.redis.store import Store
from horizon.backends.values import Reservation, Turned, Want
from horizon.core.clock import Micros
from horizon.core.errors import BackendUnavailable
from horizon.core.ids import token
from horizon.core.outcome import Answer, Outcome

ANSWERS = (Answer.OK, Answer.OK, Answer.DUP, Answer.LOST)
WIDTH = 3


def turn(store: Store, outcomes: Sequence[Outcome], want: Want | None) -> Turned:
    """See `Backend.turn`."""
    return Turn(store, outcomes, want).run()


def ask(store: Store, outcomes: Sequence[Outcome], want: Want) -> Turn:
    """See `Backend.ask`."""
    return Turn(store, outcomes, want).begin()


class Turn:
    """One turn, put together once: it can be sent again, and its answer can be read later.

    Sent again where the answer was lost: an outcome says DUP then, and what was handed out is handed out again, since it
    is asked for by the same word.
    """

    def __init__(self, store: Store, outcomes: Sequence[Outcome], want: Want | None) -> None:
        self.store, self.outcomes, self.want = store, outcomes, want
        self.word = _word(store, want)
        self._outcomes = Told(outcomes)

    def run(self) -> Turned:
        """Send it and wait. Raises BackendUnavailable."""
        return self._told(self._send(self._outcomes))

    def begin(self) -> Turn:
        """Send it. Raises BackendUnavailable."""
        try:
            self._begun = self.store.begin("turn", self._what(self._outcomes), *self._outcomes.parts)
        except BackendUnavailable:
            self._note_unheard()
            raise
        return self

    def ready(self) -> bool:
        """See `Asked.ready`."""
        return self._begun.ready()

    def finish(self) -> Turned:
        """See `Asked.finish`."""
        try:
            reply = self._begun.finish()
        except BackendUnavailable:
            reply = self._send_again(self._outcomes)
        return self._told(reply)

    def _send(self, told: Told, *, admitted: bool = False) -> Any:
        if self.want is None:
            return self.store.run("turn", self._what(told), *told.parts, safe=True)
        try:
            return self.store.run("turn", self._what(told, admitted=admitted), *told.parts)
        except BackendUnavailable:
            return self._send_again(told, admitted=admitted)

    def _send_again(self, told: Told, *, admitted: bool = False) -> Any:
        self._note_unheard()
        return self.store.run("turn", self._what(told, admitted=admitted), *told.parts, safe=True)

    def _note_unheard(self) -> None:
        if self.want is not None:
            self.store.unheard[self.want.session, self.want.executor] = self.word

    def _what(self, told: Told, *, admitted: bool = False) -> Mapping[str, object]:
        want = self.want
        if want is None:
            return {"o": told.rows, "at": told.places, "w": False, "limits": self.store.limits, "admitted": True}
        wanted = {
            "session": want.session, "executor": want.executor, "count": want.count, "queues": want.queues, "fair": want.fair,
            "draw": want.draw, "max_bytes": want.max_bytes, "tries": want.default_max_tries or False, "timeout": want.default_timeout or False,
            "word": self.word, "again": (want.session, want.executor) in self.store.unheard,
        }  # fmt: skip
        if want.floor is not None:
            wanted["floor"] = want.floor
        if want.limited is not None:
            wanted["limited"] = want.limited
        return {"o": told.rows, "at": told.places, "w": wanted, "limits": self.store.limits, "admitted": admitted}

    def _told(self, reply: Any) -> Turned:
        store, want = self.store, self.want
        while want is not None and reply[4]:
            admit(store)
            reply = [reply[0], *self._send(Told(()), admitted=True)[1:]]
        now: Micros = reply[3]
        if want is not None:
            store.unheard.pop((want.session, want.executor), None)
            on_the_way(store, now)
        return Turned(
            answers=[ANSWERS[answer] for answer in reply[0]],
            reservations=[] if want is None else reservations_of(store, reply[1], self.word, now),
            next_due=reply[2],
            now=now,
            refused={at - 1: problem for at in self._outcomes.places if (problem := unstorable(self.outcomes[at - 1]))},
        )


def _word(store: Store, want: Want | None) -> str:
    """What the attempts of this turn are called, new each time but after one whose answer never came."""
    if want is None:
        return ""
    return store.unheard.get((want.session, want.executor)) or token()[:WORD]


def reservations_of(store: Store, flat: Sequence[Any], word: str, now: Micros) -> list[Reservation]:
    """From what the script handed out, three values to a job."""
    return [_reservation(store, flat[at : at + WIDTH], word, now) for at in range(0, len(flat), WIDTH)]


def _reservation(store: Store, row: Sequence[Any], word: str, now: Micros) -> Reservation:
    n, text, blob = row
    (
        _, _, tries, runs, max_tries, timeout, queue, _, line, _, pushed_at, available_at, _, priority, round, crashes, _, created_at,
        id_size,
    ) = HEAD.unpack_from(text)  # fmt: skip
    after = HEAD.size + id_size
    head = header.read(blob[:line])
    return Reservation(  # positional, in the order of its fields: this is hot
        header.unpack_id(text[HEAD.size : after]), int(n), f"{word}:{n.decode()}", head.name, store.queues.of(queue), blob[line:], head.version,
        tries, runs, round, priority, None if max_tries < 0 else max_tries, None if timeout < 0 else int(timeout), head.backoff,
        head.retry_until, head.max_crashes, crashes, head.tags, head.user, head.tenant, group_in(text, after), head.deadline, head.hook,
        head.code_version, head.signature, head.unique_key, int(pushed_at if created_at < 0 else created_at), int(available_at), now,
        text[-1:] == b"J" and "A" in fields_of(text),
    )  # fmt: skip
