"""Users of the log-in page: add, change, remove. They live in the default store."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence

from horizon.backends.people import User
from horizon.control.acting import Stores, entry
from horizon.control.differing import changes
from horizon.core.errors import InvalidOption, InvalidTransition, NotFound
from horizon.security import passwords, secrets
from horizon.security.permissions import ROLES, Ability, Actor, require
from horizon.security.redaction import MASK

AGAIN = 50
"""Looks at a user whom somebody else has just changed: whoever has to look again did so because another one succeeded."""
_NAME = re.compile(r"[a-z0-9][a-z0-9._@+-]{0,99}")


class UserControl:
    """The verbs on users of one app."""

    def __init__(self, stores: Stores) -> None:
        self.accounts = stores.backend().accounts

    def add(self, actor: Actor, name: str, role: str, password: str) -> User:
        """Let somebody in from now on. Raises PermissionDenied, InvalidOption."""
        require(actor, Ability.ADMIN)
        name, role = proper_name(name), proper_role(role)
        user = User(name=name, role=role, password=passwords.hashed(passwords.check(password, name)), stamp=secrets.stamp())
        if not self.accounts.add_user(
            user, audit=entry(actor, "add user", f"user:{name}", detail=f"role {role}", changes=changes({}, {"role": role}))
        ):
            raise InvalidOption(
                f"there is a user {name} already; `horizon users password {name}` gives a new password, "
                f"`horizon users role {name} {role}` another role"
            )
        return user

    def list(self) -> Sequence[User]:
        """All of them, by name."""
        return self.accounts.users()

    def remove(self, actor: Actor, name: str) -> None:
        """Let somebody in no longer; every sign-in of theirs ends at once. Raises PermissionDenied, NotFound."""
        require(actor, Ability.ADMIN)
        wanted = key(name)

        def remove(before: User) -> bool:
            audit = entry(actor, "remove user", f"user:{wanted}", changes=changes({"role": before.role}, {}))
            return self.accounts.remove_user(wanted, was=before.stamp, audit=audit)

        self._change(wanted, remove)

    def set_password(self, actor: Actor, name: str, password: str) -> None:
        """Give a new password; every sign-in with the old one ends at once.

        Raises PermissionDenied, InvalidOption, NotFound.
        """
        require(actor, Ability.ADMIN)
        wanted = key(name)
        kept = passwords.hashed(passwords.check(password, wanted))
        audit = entry(actor, "change password", f"user:{wanted}", changes=(("password", MASK, MASK),))
        if not self.accounts.change_user(wanted, stamp=secrets.stamp(), password=kept, audit=audit):
            raise _unknown(name)

    def set_role(self, actor: Actor, name: str, role: str) -> None:
        """Give another role. Whoever is signed in signs in anew. Raises PermissionDenied, InvalidOption, NotFound."""
        require(actor, Ability.ADMIN)
        wanted, role = key(name), proper_role(role)

        def change(before: User) -> bool:
            changed = changes({"role": before.role}, {"role": role})
            audit = entry(actor, "change role", f"user:{wanted}", detail=f"role {role}", changes=changed)
            return self.accounts.change_user(wanted, stamp=secrets.stamp(), was=before.stamp, role=role, audit=audit)

        self._change(wanted, change)

    def _change(self, name: str, act: Callable[[User], bool]) -> None:
        """Do it to a user as they are; anew where somebody else was quicker, so that what is noted as before was so.

        Raises NotFound, InvalidTransition.
        """
        for _ in range(AGAIN):
            found = self.accounts.user(name)
            if found is None:
                raise _unknown(name)
            if act(found):
                return
        raise InvalidTransition(f"the user {name!r} was changed by others again and again; look, and try once more")


def key(name: str) -> str:
    """The name as it is kept: upper and lower case are the same person."""
    return unicodedata.normalize("NFKC", name).strip().lower()


def proper_name(name: str) -> str:
    """The name as it is kept, if somebody may be called so. Raises InvalidOption."""
    found = key(name)
    if not _NAME.fullmatch(found):
        raise InvalidOption(f"a user's name has 1 to 100 of a-z, 0-9 and . _ @ + -, and begins with a letter or digit; got {name[:120]!r}")
    return found


def proper_role(role: str) -> str:
    """The role, if there is one of this name. Raises InvalidOption."""
    if role not in ROLES:
        raise InvalidOption(f"a role is one of {', '.join(ROLES)}; got {role[:40]!r}")
    return role


def _unknown(name: str) -> NotFound:
    return NotFound(f"there is no user {name[:120]!r}; `horizon users list` lists them")
