"""`batch([...])`: jobs that run side by side and are followed together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Self

from horizon.core.errors import InvalidInput
from horizon.core.group import GroupKind
from horizon.jobs.groups.allowed import allowed
from horizon.jobs.groups.builder import Group
from horizon.jobs.groups.form import Node, member


class Batch(Group):
    """Jobs, chains, workflows and batches in any order. Where more fail than it allows, what has not started is cancelled."""

    kind = GroupKind.BATCH
    linked = False

    def __init__(self, jobs: Iterable[Any] = ()) -> None:
        super().__init__()
        if isinstance(jobs, (str, bytes)) or not isinstance(jobs, Iterable):
            raise InvalidInput(f"batch takes a list of jobs, or anything that yields jobs; got {jobs!r}")
        self._jobs = jobs
        if isinstance(jobs, Sequence):
            self._jobs = [member(item, "batch", number) for number, item in enumerate(jobs, 1)]

    @property
    def _nodes(self) -> Iterator[Node]:
        return (Node(member(item, "batch", number)) for number, item in enumerate(self._jobs, 1))

    @property
    def _again(self) -> bool:
        return isinstance(self._jobs, list)

    def allow_failures(self, how_many: int | float | str | bool = True) -> Self:
        """How many jobs may fail: a number, a share ("10%" or 0.1), True: any number. It completes all the same."""
        self._allow, self._allow_all = allowed(how_many)
        return self


def batch(jobs: Iterable[Any] = ()) -> Batch:
    """A batch of these jobs, to be ended with `.dispatch()`. An iterator is pushed as it goes, a thousand jobs at a time."""
    return Batch(jobs)
