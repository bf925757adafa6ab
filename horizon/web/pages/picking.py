"""Which rows of a list a form is about: one named by its button, those ticked, all of the page, or all that match.

A form sends `do` = `VERB:KEY` from the button of a row; else `do` = `VERB` with any number of `id` (numbers of rows), `page`
(the box on top, which needs no script to mean every row) and `rows` (what the rows are, once); or `match` (the parameters of
the list behind a `?`: all that match), and `saw` (how many that were when it was asked).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from werkzeug.datastructures import MultiDict

from horizon.control.many import Done
from horizon.core.errors import InvalidInput
from horizon.web import typed
from horizon.web.given import Given
from horizon.web.render import Toast

Rows = Callable[[str], Sequence[str]]
"""Reads `rows`."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PickedAct:
    """A button for the rows that are ticked."""

    verb: str
    label: str
    one: str
    """Its words for one row, and for many, with {n} for how many."""
    many: str
    danger: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Question:
    """What to ask before."""

    title: str
    text: str
    yes: str
    danger: bool = False
    takes_reason: bool = True
    takes_care: bool = False
    """A pace, a few first, a share of failures to stop at: of what puts jobs to work."""
    counts: Sequence[tuple[str, Mapping[str, int]]] = ()
    """Per heading, words with figures."""
    notes: Sequence[str] = field(default_factory=tuple)


@dataclass(frozen=True, kw_only=True, slots=True)
class Picked:
    """What a form is about."""

    verb: str
    keys: tuple[str, ...] = ()
    """Of the rows; empty: all that match."""
    match: Mapping[str, str] | None = None
    saw: str = ""
    one: bool = False
    """It came from the button of one row."""
    sure: bool = False
    """It was asked whether to do it."""
    reason: str | None = None

    def fields(self, rows: str) -> list[tuple[str, str]]:
        """The hidden fields of the form that asks whether to do it; `rows`: the keys as `rows` holds them."""
        about = [("rows", rows), ("page", "1")] if self.match is None else [("match", self.spelt)]
        return [("do", self.verb), ("sure", "1"), *about]

    @property
    def spelt(self) -> str:
        """`match` as a form sends it."""
        return Given(given=self.match or {}).spelt


def read(form: MultiDict[str, str], what: str, rows: Rows) -> Picked:
    """The wish of a form about rows of a list; `what` they are, in the plural. Raises InvalidInput for one that names none."""
    verb, _, key = form.get("do", "").partition(":")
    told = {"saw": form.get("saw", "").strip(), "sure": form.get("sure") == "1", "reason": form.get("reason", "").strip() or None}
    if key:
        return Picked(verb=verb, keys=(key,), one=True, **told)  # type: ignore[arg-type]
    match = form.get("match", "")
    if match.startswith("?"):
        return Picked(verb=verb, match=dict(parse_qsl(match[1:])), **told)  # type: ignore[arg-type]
    every = list(rows(form.get("rows", "")))
    keys = every if form.get("page") else [every[at] for text in form.getlist("id") if (at := typed.place(text, len(every))) is not None]
    if not keys:
        raise InvalidInput(f"none of the {what} is selected: tick the rows to act on first")
    return Picked(verb=verb, keys=tuple(dict.fromkeys(keys)), **told)  # type: ignore[arg-type]


def joined(keys: Sequence[str]) -> str:
    """Names as `rows` holds them: a line each."""
    return "\n".join(keys)


def lines(text: str) -> list[str]:
    """What `joined` joined; browsers end lines in their own way."""
    return [line for line in re.split(r"\r?\n", text) if line]


def told(done: str, said: Done, undo: Mapping[str, str]) -> Toast:
    """The toast after an act on several, `done` in words. Pure."""
    if not said.done:
        return Toast(text=f"Nothing was changed: {said.why}", wrong=True)
    return Toast(text=f"{done}; {len(said.left)} left as they were: {said.why}" if said.left else done, undo=undo)
