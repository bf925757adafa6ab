"""Entries of the audit log hang together: what was changed afterwards is found, and what is trimmed leaves the rest whole."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from horizon.core.audit import AuditEntry
from horizon.core.chain import GENESIS, Fault, Mark, first_fault
from tests.conformance.driver import Driver, audit

NASTY = AuditEntry(
    actor="ana",
    verb="edit",
    target='queue:"Ärzte"|\u202e💥',
    detail="a\nb",
    origin="web",
    changes=(("weight", "1", "2"), ("why", None, "|")),
)


def fault(drive: Driver) -> Fault | None:
    chain = drive.backend.audit.chain()
    mark, found = first_fault(chain.anchor, drive.backend.audit.links(chain.anchor.link, 5_000))
    return found if found is not None or mark == chain.head else Fault(link=mark.link + 1, reason="the last ones are missing")


def fill(drive: Driver, count: int) -> None:
    for index in range(count):
        drive.backend.audit.append(audit(f"v{index}"))
    drive.backend.tick()


def test_an_entry_is_in_no_chain_until_a_tick_and_is_then(drive: Driver) -> None:
    drive.backend.audit.append(NASTY)
    (entry,) = drive.backend.audit.list()
    assert (entry.link, entry.hash, entry.changes) == (None, None, NASTY.changes)
    chain = drive.backend.audit.chain()
    assert (chain.head, chain.waiting, chain.sealed_at) == (Mark(), 1, None)
    drive.backend.tick()
    (entry,) = drive.backend.audit.list()
    chain = drive.backend.audit.chain()
    assert (chain.head, chain.waiting, chain.sealed_at) == (Mark(link=1, hash=entry.hash), 0, drive.clock())
    assert drive.backend.audit.get(entry.seq) == entry == drive.backend.audit.links(0)[0]
    assert drive.backend.audit.get(entry.seq + 1) is None
    assert fault(drive) is None


def test_every_entry_follows_the_one_before_it_and_sealing_again_changes_nothing(drive: Driver) -> None:
    fill(drive, 7)
    before = drive.backend.audit.links(0)
    assert [entry.link for entry in before] == list(range(1, 8))
    assert drive.backend.audit.seal() == 0
    fill(drive, 3)
    assert drive.backend.audit.links(0)[:7] == before
    assert [entry.verb for entry in drive.backend.audit.links(6, 2)] == ["v6", "v0"]
    assert drive.backend.audit.chain().anchor == Mark(link=0, hash=GENESIS)
    assert fault(drive) is None


def test_more_than_fits_into_one_act_is_sealed_in_several(drive: Driver) -> None:
    for index in range(5):
        drive.backend.audit.append(audit(f"v{index}"))
    assert [drive.backend.audit.seal(2) for _ in range(4)] == [2, 2, 1, 0]
    assert [entry.verb for entry in drive.backend.audit.links(0)] == [f"v{index}" for index in range(5)]
    assert fault(drive) is None


def test_many_who_write_and_seal_at_once_make_one_chain(drive: Driver) -> None:
    def write(n: int) -> None:
        drive.backend.audit.append(audit(f"v{n}"))
        if n % 3 == 0:
            drive.backend.audit.seal(random.Random(n).randint(1, 9))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write, range(60)))
    while drive.backend.audit.seal():
        pass
    assert sorted(entry.verb for entry in drive.backend.audit.links(0)) == sorted(f"v{n}" for n in range(60))
    assert [entry.link for entry in drive.backend.audit.links(0)] == list(range(1, 61))
    assert fault(drive) is None


def test_what_is_trimmed_goes_from_the_beginning_and_the_rest_still_holds(open_driver: Any, retention: Any) -> None:
    drive = open_driver(retention=retention)
    fill(drive, 4)
    kept = drive.backend.audit.links(0)
    drive.clock.advance(5 * 3600)
    fill(drive, 2)
    drive.jump(3600 + 1)
    chain = drive.backend.audit.chain()
    assert chain.anchor == Mark(link=4, hash=kept[3].hash)
    assert [entry.link for entry in drive.backend.audit.links(0)] == [5, 6]
    assert fault(drive) is None
    drive.jump(7 * 3600)
    assert drive.backend.audit.links(0) == []
    assert drive.backend.audit.chain().anchor == drive.backend.audit.chain().head == Mark(link=6, hash=chain.head.hash)
    fill(drive, 1)
    assert fault(drive) is None


@pytest.mark.parametrize(("deed", "link"), [("edit", 3), ("remove", 3), ("remove the last", 6), ("hash", 2)])
def test_whoever_lays_hands_on_the_store_itself_is_found_out(drive: Driver, deed: str, link: int) -> None:
    fill(drive, 6)
    tamper(drive, deed, link)
    found = fault(drive)
    assert found is not None
    assert found.link == link


def tamper(drive: Any, deed: str, link: int) -> None:
    """What somebody with the password of the store might do."""
    {"memory": _in_memory, "redis": _in_redis}.get(drive.backend.kind, _in_sql)(drive, deed, link)


def _in_sql(drive: Driver, deed: str, link: int) -> None:
    sql = {"edit": "UPDATE horizon_audit SET actor = 'eve' WHERE link = ?", "hash": "UPDATE horizon_audit SET hash = 'f00' WHERE link = ?"}
    store: Any = drive.backend
    store._store.act(lambda scope: scope.db.run(sql.get(deed, "DELETE FROM horizon_audit WHERE link = ?"), (link,)))


def _in_redis(drive: Driver, deed: str, link: int) -> None:
    store: Any = drive.backend
    way = store._store.link
    if deed == "edit":
        way.call("HSET", way.key("A"), link, way.call("HGET", way.key("A"), link).replace(b"ana", b"eve").replace(b"bob", b"eve"))
    elif deed == "hash":
        way.call("HSET", way.key("Ah"), link, "f00")
    else:
        way.call("HDEL", way.key("A"), link)


def _in_memory(drive: Driver, deed: str, link: int) -> None:
    store: Any = drive.backend
    entries = store._store.entries
    (entry,) = (entry for entry in entries if entry.link == link)
    place = entries.index(entry)
    if deed.startswith("remove"):
        entries.remove(entry)
    else:
        changed = {"actor": "eve"} if deed == "edit" else {"hash": "f00"}
        entries[place] = AuditEntry(**{field: getattr(entry, field) for field in AuditEntry.__slots__} | changed)
