"""API tokens: make one for a program, list, revoke. They live in the default store."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from horizon.backends.people import ApiToken
from horizon.control.acting import Stores, entry
from horizon.control.differing import changes, moment
from horizon.control.users import proper_role
from horizon.core.clock import DAY, SECOND, Micros
from horizon.core.errors import InvalidOption, NotFound
from horizon.jobs import options
from horizon.security import secrets
from horizon.security.permissions import ROLES, Ability, Actor, require

MAX_LABEL = 100
LONGEST: Micros = 3660 * DAY


class TokenControl:
    """The verbs on API tokens of one app."""

    def __init__(self, stores: Stores) -> None:
        self.backend = stores.backend()

    def add(
        self, actor: Actor, name: str, role: str, *, scope: Sequence[str] | None = None, expires: Micros | None = None
    ) -> tuple[ApiToken, str]:
        """Make one; returns it and its text, which nobody sees again. `expires`: after how long.

        Raises PermissionDenied, InvalidOption.
        """
        require(actor, Ability.ADMIN)
        proper_label(name)
        narrowed = proper_scope(scope, proper_role(role))
        if expires is not None and not SECOND <= expires <= LONGEST:
            raise InvalidOption("a token expires after one second at the least and ten years at the most")
        id, text, digest = secrets.new()
        until = None if expires is None else self.backend.now() + expires
        token = ApiToken(id=id, name=name, role=role, scope=narrowed, digest=digest, created_by=actor.name[:255], expires_at=until)
        detail = f"{name}, role {role}" + (f", scope {' '.join(narrowed)}" if narrowed else "")
        if not self.backend.accounts.add_token(
            token, audit=entry(actor, "add token", f"token:{id}", detail=detail, changes=changes({}, _told(token)))
        ):
            raise InvalidOption("this token's id is taken, which happens once in a very long time; do it again")
        return token, text

    def list(self) -> Sequence[ApiToken]:
        """All of them, the newest first; expired ones too."""
        return self.backend.accounts.tokens()

    def revoke(self, actor: Actor, id: str) -> ApiToken:
        """Accept it no longer. Takes its id, or the name that only one has. Raises PermissionDenied, NotFound, InvalidOption."""
        require(actor, Ability.ADMIN)
        found = self._named(id)
        audit = entry(actor, "revoke token", f"token:{found.id}", detail=found.name, changes=changes(_told(found), {}))
        if not self.backend.accounts.remove_token(found.id, audit=audit):
            raise NotFound(f"the token {found.id} is revoked already")
        return found

    def _named(self, word: str) -> ApiToken:
        parsed = secrets.parse(word)  # somebody pastes the whole of it
        id = parsed[0] if parsed else word.removeprefix("hz_")
        tokens = self.list()
        found = [token for token in tokens if token.id == id] or [token for token in tokens if token.name == word]
        if len(found) > 1:
            raise InvalidOption(
                f"{len(found)} tokens are called {word[:80]!r}; name one by its id: {', '.join(token.id for token in found)}"
            )
        if not found:
            raise NotFound(f"there is no token {id[:80]!r}; `horizon tokens list` lists them")
        return found[0]


def _told(token: ApiToken) -> Mapping[str, object]:
    """What the audit log names of it: nothing of its text."""
    scope = None if token.scope is None else " ".join(token.scope)
    return {"name": token.name, "role": token.role, "scope": scope, "expires": moment(token.expires_at)}


def proper_label(name: str) -> str:
    """The name, if a token may be called so. Raises InvalidOption."""
    if not 1 <= len(name.strip()) <= MAX_LABEL or not name.isprintable():
        raise InvalidOption(f"a token's name says what it is for, in 1 to {MAX_LABEL} printable characters; got {name[:120]!r}")
    options.encodable(name, "a token's name")
    return name


def proper_scope(scope: Sequence[str] | None, role: str) -> tuple[str, ...] | None:
    """The abilities a token is narrowed to; looking is always among them. Raises InvalidOption for more than the role has."""
    if scope is None:
        return None
    able = {ability.value for ability in ROLES[role]}
    # where HORIZON_PAYLOADS and HORIZON_REVEAL let this role see them; the settings decide at each request
    able |= {Ability.PAYLOADS.value, Ability.REVEAL.value}
    for word in scope:
        if word not in {ability.value for ability in Ability}:
            raise InvalidOption(f"a scope is made of {', '.join(Ability)}; got {word[:40]!r}")
        if word not in able:
            raise InvalidOption(
                f"the role {role} does not have the ability {word}, so a token of it cannot; it has {', '.join(sorted(able))}"
            )
    return tuple(ability.value for ability in Ability if ability is Ability.VIEW or ability.value in scope)
