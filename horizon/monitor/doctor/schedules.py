"""What can be wrong with schedules: that the code's cannot be used, that nobody dispatches them, that one never succeeds."""

from __future__ import annotations

from collections.abc import Iterator

from horizon.monitor.doctor.facts import ERROR, WARNING, Facts, Finding


def usable(facts: Facts) -> Iterator[Finding]:
    """A schedule of the code that cannot be used here."""
    for name, problem in facts.unusable_schedules:
        fix = "Mend it where JobScheduler.schedule is called, or name the module of its job in HORIZON_IMPORTS."
        yield Finding(
            severity=ERROR, code="schedule", sentence=f"The schedule {name} of the code cannot be used: {problem.rstrip('.')}.", fix=fix
        )


def on_time(facts: Facts) -> Iterator[Finding]:
    """Schedules whose time is over by more than a minute."""
    if facts.overdue_schedules:
        some = ", ".join(facts.overdue_schedules[:5])
        more = f" and {len(facts.overdue_schedules) - 5} more" if len(facts.overdue_schedules) > 5 else ""
        sentence = f"Nobody dispatched these schedules in time: {some}{more}."
        yield Finding(
            severity=WARNING, code="overdue", sentence=sentence, fix="Let a web process run with HORIZON_SCHEDULER on: horizon serve"
        )
