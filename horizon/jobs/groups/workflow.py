"""`workflow("Nightly")`: jobs that wait for one another in any way without a circle.

    with workflow("Nightly") as w:
        a = w.add(Extract())
        b = w.add(Clean(), after=[a])
        w.add(Tell(), after=[b], on="failed")

It is dispatched at the end of the block, or not at all where the block raises.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from types import TracebackType
from typing import Any, Self

from horizon.core.envelope import On
from horizon.core.errors import InvalidInput, InvalidOption
from horizon.core.group import GroupKind
from horizon.jobs.groups.builder import Group
from horizon.jobs.groups.form import Form, Node, label_of, member
from horizon.jobs.groups.waves import refuse_circle
from horizon.jobs.shape import Shape

CONDITIONS: Mapping[str, On] = {"completed": On.COMPLETED, "failed": On.FAILED, "any": On.ANY}


class Step:
    """A job of a workflow, to be named in `after` of others."""

    def __init__(self, workflow: Workflow, at: int, item: Shape | Form) -> None:
        self._workflow, self._at, self._item = workflow, at, item

    def on(self, condition: str) -> Edge:
        """This step with a condition of its own: `after=[a, b.on("failed")]`."""
        return Edge(self, _condition(condition))

    def after(self, *steps: Step | Edge, on: str = "completed") -> Self:
        """Let it wait for more steps. Raises DependencyCycle that shows the path."""
        self._workflow._link(self._at, steps, on)
        return self

    def __repr__(self) -> str:
        return f"<step {self._at + 1} {label_of(self._item)}>"


class Edge:
    """A step, and how it must have ended."""

    def __init__(self, step: Step, on: On) -> None:
        self.step, self.condition = step, on


class Workflow(Group):
    """Steps, each with those it waits for. A failure cancels what needed the failed step, and nothing else."""

    kind = GroupKind.WORKFLOW

    def __init__(self, name: str = "") -> None:
        super().__init__(name)
        self._steps: list[Shape | Form] = []
        self._waits: dict[int, dict[int, On]] = {}

    def add(self, job: Any, after: Iterable[Step | Edge] | Step | Edge = (), on: str = "completed") -> Step:
        """Add a job, or a batch, chain or workflow, that starts when each of `after` has ended as `on` says: `completed`, `failed`
        or `any`."""
        if self._id is not None:
            raise InvalidInput(
                f"this workflow was dispatched already ({self._id}); jobs that are added now would never run: make a new one"
            )
        if isinstance(after, (Step, Edge)):
            after = (after,)
        _condition(on)
        item, at = member(job, "workflow", len(self._steps) + 1), len(self._steps)
        self._check(after := tuple(after))
        self._steps.append(item)
        self._link(at, after, on)
        return Step(self, at, item)

    def _check(self, after: Iterable[object]) -> None:
        for other in after:
            step = other.step if isinstance(other, Edge) else other
            if not isinstance(step, Step) or step._workflow is not self:
                raise InvalidInput(f"after= takes steps that this workflow's add() returned; got {other!r}")

    def _link(self, at: int, after: Iterable[Step | Edge], on: str) -> None:
        self._check(after := tuple(after))
        waits = self._waits.setdefault(at, {})
        for other in after:
            step, condition = (other.step, other.condition) if isinstance(other, Edge) else (other, _condition(on))
            before = waits.get(step._at)
            waits[step._at] = condition
            try:
                refuse_circle(at, self._waits, [label_of(item) for item in self._steps])  # type: ignore[arg-type]
            except InvalidInput:
                if before is None:
                    del waits[step._at]
                raise

    @property
    def _nodes(self) -> Iterator[Node]:
        order = self._order()
        place = {at: index for index, at in enumerate(order)}
        for at in order:
            yield Node(self._steps[at], tuple((place[other], on) for other, on in self._waits.get(at, {}).items()))

    def _order(self) -> list[int]:
        """Each step after those that it waits for; else as they were added."""
        order: dict[int, None] = {}
        left = list(range(len(self._steps)))
        while left:
            ready = [at for at in left if all(other in order for other in self._waits.get(at, ()))]
            order.update(dict.fromkeys(ready))
            left = [at for at in left if at not in order]
        return list(order)

    @property
    def _again(self) -> bool:
        return all(getattr(item, "_again", True) for item in self._steps)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if kind is None and self._id is None:
            self.dispatch()


def _condition(on: str) -> On:
    try:
        return CONDITIONS[on]
    except (KeyError, TypeError):
        raise InvalidOption(f"on= says how the step before must have ended: {', '.join(CONDITIONS)}; got {on!r}") from None


def workflow(name: str = "") -> Workflow:
    """A workflow of this name: used in a `with` block it is dispatched at its end, otherwise with `.dispatch()`."""
    return Workflow(name)
