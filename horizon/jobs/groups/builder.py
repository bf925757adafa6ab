"""The words that batches, chains and workflows share, until they are dispatched."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any, NoReturn, Self

from horizon.core.envelope import On
from horizon.core.errors import InvalidInput, InvalidOption
from horizon.jobs import options
from horizon.jobs.groups.callbacks import checked
from horizon.jobs.groups.form import Form
from horizon.jobs.groups.groupid import GroupId
from horizon.jobs.groups.sending import send
from horizon.jobs.groups.waves import waves
from horizon.jobs.shape import Shape
from horizon.jobs.words import Fluent

MAX_KEPT = 4_000
"""Bytes of what `options` is given."""
Call = Callable[..., Any] | Shape | str
"""A callback: a function at the top level of a module, its name as text, or a job."""


class Group(Fluent, Form):
    """Words of a group. The fluent words of jobs hold for each of its jobs, unless a job's own words say otherwise."""

    def __init__(self, title: str = "") -> None:
        super().__init__(options.label(title, f"a {self.kind}'s name") if title else "")
        self._id: GroupId | None = None

    @property
    def id(self) -> GroupId | None:
        """Its id; None before it was dispatched."""
        return self._id

    def name(self, name: str) -> Self:
        """What people call it."""
        self._title = options.label(name, f"a {self.kind}'s name")
        return self

    def then(self, callback: Call) -> Self:
        """Once all of it has completed."""
        return self._call(On.COMPLETED, callback)

    def catch(self, callback: Call) -> Self:
        """Once, as soon as more has failed than it bears: at the first failure, unless it allows some."""
        return self._call(On.FAILED, callback)

    def finally_(self, callback: Call) -> Self:
        """When it has ended, whatever way; once more for each time a retry has opened it again."""
        return self._call(On.ANY, callback)

    def on_progress(self, callback: Call) -> Self:
        """While jobs of it end: at most once a second, and a last time when it has ended."""
        return self._call(On.PROGRESS, callback)

    def _call(self, on: On, callback: Call) -> Self:
        self._callbacks.append(checked(on, callback))
        return self

    def options(self, **kept: object) -> Self:
        """Small JSON data to keep with it, for whoever looks at it later."""
        together = {**self._kept, **kept}
        try:
            size = len(json.dumps(together))
        except (TypeError, ValueError) as error:
            raise InvalidOption(f"options of a {self.kind} are JSON data: {error}") from None
        if size > MAX_KEPT:
            raise InvalidOption(
                f"options of a {self.kind} take at most {MAX_KEPT:,} bytes as JSON; these take {size:,}: keep an id instead"
            )
        self._kept = together
        return self

    def unique_by(self, key: str, seconds: float | timedelta | None = None) -> NoReturn:
        """Refused: a key belongs to one job."""
        raise InvalidOption(f"a {self.kind} has no unique key; dispatch it from a job that has one")

    def plan(self) -> list[list[Shape]]:
        """Its jobs and those of nested groups in waves: what is in one wave can run side by side."""
        return waves(self)

    def dispatch(self) -> GroupId:
        """Store it with all its jobs and callbacks; its id. Raises InvalidInput and its children, BackendUnavailable, NoApp."""
        if self._id is not None and not self._again:
            raise InvalidInput(
                f"this {self.kind} was dispatched already ({self._id}), and the iterator of its jobs is used up; give it a list"
            )
        self._id = send(self)
        return self._id
