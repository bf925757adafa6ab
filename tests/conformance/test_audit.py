from __future__ import annotations

from dataclasses import replace

from horizon.core.audit import AuditEntry
from tests.conformance.driver import Driver, audit


def test_an_entry_is_kept_whole_with_the_stores_time_and_a_number(drive: Driver) -> None:
    said = AuditEntry(actor="ana", verb="pause", target="queue:mails", count=3, detail="provider down", origin="web 127.0.0.1")
    drive.backend.audit.append(said)
    (entry,) = drive.backend.audit.list()
    assert entry.seq is not None
    assert replace(entry, seq=None) == replace(said, at=drive.clock())


def test_entries_are_listed_newest_first_and_paged_by_the_last_one_seen(drive: Driver) -> None:
    for index in range(5):
        drive.backend.audit.append(audit(f"v{index}"))
    first = drive.backend.audit.list(limit=2)
    assert [entry.verb for entry in first] == ["v4", "v3"]
    second = drive.backend.audit.list(limit=2, cursor=first[-1].seq)
    assert [entry.verb for entry in second] == ["v2", "v1"]
    third = drive.backend.audit.list(limit=2, cursor=second[-1].seq)
    assert [entry.verb for entry in third] == ["v0"]


def test_entries_are_found_by_actor_and_verb(drive: Driver) -> None:
    drive.backend.audit.append(AuditEntry(actor="ana", verb="retry", target="a"))
    drive.backend.audit.append(AuditEntry(actor="bob", verb="retry", target="b"))
    drive.backend.audit.append(AuditEntry(actor="bob", verb="cancel", target="c"))
    listed = drive.backend.audit.list
    assert [entry.target for entry in listed(actor="bob")] == ["c", "b"]
    assert [entry.target for entry in listed(verb="retry")] == ["b", "a"]
    assert [entry.target for entry in listed(actor="bob", verb="retry")] == ["b"]
    assert list(listed(actor="eve")) == []
