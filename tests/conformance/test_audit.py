from __future__ import annotations

from dataclasses import replace
from typing import Any

from horizon.core.audit import AuditEntry, AuditQuery
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


def test_entries_are_found_by_a_part_of_their_target_or_detail_in_any_case(drive: Driver) -> None:
    drive.backend.audit.append(AuditEntry(actor="ana", verb="pause", target="queue:Mails"))
    drive.backend.audit.append(AuditEntry(actor="ana", verb="pause", target="queue:images", detail="mails are late"))
    drive.backend.audit.append(AuditEntry(actor="ana", verb="pause", target="queue:reports"))
    assert targets(drive, text="mails") == ["queue:images", "queue:Mails"]
    assert targets(drive, text="100%") == targets(drive, text="_") == []


def test_entries_are_found_by_time_the_first_moment_included_and_the_last_one_not(drive: Driver) -> None:
    moments = []
    for index in range(4):
        moments.append(drive.clock())
        drive.backend.audit.append(AuditEntry(actor="ana", verb="retry", target=f"t{index}"))
        drive.clock.advance(60)
    assert targets(drive, after=moments[1], before=moments[3]) == ["t2", "t1"]
    assert targets(drive, after=moments[3]) == ["t3"]
    assert targets(drive, after=moments[3] + 1) == []
    assert targets(drive, before=moments[0]) == []


def test_filters_hold_together_and_from_page_to_page(drive: Driver) -> None:
    for index in range(9):
        actor, verb = ("ana", "bob", "eve")[index % 3], ("retry", "cancel")[index % 2]
        drive.backend.audit.append(AuditEntry(actor=actor, verb=verb, target=f"job-{index}"))
    seen, cursor = [], None
    for _ in range(9):
        page = drive.backend.audit.find(AuditQuery(actor="ana", verb="retry", text="JOB-", limit=1, cursor=cursor))
        seen += [entry.target for entry in page.items]
        cursor = page.next
        if cursor is None:
            break
    assert seen == ["job-6", "job-0"]


def test_the_last_page_says_that_it_is_the_last(drive: Driver) -> None:
    for index in range(4):
        drive.backend.audit.append(audit(f"v{index}"))
    first = drive.backend.audit.find(AuditQuery(limit=2))
    assert first.next == first.items[-1].seq
    assert drive.backend.audit.find(AuditQuery(limit=2, cursor=first.next)).next is None


def test_every_actor_and_verb_that_occurs_is_listed_once_by_name(drive: Driver) -> None:
    for actor, verb in (("bob", "retry"), ("ana", "retry"), ("ana", "cancel"), ("ana", "retry")):
        drive.backend.audit.append(AuditEntry(actor=actor, verb=verb, target="t"))
    actors, verbs = drive.backend.audit.words()
    assert (list(actors), list(verbs)) == (["ana", "bob"], ["cancel", "retry"])
    assert [list(words) for words in drive.backend.audit.words(limit=1)] == [["ana"], ["cancel"]]


def targets(drive: Driver, **asked: Any) -> list[str]:
    return [entry.target for entry in drive.backend.audit.find(AuditQuery(**asked)).items]
