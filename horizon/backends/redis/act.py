"""act: what a person does to jobs. The verbs themselves are in `scripts/act.lua`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from horizon.backends.driven import check
from horizon.backends.placing import Noted, Placed, noted
from horizon.backends.redis import header
from horizon.backends.redis.find import PIECES, STEP
from horizon.backends.redis.glimpse import Glimpse
from horizon.backends.redis.match import drives, narrows
from horizon.backends.redis.packed import fields_of
from horizon.backends.redis.plan import check_query, is_by_finish, plan
from horizon.backends.redis.store import Store, audit_of
from horizon.backends.values import ACT_LIMIT, Acted, ActParams, Verb
from horizon.core.audit import AuditEntry
from horizon.core.errors import InvalidInput, InvalidTransition
from horizon.core.query import SCAN_LIMIT, JobQuery, Selection

PLACE = ("q", "r", "a")
"""Where a job stands: its queue, its priority, from when on it may run."""
AGAIN = 50
Row = tuple[str, str, str, str]
"""A job that was found, and how it stood then: number, state, runs, round."""


def act(store: Store, selection: Selection, verb: Verb, params: ActParams, audit: Noted = None) -> Acted:
    """See `Backend.act`. Raises InvalidInput, InvalidOption, InvalidFilter before anything is touched."""
    check(verb, params)
    if selection.query is not None:
        check_query(store, selection.query)
        rows, _, more = matching(store, selection.query, ACT_LIMIT + 1, None)
        done, skipped, reasons = send(store, verb, params, rows=rows[:ACT_LIMIT], audit=noted(audit, None))
        return _acted(done, skipped, reasons, more=more or len(rows) > ACT_LIMIT)
    ids = list(dict.fromkeys(selection.ids))
    if len(ids) > ACT_LIMIT:
        raise InvalidInput(f"one act takes at most {ACT_LIMIT} jobs, got {len(ids)}; store an operation for more")
    if callable(audit):
        return _one(store, ids, verb, params, audit)
    return _acted(*send(store, verb, params, ids=ids, audit=audit))


def _one(store: Store, ids: Sequence[str], verb: Verb, params: ActParams, audit: Noted) -> Acted:
    """One job, where it stands as the entry tells when the act comes to it, whatever others do to it at the same time."""
    for _ in range(AGAIN):
        raws = store.run("many", {"payload": False}, *(header.pack_id(id) for id in ids), safe=True)
        fields = fields_of(raws[0][1]) if raws else {}
        was = [fields[letter] for letter in PLACE if fields]
        before = Placed(queue=store.queues.of(fields["q"]), priority=fields["r"], at=fields["a"]) if fields else None
        if said := send(store, verb, params, ids=ids, audit=noted(audit, before), was=was):
            return _acted(*said)
    raise InvalidTransition(f"job {ids[0]} was put elsewhere by others again and again; look at it, and try once more")


def _acted(done: Sequence[bytes], skipped: Sequence[bytes], reasons: Sequence[bytes], *, more: bool = False) -> Acted:
    left = tuple((header.unpack_id(id), reason.decode()) for id, reason in zip(skipped, reasons, strict=True))
    return Acted(done=tuple(header.unpack_id(id) for id in done), skipped=left, more=more)


def send(
    store: Store,
    verb: Verb,
    params: ActParams,
    *,
    ids: Sequence[str] = (),
    rows: Sequence[Row] | None = None,
    audit: AuditEntry | None = None,
    operation: Sequence[object] | None = None,
    was: Sequence[int] | None = None,
) -> Any:
    """The script's own answer."""
    what: dict[str, object] = {
        "verb": str(verb), "at": _or_false(params.at), "priority": _or_false(params.priority), "queue": _or_false(params.queue),
        "reason": _or_false(params.reason), "keep_time": bool(params.keep_time), "tries": params.tries or 0, "audit": audit_of(audit),
        "rows": _or_false(rows), "operation": _or_false(operation), "was": _or_false(was),
    }  # fmt: skip
    return store.run("act", what, *(header.pack_id(id) for id in ids))


def _or_false(value: object) -> object:
    return False if value is None else value


def matching(store: Store, query: JobQuery, limit: int, start: int | None, looks: int = SCAN_LIMIT) -> tuple[list[Row], int | None, bool]:
    """Matches from a number downwards, newest push first: (rows, where to go on or None at the end, whether there may be more).

    Acts walk in the order of pushes, whatever the list they were chosen in; at most `looks` rows are looked at one by one.
    """
    if query.ids:
        return _of_ids(store, query, limit, start)
    way = plan(store, query, by_finish=False)
    found: list[Row] = []
    where: int | None = start
    looked = 0
    if way.nothing or (start is not None and start < 0):
        return [], None, False
    ask = {**way.ask(query, payload=query.arg is not None), "up": False, "time": "F" if _ends(query) else "P", "bare": not query.narrowed}
    if _ends(query):
        ask |= {"after": False, "before": False, "bare": False}
    while len(found) < limit and looked < looks:
        count = min(STEP, looks - looked) if not ask["bare"] else limit - len(found)
        rows, where, _ = store.run("find", {**ask, "from": False if where is None else where, "limit": count, "pieces": PIECES}, safe=True)
        for row in rows:
            looked += 1
            if fit := _row(store, row, query, bare=bool(ask["bare"])):
                found.append(fit)
                if len(found) == limit:
                    return found, int(row[0]) - 1, True
        if where is None:
            return found, None, False
    return found, where, True


def _ends(query: JobQuery) -> bool:
    """Whether a range of time is about ends, which the list of pushes is not in the order of."""
    return len(query.states) == 1 and query.states[0].terminal and (query.after is not None or query.before is not None)


def _row(store: Store, row: Any, query: JobQuery, *, bare: bool) -> Row | None:
    if bare:
        _, n, state, runs, round = row
        return n.decode(), state.decode(), runs.decode(), round.decode()
    seen = Glimpse(store, row[1], row[0], by_finish=_ends(query))
    if not narrows(seen, seen.payload, query) or (_ends(query) and not drives(seen.record, query, seen.at)):
        return None
    return seen.standing


def _of_ids(store: Store, query: JobQuery, limit: int, start: int | None) -> tuple[list[Row], int | None, bool]:
    found: list[tuple[int, Row]] = []
    for at in range(0, len(query.ids), 1000):
        packed = [header.pack_id(id) for id in dict.fromkeys(query.ids[at : at + 1000])]
        for raw in store.run("many", {"payload": query.arg is not None}, *packed, safe=True):
            fields, seen = fields_of(raw[1]), Glimpse(store, raw, int(raw[0]), by_finish=is_by_finish(query))
            hidden = "hd" in fields or "nd" in fields
            if (query.include_forgotten or not hidden) and drives(seen.record, query, seen.at) and narrows(seen, seen.payload, query):
                found.append((seen.number, seen.standing))
    left = sorted({row for row in found if start is None or row[0] <= start}, reverse=True)
    return [row for _, row in left[:limit]], left[limit - 1][0] - 1 if len(left) >= limit else None, len(left) > limit
