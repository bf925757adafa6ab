"""What to ask somebody before their wish is carried out, and what to tell them about it. Pure but for the look at the store."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from horizon.backends.base import Backend
from horizon.backends.values import ACT_LIMIT, Verb
from horizon.control.preview import Preview, preview
from horizon.core.record import Record
from horizon.core.states import JobState
from horizon.web import text
from horizon.web.pages.asking import Wish
from horizon.web.words import plural


@dataclass(frozen=True, kw_only=True, slots=True)
class Question:
    """What to ask before."""

    title: str
    text: str
    yes: str
    danger: bool = False
    takes_reason: bool = False
    lacks: str = ""
    """The parameter to ask for: `at`, `priority` or `queue`."""
    preview: Preview | None = None
    notes: Sequence[str] = field(default_factory=tuple)


def question(wish: Wish, before: Sequence[Record], store: Backend) -> Question | None:
    """What to ask before this is done, None where it may be done at once."""
    if wish.mark:
        return None
    if wish.match:
        return _about_many(wish, preview(store, wish.query(store.now())))
    running = [record for record in before if record.state is JobState.PROCESSING]
    if wish.lacks:
        return _about_parameter(wish)
    if wish.verb is Verb.CANCEL and len(wish.ids) > 1:
        text_ = (
            f"{plural(len(running), 'of them is', 'of them are')} running and will be asked to stop."
            if running
            else "None of them has started."
        )
        return Question(title=f"Cancel {plural(len(wish.ids), 'job')}?", text=text_, yes="Cancel them", danger=True, takes_reason=True)
    if wish.verb in (Verb.CANCEL, Verb.FORGET) and running:
        return _about_running(wish, running)
    return None


def _about_running(wish: Wish, running: Sequence[Record]) -> Question:
    name = text.plain(text.short_name(running[0].name), 60) if len(wish.ids) == 1 else plural(len(running), "running job")
    told = "It is running. It is asked to stop, and stopped from outside if it does not; what it has done so far stays done."
    if wish.verb is Verb.FORGET:
        return Question(title=f"Cancel and forget {name}?", text=told, yes="Cancel and forget", danger=True)
    return Question(title=f"Cancel {name}?", text=told, yes="Cancel the job", danger=True, takes_reason=True)


LABELS = {
    Verb.RETRY: "Retry", Verb.CANCEL: "Cancel", Verb.FORGET: "Forget", Verb.RUN_NOW: "Run now:", Verb.PRIORITIZE: "Prioritize",
    Verb.RESCHEDULE: "Reschedule", Verb.MOVE: "Move", Verb.RESTORE: "Restore",
}  # fmt: skip
SHORT = {
    Verb.RETRY: "Retry", Verb.CANCEL: "Cancel", Verb.FORGET: "Forget", Verb.RUN_NOW: "Run now", Verb.PRIORITIZE: "Prioritize",
    Verb.RESCHEDULE: "Reschedule", Verb.MOVE: "Move", Verb.RESTORE: "Restore",
}  # fmt: skip
"""The same on buttons."""
EFFECTS = {
    Verb.RETRY: "Back to the queue, to run again.",
    Verb.CANCEL: "What waits will not run; what runs is asked to stop.",
    Verb.FORGET: "Gone from lists and figures; what has not ended is cancelled first. It can be undone for a while.",
    Verb.RUN_NOW: "Started as soon as a worker is free.",
    Verb.PRIORITIZE: "Started before others of the same queue, or after them.",
    Verb.RESCHEDULE: "Waiting until then.",
    Verb.MOVE: "Waiting on the other queue, run by whoever works on that one.",
    Verb.RESTORE: "Back in the lists, as before.",
}


def _about_parameter(wish: Wish) -> Question:
    many = plural(len(wish.ids), "job")
    return Question(title=f"{SHORT[wish.verb]} {many}", text=EFFECTS[wish.verb], yes=SHORT[wish.verb], lacks=wish.lacks)


def _about_many(wish: Wish, seen: Preview) -> Question:
    many = _counted(seen)
    return Question(
        title=f"{LABELS[wish.verb]} all {many}?" if seen.exact and seen.count > 1 else f"{LABELS[wish.verb]} {many}?",
        text=f"Every job that matches “{wish.match}”. {EFFECTS[wish.verb]}",
        yes=f"{SHORT[wish.verb]} {many}", danger=wish.verb in (Verb.CANCEL, Verb.FORGET), takes_reason=True,
        lacks=wish.lacks, preview=seen, notes=_notes(wish, seen),
    )  # fmt: skip


def _counted(seen: Preview) -> str:
    return plural(seen.count, "job") if seen.exact else f"at least {seen.count:,} jobs"


def _notes(wish: Wish, seen: Preview) -> tuple[str, ...]:
    """How it is done, what of them would be left alone, and how far the look went."""
    notes = []
    if not seen.exact or seen.count > ACT_LIMIT:
        notes.append("This runs in the background; a bar shows how far it is.")
    if seen.looked:
        notes.append(f"Counted among the first {seen.looked:,} of them.")
    elif seen.sampled:
        notes.append(f"Causes and ages are those of the first {seen.sampled:,}.")
    left = seen.left(wish.verb)
    if left:
        kinds = ", ".join(f"{n:,} {state}" for state, n in left.items())
        notes.append(f"Left as they are, because they cannot be {DONE_TO[wish.verb]}: {kinds}.")
    return tuple(notes)


DONE_TO = {
    Verb.RETRY: "retried", Verb.CANCEL: "cancelled any more", Verb.FORGET: "forgotten", Verb.RUN_NOW: "started early",
    Verb.PRIORITIZE: "prioritized", Verb.RESCHEDULE: "rescheduled", Verb.MOVE: "moved", Verb.RESTORE: "restored",
}  # fmt: skip
