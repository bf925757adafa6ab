"""Alerts: what is active, what is over, and what people say to it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time, timedelta, tzinfo
from typing import Any

from flask import request, url_for
from werkzeug.wrappers import Response

from horizon.control.alerts import AlertControl
from horizon.control.verbs import unknown
from horizon.core.alert import SNOOZED, Alert, Severity
from horizon.core.clock import HOUR, MINUTE, SECOND, Micros, from_datetime
from horizon.core.errors import InvalidFilter, NotFound
from horizon.monitor import alerts as seen
from horizon.web import render, words
from horizon.web.auth import current_actor, this_app
from horizon.web.lists import ALERTS
from horizon.web.pages import frame, listing
from horizon.web.pages.answering import answered
from horizon.web.pages.queues import page_of
from horizon.web.render import Toast
from horizon.web.search import Moment
from horizon.web.state import state_of

ROWS = 20
"""On one page: it stays below 40 kB."""
LOOKS: Mapping[Severity, str] = {
    Severity.CRITICAL: "s-failed", Severity.HIGH: "s-failed", Severity.MODERATE: "s-retrying", Severity.LOW: "s-scheduled", Severity.INFO: "s-cancelled",
}  # fmt: skip
SNOOZES: Mapping[str, Micros] = {"15m": 15 * MINUTE, "1h": HOUR}
TOMORROW = "tomorrow"
MORNING = time(8)
DEEDS = ("ack", "snooze", "resolve")


def show() -> Response:
    """GET /alerts: `view` is `active` (else) or `past`, `severity` one of them; `q`, `after` and `before` as in other lists."""
    standing, store = frame.standing(), frame.stores().backend()
    view, wanted = _view(request.args), _severity(request.args.get("severity", ""))
    active, now = seen.active(store), store.now()
    known = active if view == "active" else seen.past(store)
    every, narrowed = listing.narrowed(ALERTS, known, Moment(now=now, zone=render.viewer().zone))
    found = [one for one in every if wanted in (None, one.severity)]
    last = max(1, -(-len(found) // ROWS))
    number = min(page_of(request.args.get("page", "")), last)
    many = {severity: sum(one.severity is severity for one in every) for severity in Severity}
    around: dict[str, Any] = {**narrowed, **standing}
    return render.page(
        "alerts/page.html", at=now, rows=found[(number - 1) * ROWS : number * ROWS], view=view, wanted=wanted, many=many, total=len(found),
        all=len(every), known=len(known), open=len(active), number=number, last_page=last, looks=LOOKS, link=link, **around,
    )  # fmt: skip


def chosen(args: Mapping[str, str]) -> list[Alert]:
    """Those that the parameters name. Raises InvalidFilter."""
    store, wanted = frame.stores().backend(), _severity(args.get("severity", ""))
    known = seen.active(store) if _view(args) == "active" else seen.past(store)
    fit = ALERTS.understand(args, Moment(now=store.now(), zone=render.viewer().zone)).of(known)
    return [one for one in fit if wanted in (None, one.severity)]


def _view(args: Mapping[str, str]) -> str:
    return "past" if args.get("view") == "past" else "active"


def show_one(id: str) -> Response:
    """GET /alerts/ID: an active one in full, with all that can be said to it."""
    store = frame.stores().backend()
    one = next((one for one in seen.active(store) if one.id == id), None)
    if one is None:
        raise NotFound(f"there is no active alert {id[:40]!r}; it may be over by now, and is among the past ones then")
    return render.page("alerts/one.html", at=store.now(), one=one, looks=LOOKS, link=link, **frame.standing())


def act() -> Response:
    """POST /alerts/act: `do` is `ack:ID`, `snooze:ID:15m` or `resolve:ID`, with a `note`."""
    return answered(_act)


def _act() -> Response:
    form, actor = request.form, current_actor()
    deed, _, rest = form.get("do", "").partition(":")
    id, _, until = rest.partition(":")
    note = form.get("note") or None
    control = AlertControl(state_of().runtime, this_app())
    if deed == "ack":
        toast = Toast(text=f"Acknowledged: {control.acknowledge(actor, id, note=note).title}")
    elif deed == "snooze":
        at = snooze_until(until, state_of().runtime.backend().now(), render.viewer().zone)
        toast = Toast(text=f"Snoozed until {words.minute(at, render.viewer().zone)}: {control.snooze(actor, id, at, note=note).title}")
    elif deed == "resolve":
        toast = Toast(text=f"Resolved: {control.resolve(actor, id, note=note).title}. Should it still be so, it comes up again")
    else:
        raise unknown(deed, list(DEEDS))
    return render.acted(toast, render.safe_back(form.get("back"), url_for("horizon.alerts")))


def snooze_until(text: str, now: Micros, zone: tzinfo) -> Micros:
    """The end of a snooze: `15m`, `1h` or `tomorrow` (at eight, in the viewer's zone). Raises InvalidFilter."""
    if text in SNOOZES:
        return now + SNOOZES[text]
    if text != TOMORROW:
        raise InvalidFilter(f"an alert is snoozed for {', '.join(SNOOZES)} or until {TOMORROW}; got {text[:40]!r}")
    day = datetime.fromtimestamp(now / SECOND, zone).date() + timedelta(days=1)
    return from_datetime(datetime.combine(day, MORNING, zone))


def _severity(text: str) -> Severity | None:
    try:
        return Severity(text) if text else None
    except ValueError:
        raise InvalidFilter(f"there is no severity {text[:40]!r}; there are: {', '.join(Severity)}") from None


def link(alert: Alert) -> str:
    """The address of what an alert is about, empty where it has no page."""
    kind, name = alert.subject or ("", "")
    if kind == "queue":
        return url_for("horizon.queue", name=name, connection=alert.connection)
    if kind in ("worker", "job"):
        return url_for(f"horizon.{kind}", id=name, connection=alert.connection)
    if kind == "schedule":
        return url_for("horizon.schedule", name=name)
    if kind == "class":
        return url_for("horizon.jobs", q=f'class:"{name}"', connection=alert.connection)
    if kind == "cause":
        return url_for("horizon.failed", q=f"cause:{name}", connection=alert.connection)
    return {"no-worker": url_for("horizon.workers"), "old-code": url_for("horizon.workers"), "problem": url_for("horizon.workers"),
            "paused": url_for("horizon.queues"), "audit": url_for("horizon.audit", connection=alert.connection)}.get(alert.rule, "")  # fmt: skip


def panel() -> dict[str, Any]:
    """What the panel of the overview shows: active alerts that nobody snoozed."""
    found = frame.active_alerts()
    now = frame.figures().at
    return {"alerts": [one for one in found if one.state(now) != SNOOZED], "alert_link": link, "looks": LOOKS}
