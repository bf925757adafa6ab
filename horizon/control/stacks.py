"""What a running job is doing: asked of its worker, which answers with its next renewal."""

from __future__ import annotations

from dataclasses import replace

from horizon.backends.base import Backend
from horizon.backends.notes import NoteChange
from horizon.control.acting import Stores, entry
from horizon.core.errors import InvalidInput
from horizon.core.record import Record
from horizon.core.stack import KEPT, KIND, VERB, Stack, decode, encode
from horizon.core.states import JobState
from horizon.security.permissions import Ability, Actor, require

ABILITY = Ability.OPERATE


class StackControl:
    """Asking for stacks of jobs of one app."""

    def __init__(self, stores: Stores) -> None:
        self.stores = stores

    def ask(self, actor: Actor, record: Record) -> Stack:
        """Ask the worker that runs this job; the question is kept beside it, and in the audit log.

        Raises PermissionDenied, and InvalidInput for a job that does not run.
        """
        require(actor, ABILITY)
        if record.state is not JobState.PROCESSING or record.session is None:
            raise InvalidInput(f"only a running job has a stack; this one is {record.state}")
        backend = self.stores.backend(record.connection)
        asked = Stack(by=actor.name[:200], asked_at=backend.now(), session=record.session)
        _keep(backend, record.id, asked)  # before the question: the answer is written over it
        heard = backend.sessions.command(f"{VERB}{record.id}", session=record.session, audit=entry(actor, "stack", record.id))
        if not heard:
            asked = replace(asked, heard=False)
            _keep(backend, record.id, asked)
        return asked

    def read(self, actor: Actor, record: Record) -> Stack | None:
        """What was asked last and what came of it; None where nothing was, or it is too old. Raises PermissionDenied."""
        require(actor, ABILITY)
        note = self.stores.backend(record.connection).notes.get(KIND, record.id)
        return None if note is None else decode(note.body)


def _keep(backend: Backend, id: str, stack: Stack) -> None:
    backend.notes.write([NoteChange(kind=KIND, name=id, body=encode(stack), until=stack.asked_at + KEPT)])
