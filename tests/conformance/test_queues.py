from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from horizon.backends.values import QueueSettings
from horizon.core.audit import AuditEntry
from horizon.core.clock import SECOND
from horizon.core.errors import HorizonError, QueueFull
from horizon.core.place import DEFAULT_PATIENCE
from tests.conformance.driver import Driver, audit, envelope


def test_a_queue_nobody_defined_has_the_defaults(drive: Driver) -> None:
    settings = drive.backend.queues.get("anything")
    assert (settings.name, settings.patience, settings.priority_weight, settings.max_jobs) == ("anything", DEFAULT_PATIENCE, 1, None)
    assert (settings.paused, settings.paused_until, settings.paused_reason, settings.overridden) == (False, None, None, ())


def test_what_the_code_says_is_kept(drive: Driver) -> None:
    drive.backend.queues.define([QueueSettings(name="mails", patience=5 * SECOND, priority_weight=7, max_jobs=9)])
    settings = drive.backend.queues.get("mails")
    assert (settings.patience, settings.priority_weight, settings.max_jobs, settings.overridden) == (5 * SECOND, 7, 9, ())


def test_what_a_person_sets_stays_on_top_of_what_the_code_says(drive: Driver) -> None:
    queues = drive.backend.queues
    queues.define([QueueSettings(name="mails", priority_weight=2)])
    set_now = queues.override("mails", {"priority_weight": 9}, audit=audit("configure", "queue:mails"))
    assert (set_now.priority_weight, set_now.overridden) == (9, ("priority_weight",))
    queues.define([QueueSettings(name="mails", priority_weight=3, max_jobs=5)])
    assert (queues.get("mails").priority_weight, queues.get("mails").max_jobs) == (9, 5)
    assert [entry.target for entry in drive.backend.audit.list()] == ["queue:mails"]


def test_of_changes_at_once_none_is_lost(drive: Driver) -> None:
    wanted = {"priority_weight": 7, "max_jobs": 9, "patience": 5 * SECOND, "start_within": 30 * SECOND, "dead_after": 3}
    with ThreadPoolExecutor(5) as pool:
        list(pool.map(lambda one: drive.backend.queues.override("mails", dict([one])), wanted.items()))
    found = drive.backend.queues.get("mails")
    assert {name: getattr(found, name) for name in wanted} == wanted


def test_each_of_several_changes_at_once_notes_what_stood_before_it(drive: Driver) -> None:
    def change(weight: int) -> None:
        def noted(before: QueueSettings) -> AuditEntry:
            return replace(audit("override"), changes=(("weight", str(before.priority_weight), str(weight)),))

        drive.backend.queues.override("mails", {"priority_weight": weight}, audit=noted)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(change, range(2, 14)))
    steps = [entry.changes[0][1:] for entry in reversed(drive.backend.audit.list())]
    assert [before for before, _ in steps] == ["1", *(after for _, after in steps[:-1])]
    assert (len(steps), steps[-1][1]) == (12, str(drive.backend.queues.get("mails").priority_weight))


def test_a_pause_and_a_resume_note_what_stood_before_them(drive: Driver) -> None:
    seen: list[QueueSettings] = []

    def noted(before: QueueSettings) -> AuditEntry:
        seen.append(before)
        return audit("some")

    drive.backend.queues.pause("mails", reason="why", audit=noted)
    drive.backend.queues.pause("mails", until=drive.clock() + 60 * SECOND, audit=noted)
    drive.backend.queues.resume("mails", audit=noted)
    assert [(one.paused, one.paused_reason, one.paused_until is not None) for one in seen] == [
        (False, None, False), (True, "why", False), (True, None, True),
    ]  # fmt: skip
    assert len(drive.backend.audit.list()) == 3


def test_taking_back_an_override_returns_to_what_the_code_says(drive: Driver) -> None:
    queues = drive.backend.queues
    queues.define([QueueSettings(name="mails", priority_weight=2, max_jobs=3)])
    queues.override("mails", {"priority_weight": 9, "max_jobs": 8})
    back = queues.override("mails", {"priority_weight": None})
    assert (back.priority_weight, back.max_jobs, back.overridden) == (2, 8, ("max_jobs",))


