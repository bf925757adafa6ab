"""What follows a group: a function or a job for each event, checked where it is written."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from horizon.core.envelope import On
from horizon.core.errors import InvalidOption
from horizon.core.group import GroupKind
from horizon.jobs.function import JobFunction
from horizon.jobs.groups import closures, functions
from horizon.jobs.groups.calling import BY_EVENT, Announce
from horizon.jobs.options import MAX_TAG
from horizon.jobs.said import Said
from horizon.jobs.shape import Shape
from horizon.security.keys import Keyring

TAG = "callback"
"""The tag of a job that calls a function for a group."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Callback:
    """One of them."""

    on: On
    call: str | None = None
    """Of a function: where it stands."""
    code: bytes | None = None
    """Of a closure: itself; `call` is what people call it."""
    job: Shape | None = None
    announce: bool = False
    """It sends the signal of the group's end."""

    def job_for(self, group: str, keyring: Keyring) -> Shape:
        """The job that does it for this group."""
        if self.job is not None:
            return self.job
        if self.announce:
            return Announce(group)
        made: Shape
        if self.code is not None:
            made = closures.job_of(self.on, group, self.call or "", self.code, keyring)
        else:
            made = BY_EVENT[self.on](group, self.call or "")
        made._horizon.said = Said(tags=(TAG, f"{TAG}:{self.call}"[:MAX_TAG]))
        return made


ANNOUNCED: Mapping[GroupKind, str] = {kind: f"{kind}_finished" for kind in GroupKind}
"""The signal of each kind of group."""


def checked(on: On, given: Shape | Callable[..., Any] | str) -> Callback:
    """A callback as it was written: a function, its name as text, or a job. Raises InvalidOption with what to do."""
    if isinstance(given, Shape):
        return Callback(on=on, job=given)
    if isinstance(given, type) and issubclass(given, Shape):
        raise InvalidOption(f"a callback is a job with its arguments, not a class; write {given.__name__}(...)")
    if isinstance(given, str):
        given = functions.written(given)
    if not callable(given):
        raise InvalidOption(f"a callback is a function or a job; got {given!r}")
    try:
        name = functions.name_of(given)
    except InvalidOption as refused:
        closures.allowed(refused)
        functions.takes(given)
        return Callback(on=on, call=functions.shown(given), code=closures.code_of(given))
    count = functions.takes(given)
    if isinstance(given, JobFunction) and not count:
        return Callback(on=on, job=given.job())
    return Callback(on=on, call=name)
