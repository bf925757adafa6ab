"""Lists that are read whole (queues, schedules, workers, bulk actions, watched tags, alerts), narrowed by a state, by keys, by words and, where a
row has a time of its own, by that. Pure.

Parameters: `q` (keys of the list such as `host:web-1`, plain words that are part of what a row says, `-` to leave out), `state`; `after`, `before`.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from horizon.core.clock import Micros
from horizon.core.errors import InvalidFilter
from horizon.web import search
from horizon.web.given import Given
from horizon.web.search import Moment, Term

R = TypeVar("R")
TIMES = ("after", "before")
Says = Callable[[R], Iterable[str | None]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Narrowing(Generic[R]):
    """How one list is narrowed."""

    states: Mapping[str, tuple[str, Callable[[R], bool]]]
    """By word: its label, and what is in it."""
    words: Says[R]
    """What plain words are looked for in."""
    keys: Mapping[str, Says[R]] = field(default_factory=dict)
    """By key: what its value is a part of; the whole of, where the value is in quotes."""
    when: Callable[[R], Micros] | None = None
    """The time that `after` and `before` are about; None: this list has no use for them."""
    kept: tuple[str, ...] = ()
    """Other parameters of the list, such as `sort`."""

    def understand(self, args: Mapping[str, str], moment: Moment | None = None) -> RowFilter[R]:
        """What these parameters mean; `moment`, which a list with times needs: what `1h` and `today` are relative to. Raises InvalidFilter."""
        given = self.typed(args)
        state = given.get("state", "")
        if state and state not in self.states:
            near = difflib.get_close_matches(state, self.states, 1)
            raise InvalidFilter(
                f"state is one of {', '.join(self.states)}; got {state[:40]!r}{f', did you mean {near[0]}?' if near else ''}"
            )
        since, until = (None if moment is None else _when(given, name, moment) for name in TIMES)
        return RowFilter(given=given, terms=tuple(search.terms(given.get("q", ""), self.keys)), since=since, until=until, how=self)

    def typed(self, args: Mapping[str, str]) -> dict[str, str]:
        """The parameters that were given, not understood yet."""
        names = ("q", "state", *(TIMES if self.when is not None else ()), *self.kept)
        return {name: value for name in names if (value := args.get(name, "").strip()[: search.MAX_TEXT + 1])}


@dataclass(frozen=True, kw_only=True, slots=True)
class RowFilter(Given, Generic[R]):
    """A query string, understood."""

    how: Narrowing[R]
    terms: tuple[Term, ...] = ()
    since: Micros | None = None
    until: Micros | None = None
    """What `after` and `before` mean."""

    @property
    def narrowed(self) -> bool:
        """Whether anything is asked for."""
        return any(self[name] for name in ("q", "state", *TIMES))

    def without(self, term: Term) -> dict[str, str]:
        """Its parameters with one term taken out of the text."""
        return self.args(q=" ".join(other.raw for other in self.terms if other is not term))

    def of(self, rows: Iterable[R]) -> list[R]:
        """Those that fit."""
        return [row for row in self.said(rows) if not self["state"] or self.how.states[self["state"]][1](row)]

    def said(self, rows: Iterable[R]) -> list[R]:
        """Those that fit what was typed and the time, in whatever state."""
        return [row for row in rows if self._in_time(row) and all(self._fits(row, term) for term in self.terms)]

    def tabs(self, rows: Sequence[R]) -> list[tuple[str, str, int]]:
        """(state, label, how many of those that fit what was typed) of every state that occurs or is chosen; first, all."""
        found = self.said(rows)
        counted = [(state, label, sum(map(fits, found))) for state, (label, fits) in self.how.states.items()]
        return [("", "All", len(found)), *(tab for tab in counted if tab[2] or tab[0] == self["state"])]

    def _in_time(self, row: R) -> bool:
        if self.how.when is None:
            return True
        at = self.how.when(row)
        return (self.since is None or at >= self.since) and (self.until is None or at < self.until)

    def _fits(self, row: R, term: Term) -> bool:
        wanted = term.value.casefold().removesuffix("*") or term.value
        whole = bool(term.key) and '"' in term.raw
        said = [text.casefold() for text in (self.how.keys[term.key] if term.key else self.how.words)(row) if text]
        return any(wanted == text if whole else wanted in text for text in said) is not term.negative


def _when(given: Mapping[str, str], name: str, moment: Moment) -> Micros | None:
    """A moment that was given. Raises InvalidFilter."""
    text = given.get(name)
    return None if text is None else search.when(text, f"{name}:{text}", moment)
