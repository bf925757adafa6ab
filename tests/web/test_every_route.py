"""What must hold at every address there is, those to come included."""

from __future__ import annotations

from typing import Any

import pytest

from horizon.security.permissions import ROLES
from tests.web.addresses import addresses
from tests.web.pages.stage import NASTY, Stage

SAME = {"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"}
GARBAGE = [
    "\x00", "-1", "0", "99999999999999999999", "NaN", "'\"><script>", "../../etc/passwd", "%", "%00", "🎉" * 300, "a:b:c:", "-", "*", '"',
    "state:nowhere", "after:yesterday-ish", "[]", "{}", "null", NASTY["rtl"], "x" * 5000,
]  # fmt: skip
NAMES = (
    "q", "state", "queue", "cursor", "limit", "sort", "from", "to", "range", "tab", "actor", "verb", "id", "do", "at", "priority", "name",
    "columns", "next", "format", "action", "job_id", "reason", "until", "page", "level", "attempt", "confirm", "sure", "connection",
)  # fmt: skip


@pytest.fixture(scope="module")
def stage() -> Stage:
    """A shop in which something of everything has happened."""
    return Stage().plenty()


def all_of(stage: Stage, *methods: str) -> list[tuple[str, str, str]]:
    found = [row for row in addresses(stage.app, {"job.id": stage.tried, "id": stage.tried, "name": "emails"}) if row[0] in methods]
    assert len(found) > 5
    return found


@pytest.mark.parametrize("value", GARBAGE, ids=lambda value: ascii(value[:20]))
def test_garbage_in_every_parameter_is_answered_and_never_with_a_fault_of_ours(stage: Stage, value: str) -> None:
    bad = []
    for method, path, _ in all_of(stage, "GET"):
        answer = stage.client.open(path, method=method, query_string=dict.fromkeys(NAMES, value), headers=SAME)
        if answer.status_code >= 500 or "Traceback" in answer.get_data(as_text=True)[:200]:
            bad.append((method, path, answer.status_code))
    assert bad == []


@pytest.mark.parametrize("name", NAMES)
def test_garbage_in_one_parameter_alone_is_answered_too(stage: Stage, name: str) -> None:
    for method, path, _ in all_of(stage, "GET"):
        for value in ("\x00", "99999999999999999999", "'\"><script>"):
            answer = stage.client.open(path, method=method, query_string={name: value}, headers=SAME)
            assert answer.status_code < 500, (path, name, value)


def test_garbage_in_forms_and_bodies_changes_nothing_and_is_answered(stage: Stage) -> None:
    for method, path, endpoint in all_of(stage, "POST", "PUT", "PATCH", "DELETE"):
        bodies: list[dict[str, Any]] = [{"data": dict.fromkeys(NAMES, value)} for value in ("\x00", "-1", "'\"><script>", "🎉" * 300)]
        bodies += [{"data": b"\xff\xfe\x00", "content_type": kind} for kind in ("application/json", "text/plain", "multipart/form-data")]
        bodies += [{"json": value} for value in ([], "x", 5, None, {"action": []}, {"action": "retry", "job_ids": "x"}, {"filter": 5})]
        for body in bodies:
            answer = stage.client.open(path, method=method, headers=SAME, **body)
            assert answer.status_code < 500, (method, path, endpoint, body)


def test_a_viewer_may_look_everywhere_and_change_nothing(stage: Stage) -> None:
    """Whatever the address, nothing that a viewer sends leaves an entry in the audit log."""
    before = len(stage.store.audit.list(limit=1000))
    stage.role = "viewer"
    try:
        for method, path, endpoint in all_of(stage, "POST", "PUT", "PATCH", "DELETE"):
            form = {
                "do": f"cancel:{stage.running}",
                "id": stage.running,
                "sure": "1",
                "queue": "emails",
                "action": "pause",
                "name": "emails",
            }
            answer = stage.client.open(path, method=method, data=form, headers=SAME)
            assert answer.status_code < 500, (method, path, endpoint)
            stage.client.open(path, method=method, json={"action": "pause", "queue": "emails"}, headers=SAME)
    finally:
        stage.role = list(ROLES)[-1]
    assert len(stage.store.audit.list(limit=1000)) == before
