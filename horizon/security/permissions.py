"""Who may do what: an actor has one role, a role has abilities, and whatever changes something asks for one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from horizon.core.errors import ConfigurationError, PermissionDenied


class Ability(StrEnum):
    """What a verb may ask for."""

    VIEW = "view"
    """Look at jobs, queues and numbers."""
    OPERATE = "operate"
    """Retry, cancel, prioritize, reschedule, move, pause, resume."""
    FORGET = "forget"
    """Remove records from sight, and bring them back."""
    ADMIN = "admin"
    """Stop workers, change settings at run time, empty queues."""
    PAYLOADS = "payloads"
    """See arguments, results and log lines; `HORIZON_PAYLOADS` names the least role that does."""
    REVEAL = "reveal"
    """Look into what encrypted jobs keep; `HORIZON_REVEAL` names the least role that may. The audit log remembers it."""


ROLES: dict[str, frozenset[Ability]] = {
    "viewer": frozenset({Ability.VIEW}),
    "operator": frozenset({Ability.VIEW, Ability.OPERATE, Ability.PAYLOADS}),
    "admin": frozenset(Ability),
}
"""From the least to the most: each role can do all that the one before it can."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Actor:
    """A person or a program on whose behalf something happens; the audit remembers the name and the origin."""

    name: str
    role: str = "viewer"
    origin: str = "code"
    """`web`, `api`, `cli` or `code`, with the peer's address where there is one: `web 127.0.0.1`."""
    abilities: frozenset[Ability] | None = None
    """What this actor can do, where the role does not say it all (a token of a narrow scope); None: what the role can."""

    def __post_init__(self) -> None:
        if self.role not in ROLES:
            raise ConfigurationError(f"expected a role among {', '.join(ROLES)}; got {self.role!r} for the actor {self.name!r}")

    def can(self, ability: Ability | str) -> bool:
        """Whether this actor has the ability. Raises ValueError for a word that is not an ability."""
        return Ability(ability) in self.rights

    @property
    def rights(self) -> frozenset[Ability]:
        """Every ability of this actor."""
        return ROLES[self.role] if self.abilities is None else self.abilities


def require(actor: Actor, ability: Ability | str) -> None:
    """Raise PermissionDenied unless the actor has the ability; the message names the least role that has it."""
    wanted = Ability(ability)
    if not actor.can(wanted):
        least = next(role for role, abilities in ROLES.items() if wanted in abilities)
        if wanted in ROLES[actor.role]:
            raise PermissionDenied(f"{actor.name} is {actor.role}, but was not given the ability {wanted!s}, which this needs")
        raise PermissionDenied(f"{actor.name} is {actor.role}; this needs the ability {wanted!s}, which the role {least} has")


def rights(
    role: str, *, payloads: str, reveal: str = "admin", scope: Iterable[Ability] | None = None, looking_only: bool = False
) -> frozenset[Ability]:
    """What a role can do here. `payloads`: the least role that sees arguments and results; `reveal`: the least that sees
    those of encrypted jobs, too; `scope`: what a token was narrowed to, which adds nothing; `looking_only`: the dashboard is
    read-only."""
    order = list(ROLES)
    able = ROLES[role] - {Ability.PAYLOADS, Ability.REVEAL}
    if order.index(role) >= order.index(payloads):
        able |= {Ability.PAYLOADS}
        able |= {Ability.REVEAL} if order.index(role) >= order.index(reveal) else frozenset()
    if scope is not None:
        able &= frozenset(scope)
    return able & {Ability.VIEW, Ability.PAYLOADS} if looking_only else able


def actor_from(value: object, *, origin: str) -> Actor | None:
    """The actor that a `HORIZON_AUTH` callable returned: a mapping or an object with `name` and `role`; None stays None.

    Raises ConfigurationError for anything else, since a guess here would open the door.
    """
    if value is None:
        return None
    if isinstance(value, Actor):
        return Actor(name=value.name, role=value.role, origin=origin)
    name = value.get("name") if isinstance(value, Mapping) else getattr(value, "name", None)
    role = value.get("role") if isinstance(value, Mapping) else getattr(value, "role", None)
    if not isinstance(name, str) or not name or not isinstance(role, str):
        raise ConfigurationError(
            "HORIZON_AUTH must return None or an actor: a dict or an object with `name` (text) and `role` "
            f"({', '.join(ROLES)}); it returned a {type(value).__name__} with name={name!r}, role={role!r}"
        )
    return Actor(name=name, role=role, origin=origin)
