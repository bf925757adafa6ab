"""Everything people do to jobs, once: page, API and command line call only this.

An act asks for permission, looks at its parameters, and is one atomic act of the store with its audit entry. What
matches more than one act may touch becomes a stored operation. Of two people who retry the same job at once, one has
it done and the other is told why not: the row is skipped with the state it is in by then.
"""

from __future__ import annotations

from dataclasses import asdict, replace

from horizon.backends.base import Backend
from horizon.backends.driven import GUARDED
from horizon.backends.guarding import NOTE
from horizon.backends.placing import Placed
from horizon.backends.values import ACT_LIMIT, Acted, ActParams, Operation, Verb
from horizon.control import differing, marks, pacing
from horizon.control.acting import Stores, backend_of, entry
from horizon.control.pacing import Care
from horizon.control.verbs import RULES, check, check_reason, verb_of
from horizon.core.audit import AuditEntry
from horizon.core.errors import InvalidFilter, InvalidOption
from horizon.core.query import MAX_LIMIT, JobQuery, Selection
from horizon.core.states import JobState
from horizon.security.permissions import Actor, require

PACED = GUARDED
"""Verbs that may be let go on with care: those that put jobs to work."""
PLACING = (Verb.MOVE, Verb.PRIORITIZE, Verb.RESCHEDULE)
"""Verbs that leave a job what it is, at another place."""
BACK = ActParams(keep_time=True)
"""Where it stood before."""
NO_CARE = Care()
CODE = "code"
"""The origin of what the app does by itself: its reasons are its own, and stay as it said them."""
PROBES = 5
"""Pages looked at to see whether a selection fits into one act, where no counter knows."""


class JobControl:
    """The verbs on jobs of one app."""

    def __init__(self, stores: Stores) -> None:
        self.stores = stores

    def act(
        self,
        actor: Actor,
        verb: Verb | str,
        selection: Selection,
        params: ActParams | None = None,
        connection: str | None = None,
        pace: float | Care | None = None,
        note: str | None = None,
    ) -> Acted | Operation:
        """Do it now, or, for a query that matches more than 500 jobs, store it as an operation and return that.

        With a `pace`, so many jobs a second, or with other care, it is an operation in any case: what puts jobs to work may be let
        go on slowly, try a few first, and stop by itself. `note`, why somebody wished it, goes into the audit log and the operation.

        Raises UnknownAction, PermissionDenied, InvalidOption, InvalidFilter, NotFound (of a connection).
        """
        word = verb_of(verb)
        require(actor, RULES[word].ability)
        _bounded(selection)
        backend = backend_of(self.stores, connection)
        given = params or ActParams()
        if note and "reason" in RULES[word].takes and given.reason is None:
            given, note = replace(given, reason=note), None
        if note:
            check_reason(note)
        checked = check(word, given, backend.now())
        if pace is not None:
            taken = pace if isinstance(pace, Care) else Care(rate=pacing.read(pace))
            return self._with_care(backend, actor, word, selection, checked, taken, note)
        if selection.query is None:
            return self._now(backend, actor, word, selection, checked, note)
        return self._matching(backend, actor, word, selection.query, checked, note)

    def uncancel(self, actor: Actor, selection: Selection, connection: str | None = None) -> Acted | Operation:
        """Put what was cancelled back to where it waited; what is not cancelled, or not any more, is left alone.

        Raises PermissionDenied, InvalidFilter, NotFound (of a connection).
        """
        asked = selection.query or JobQuery(ids=selection.ids)
        if selection.query is None:
            _bounded(selection)
        query = replace(asked, states=(JobState.CANCELLED,), include_forgotten=False)
        said = self.act(actor, Verb.RETRY, Selection(query=query), BACK, connection)
        if isinstance(said, Operation) or selection.query is not None:
            return said
        missed = set(selection.ids) - {*said.done, *dict(said.skipped)}
        others = tuple(
            (job.id, f"only a cancelled job can be put back; it is {job.state}")
            for job in backend_of(self.stores, connection).many(sorted(missed))
        )
        return replace(said, skipped=(*said.skipped, *others))

    def _matching(
        self, backend: Backend, actor: Actor, verb: Verb, query: JobQuery, params: ActParams, note: str | None
    ) -> Acted | Operation:
        query = replace(query, cursor=None, backwards=False)
        if verb in marks.UNDONE_BY:
            params = replace(params, reason=marks.mark(verb, actor, backend.now(), params.reason))
        expected, large = _size(backend, query)
        if large:
            return self._later(backend, actor, verb, query, params, expected, note=note)
        acted = self._now(backend, actor, verb, Selection(query=query), params, note)
        # more came in between the look and the act: the rest follows as an operation
        return self._later(backend, actor, verb, query, params, None, note=note) if acted.more else acted

    def _with_care(
        self, backend: Backend, actor: Actor, verb: Verb, selection: Selection, params: ActParams, care: Care, note: str | None
    ) -> Operation:
        if verb not in PACED:
            raise InvalidOption(
                f"a pace, a canary and a share to stop at are for what puts jobs to work ({', '.join(PACED)}); {verb} is done as fast as it goes"
            )
        query = JobQuery(ids=selection.ids) if selection.query is None else replace(selection.query, cursor=None, backwards=False)
        expected = len(set(selection.ids)) or _size(backend, query)[0]
        return self._later(backend, actor, verb, query, params, expected, care, note)

    def _now(self, backend: Backend, actor: Actor, verb: Verb, selection: Selection, params: ActParams, note: str | None) -> Acted:
        audit = entry(actor, verb.value, target_of(selection), count=0, detail=_joined(_told(params), note))
        given = _given(params) if verb in PLACING and len(selection.ids) == 1 else {}
        if verb is Verb.CANCEL and actor.origin != CODE:  # what runs is told who asked it to stop, and when, and so is its page
            params = replace(params, reason=marks.mark(verb, actor, backend.now(), params.reason))

        def noted(before: Placed) -> AuditEntry:
            return replace(audit, changes=differing.changes(differing.placed(before, given), differing.told(given)))

        return backend.act(selection, verb, params, audit=noted if given else audit)

    def _later(
        self,
        backend: Backend,
        actor: Actor,
        verb: Verb,
        query: JobQuery,
        params: ActParams,
        expected: int | None,
        care: Care = NO_CARE,
        note: str | None = None,
    ) -> Operation:
        told = _joined(_told(params), care.told, note)
        audit = entry(actor, verb.value, target_of(Selection(query=query)), count=expected or 0, detail=told)
        values = {name: value for name, value in {**asdict(params), **care.params, NOTE: note}.items() if value is not None}
        return backend.operations.start(verb.value, query, values, actor=actor.name, expected=expected, audit=audit)


