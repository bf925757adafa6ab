"""Checking the audit log: whether every entry is still what was written, on one connection or on all."""

from __future__ import annotations

import re
from dataclasses import replace

from horizon.control.acting import Stores, backend_of
from horizon.core.errors import BackendUnavailable, InvalidOption
from horizon.monitor import chain
from horizon.monitor.chain import Checked
from horizon.security.permissions import Ability, Actor, require


class AuditControl:
    """The audit logs of one app: each connection has its own, with a chain of its own."""

    def __init__(self, stores: Stores) -> None:
        self.stores = stores

    def verify(self, actor: Actor, connection: str | None = None, *, expect: str | None = None) -> list[Checked]:
        """Look at every entry, and keep what was found for the page. `expect` is a hash that was kept elsewhere: it has to stand
        in the chain of one of these connections.

        Raises PermissionDenied, NotFound, InvalidOption, BackendUnavailable.
        """
        require(actor, Ability.OPERATE)
        if expect is not None and not re.fullmatch(r"[0-9a-f]{64}", expect):
            raise InvalidOption(
                f"a hash of the audit log has 64 digits from 0 to f, as `horizon audit verify` prints it; got {expect[:80]!r}"
            )
        if connection is not None:
            backend_of(self.stores, connection)  # for its NotFound
        found = [self._one(name, expect) for name in ([connection] if connection else self.stores.connections())]
        return found if expect is None else _expecting(found)

    def _one(self, name: str, expect: str | None) -> Checked:
        store = self.stores.backend(name)
        found = chain.check(store, name, expect=expect)
        chain.remember(store, found)
        return found


def _expecting(found: list[Checked]) -> list[Checked]:
    """Of several chains one has to have the hash; the others are not asked for it."""
    if any(one.found is not None for one in found):
        return [one if one.found is not None else replace(one, expected=None) for one in found]
    return found


def states(stores: Stores, connection: str | None = None) -> list[tuple[str, Checked | None]]:
    """What was found last, by connection; those that do not answer are left out. Raises BackendUnavailable where none does."""
    found: list[tuple[str, Checked | None]] = []
    silent: BackendUnavailable | None = None
    for name in [connection] if connection else stores.connections():
        try:
            found.append((name, chain.last(stores.backend(name), name)))
        except BackendUnavailable as error:
            silent = error
    if silent is not None and not found:
        raise silent
    return found
