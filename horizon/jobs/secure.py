"""`SecureJob`: encrypted, signed, run only for users who have the permissions it asks for, its sensitive fields never shown."""

from __future__ import annotations

from collections.abc import Iterable

from horizon.core.errors import InvalidOption
from horizon.jobs.encrypted import Guard, ShouldBeEncrypted
from horizon.jobs.job import Job


class SecureJob(Job, ShouldBeEncrypted):
    """Say in the constructor what is sensitive and what its user must be permitted to do."""

    _horizon_register = False

    def set_sensitive_fields(self, fields: Iterable[str]) -> None:
        """Mask the values of these arguments, and of keys of these names inside them and in results, wherever the job is
        shown, whoever looks; and take them out of its log lines, notes and exceptions before those are stored."""
        self._guard().sensitive = _names(fields, "set_sensitive_fields")

    def set_required_permissions(self, permissions: Iterable[str]) -> None:
        """Refuse the job at dispatch, and again in the worker, unless its user has all of these: `HORIZON_PERMISSIONS`
        says who has which."""
        self._guard().permissions = _names(permissions, "set_required_permissions")

    def _guard(self) -> Guard:
        inner = self._horizon
        if inner.guard is None:
            inner.guard = Guard()
        return inner.guard


def _names(given: Iterable[str], what: str) -> tuple[str, ...]:
    names = () if isinstance(given, str) else tuple(given)
    if isinstance(given, str) or not all(isinstance(name, str) and name for name in names):
        raise InvalidOption(f'{what} takes a list of names, such as ["payment_data"]; got {given if isinstance(given, str) else names!r}')
    return names
