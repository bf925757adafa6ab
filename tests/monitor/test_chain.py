"""What a check of the audit log finds, and what is kept of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from horizon.backends.memory.backend import MemoryBackend
from horizon.backends.values import StoreOptions
from horizon.core.audit import AuditEntry
from horizon.core.chain import Mark, chained, first_fault
from horizon.core.clock import ManualClock
from horizon.monitor import chain


@pytest.fixture
def store() -> MemoryBackend:
    made = MemoryBackend("default", StoreOptions(clock=ManualClock()))
    for n in range(5):
        made.audit.append(AuditEntry(actor="ana", verb="retry", target=f"t{n}"))
    return made


def entries(store: MemoryBackend) -> Any:
    return store._store.entries


def test_what_waits_is_put_into_the_chain_and_then_looked_at(store: MemoryBackend) -> None:
    found = chain.check(store, "default")
    assert (found.holds, found.checked, found.head.link, found.anchor) == (True, 5, 5, Mark())
    assert chain.last(store, "default") is None
    chain.remember(store, found)
    assert chain.last(store, "default") == found


def test_an_entry_that_was_changed_is_named_and_what_came_before_it_counted(store: MemoryBackend) -> None:
    chain.check(store, "default")
    entries(store)[2] = replace(entries(store)[2], actor="eve")
    found = chain.check(store, "default")
    assert found.fault is not None
    assert (found.holds, found.checked, found.fault.link, found.fault.entry) == (False, 2, 3, entries(store)[2])
    chain.remember(store, found)
    kept = chain.last(store, "default")
    assert kept is not None
    assert (kept.holds, kept.fault) == (False, replace(found.fault, entry=None))


def test_a_log_that_lost_its_end_or_all_of_itself_is_found_out(store: MemoryBackend) -> None:
    chain.check(store, "default")
    del entries(store)[3:]
    found = chain.check(store, "default").fault
    assert found is not None
    assert (found.link, "up to number 5" in found.reason) == (4, True)
    entries(store).clear()
    found = chain.check(store, "default").fault
    assert found is not None
    assert found.link == 1


def test_a_hash_that_was_kept_elsewhere_tells_a_log_that_was_written_anew(store: MemoryBackend) -> None:
    kept = chain.check(store, "default").head.hash
    store.audit.append(AuditEntry(actor="ana", verb="retry", target="later"))
    found = chain.check(store, "default", expect=kept)
    assert (found.holds, found.found, found.head.link) == (True, 5, 6)
    anew = [replace(entry, actor="eve", link=None, hash=None) for entry in entries(store)]
    entries(store)[:] = chained(Mark(), anew)
    store._store.chain = replace(store._store.chain, head=Mark(link=6, hash=entries(store)[-1].hash))
    assert chain.check(store, "default").holds, "by itself it looks whole"
    found = chain.check(store, "default", expect=kept)
    assert (found.holds, found.fault, found.found) == (False, None, None)


@pytest.mark.parametrize("field", ["actor", "verb", "target", "detail", "origin", "count", "at", "seq", "changes"])
def test_the_hash_stands_for_every_field(field: str) -> None:
    (entry,) = chained(
        Mark(), [AuditEntry(actor="a", verb="b", target="c", detail="d", origin="e", count=1, at=2, seq=3, changes=(("n", "1", "2"),))]
    )
    other: Any = {"count": 9, "at": 9, "seq": 9, "changes": (("n", "1", "3"),)}.get(field, "changed")
    changed: dict[str, Any] = {field: other}
    assert first_fault(Mark(), [entry])[1] is None
    assert first_fault(Mark(), [replace(entry, **changed)])[1] is not None


def test_a_second_entry_with_the_same_number_is_no_entry_of_the_chain() -> None:
    first, second = chained(Mark(), [AuditEntry(actor="a", verb="b", target="c", seq=n) for n in (1, 2)])
    fault = first_fault(Mark(), [first, first, second])[1]
    assert fault is not None
    assert (fault.link, fault.reason) == (1, "there are two of it")
