"""The part of a batch, chain or workflow that is data: what is in it, what waits for what, and what was said of all of it.

`builder.py` adds the words. The rest of this room speaks of `Form`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar, NamedTuple

from horizon.core.envelope import On
from horizon.core.errors import InvalidInput
from horizon.core.group import GroupKind
from horizon.jobs.function import JobFunction
from horizon.jobs.groups.callbacks import Callback
from horizon.jobs.said import Said
from horizon.jobs.shape import Shape


class Node(NamedTuple):
    """One member: a job, or a group that is nested."""

    item: Shape | Form
    after: tuple[tuple[int, On], ...] = ()
    """What it waits for, by position; only members that come before it."""


class Form:
    """A group that has not been dispatched."""

    kind: ClassVar[GroupKind]
    _horizon_is_group = True
    linked: ClassVar[bool] = True
    """Whether its members wait for one another."""

    def __init__(self, title: str = "") -> None:
        self._title = title
        self._said: Said | None = None
        self._callbacks: list[Callback] = []
        self._kept: dict[str, object] = {}
        """What `options` was given."""
        self._allow: float | None = None
        self._allow_all = False

    @property
    def _nodes(self) -> Iterator[Node]:
        """Its members, each after those that it waits for."""
        raise NotImplementedError

    @property
    def _again(self) -> bool:
        """Whether its members can be gone through more than once."""
        return True

    def __repr__(self) -> str:
        return f"{self.kind}({self._title!r})"


def member(given: Any, what: str, number: int) -> Shape | Form:
    """A job or group to be put into another one. Raises InvalidInput that says which, and what to do."""
    if isinstance(given, (Shape, Form)):
        return given
    if isinstance(given, JobFunction):
        hint = f"; write {getattr(given, '__name__', 'it')}.job(...) for a call of it as a job"
    elif isinstance(given, type) and issubclass(given, Shape):
        hint = f"; write {given.__name__}(...), with its arguments"
    elif isinstance(given, str):
        hint = "; a job that was dispatched already cannot join: use .depends_on(its id)"
    else:
        hint = ""
    text = given.__name__ if isinstance(given, type) else repr(given)
    raise InvalidInput(
        f"job {number} of the {what}: expected a job such as SendEmail(...), or a batch, chain or workflow; "
        f"got {'the class' if isinstance(given, type) else type(given).__name__} {text if len(text) <= 80 else text[:60] + '…'}{hint}"
    )


def label_of(item: Shape | Form) -> str:
    """How a member is called in an error."""
    return repr(item) if isinstance(item, Form) else type(item).__name__
