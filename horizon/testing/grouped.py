"""A batch, chain or workflow that a QueueFake caught, as tests look at it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from horizon.core.envelope import On
from horizon.core.group import GroupKind, NewGroup
from horizon.jobs.groups.callbacks import Callback
from horizon.jobs.groups.laying import Begin, Member, Step
from horizon.jobs.shape import Shape

WORDS = {On.COMPLETED: "then", On.FAILED: "catch", On.ANY: "finally_", On.PROGRESS: "on_progress"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Grouped:
    """One of them; those that are nested in it are members of it."""

    new: NewGroup
    callbacks: Mapping[str, tuple[object, ...]]
    """By word (`then`, `catch`, `finally_`, `on_progress`): jobs, and of functions where they stand (`module:name`)."""
    members: list[Shape | Grouped] = field(default_factory=list)

    @property
    def id(self) -> str:
        """The id that `dispatch` answered."""
        return self.new.id

    @property
    def kind(self) -> GroupKind:
        """`batch`, `chain` or `workflow`."""
        return self.new.kind

    @property
    def name(self) -> str:
        """As it was given; "" where none was."""
        return self.new.name

    @property
    def options(self) -> Mapping[str, object]:
        """What `.options(...)` was given."""
        return self.new.options

    @property
    def jobs(self) -> list[Shape]:
        """Every job in it, those of nested groups included, in their order."""
        return [job for one in self.members for job in (one.jobs if isinstance(one, Grouped) else (one,))]

    def __str__(self) -> str:
        name = f" {self.name!r}" if self.name else ""
        return f"{self.kind}{name} of [{', '.join(_short(one) for one in self.members)}]"


def grouped(steps: Iterable[Step]) -> Iterator[Grouped]:
    """Every group that these steps begin, the outermost first, with its members."""
    open: dict[str, Grouped] = {}
    for step in steps:
        if isinstance(step, Begin):
            made = Grouped(new=step.group, callbacks=_callbacks(step.callbacks))
            if step.group.parent in open:
                open[step.group.parent].members.append(made)
            open[step.group.id] = made
        elif isinstance(step, Member):
            open[step.group].members.append(step.job)
    return iter(open.values())


def _callbacks(given: Iterable[Callback]) -> dict[str, tuple[object, ...]]:
    found: dict[str, tuple[object, ...]] = {}
    for one in given:
        word = WORDS[one.on]
        found[word] = (*found.get(word, ()), one.call if one.job is None else one.job)
    return found


def _short(member: Shape | Grouped) -> str:
    text = str(member) if isinstance(member, Grouped) else repr(member)
    return text if len(text) <= 80 else f"{text[:80]}…"
