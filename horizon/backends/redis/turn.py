"""turn: settle what ended, reserve what comes next."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from horizon.backends.redis import header
from horizon.backends.redis.chores import on_the_way
from horizon.backends.redis.inbox import admit
from horizon.backends.redis.settle import row_of, unstorable
from horizon.backends.redis.store import Store
from horizon.backends.values import Reservation, Turned, Want
from horizon.core.clock import Micros
from horizon.core.errors import BackendUnavailable
from horizon.core.ids import token
from horizon.core.outcome import Answer, Outcome

ANSWERS = (Answer.OK, Answer.OK, Answer.DUP, Answer.LOST)
WIDTH = 15


def turn(store: Store, outcomes: Sequence[Outcome], want: Want | None) -> Turned:
    """See `Backend.turn`.

    Sent again where the answer was lost: an outcome says DUP then, and what was handed out is handed out again, since it
    is asked for by the same word.
    """
    results: list[bytes] = []
    rows = [row_of(outcome, results) for outcome in outcomes]
    word = _word(store, want)
    reply = _send(store, rows, want, word, results)
    while want is not None and reply[4]:
        admit(store)
        again = _send(store, [], want, word, [], admitted=True)
        reply = [reply[0], *again[1:]]
    now: Micros = reply[3]
    if want is not None:
        store.unheard.pop((want.session, want.executor), None)
        on_the_way(store, now)
    return Turned(
        answers=[ANSWERS[answer] for answer in reply[0]],
        reservations=[] if want is None else reservations_of(store, reply[1], word, now),
        next_due=reply[2],
        now=now,
        refused={index: problem for index, outcome in enumerate(outcomes) if (problem := unstorable(outcome))},
    )


def _word(store: Store, want: Want | None) -> str:
    """What the attempts of this turn are called, new each time but after one whose answer never came."""
    if want is None:
        return ""
    return store.unheard.get((want.session, want.executor)) or token()[:16]


def _send(store: Store, rows: list[Any], want: Want | None, word: str, results: list[bytes], *, admitted: bool = False) -> Any:
    if want is None:
        return store.run("turn", {"o": rows, "w": False, "limits": store.limits, "admitted": True}, *results, safe=True)
    who = (want.session, want.executor)
    wanted: dict[str, object] = {
        "session": want.session, "executor": want.executor, "count": want.count, "queues": want.queues, "fair": want.fair,
        "draw": want.draw, "max_bytes": want.max_bytes, "tries": want.default_max_tries or False, "timeout": want.default_timeout or False,
        "word": word, "again": who in store.unheard,
    }  # fmt: skip
    what = {"o": rows, "w": wanted, "limits": store.limits, "admitted": admitted}
    try:
        return store.run("turn", what, *results)
    except BackendUnavailable:
        store.unheard[who] = word
        wanted["again"] = True
        return store.run("turn", what, *results, safe=True)


def reservations_of(store: Store, flat: Sequence[Any], word: str, now: Micros) -> list[Reservation]:
    """From what the script handed out, 15 values to a job."""
    return [_reservation(store, flat[at : at + WIDTH], word, now) for at in range(0, len(flat), WIDTH)]


def _reservation(store: Store, row: Sequence[Any], word: str, now: Micros) -> Reservation:
    blob, length, id, n, queue, tries, runs, round, priority, max_tries, timeout, crashes, created_at, available_at, alone = row
    length = int(length)
    head = header.read(blob[:length])
    return Reservation(
        id=header.unpack_id(id),
        ref=int(n),
        token=f"{word}:{n.decode()}",
        name=head.name,
        queue=store.queues.of(int(queue)),
        payload=blob[length:],
        version=head.version,
        attempt=tries,
        run=runs,
        round=int(round),
        priority=int(priority),
        max_tries=None if max_tries is None else int(max_tries),
        timeout=None if timeout is None else int(timeout),
        backoff=head.backoff,
        retry_until=head.retry_until,
        max_crashes=head.max_crashes,
        crashes=int(crashes),
        tags=head.tags,
        user=head.user,
        tenant=head.tenant,
        group=None,
        deadline=head.deadline,
        hook=head.hook,
        code_version=head.code_version,
        signature=head.signature,
        unique_key=head.unique_key,
        created_at=int(created_at),
        available_at=int(available_at),
        reserved_at=now,
        alone=bool(alone),
    )
