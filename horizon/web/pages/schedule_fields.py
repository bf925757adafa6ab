"""The fields of a schedule's form: how each is read, and which of them a refusal is about. Pure."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from horizon.core.errors import HorizonError, InvalidInput, InvalidPayload, InvalidTransition, UnknownJobName
from horizon.timetable import words
from horizon.timetable.cron import parse

Form = Mapping[str, str]
"""What was typed, by field."""


def number(form: Form, name: str, kind: type[int] | type[float]) -> Any:
    """A field that holds a number, None where it is empty. Raises InvalidInput."""
    text = form[name].replace(",", "")
    try:
        return kind(text) if text else None
    except ValueError:
        what = "a whole number" if kind is int else "a number"
        raise InvalidInput(f"{name.replace('_', ' ')} takes {what}; got {text[:40]!r}") from None


def arguments(form: Form) -> dict[str, Any]:
    """What the constructor takes. Raises InvalidInput."""
    try:
        found = json.loads(form["args"] or "{}")
    except ValueError as error:
        raise InvalidInput(f'the arguments are not JSON: {error}; write an object such as {{"year": 2026}}') from None
    except RecursionError:
        raise InvalidInput("the arguments are nested too deeply") from None
    if not isinstance(found, dict):
        raise InvalidInput('the arguments are a JSON object, by their names, such as {"year": 2026}')
    return found


OPTIONS: Mapping[str, Callable[[Form], Any]] = {
    "queue": lambda form: form["queue"] or None,
    "priority": lambda form: number(form, "priority", int) if form["priority"].lstrip("-").isdigit() else form["priority"] or None,
    "timeout": lambda form: number(form, "timeout", float),
    "max_tries": lambda form: number(form, "max_tries", int),
}
"""Options with a field of their own, as they are typed; None: as the class says."""


def options(form: Form) -> dict[str, Any]:
    """Those that were given. Raises InvalidInput."""
    given = {name: read(form) for name, read in OPTIONS.items()}
    return {name: value for name, value in given.items() if value is not None}


def field_of(error: HorizonError, form: Form) -> str:
    """The field that a refusal is about: the one that is refused in the same words where it is read alone. Empty: none, or several."""
    if isinstance(error, UnknownJobName):
        return "job"
    if isinstance(error, InvalidTransition):
        return "name"  # it is taken
    told = str(error)
    if alone := next((name for name, check in CHECKS.items() if _refused(check, form) == told), ""):
        return alone
    if told.startswith("jitter "):
        return "jitter"  # too long for the times it comes at
    return "args" if type(error) is InvalidInput or isinstance(error, InvalidPayload) else ""  # the constructor does not take them


def _refused(check: Callable[[Form], object], form: Form) -> str | None:
    try:
        check(form)
    except HorizonError as error:
        return str(error)
    return None


def _option(name: str) -> Callable[[Form], object]:
    return lambda form: words.checked({name: OPTIONS[name](form)})


CHECKS: Mapping[str, Callable[[Form], object]] = {
    "name": lambda form: form["name"] and words.name(form["name"]),
    "timezone": lambda form: form["timezone"] and parse("@daily", form["timezone"]),
    "when": lambda form: parse(form["when"]),
    "args": arguments,
    **{name: _option(name) for name in OPTIONS},
    "most": lambda form: words.most(number(form, "most", int) or words.CATCH_UP),
    "jitter": lambda form: words.jitter(number(form, "jitter", float)),
}
