"""Whose turn a job is: what its queue (`define_queue(fair_by=, fair_weights=, fifo=, expire=)`) and its class (`weight`) say of its
place among others. Worked out at dispatch, kept with the job."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from horizon.core.errors import InvalidOption
from horizon.jobs import options
from horizon.jobs.shape import Shape

FIELDS = ("user", "tenant", "name")
TAG = "tag:"
MOST = 1_000
"""Turns of one key where another one has one."""
NOBODY = ""
"""The key of jobs that have none: they take turns with the others, as one of them."""
Key = Callable[[Shape], object]
Weight = Callable[[str], object]


@dataclass(frozen=True, kw_only=True, slots=True)
class Fairness:
    """By what the jobs of a queue take turns, and how many turns each has."""

    by: str | Key
    weights: Mapping[str, int] | Weight = field(default_factory=dict)

    def turn(self, job: Shape, name: str, said: Mapping[str, Any]) -> dict[str, Any]:
        """Key and share of a job of this stored name. `said`: what is known of it: user, tenant, tags. Raises InvalidOption."""
        key = self._key(job, name, said)
        return {"fair": key, "share": self._share(key)}

    def _key(self, job: Shape, name: str, said: Mapping[str, Any]) -> str:
        if callable(self.by):
            given = self.by(job)
        elif self.by == "name":
            given = name
        elif self.by in FIELDS:
            given = said.get(self.by)
        else:
            given = next((tag for tag in said.get("tags", ()) if tag.startswith(f"{self.by[len(TAG) :]}:")), None)
        return NOBODY if given is None else options.label(given, "what fair_by answers")

    def _share(self, key: str) -> int:
        given = self.weights(key) if callable(self.weights) else self.weights.get(key, 1)
        return options.whole(given, f"the fair weight of {key!r}", 1, MOST)


def fairness(by: object, weights: object) -> Fairness | None:
    """What `define_queue` was given. Raises InvalidOption."""
    if by is None:
        if weights is not None:
            raise InvalidOption("fair_weights says how many turns each key has; say with fair_by what the keys are, such as fair_by='user'")
        return None
    named = isinstance(by, str) and (by in FIELDS or len(by.removeprefix(TAG).rstrip(":")) < len(by.rstrip(":")) > len(TAG))
    if not (named or callable(by)):
        raise InvalidOption(
            f"fair_by is 'user', 'tenant', 'name', 'tag:' and what the tag begins with, or a callable of the job; got {by!r}"
        )
    checked = {} if weights is None else weights if callable(weights) else _checked(weights)
    return Fairness(by=by.rstrip(":") if isinstance(by, str) else by, weights=checked)  # type: ignore[arg-type]


def _checked(weights: object) -> Mapping[str, int]:
    if not isinstance(weights, Mapping):
        raise InvalidOption(f"fair_weights is a dict of keys and whole numbers, or a callable of the key; got {weights!r}")
    return {
        options.label(key, "a key of fair_weights"): options.whole(weight, f"the fair weight of {key!r}", 1, MOST)
        for key, weight in weights.items()
    }


def fixed(fair: Fairness | None, *, fifo: bool, weight: int) -> dict[str, Any] | None:
    """What is the same of all jobs of a class in a queue; None where each is asked. Pure."""
    if fifo:
        return {"priority": 0, "share": 0}
    if fair is not None:
        return None
    return {} if weight == 1 else {"share": weight}
