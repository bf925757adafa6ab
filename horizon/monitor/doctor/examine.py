"""What is wrong with an installation, and how to put it right. Pure: facts in, findings out."""

from __future__ import annotations

from collections.abc import Sequence

from horizon.monitor.doctor import schedules, secrets, settings, stores, workers
from horizon.monitor.doctor.facts import NOTE, SEVERITIES, Facts, Finding, Rule

RULES: tuple[Rule, ...] = (
    stores.answering,
    workers.nobody_works,
    workers.unserved,
    settings.imports,
    schedules.usable,
    schedules.on_time,
    settings.door,
    stores.parked,
    stores.files,
    stores.servers,
    settings.settings,
    secrets.keys,
    secrets.differ,
    workers.old,
    workers.marks,
    workers.clocks,
    workers.led,
)


def examine(facts: Facts) -> list[Finding]:
    """What was found, the worst first."""
    found = [finding for rule in RULES for finding in rule(facts)]
    return sorted(found, key=lambda finding: SEVERITIES.index(finding.severity))


def is_wrong(findings: Sequence[Finding]) -> bool:
    """Whether somebody has to do something."""
    return any(finding.severity != NOTE for finding in findings)
