"""Users and API tokens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from horizon.backends.memory.kernel.store import Store
from horizon.backends.nouns import Accounts
from horizon.backends.people import USED_EVERY, ApiToken, User
from horizon.core.audit import AuditEntry
from horizon.core.clock import Micros


class MemoryAccounts(Accounts):
    """See `Accounts`."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def add_user(self, user: User, *, audit: AuditEntry | None = None) -> bool:
        """See `Accounts.add_user`."""
        with self._store.act() as now:
            if user.name in self._store.users:
                return False
            self._store.users[user.name] = replace(user, created_at=now)
            self._store.keep(audit, now)
            return True

    def user(self, name: str) -> User | None:
        """See `Accounts.user`."""
        with self._store.act():
            return self._store.users.get(name)

    def users(self) -> Sequence[User]:
        """See `Accounts.users`."""
        with self._store.act():
            return [self._store.users[name] for name in sorted(self._store.users)]

    def any_user(self) -> bool:
        """See `Accounts.any_user`."""
        return bool(self._store.users)

    def change_user(
        self, name: str, *, stamp: str, was: str | None = None, role: str | None = None, password: str | None = None, audit: AuditEntry | None = None
    ) -> bool:  # fmt: skip
        """See `Accounts.change_user`."""
        with self._store.act() as now:
            user = self._store.users.get(name)
            if user is None or was not in (None, user.stamp):
                return False
            self._store.users[name] = replace(user, stamp=stamp, role=role or user.role, password=password or user.password)
            self._store.keep(audit, now)
            return True

    def remove_user(self, name: str, *, was: str | None = None, audit: AuditEntry | None = None) -> bool:
        """See `Accounts.remove_user`."""
        with self._store.act() as now:
            user = self._store.users.get(name)
            if user is None or was not in (None, user.stamp):
                return False
            del self._store.users[name]
            self._store.keep(audit, now)
            return True

    def signed_in(self, name: str, *, audit: AuditEntry | None = None) -> None:
        """See `Accounts.signed_in`."""
        with self._store.act() as now:
            if name in self._store.users:
                self._store.users[name] = replace(self._store.users[name], seen_at=now)
                self._store.keep(audit, now)

    def sign_out(self, sign_in: str, until: Micros, *, audit: AuditEntry | None = None) -> None:
        """See `Accounts.sign_out`."""
        with self._store.act() as now:
            if sign_in not in self._store.signed_out:
                self._store.signed_out[sign_in] = until
                self._store.keep(audit, now)

    def visitor(self, name: str, sign_in: str) -> User | None:
        """See `Accounts.visitor`."""
        with self._store.act():
            return None if sign_in in self._store.signed_out else self._store.users.get(name)

    def add_token(self, token: ApiToken, *, audit: AuditEntry | None = None) -> bool:
        """See `Accounts.add_token`."""
        with self._store.act() as now:
            if token.id in self._store.tokens:
                return False
            self._store.tokens[token.id] = replace(token, created_at=now, used_at=None)
            self._store.keep(audit, now)
            return True

    def token(self, id: str) -> ApiToken | None:
        """See `Accounts.token`."""
        with self._store.act():
            return self._store.tokens.get(id)

    def tokens(self) -> Sequence[ApiToken]:
        """See `Accounts.tokens`."""
        with self._store.act():
            return sorted(self._store.tokens.values(), key=lambda token: (-token.created_at, token.id))

    def remove_token(self, id: str, *, audit: AuditEntry | None = None) -> bool:
        """See `Accounts.remove_token`."""
        with self._store.act() as now:
            if self._store.tokens.pop(id, None) is None:
                return False
            self._store.keep(audit, now)
            return True

    def used(self, token: ApiToken) -> None:
        """See `Accounts.used`."""
        with self._store.act() as now:
            kept = self._store.tokens.get(token.id)
            if kept is not None and (kept.used_at is None or kept.used_at <= now - USED_EVERY):
                self._store.tokens[token.id] = replace(kept, used_at=now)
