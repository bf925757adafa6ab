"""What people say of a cause of failure: it is put right, it may wait, it is of no interest, it is open again.

Each word is kept with its note beside the jobs, on the default connection, in one act with the entry of the audit log.
"""

from __future__ import annotations

from collections.abc import Mapping

from horizon.backends.notes import NoteChange
from horizon.control import differing
from horizon.control.acting import MAX_REASON, Stores, backend_of, entry
from horizon.core.clock import DAY, Micros, iso
from horizon.core.errors import InvalidOption, InvalidTransition, NotFound
from horizon.core.query import JobQuery
from horizon.core.record import Record
from horizon.core.states import JobState
from horizon.monitor import said as reading
from horizon.monitor import triage
from horizon.monitor.said import MARK
from horizon.monitor.triage import KIND, Act, Said, Word
from horizon.security.permissions import Ability, Actor, require

KEPT: Micros = 400 * DAY
"""How long a word holds of which nobody hears again."""
LONGEST_SNOOZE: Micros = 366 * DAY
MOST_MORE = 40_000
"""Failures that a snooze may wait for: stores count up to 50,000 of a cause."""
LONGEST_CAUSE = 200
TRIES = 5
"""Times that a word is said anew where somebody else spoke at the same moment."""


class CauseControl:
    """The words on causes of one app."""

    def __init__(self, stores: Stores) -> None:
        self.stores = stores

    def resolve(self, actor: Actor, cause: str, note: str | None = None) -> Said:
        """It is put right; should a job fail with it again, it counts as regressed. Raises PermissionDenied, NotFound."""
        return self._say(actor, Word.RESOLVE, cause, note)

    def mute(self, actor: Actor, cause: str, note: str | None = None) -> Said:
        """It is of no interest, whatever comes. Raises PermissionDenied, NotFound."""
        return self._say(actor, Word.MUTE, cause, note)

    def reopen(self, actor: Actor, cause: str, note: str | None = None) -> Said:
        """Take back what was said last. Raises PermissionDenied, NotFound."""
        return self._say(actor, Word.REOPEN, cause, note)

    def snooze(self, actor: Actor, cause: str, *, until: Micros | None = None, more: int | None = None, note: str | None = None) -> Said:
        """It may wait until then, or until it has happened so many times more. Raises PermissionDenied, NotFound, InvalidOption."""
        now = self.stores.backend().now()
        if until is None and more is None:
            raise InvalidOption("a snooze ends: say until when, or after how many more failures")
        if until is not None and not now < until <= now + LONGEST_SNOOZE:
            raise InvalidOption(f"a snooze ends between now and {LONGEST_SNOOZE // DAY} days from now")
        if more is not None and (isinstance(more, bool) or not isinstance(more, int) or not 1 <= more <= MOST_MORE):
            raise InvalidOption(f"a snooze takes 1 to {MOST_MORE:,} more failures; got {more!r}")
        return self._say(actor, Word.SNOOZE, cause, note, until, more)

    def _say(self, actor: Actor, word: Word, cause: str, note: str | None, until: Micros | None = None, more: int | None = None) -> Said:
        require(actor, Ability.OPERATE)
        record = self._known(cause)
        store = self.stores.backend()
        tally = backend_of(self.stores, None).tally((cause,)).get(cause)
        act = Act(
            word=word, at=store.now(), by=actor.name, note=(note or "").strip()[:MAX_REASON], until=until, more=more, count=tally.count if tally else 0
        )  # fmt: skip
        detail = ", ".join(part for part in (_span(act), act.note) if part) or None
        for _ in range(TRIES):
            before = reading.of(self.stores, cause)
            said = self._after(before, act, record, tally.first_at if tally else None)
            changed = differing.changes(_told(before), _told(said))
            audit = entry(actor, f"{word.value} cause", MARK + cause, detail=detail, changes=changed)
            change = NoteChange(
                kind=KIND, name=cause, body=triage.written(said), version=said.version, until=act.at + KEPT, audit=audit
            )  # fmt: skip
            if store.notes.write([change])[0]:
                return said
        raise InvalidTransition("nothing was kept: others speak of this cause at the same moment, or of too many causes; try again")

    @staticmethod
    def _after(before: Said | None, act: Act, record: Record | None, first_at: Micros | None) -> Said:
        error = record.error if record is not None else None
        return triage.after(
            before, act, type=error.type if error else "", name=record.name if record is not None else "", first_at=first_at
        )  # fmt: skip

    def _known(self, cause: str) -> Record | None:
        """The latest job that failed with it; None for a cause that was spoken of before. Raises NotFound, InvalidOption."""
        if not cause or len(cause) > LONGEST_CAUSE:
            raise InvalidOption(f"a cause is named by its fingerprint, as `analyse` and the page of causes tell it; got {cause[:60]!r}")
        found = backend_of(self.stores, None).find(JobQuery(states=(JobState.FAILED,), cause=cause, limit=1)).items
        if found:
            return found[0]
        if reading.of(self.stores, cause) is None:
            raise NotFound(f"no job stands failed with the cause {cause[:120]!r}; `analyse` and the page of causes name those there are")
        return None


STANDS: Mapping[str, str] = {Word.RESOLVE: "resolved", Word.SNOOZE: "snoozed", Word.MUTE: "muted", Word.REOPEN: "open"}
"""What a cause is by the last word on it."""


def _told(said: Said | None) -> dict[str, object]:
    if said is None:
        return {"state": "open"}
    until = None if said.last.until is None else iso(said.last.until)
    return {"state": STANDS.get(said.last.word, said.last.word), "until": until, "more": said.last.more, "note": said.last.note}


def _span(act: Act) -> str:
    """How long a snooze holds, in words for the audit log."""
    parts = [f"until {iso(act.until)}" if act.until is not None else "", f"until {act.more:,} more failed" if act.more is not None else ""]
    return " or ".join(part for part in parts if part)
