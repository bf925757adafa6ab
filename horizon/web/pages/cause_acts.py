"""What the forms about causes post to `/causes/act`.

A form sends `cause`, `do` = `resolve`, `mute`, `reopen`, `snooze`, `snooze-1h`, `snooze-24h`, `snooze-7d` or `snooze-more`, and the fields
that its verb reads: `note`, `until` (a date and time in the viewer's zone), `more`. A list sends `resolve` or `reopen` with the cause.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from flask import request, url_for
from werkzeug.wrappers import Response

from horizon.control.causes import CauseControl
from horizon.core.clock import DAY, HOUR, Micros, from_datetime
from horizon.core.errors import InvalidInput, InvalidOption
from horizon.web import render
from horizon.web.auth import current_actor
from horizon.web.pages.answering import answered
from horizon.web.render import Toast
from horizon.web.state import state_of
from horizon.web.text import plain, short_name
from horizon.web.viewer import find_zone
from horizon.web.words import exact, plural

SPANS: Mapping[str, Micros] = {"snooze-1h": HOUR, "snooze-24h": DAY, "snooze-7d": 7 * DAY}
"""Snoozes of one click."""
Act = Callable[[CauseControl, str], Toast]


def on_cause() -> Response:
    """POST /causes/act"""
    return answered(_act)


def _act() -> Response:
    runtime = state_of().runtime
    verb, cause = _asked()
    if verb not in VERBS:
        raise InvalidInput(f"a cause takes {', '.join(VERBS)}; got {verb[:40]!r}")
    toast = VERBS[verb](CauseControl(runtime), cause)
    return render.acted(toast, render.safe_back(request.form.get("back"), url_for("horizon.failed", view="causes")))


def _asked() -> tuple[str, str]:
    """(verb, cause): of a form about one cause, or of a button in a list, whose name is the verb."""
    of_list = next((verb for verb in ("resolve", "reopen") if verb in request.form), "")
    return (of_list, request.form[of_list]) if of_list else (request.form.get("do", ""), request.form.get("cause", ""))


def _note() -> str | None:
    return request.form.get("note", "").strip() or None


def _called(cause: str) -> str:
    return plain(short_name(cause.partition(" ")[0]), 60)


def _resolve(control: CauseControl, cause: str) -> Toast:
    control.resolve(current_actor(), cause, _note())
    return Toast(text=f"Resolved {_called(cause)}. Should a job fail with it again, it is told as regressed")


def _mute(control: CauseControl, cause: str) -> Toast:
    control.mute(current_actor(), cause, _note())
    return Toast(text=f"Muted {_called(cause)}: its jobs still fail, and nothing turns red by it")


def _reopen(control: CauseControl, cause: str) -> Toast:
    control.reopen(current_actor(), cause, _note())
    return Toast(text=f"Reopened {_called(cause)}")


def _snooze(control: CauseControl, cause: str) -> Toast:
    now, verb = control.stores.backend().now(), request.form.get("do", "")
    until = now + SPANS[verb] if verb in SPANS else _until() if verb == "snooze" else None
    more = _more() if verb == "snooze-more" else None
    control.snooze(current_actor(), cause, until=until, more=more, note=_note())
    if more is not None:
        return Toast(text=f"Snoozed {_called(cause)} until it has happened {plural(more, 'time')} more")
    return Toast(text=f"Snoozed {_called(cause)} until {exact(until, render.viewer().zone)}")


def _until() -> Micros:
    typed = request.form.get("until", "").strip()
    if not typed:
        raise InvalidOption("choose until when it is snoozed, or take 1 h, 24 h or 7 d")
    try:
        moment = datetime.fromisoformat(typed)
    except ValueError:
        raise InvalidOption(f"give the date and time at which the snooze ends; got {typed[:40]!r}") from None
    return from_datetime(moment.replace(tzinfo=find_zone(render.viewer().zone_name)))


def _more() -> int:
    typed = request.form.get("more", "").strip()
    if not typed:
        raise InvalidOption("say after how many more failures it is told again")
    if not typed.isascii() or not typed.isdecimal() or len(typed) > 9:
        raise InvalidOption(f"give the number of failures after which it is told again; got {typed[:40]!r}")
    return int(typed)


VERBS: Mapping[str, Act] = {
    "resolve": _resolve, "mute": _mute, "reopen": _reopen, "snooze": _snooze, "snooze-more": _snooze, **dict.fromkeys(SPANS, _snooze),
}  # fmt: skip
