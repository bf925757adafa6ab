"""Users and API tokens."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from horizon.backends.nouns import Accounts
from horizon.backends.people import USED_EVERY, ApiToken, User
from horizon.backends.redis.store import Store, audit_of
from horizon.core.audit import AuditEntry
from horizon.core.clock import Micros

USERS, TOKENS = "U", "T"


class RedisAccounts(Accounts):
    """See `Accounts`."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def _do(self, verb: str, kind: str, id: str, audit: AuditEntry | None = None, **more: Any) -> bool:
        return bool(self._store.run("account", {"verb": verb, "kind": kind, "id": id, "audit": audit_of(audit), **more}))

    def _one(self, kind: str, id: str) -> dict[str, Any] | None:
        text = self._store.link.call("HGET", self._store.link.key(kind), id)
        return None if text is None else json.loads(text)

    def _all(self, kind: str) -> list[dict[str, Any]]:
        return [json.loads(text) for text in self._store.link.call("HVALS", self._store.link.key(kind))]

    def add_user(self, user: User, *, audit: AuditEntry | None = None) -> bool:
        """See `Accounts.add_user`."""
        fields = {"name": user.name, "role": user.role, "password": user.password, "stamp": user.stamp, "created_at": True}
        return self._do("add", USERS, user.name, audit, fields={**fields, **_time("seen_at", user.seen_at)})

    def user(self, name: str) -> User | None:
        """See `Accounts.user`."""
        kept = self._one(USERS, name)
        return None if kept is None else _user(kept)

    def users(self) -> Sequence[User]:
        """See `Accounts.users`."""
        return sorted((_user(kept) for kept in self._all(USERS)), key=lambda user: user.name)

    def any_user(self) -> bool:
        """See `Accounts.any_user`."""
        return bool(self._store.link.call("EXISTS", self._store.link.key(USERS)))

    def change_user(
        self, name: str, *, stamp: str, was: str | None = None, role: str | None = None, password: str | None = None, audit: AuditEntry | None = None
    ) -> bool:  # fmt: skip
        """See `Accounts.change_user`."""
        fields = {"stamp": stamp, **({"role": role} if role else {}), **({"password": password} if password else {})}
        return self._do("change", USERS, name, audit, fields=fields, was=was or False)

    def remove_user(self, name: str, *, was: str | None = None, audit: AuditEntry | None = None) -> bool:
        """See `Accounts.remove_user`."""
        return self._do("remove", USERS, name, audit, was=was or False)

    def signed_in(self, name: str, *, audit: AuditEntry | None = None) -> None:
        """See `Accounts.signed_in`."""
        self._do("change", USERS, name, audit, fields={"seen_at": True})

    def sign_out(self, sign_in: str, until: Micros, *, audit: AuditEntry | None = None) -> None:
        """See `Accounts.sign_out`."""
        self._do("sign_out", USERS, sign_in, audit, until=until)

    def visitor(self, name: str, sign_in: str) -> User | None:
        """See `Accounts.visitor`."""
        text, ended = self._store.run("visitor", [name, sign_in], safe=True)
        return None if text is None or ended else _user(json.loads(text))

    def add_token(self, token: ApiToken, *, audit: AuditEntry | None = None) -> bool:
        """See `Accounts.add_token`."""
        fields = {
            "id": token.id, "name": token.name, "role": token.role, "digest": token.digest, "created_by": token.created_by,
            "created_at": True, **_time("expires_at", token.expires_at),
            **({} if token.scope is None else {"scope": json.dumps(token.scope)}),
        }  # fmt: skip
        return self._do("add", TOKENS, token.id, audit, fields=fields)

    def token(self, id: str) -> ApiToken | None:
        """See `Accounts.token`."""
        kept = self._one(TOKENS, id)
        return None if kept is None else _token(kept)

    def tokens(self) -> Sequence[ApiToken]:
        """See `Accounts.tokens`."""
        return sorted((_token(kept) for kept in self._all(TOKENS)), key=lambda token: (-token.created_at, token.id))

    def remove_token(self, id: str, *, audit: AuditEntry | None = None) -> bool:
        """See `Accounts.remove_token`."""
        return self._do("remove", TOKENS, id, audit)

    def used(self, token: ApiToken) -> None:
        """See `Accounts.used`."""
        self._do("used", TOKENS, token.id, fields={"used_at": True}, every=USED_EVERY)


def _time(name: str, at: Micros | None) -> Mapping[str, str]:
    """A time as text, since a script's numbers have no room for all of its digits once they are JSON again."""
    return {} if at is None else {name: str(at)}


def _user(kept: Mapping[str, Any]) -> User:
    return User(
        name=kept["name"],
        role=kept["role"],
        password=kept["password"],
        stamp=kept["stamp"],
        created_at=int(kept["created_at"]),
        seen_at=int(kept["seen_at"]) if "seen_at" in kept else None,
    )


def _token(kept: Mapping[str, Any]) -> ApiToken:
    return ApiToken(
        id=kept["id"],
        name=kept["name"],
        role=kept["role"],
        digest=kept["digest"],
        scope=tuple(json.loads(kept["scope"])) if "scope" in kept else None,
        created_by=kept["created_by"],
        created_at=int(kept["created_at"]),
        expires_at=int(kept["expires_at"]) if "expires_at" in kept else None,
        used_at=int(kept["used_at"]) if "used_at" in kept else None,
    )