def _given(params: ActParams) -> dict[str, object]:
    """Where a job shall stand."""
    said = (("queue", params.queue), ("priority", params.priority), ("at", params.at))
    return {name: value for name, value in said if value is not None}


def _bounded(selection: Selection) -> None:
    """Raise InvalidFilter for more ids than one act takes, and for a query that would mean everything."""
    if len(selection.ids) > ACT_LIMIT:
        raise InvalidFilter(f"one act takes at most {ACT_LIMIT} ids, got {len(selection.ids)}; give a filter instead")
    if selection.query is not None and not criteria(selection.query):
        raise InvalidFilter("a filter that matches every job there is acts on none; name at least a state, a queue or a class")


def _size(backend: Backend, query: JobQuery) -> tuple[int | None, bool]:
    """How many jobs match, where that is known, and whether they are more than one act takes."""
    seen, cursor = 0, None
    for _ in range(PROBES):
        page = backend.find(replace(query, cursor=cursor, limit=MAX_LIMIT))
        if page.total is not None:
            return page.total, page.total > ACT_LIMIT
        seen += len(page.items)
        cursor = page.next
        if cursor is None or seen > ACT_LIMIT:
            return (None if cursor else seen), seen > ACT_LIMIT
    return None, True


def criteria(query: JobQuery) -> dict[str, object]:
    """What a query asks for, by the names of its fields; paging, and how it is looked at for whom, left out."""
    paging = {"cursor", "limit", "backwards", "include_forgotten", "secret", "wordless"}
    return {name: value for name, value in asdict(query).items() if name not in paging and value not in (None, ())}


def target_of(selection: Selection) -> str:
    """What the audit log names as the target: the id, the first of several, or the search."""
    if selection.query is None:
        first = selection.ids[0]
        return first if len(selection.ids) == 1 else f"{first} and {len(selection.ids) - 1} more"
    return " ".join(f"{name}:{_spelt(value)}" for name, value in criteria(selection.query).items())


def _spelt(value: object) -> str:
    return ",".join(str(one) for one in value) if isinstance(value, (tuple, list)) else str(value)


def _joined(*parts: str | None) -> str | None:
    return ", ".join(part for part in parts if part) or None


def _told(params: ActParams) -> str | None:
    told = [f"{name} {value}" for name, value in asdict(params).items() if value is not None]
    return ", ".join(told) or None
