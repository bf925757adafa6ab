"""Alerts of every severity and in every state, and an audit log that was looked at."""

from __future__ import annotations

from collections.abc import Sequence

from horizon.control.alerts import AlertControl
from horizon.control.audit import AuditControl
from horizon.core.alert import Severity, Sighting
from horizon.core.audit import AuditEntry
from horizon.core.clock import HOUR
from horizon.security.permissions import Actor
from tests.web.pages.stage import Stage

ANA = Actor(name="ana", role="admin", origin="web")


def warn(stage: Stage, texts: Sequence[str]) -> dict[str, str]:
    """What to put into the holes of addresses."""
    control = AlertControl(stage.runtime)
    made = []
    for index, severity in enumerate(Severity):
        text = texts[index % len(texts)]
        seen = Sighting(
            key=f"k{index}", severity=severity, title=text, text=f"{text} and jobs wait there.", todo="Start a worker for it.",
            command="horizon work --queue emails", rule="unserved", subject=("queue", "emails"), figures={"jobs waiting": text},
        )  # fmt: skip
        made.append(control.raise_(seen).alert.id)
    control.raise_(Sighting(key="over", severity=Severity.HIGH, title=texts[0]))
    control.resolve_key("over")
    control.acknowledge(ANA, made[1], note=texts[-1])
    control.snooze(ANA, made[2], stage.store.now() + HOUR, note=texts[0])
    changes = (("weight", "1", texts[0]), (texts[-1], None, "5"))
    stage.store.audit.append(
        AuditEntry(actor="ana", verb="override", target="queue:emails", detail=texts[0], origin="cli", changes=changes)
    )
    AuditControl(stage.runtime).verify(ANA)
    entry = stage.store.audit.list(limit=1)[0]
    return {"alert.id": made[0], "audit_entry.number": str(entry.seq)}
