"""Lets a job run only if somebody allows it; otherwise it fails for good, unrun."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol, cast

from horizon.core import current
from horizon.core.errors import ConfigurationError, PermissionDenied
from horizon.core.settings import Settings
from horizon.middleware.base import Middleware, Next
from horizon.middleware.sending_back import running_of


class _HasSettings(Protocol):
    settings: Settings


class AuthorizationMiddleware(Middleware):
    """`allowed`: a callable of the job that answers whether it may run, or the name of a permission that the job's user
    (`for_user`) must have, as `HORIZON_PERMISSIONS` knows it.

    It is asked each time the job is about to run, so a right that was taken away meanwhile counts.
    """

    def __init__(self, allowed: str | Callable[[Any], object]) -> None:
        if not callable(allowed) and not (isinstance(allowed, str) and allowed):
            raise TypeError(f"AuthorizationMiddleware takes the name of a permission or a callable of the job; got {allowed!r}")
        self.allowed = allowed

    def handle(self, job: Any, next: Next) -> Any:
        if callable(self.allowed):
            refused = None if self.allowed(job) else f"{type(job).__name__} may not run: {self._asked()} says no"
        else:
            refused = self._lacks(job, self.allowed)
        if refused is None:
            return next(job)
        job.fail(PermissionDenied(refused))
        return None

    def _asked(self) -> str:
        return getattr(self.allowed, "__qualname__", None) or repr(self.allowed)

    def _lacks(self, job: Any, permission: str) -> str | None:
        """Why the job's user may not have it run; None where they may. Raises ConfigurationError where nobody can tell."""
        permissions = cast(_HasSettings, current.get()).settings.PERMISSIONS
        if permissions is None:
            raise ConfigurationError(
                f"{type(job).__name__} needs the permission {permission!r}, and nothing says who has it: set "
                'app.config["HORIZON_PERMISSIONS"] to a function that takes a user\'s id and returns the names of their permissions'
            )
        user = running_of(job).user
        held = permissions(user)
        if held is not None and not isinstance(held, str) and permission in held:
            return None
        who = "nobody (a job without a user)" if user is None else user
        return f"{type(job).__name__} requires {permission}; {who} lacks it"
