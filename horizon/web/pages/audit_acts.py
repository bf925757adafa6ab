"""One entry of the audit log in full, and checking whether the log is whole."""

from __future__ import annotations

from flask import request, url_for
from werkzeug.wrappers import Response

from horizon.control.acting import backend_of
from horizon.control.audit import AuditControl
from horizon.core.errors import NotFound
from horizon.monitor.chain import Checked
from horizon.web import render, words
from horizon.web.auth import current_actor
from horizon.web.pages import audit, frame
from horizon.web.pages.answering import answered
from horizon.web.render import Toast
from horizon.web.state import state_of


def show_one(number: int) -> Response:
    """GET /audit/NUMBER: an entry of the connection that is named, else of the default one."""
    stores = state_of().runtime
    connection = frame.connection() or stores.default
    store = backend_of(stores, connection)
    entry = store.audit.get(number)
    if entry is None:
        raise NotFound(f"the audit log of {connection} has no entry {number}; it may have been trimmed (HORIZON_KEEP_AUDIT)")
    standing = frame.standing()
    to = audit.link(entry, frame.connection())
    return render.page(
        "audit/one.html", at=store.now(), entry=entry, to=to, of=connection, **{**standing, "connection": frame.connection()}
    )


def check() -> Response:
    """POST /audit/check"""
    return answered(_check)


def _check() -> Response:
    found = AuditControl(state_of().runtime).verify(current_actor(), request.form.get("connection") or None)
    return render.acted(_told(found), render.safe_back(request.form.get("back"), url_for("horizon.audit")))


def _told(found: list[Checked]) -> Toast:
    for one in found:
        if one.fault is not None:
            return Toast(text=f"The log of {one.connection} does not hold at number {one.fault.link:,}: {one.fault.reason}", wrong=True)
    return Toast(text=f"Looked at {words.plural(sum(one.checked for one in found), 'entry', 'entries')}: each is as it was written")
