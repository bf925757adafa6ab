"""What an act changed, as the audit log tells it: names, and the values before and after. Pure.

An entry is read by people who may not see arguments, and outlives what it tells of: what is secret stands in it as dots.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from horizon.backends.placing import Placed
from horizon.backends.queueing import QueueSettings
from horizon.backends.schedules import Schedule
from horizon.core.audit import Changed, difference
from horizon.core.clock import SECOND, Micros, iso
from horizon.security.redaction import MASK, mask_text, secret

LONGEST = 300
"""Characters of a value."""
MOST = 30
"""Values of one entry."""
Told = Mapping[str, object]


def changes(before: Told, after: Told) -> tuple[Changed, ...]:
    """What differs, by name, fit to be shown to everybody who reads the log."""
    found = difference(*({name: None if value == "" else value for name, value in one.items()} for one in (before, after)))
    differing = [name for name, _, _ in found][:MOST]
    return tuple((name[:LONGEST], _said(name, before.get(name)), _said(name, after.get(name))) for name in differing)


def _said(name: str, value: object) -> str | None:
    if value is None or value == "":
        return None
    if secret(name):
        return MASK
    if isinstance(value, bool):
        return "yes" if value else "no"
    text = mask_text(str(value))
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def pause(settings: QueueSettings) -> Told:
    """Whether nobody starts a job of a queue, till when and why."""
    if not settings.paused:
        return {"paused": False}
    return {"paused": True, "until": moment(settings.paused_until), "reason": settings.paused_reason}


def setting(name: str, value: object) -> object:
    """One of the settings of a queue, durations in seconds."""
    if value is None or name not in ("patience", "start_within") or not isinstance(value, int):
        return value
    return f"{value / SECOND:g} s"


def schedule(kept: Schedule) -> Told:
    """All of a schedule that somebody may say. Of its arguments, only their names."""
    given: Mapping[str, object] = json.loads(kept.args)
    return {
        "job": kept.target, "when": kept.when, "timezone": kept.timezone, "misfire": kept.misfire, "most": kept.most,
        "overlap": kept.overlap, "jitter": f"{kept.jitter / SECOND:g} s" if kept.jitter else None,
        "paused": kept.paused, "paused_reason": kept.paused_reason,
        **{f"option {name}": value for name, value in kept.options.items()},
        **{f"argument {name}": value for name, value in given.items()},
    }  # fmt: skip


def of_schedules(before: Schedule | None, after: Schedule | None) -> tuple[Changed, ...]:
    """What an edit changed; one that was not there, or is not any more, had nothing."""
    old, new = ({} if one is None else schedule(one) for one in (before, after))
    hidden = {name for name in (*old, *new) if name.startswith("argument ")}
    plain = changes(*({name: value for name, value in one.items() if name not in hidden} for one in (old, new)))
    covered = (
        (name, MASK if name in old else None, MASK if name in new else None) for name in sorted(hidden) if old.get(name) != new.get(name)
    )
    return (*plain, *covered)[:MOST]


def placed(before: Placed, given: Told) -> Told:
    """Of a job, what somebody is about to say anew: its queue, its priority, until when it waits."""
    return told({name: getattr(before, name) for name in given})


def told(given: Told) -> Told:
    """The same, with the time as it is written down."""
    return {name: moment(value) if name == "at" and isinstance(value, int) else value for name, value in given.items()}


def moment(at: Micros | None) -> str | None:
    """A time, as it is written down."""
    return None if at is None else iso(at)
