"""What a QueueFake can be asked about batches, chains and workflows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from horizon.core.group import GroupKind
from horizon.jobs.registry import REGISTRY
from horizon.jobs.shape import Shape
from horizon.testing.dispatched import told
from horizon.testing.grouped import Grouped
from horizon.testing.naming import class_of, label

Wanted = str | Sequence[Any] | Callable[[Grouped], object] | None


class AssertingGroups:
    """Mixed into `QueueFake`, which keeps what was caught.

    What is wanted of a group is said as its name, as a list of its members (classes, or jobs with their arguments; a list stands
    for a nested group), or by a callable that is given the group and answers whether it is the one; left out, any will do.
    """

    _groups: list[Grouped]

    def batched(self, wanted: Wanted = None) -> Sequence[Grouped]:
        """The batches that were dispatched; of a list of members the order does not matter."""
        return self._found(GroupKind.BATCH, wanted)

    def chained(self, wanted: Wanted = None) -> Sequence[Grouped]:
        """The chains that were dispatched."""
        return self._found(GroupKind.CHAIN, wanted)

    def workflows(self, wanted: Wanted = None) -> Sequence[Grouped]:
        """The workflows that were dispatched; of a list of members the order does not matter."""
        return self._found(GroupKind.WORKFLOW, wanted)

    def assert_batched(self, wanted: Wanted = None, *, times: int | None = None) -> None:
        """A batch was dispatched that is as wanted (exactly so many were, where `times` is said)."""
        self._count(GroupKind.BATCH, wanted, times)

    def assert_chained(self, wanted: Wanted = None, *, times: int | None = None) -> None:
        """A chain was dispatched that is as wanted: `assert_chained([Extract, Transform, Load])`."""
        self._count(GroupKind.CHAIN, wanted, times)

    def assert_workflow(self, wanted: Wanted = None, *, times: int | None = None) -> None:
        """A workflow was dispatched that is as wanted."""
        self._count(GroupKind.WORKFLOW, wanted, times)

    def assert_nothing_batched(self) -> None:
        """No batch was dispatched."""
        self._count(GroupKind.BATCH, None, 0)

    def assert_nothing_chained(self) -> None:
        """No chain was dispatched."""
        self._count(GroupKind.CHAIN, None, 0)

    def _found(self, kind: GroupKind, wanted: Wanted) -> list[Grouped]:
        return [one for one in self._groups if one.kind is kind and _is(one, wanted)]

    def _count(self, kind: GroupKind, wanted: Wanted, times: int | None) -> None:
        found = self._found(kind, wanted)
        if bool(found) if times is None else len(found) == times:
            return
        such = f"a {kind}{_said(wanted)} to be dispatched"
        wrong = f"{such}, and none was" if times is None else f"{such} {times} times, and {len(found)} were"
        raise AssertionError(f"expected {wrong}; {told(self._groups, 'dispatched together')}")


def _is(group: Grouped, wanted: Wanted) -> bool:
    if wanted is None:
        return True
    if isinstance(wanted, str):
        return group.name == wanted
    if callable(wanted):
        return bool(wanted(group))
    return _same(group, list(wanted))


def _same(group: Grouped, wanted: list[Any]) -> bool:
    if len(wanted) != len(group.members):
        return False
    if group.kind is GroupKind.CHAIN:
        return all(map(_fits, group.members, wanted))
    return _paired(list(group.members), wanted)


def _paired(members: list[Any], wanted: list[Any]) -> bool:
    """Whether each member can be given a place of its own; what says most (a job with arguments) chooses first."""
    for one in sorted(wanted, key=lambda said: isinstance(said, type)):
        at = next((index for index, member in enumerate(members) if _fits(member, one)), None)
        if at is None:
            return False
        del members[at]
    return True


def _fits(member: Shape | Grouped, wanted: Any) -> bool:
    if isinstance(member, Grouped):
        return isinstance(wanted, (list, tuple)) and _same(member, list(wanted))
    if isinstance(wanted, (list, tuple)):
        return False
    if isinstance(wanted, Shape):
        return type(member) is type(wanted) and _arguments(member) == _arguments(wanted)
    return isinstance(member, class_of(wanted, REGISTRY))


def _arguments(job: Shape) -> tuple[tuple[Any, ...], dict[str, Any]]:
    return job._horizon.args, job._horizon.kwargs


def _said(wanted: Wanted) -> str:
    if wanted is None:
        return ""
    if isinstance(wanted, str):
        return f" named {wanted!r}"
    return " that matches" if callable(wanted) else f" of {_listed(wanted)}"


def _listed(wanted: Sequence[Any]) -> str:
    return f"[{', '.join(_word(one) for one in wanted)}]"


def _word(one: Any) -> str:
    if isinstance(one, (list, tuple)):
        return _listed(one)
    return repr(one) if isinstance(one, Shape) else label(class_of(one, REGISTRY))
