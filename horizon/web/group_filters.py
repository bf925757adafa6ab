"""The query string of the lists of batches, chains and workflows, on pages, in files and in the API; and the `GroupQuery` it means.

Parameters: `q` (`name:`, `user:`, `tenant:`, `state:`, `after:`, `before:` and plain words), `state`, `name`, `parent`, `user`, `tenant`, `nested`
(1: those inside others too), `after`, `before`, `cursor`, `limit`. What the text says wins over the parameter.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, tzinfo

from horizon.core.clock import Micros
from horizon.core.errors import InvalidFilter
from horizon.core.group import GroupKind, GroupQuery, GroupState
from horizon.core.query import DEFAULT_LIMIT
from horizon.web import filters, search, sight
from horizon.web.given import Given
from horizon.web.search import Moment, Term

KEYS = ("name", "user", "tenant", "state", "after", "before")
PARAMETERS = ("q", *KEYS, "parent", "nested")
MAX_TEXT = 200
"""Characters of a parameter; the text of a search may have more."""


@dataclass(frozen=True, kw_only=True, slots=True)
class GroupFilter(Given):
    """A query string, understood."""

    query: GroupQuery
    terms: tuple[Term, ...] = ()

    def without(self, term: Term) -> dict[str, str]:
        """Its parameters with one term taken out of the text."""
        return self.args(q=" ".join(other.raw for other in self.terms if other is not term))

    @property
    def unstated(self) -> str:
        """The text without what it says about the state, for the links of the tabs."""
        return " ".join(term.raw for term in self.terms if term.key != "state")

    @property
    def narrowed(self) -> bool:
        """Whether anything is asked for but those inside others."""
        return bool(self.given.keys() - {"nested"})


def understand(args: Mapping[str, str], kind: GroupKind, *, now: Micros, zone: tzinfo = UTC, limit: int = DEFAULT_LIMIT) -> GroupFilter:
    """What these parameters mean. Raises InvalidFilter."""
    given = {name: value for name in PARAMETERS if (value := args.get(name, "").strip())}
    for name, value in given.items():
        if name != "q" and len(value) > MAX_TEXT:
            raise InvalidFilter(f"{name} has at most {MAX_TEXT} characters, got {len(value):,}")
    found = tuple(search.terms(given.get("q", ""), KEYS))
    said = {**{name: given[name] for name in KEYS if name in given}, **_by_key(found)}
    moment, words = Moment(now=now, zone=zone), tuple(term.value for term in found if not term.key)
    if len(words) > search.MAX_VALUES:
        raise InvalidFilter(f"a search takes at most {search.MAX_VALUES} plain words")
    query = GroupQuery(
        kind=kind, state=_state(said.get("state", "")), name=said.get("name"), user=said.get("user"), tenant=said.get("tenant"),
        parent=given.get("parent"), top=not (given.get("parent") or given.get("nested") == "1"),
        text=words, wordless=bool(words) and not sight.sees_data(), after=_when(said, "after", moment), before=_when(said, "before", moment),
        cursor=args.get("cursor") or None, limit=filters.limit_of(args, limit),
    )  # fmt: skip
    return GroupFilter(query=query, given=given, terms=found)


def typed(args: Mapping[str, str], kind: GroupKind) -> GroupFilter:
    """What was typed and not understood, as much of it as a page shows again."""
    return GroupFilter(query=GroupQuery(kind=kind), given={name: args[name][:MAX_TEXT] for name in PARAMETERS if args.get(name)})


def _by_key(found: tuple[Term, ...]) -> dict[str, str]:
    """The terms with a key. Raises InvalidFilter for what no index could answer."""
    said: dict[str, str] = {}
    for term in found:
        if term.negative:
            raise InvalidFilter(f"{term.raw} cannot be looked up: what to leave out says nothing about where to look")
        if term.key in said:
            raise InvalidFilter(f"{term.key}: is given twice, and a search takes one of it; put the other as a plain word in quotes")
        if term.key:
            said[term.key] = term.value
    return said


def _state(text: str) -> GroupState | None:
    if not text:
        return None
    if text.lower() not in set(GroupState):
        near = difflib.get_close_matches(text.lower(), [*GroupState], 1)
        raise InvalidFilter(f"state is one of {', '.join(GroupState)}; got {text[:40]!r}{f', did you mean {near[0]}?' if near else ''}")
    return GroupState(text.lower())


def _when(said: Mapping[str, str], key: str, moment: Moment) -> Micros | None:
    if key not in said:
        return None
    return min(max(search.when(said[key], f"{key}:{said[key]}", moment), 0), search.LAST)


def text_of(query: GroupQuery) -> str:
    """The query in one line, for people and the audit log."""
    named = {"state": query.state, "name": query.name, "user": query.user, "tenant": query.tenant}
    said = [Term(key=key, value=str(value)) for key, value in named.items() if value is not None]
    said += [Term(key=key, value=filters.exactly(at)) for key, at in (("after", query.after), ("before", query.before)) if at is not None]
    return " ".join(term.spelt() for term in [*said, *(Term(key="", value=word) for word in query.text)])
