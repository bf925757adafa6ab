"""What is particular about looking through a long audit log in a database."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from horizon.core.audit import AuditQuery
from horizon.core.clock import SECOND
from horizon.core.query import SCAN_LIMIT
from tests.conformance.driver import Driver


def fill(file: Path, count: int) -> None:
    """Entries one second apart, every one by ana; one in two thousand about a needle."""
    rows = [(n * SECOND, "ana", "retry", "needle" if n % 2000 == 0 else f"job-{n}", 1) for n in range(1, count + 1)]
    with sqlite3.connect(file) as connection:
        connection.executemany("INSERT INTO horizon_audit (at, actor, verb, target, count) VALUES (?, ?, ?, ?, ?)", rows)


def test_a_search_by_text_stops_at_the_scan_limit_and_goes_on_from_there(drive: Driver, file: Path) -> None:
    fill(file, 3 * SCAN_LIMIT // 2)
    page = drive.backend.audit.find(AuditQuery(text="needle"))
    assert [entry.at for entry in page.items] == [6000 * SECOND, 4000 * SECOND]
    assert page.searched_back_to == (SCAN_LIMIT // 2 + 1) * SECOND
    rest = drive.backend.audit.find(AuditQuery(text="needle", cursor=page.next))
    assert [entry.at for entry in rest.items] == [2000 * SECOND]
    assert (rest.next, rest.searched_back_to) == (None, None)


def test_a_full_page_needs_no_whole_search(drive: Driver, file: Path) -> None:
    fill(file, 2 * SCAN_LIMIT)
    page = drive.backend.audit.find(AuditQuery(actor="ana", limit=200))
    assert len(page.items) == 200
    assert page.searched_back_to is None
    assert page.next == page.items[-1].seq


def test_an_actor_who_did_little_is_found_among_many_entries_of_the_same_verb(drive: Driver, file: Path) -> None:
    fill(file, 2 * SCAN_LIMIT)
    with sqlite3.connect(file) as connection:
        connection.execute("UPDATE horizon_audit SET actor = 'bob' WHERE seq = 3")
    page = drive.backend.audit.find(AuditQuery(actor="bob", verb="retry"))
    assert [entry.seq for entry in page.items] == [3]
    assert page.searched_back_to is None
