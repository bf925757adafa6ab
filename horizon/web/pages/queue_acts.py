"""What the forms about queues post to `/queues/act`.

A form sends `do` = `VERB:QUEUE` or `VERB:QUEUE/CONNECTION`, and the fields that its verb reads: `reason`, `until` (a date
and time in the viewer's zone), `to`, `typed`, `mark`, or the settings by name, each with `was-NAME`, as its field was drawn: what
another tab has set since is left alone. From the list of queues it sends `pause` or
`resume` with rows (see `picking`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from flask import request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from horizon.control.acting import backend_of
from horizon.control.queues import DURATIONS, LIMITS, SETTABLE, UNLIMITED, QueueControl, limit
from horizon.core.clock import HOUR, MINUTE, SECOND, Micros, from_datetime
from horizon.core.errors import InvalidInput
from horizon.security.permissions import Actor
from horizon.web import render
from horizon.web.auth import current_actor
from horizon.web.pages import queue_bulk, queue_telling
from horizon.web.pages.answering import answered
from horizon.web.render import Toast
from horizon.web.state import state_of

PAUSES: Mapping[str, Micros] = {"pause-15": 15 * MINUTE, "pause-60": HOUR}
"""Pauses of one click."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Wish:
    """A form, understood as far as every verb needs it."""

    verb: str
    queue: str
    connection: str | None
    form: MultiDict[str, str]
    actor: Actor
    control: QueueControl

    def text(self, name: str) -> str | None:
        """A field, None where nothing was typed."""
        return self.form.get(name, "").strip() or None

    @property
    def now(self) -> Micros:
        """The clock of the store it is about."""
        return backend_of(self.control.stores, self.connection).now()

    @property
    def named(self) -> str:
        """The queue as `do` names it."""
        return self.queue + (f"/{self.connection}" if self.connection else "")


def on_queue() -> Response:
    """POST /queues/act"""
    return answered(_act)


def _act() -> Response:
    if ":" not in request.form.get("do", ""):
        return queue_bulk.act()
    wish = read(request.form, current_actor(), QueueControl(state_of().runtime))
    toast = VERBS[wish.verb](wish)
    return render.acted(toast, render.safe_back(request.form.get("back"), url_for("horizon.queues")))


def read(form: MultiDict[str, str], actor: Actor, control: QueueControl) -> Wish:
    """The wish of a form. Raises InvalidInput."""
    verb, _, named = form.get("do", "").partition(":")
    queue, _, connection = named.partition("/")
    if verb not in VERBS:
        raise InvalidInput(f"a queue takes {', '.join(VERBS)}; got {verb[:40]!r}")
    return Wish(verb=verb, queue=queue, connection=connection or form.get("connection") or None, form=form, actor=actor, control=control)


def _pause(wish: Wish) -> Toast:
    until = None
    if wish.verb in PAUSES:
        until = wish.now + PAUSES[wish.verb]
    elif wish.verb == "pause-until":
        until = until_of(wish.text("until"))
    known = wish.control.known(wish.queue, connection=wish.connection)
    running = wish.control.pause(wish.actor, wish.queue, until=until, reason=wish.text("reason"), connection=wish.connection)
    return queue_telling.paused(wish.queue, wish.named, running, until, render.viewer().zone, known)


def until_of(text: str | None) -> Micros:
    """The moment that a date and time in the viewer's zone means. Raises InvalidInput."""
    if text is None:
        raise InvalidInput("choose until when the queue is paused, or pause it until it is resumed")
    try:
        return from_datetime(datetime.fromisoformat(text).replace(tzinfo=render.viewer().zone))
    except (ValueError, OverflowError):
        raise InvalidInput(f"until takes a date and time such as 2026-11-22T14:00; got {text[:40]!r}") from None


def _drain(wish: Wish) -> Toast:
    running = wish.control.drain(wish.actor, wish.queue, reason=wish.text("reason"), connection=wish.connection)
    return queue_telling.draining(wish.queue, wish.named, running)


def _resume(wish: Wish) -> Toast:
    wish.control.resume(wish.actor, wish.queue, connection=wish.connection)
    return Toast(text=f"Resumed {wish.queue}")


def _clear(wish: Wish) -> Toast:
    if wish.text("typed") != wish.queue:
        raise InvalidInput(f"nothing was cleared: type the name of the queue, {wish.queue}, to say that you mean it")
    said = wish.control.clear(wish.actor, wish.queue, reason=wish.text("reason"), connection=wish.connection)
    cleared = wish.control.cleared(wish.queue, connection=wish.connection)
    return queue_telling.cleared(wish.queue, wish.named, said, cleared)


def _unclear(wish: Wish) -> Toast:
    said = wish.control.unclear(wish.actor, wish.queue, wish.form.get("mark", ""), connection=wish.connection)
    return queue_telling.put_back(wish.queue, said)


def _move(wish: Wish) -> Toast:
    to = wish.text("to")
    if to is None:
        raise InvalidInput("name the queue to move the jobs to")
    return queue_telling.moved(wish.queue, to, wish.control.move(wish.actor, wish.queue, to, connection=wish.connection))


def _set(wish: Wish) -> Toast:
    """Only what somebody typed is set, and what differs from what holds now; an empty field goes back to what the code says."""
    before = backend_of(wish.control.stores, wish.connection).queues.get(wish.queue)
    given = {
        name: setting(name, wish.form[name]) for name in SETTABLE if name in wish.form and wish.form[name] != wish.form.get(f"was-{name}")
    }
    changes = {
        name: value
        for name, value in given.items()
        if value != shown(getattr(before, name), name in before.overridden) and not (value is None and name not in before.overridden)
    }
    if not changes:
        return Toast(text=f"Nothing was changed: the settings of {wish.queue} are these already")
    wish.control.override(wish.actor, wish.queue, changes, connection=wish.connection)
    return queue_telling.changed(wish.queue, changes)


def _reset(wish: Wish) -> Toast:
    changes = {wish.verb.removeprefix("reset-"): None}
    wish.control.override(wish.actor, wish.queue, changes, connection=wish.connection)
    return queue_telling.changed(wish.queue, changes)


def shown(value: object, overridden: bool) -> object:
    """The value as it stands in its field."""
    return UNLIMITED if overridden and limit(value) is None else value


def setting(name: str, text: str) -> float | str | None:
    """A setting as typed: whole numbers, `unlimited`, durations in seconds, shares as percentages; None where the field is empty. Raises InvalidInput."""
    typed = text.strip().replace(",", "")
    if name in LIMITS and typed.lower() in (UNLIMITED, "no limit"):
        return UNLIMITED
    if not typed:
        return None
    try:
        if name == "start_share":
            return round(float(typed.removesuffix("%")) / 100, 6)
        return round(float(typed) * SECOND) if name in DURATIONS else int(typed)
    except (ValueError, OverflowError):
        kind = "number of seconds" if name in DURATIONS else "percentage" if name == "start_share" else "whole number"
        raise InvalidInput(f"{name} takes a {kind}; got {text[:40]!r}") from None


VERBS: Mapping[str, Callable[[Wish], Toast]] = {
    "pause": _pause, "pause-15": _pause, "pause-60": _pause, "pause-until": _pause, "drain": _drain, "resume": _resume,
    "clear": _clear, "unclear": _unclear, "move": _move, "set": _set, **{f"reset-{name}": _reset for name in SETTABLE},
}  # fmt: skip
