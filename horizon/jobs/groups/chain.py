"""`chain([...])`: jobs that run one after the other, each with what the one before it returned."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from horizon.core.envelope import On
from horizon.core.errors import InvalidInput
from horizon.core.group import GroupKind
from horizon.jobs.groups.builder import Group
from horizon.jobs.groups.form import Node, member


class Chain(Group):
    """Steps in order: jobs, batches, workflows, chains. Where one fails, those after it are cancelled."""

    kind = GroupKind.CHAIN

    def __init__(self, jobs: Iterable[Any]) -> None:
        super().__init__()
        if isinstance(jobs, (str, bytes)) or not isinstance(jobs, Iterable):
            raise InvalidInput(f"chain takes a list of jobs; got {jobs!r}")
        self._steps = [member(item, "chain", number) for number, item in enumerate(jobs, 1)]

    @property
    def _nodes(self) -> Iterator[Node]:
        return (Node(item, ((at - 1, On.COMPLETED),) if at else ()) for at, item in enumerate(self._steps))

    @property
    def _again(self) -> bool:
        return all(getattr(item, "_again", True) for item in self._steps)


def chain(jobs: Iterable[Any]) -> Chain:
    """A chain of these jobs, to be ended with `.dispatch()`."""
    return Chain(jobs)
