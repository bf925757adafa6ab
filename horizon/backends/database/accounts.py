"""Users and API tokens."""

from __future__ import annotations

from collections.abc import Sequence

from horizon.backends.database.audit import keep
from horizon.backends.database.db import Row, insert
from horizon.backends.database.kernel.scope import Scope
from horizon.backends.database.store import Store
from horizon.backends.nouns import Accounts
from horizon.backends.people import USED_EVERY, ApiToken, User
from horizon.core.audit import AuditEntry
from horizon.core.clock import Micros

USER = "SELECT name, role, password, stamp, created_at, seen_at FROM horizon_user"
ONE_USER = f"{USER} WHERE name = ?"
USERS = f"{USER} ORDER BY name"
VISITOR = f"{ONE_USER} AND NOT EXISTS (SELECT 1 FROM horizon_signed_out WHERE id = ?)"
ANY_USER = "SELECT 1 FROM horizon_user LIMIT 1"
NEW_USER = insert("horizon_user", "name role password stamp created_at seen_at")
CHANGE_USER = "UPDATE horizon_user SET stamp = ?, role = coalesce(?, role), password = coalesce(?, password) WHERE name = ? AND stamp = coalesce(?, stamp)"
DROP_USER = "DELETE FROM horizon_user WHERE name = ? AND stamp = coalesce(?, stamp)"
SEEN = "UPDATE horizon_user SET seen_at = ? WHERE name = ?"
SIGNED_OUT = "SELECT 1 FROM horizon_signed_out WHERE id = ?"
SIGN_OUT = insert("horizon_signed_out", "id until")
TOKEN = "SELECT id, name, role, scope, digest, created_by, created_at, expires_at, used_at FROM horizon_token"
ONE_TOKEN = f"{TOKEN} WHERE id = ?"
TOKENS = f"{TOKEN} ORDER BY created_at DESC, id"
NEW_TOKEN = insert("horizon_token", "id name role scope digest created_by created_at expires_at used_at")
DROP_TOKEN = "DELETE FROM horizon_token WHERE id = ?"
USED = "UPDATE horizon_token SET used_at = ? WHERE id = ? AND (used_at IS NULL OR used_at <= ?)"


def _user(row: Row | None) -> User | None:
    if row is None:
        return None
    name, role, password, stamp, created_at, seen_at = row
    return User(name=name, role=role, password=password, stamp=stamp, created_at=created_at, seen_at=seen_at)


def _token(row: Row | None) -> ApiToken | None:
    if row is None:
        return None
    id, name, role, scope, digest, created_by, created_at, expires_at, used_at = row
    return ApiToken(
        id=id, name=name, role=role, scope=None if scope is None else tuple(scope.split()), digest=digest, created_by=created_by,
        created_at=created_at, expires_at=expires_at, used_at=used_at,
    )  # fmt: skip


class DatabaseAccounts(Accounts):
    """See `Accounts`."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def add_user(self, user: User, *, audit: AuditEntry | None = None) -> bool:
        """See `Accounts.add_user`."""

        def act(scope: Scope) -> bool:
            if scope.db.one(ONE_USER, (user.name,)) is not None:
                return False
            scope.db.run(NEW_USER, (user.name, user.role, user.password, user.stamp, scope.now, user.seen_at))
            keep(scope, audit)
            return True

        return self._store.act(act)

    def user(self, name: str) -> User | None:
        """See `Accounts.user`."""
        return self._store.read_plainly(lambda db: _user(db.one(ONE_USER, (name,))))

    def users(self) -> Sequence[User]:
        """See `Accounts.users`."""
        return self._store.read_plainly(lambda db: [found for row in db.all(USERS) if (found := _user(row))])

    def any_user(self) -> bool:
        """See `Accounts.any_user`."""
        return self._store.read_plainly(lambda db: db.one(ANY_USER)) is not None

    def change_user(
        self, name: str, *, stamp: str, was: str | None = None, role: str | None = None, password: str | None = None, audit: AuditEntry | None = None
    ) -> bool:  # fmt: skip
        """See `Accounts.change_user`."""
        return self._changed(CHANGE_USER, (stamp, role, password, name, was), audit)

    def remove_user(self, name: str, *, was: str | None = None, audit: AuditEntry | None = None) -> bool:
        """See `Accounts.remove_user`."""
        return self._changed(DROP_USER, (name, was), audit)

    def signed_in(self, name: str, *, audit: AuditEntry | None = None) -> None:
        """See `Accounts.signed_in`."""
        self._changed(SEEN, (self._store.now(), name), audit)

    def sign_out(self, sign_in: str, until: Micros, *, audit: AuditEntry | None = None) -> None:
        """See `Accounts.sign_out`."""

        def act(scope: Scope) -> None:
            if scope.db.one(SIGNED_OUT, (sign_in,)) is None:
                scope.db.run(SIGN_OUT, (sign_in, until))
                keep(scope, audit)

        self._store.act(act)

    def visitor(self, name: str, sign_in: str) -> User | None:
        """See `Accounts.visitor`."""
        return self._store.read_plainly(lambda db: _user(db.one(VISITOR, (name, sign_in))))

    def add_token(self, token: ApiToken, *, audit: AuditEntry | None = None) -> bool:
        """See `Accounts.add_token`."""
        scope_text = None if token.scope is None else " ".join(token.scope)

        def act(scope: Scope) -> bool:
            if scope.db.one(ONE_TOKEN, (token.id,)) is not None:
                return False
            named = (token.id, token.name, token.role, scope_text, token.digest, token.created_by)
            scope.db.run(NEW_TOKEN, (*named, scope.now, token.expires_at, None))
            keep(scope, audit)
            return True

        return self._store.act(act)

    def token(self, id: str) -> ApiToken | None:
        """See `Accounts.token`."""
        return self._store.read_plainly(lambda db: _token(db.one(ONE_TOKEN, (id,))))

    def tokens(self) -> Sequence[ApiToken]:
        """See `Accounts.tokens`."""
        return self._store.read_plainly(lambda db: [found for row in db.all(TOKENS) if (found := _token(row))])

    def remove_token(self, id: str, *, audit: AuditEntry | None = None) -> bool:
        """See `Accounts.remove_token`."""
        return self._changed(DROP_TOKEN, (id,), audit)

    def used(self, token: ApiToken) -> None:
        """See `Accounts.used`."""
        now = self._store.now()
        if token.used_at is None or token.used_at <= now - USED_EVERY:
            self._store.act(lambda scope: scope.db.run(USED, (scope.now, token.id, scope.now - USED_EVERY)))

    def _changed(self, sql: str, params: tuple[object, ...], audit: AuditEntry | None) -> bool:
        """Run one statement; where it changed something, the entry is kept with it."""

        def act(scope: Scope) -> bool:
            changed = scope.db.run(sql, params) > 0
            if changed:
                keep(scope, audit)
            return changed

        return self._store.act(act)
