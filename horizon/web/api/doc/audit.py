"""The audit log and its chain, told: their schemas, examples, and their rows of the table of routes."""

from __future__ import annotations

from typing import Any

from horizon.web.api.doc.words import (
    COUNT,
    MOMENT,
    TEXT,
    TRUTH,
    WHOLE,
    Answer,
    Param,
    Schema,
    Told,
    either,
    many,
    obj,
    page_of,
    ref,
    said,
)  # fmt: skip

ENTRY = obj(
    {
        "id": WHOLE,
        "at": MOMENT,
        "actor": TEXT,
        "verb": TEXT,
        "target": said(TEXT, "the id of a job, `queue:NAME`, `session:ID`, `operation:ID`, or the search of an act on many"),
        "count": said(WHOLE, "how many things were touched"),
        "detail": either(TEXT),
        "origin": said(either(TEXT), "`web`, `api` or `cli`, with the address where there is one"),
        "changes": said(many(obj({"name": TEXT, "before": either(TEXT), "after": either(TEXT)})), "what was changed, where that is known"),
        "link": said(either(WHOLE), "its place in the chain; null for a moment after it was written"),
        "hash": said(either(TEXT), "SHA-256 over the hash before it and its own fields"),
    }
)
ENTRIES = page_of(ref("AuditEntry"), searched_back_to=said(MOMENT, "only where the search stopped before the page was full"))
ENTRIES["required"].remove("searched_back_to")
CHECK = obj(
    {
        "connection": TEXT,
        "holds": said(TRUTH, "every entry is what was written, none is missing, and the expected hash is there"),
        "at": said(MOMENT, "when it was looked at"),
        "checked": said(COUNT, "entries that fit, one after the other"),
        "first": said(WHOLE, "the number of the oldest that is kept"),
        "head": said(obj({"link": WHOLE, "hash": TEXT}), "the last that fits: keep its hash where nobody of here can write"),
        "fault": said(either(obj({"link": WHOLE, "reason": TEXT})), "the first entry that does not fit"),
        "expected": either(TEXT),
        "found_at": said(either(WHOLE), "the number of the entry with that hash"),
    }
)
COMPONENTS: dict[str, Schema] = {
    "AuditEntry": ENTRY,
    "AuditEntries": ENTRIES,
    "AuditCheck": CHECK,
    "AuditChecks": obj({"items": many(ref("AuditCheck"))}),
    "AuditVerified": obj({"items": many(ref("AuditCheck")), "holds": TRUTH}),
    "VerifyAudit": obj(
        {"connection": either(TEXT), "expect": said(either(TEXT), "a hash that was kept")}, optional=("connection", "expect"), closed=True
    ),
}

ENTRY_EXAMPLE: dict[str, Any] = {
    "id": 5120, "at": "2026-11-22T14:03:22.000Z", "actor": "ana@example.com", "verb": "pause", "target": "queue:emails", "count": 1,
    "detail": "the provider is down", "origin": "web 203.0.113.9",
    "changes": [], "link": 5118, "hash": "5d41c1f2a7b0e3968d1c4f7a2b6e9d0c3f8a1b4e7d2c5f8a0b3e6d9c2f5a8b1e",
}  # fmt: skip
CHECK_EXAMPLE: dict[str, Any] = {
    "connection": "default", "holds": True, "at": "2026-11-22T14:05:00.000Z", "checked": 5118, "first": 1,
    "head": {"link": 5118, "hash": ENTRY_EXAMPLE["hash"]}, "fault": None, "expected": None, "found_at": None,
}  # fmt: skip
P_CONNECTION = Param(name="connection", schema=TEXT, text="One of `HORIZON_CONNECTIONS`.")
P_CURSOR = Param(name="cursor", schema=TEXT, text="The `next` of the page before.")
P_LIMIT = Param(name="limit", schema={"type": "integer", "minimum": 1, "maximum": 200, "default": 50}, text="How many at the most.")
FILTERS = (
    Param(name="actor", schema=TEXT, text="Only by this one, by the whole name."),
    Param(name="verb", schema=TEXT, text="Only this: `retry`, `cancel`, `pause` ..."),
    Param(name="q", schema=TEXT, text="Part of the target or of the detail, any case."),
    Param(name="after", schema=TEXT, text="At or after: `1h`, `yesterday`, `2026-11-22T14:03Z`."),
    Param(name="before", schema=TEXT, text="Before, in the same words."),
)

TOLD: dict[str, Told] = {
    "api_audit": Told(
        group="people", summary="The audit log", params=(*FILTERS, P_CURSOR, P_LIMIT, P_CONNECTION), errors=(400, 404), tagged=True,
        text="Newest first. Entries cannot be changed or taken out; they are kept for `HORIZON_KEEP_AUDIT`.",
        answers={200: Answer(text="A page of entries", schema="AuditEntries", example={"items": [ENTRY_EXAMPLE], "next": "5120", "total": None, "total_at_least": 1})},
    ),
    "api_audit_chain": Told(
        group="people", summary="Whether the audit log is whole", params=(P_CONNECTION,), errors=(404,), tagged=True,
        text="What was found when the log of each connection was looked at last; a connection that never was is not there.",
        answers={200: Answer(text="By connection", schema="AuditChecks", example={"items": [CHECK_EXAMPLE]})},
    ),
    "api_verify_audit": Told(
        group="people", summary="Look at every entry of the audit log", body="VerifyAudit", errors=(400, 404, 413, 422),
        text="Is each what was written then, and is none missing? With `expect`: is the hash that was kept still in it?",
        examples={"all of it": {}, "with a hash that was kept": {"expect": ENTRY_EXAMPLE["hash"]}},
        answers={200: Answer(text="By connection", schema="AuditVerified", example={"items": [CHECK_EXAMPLE], "holds": True})},
    ),
}  # fmt: skip