def test_a_time_target_is_defined_changed_and_given_back(drive: Driver) -> None:
    queues = drive.backend.queues
    queues.define([QueueSettings(name="mails", start_within=30 * SECOND, start_share=0.99)])
    queues.override("mails", {"start_within": 5 * SECOND, "start_share": 0.995})
    changed = next(one for one in queues.all() if one.name == "mails")
    assert (changed.start_within, changed.start_share, changed.overridden) == (5 * SECOND, 0.995, ("start_share", "start_within"))
    assert changed.coded == {"start_within": 30 * SECOND, "start_share": 0.99}
    back = queues.override("mails", {"start_within": None, "start_share": None})
    assert (back.start_within, back.start_share, back.overridden) == (30 * SECOND, 0.99, ())
    assert queues.get("others").start_within is None


def test_a_setting_that_is_none_is_refused(drive: Driver) -> None:
    with pytest.raises(HorizonError, match="colour"):
        drive.backend.queues.override("mails", {"colour": "red"})


def test_an_overridden_limit_is_kept(drive: Driver) -> None:
    drive.backend.queues.override("mails", {"max_jobs": 1})
    drive.push()
    with pytest.raises(QueueFull):
        drive.backend.push([envelope()])


def test_every_queue_is_listed_that_was_defined_overridden_paused_or_ever_held_a_job(drive: Driver) -> None:
    queues = drive.backend.queues
    queues.define([QueueSettings(name="defined")])
    queues.override("changed", {"priority_weight": 2})
    queues.pause("paused")
    drive.push(queue="held")
    drive.run()
    assert [settings.name for settings in queues.all()] == ["changed", "defined", "held", "paused"]


def test_a_pause_says_how_many_still_run_and_why(drive: Driver) -> None:
    drive.push_many(3)
    drive.reserve(2)
    assert drive.backend.queues.pause("mails", reason="provider down", audit=audit("pause", "queue:mails")) == 2
    settings = drive.backend.queues.get("mails")
    assert (settings.paused, settings.paused_until, settings.paused_reason) == (True, None, "provider down")
    assert [entry.verb for entry in drive.backend.audit.list()] == ["pause"]


def test_a_paused_queue_takes_jobs_and_settles_them(drive: Driver) -> None:
    drive.push()
    got = drive.take()
    drive.backend.queues.pause("mails")
    drive.push()
    drive.complete(got)
    assert drive.counts() == {"completed": 1, "pending": 1}


def test_a_pause_with_an_end_is_over_at_its_end(drive: Driver) -> None:
    until = drive.clock() + 10 * SECOND
    drive.backend.queues.pause("mails", until=until)
    assert (drive.backend.queues.get("mails").paused, drive.backend.queues.get("mails").paused_until) == (True, until)
    drive.clock.advance(10)
    assert (drive.backend.queues.get("mails").paused, drive.backend.queues.get("mails").paused_until) == (False, None)


def test_resuming_undoes_a_pause_and_is_fine_twice(drive: Driver) -> None:
    drive.backend.queues.pause("mails", reason="x")
    for _ in range(2):
        drive.backend.queues.resume("mails", audit=audit("resume", "queue:mails"))
    settings = drive.backend.queues.get("mails")
    assert (settings.paused, settings.paused_reason) == (False, None)


def test_a_changed_setting_still_says_what_the_code_says(drive: Driver) -> None:
    queues = drive.backend.queues
    queues.define([QueueSettings(name="mails", priority_weight=2, max_jobs=3)])
    assert (queues.get("mails").defined, queues.get("mails").coded) == (True, {})
    changed = queues.override("mails", {"priority_weight": 9})
    assert (changed.defined, changed.coded) == (True, {"priority_weight": 2})
    assert queues.override("free", {"max_jobs": 7}).coded == {"max_jobs": None}
    assert [(one.name, one.defined) for one in queues.all()] == [("free", False), ("mails", True)]
