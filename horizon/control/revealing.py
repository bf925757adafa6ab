"""Looking into an encrypted job: an ability of its own, kept in the audit log before anything is shown."""

from __future__ import annotations

from horizon.control.acting import entry
from horizon.control.dispatching import Dispatcher
from horizon.core.errors import HorizonError, InvalidInput, PermissionDenied
from horizon.core.record import Record
from horizon.jobs import unsealing
from horizon.jobs.unsealing import Revealed
from horizon.security.permissions import Ability, Actor, require


def may_reveal(actor: Actor) -> bool:
    """Whether this actor may look into encrypted jobs: who may not see payloads at all, may not see these."""
    return actor.can(Ability.REVEAL) and actor.can(Ability.PAYLOADS)


class RevealControl:
    """Revealing on behalf of somebody."""

    def __init__(self, runtime: Dispatcher) -> None:
        self.runtime = runtime

    def open(self, actor: Actor, record: Record, *, verb: str = "reveal") -> Revealed:
        """The job as it can be read, once the audit log has it. `verb`: what is done with it.

        Raises PermissionDenied, and InvalidInput where there is nothing to reveal or the keys of this process do not open it.
        """
        require(actor, Ability.PAYLOADS)
        if not may_reveal(actor):
            least = self.runtime.settings.REVEAL
            raise PermissionDenied(f"{actor.name} is {actor.role}; looking into encrypted jobs needs the role {least} (HORIZON_REVEAL)")
        if not unsealing.keeps_secrets(record):
            raise InvalidInput("nothing of this job is encrypted")
        cls = self.runtime.registry.find(record.name)
        try:
            found = unsealing.revealed(record, self.runtime.keyring, (*self.runtime.settings.REDACT, *(cls.redact if cls else ())))
        except HorizonError as error:
            raise InvalidInput(f"this job cannot be shown here: {error}") from error
        self.runtime.backend(record.connection).audit.append(entry(actor, verb, record.id, detail=record.name))
        return found
