"""The plan of a group: which jobs can run side by side, wave after wave; and circles, found while they are written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from horizon.core.errors import DependencyCycle, InvalidInput
from horizon.jobs.groups.form import Form
from horizon.jobs.groups.laying import Around, Begin, End, Member, lay, random_id
from horizon.jobs.shape import Shape


def waves(form: Form) -> list[list[Shape]]:
    """The jobs of a group and of all that is nested in it: the first wave waits for nobody, each other one for those before it.

    Raises InvalidInput where the jobs can be gone through only once.
    """
    if not form._again:
        raise InvalidInput(f"the jobs of this {form.kind} come from an iterator, which a plan would use up; give it a list")
    depth: dict[str, int] = {}
    inside: list[str] = []
    found: list[list[Shape]] = []
    for step in lay(form, Around(random_id(form))):
        if isinstance(step, Begin):
            inside.append(step.group.id)
            depth[step.group.id] = 0
        elif isinstance(step, End):
            inside.pop()
            if inside:
                depth[inside[-1]] = max(depth[inside[-1]], depth[step.group])
        elif isinstance(step, Member):
            at = max((depth.get(edge.job_id, 0) for edge in step.edges), default=0)
            depth[step.id] = at + 1
            depth[inside[-1]] = max(depth[inside[-1]], at + 1)
            found.extend([] for _ in range(at + 1 - len(found)))
            found[at].append(step.job)
    return found


def refuse_circle(start: int, waits_for: Mapping[int, Sequence[int]], labels: Sequence[str]) -> None:
    """Raise DependencyCycle that shows the path, if a member waits for itself, by way of whomever."""
    came_from: dict[int, int] = {}
    todo = [start]
    while todo:
        at = todo.pop()
        for other in waits_for.get(at, ()):
            if other == start:
                path = [at]
                while path[-1] != start:
                    path.append(came_from[path[-1]])
                shown = " -> ".join(labels[one] for one in [*reversed(path), start])
                raise DependencyCycle(f"these would wait for each other, so none could ever start: {shown}")
            if other not in came_from:
                came_from[other] = at
                todo.append(other)
