from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from horizon.backends.notes import LONGEST_BODY, MOST, Note, NoteChange
from horizon.core.clock import HOUR, SECOND
from horizon.core.errors import InvalidInput
from tests.conformance.driver import Driver, audit


def put(drive: Driver, name: str = "failed mails", body: str | None = '{"q":"state:failed"}', kind: str = "view", **more: Any) -> bool:
    (done,) = drive.backend.notes.write([NoteChange(kind=kind, name=name, body=body, **more)])
    return done


def names(drive: Driver, kind: str = "view") -> list[str]:
    return [note.name for note in drive.backend.notes.all(kind)]


def test_a_note_comes_back_as_it_was_written(drive: Driver) -> None:
    name, body = 'Ärzte | \u202eevil 💥 "x"', '{"q":"tag:a|b","n":9007199254740993,"text":"line\\nline \u2028 |"}'
    assert drive.backend.notes.get("view", name) is None
    until = drive.clock() + HOUR + 7
    assert put(drive, name, body, until=until)
    expected = Note(kind="view", name=name, body=body, version=1, at=drive.clock(), until=until)
    assert drive.backend.notes.get("view", name) == expected
    assert drive.backend.notes.all("view") == [expected]
    assert (drive.backend.notes.get("tag", name), drive.backend.notes.all("tag")) == (None, [])


def test_notes_of_a_kind_are_listed_byte_for_byte_by_name(drive: Driver) -> None:
    for name in ("b", "a", "B", "é", "a "):
        assert put(drive, name)
    assert put(drive, "elsewhere", kind="tag")
    assert names(drive) == ["B", "a", "a ", "b", "é"]


def test_only_whoever_read_the_latest_version_writes(drive: Driver) -> None:
    assert put(drive, version=0)
    assert not put(drive, body="{}", version=0, audit=audit())
    assert put(drive, body="1", version=1)
    assert not put(drive, body="2", version=1)
    assert put(drive, body="3")  # who names no version does not mind
    found = drive.backend.notes.get("view", "failed mails")
    assert found is not None
    assert (found.body, found.version) == ("3", 3)
    assert not put(drive, body=None, version=2)
    assert put(drive, body=None, version=3, audit=audit())
    assert not put(drive, body=None)
    assert names(drive) == []
    assert len(drive.backend.audit.list()) == 1


def test_of_many_who_write_at_once_one_is_first(drive: Driver) -> None:
    put(drive, body="start")
    with ThreadPoolExecutor(8) as pool:
        done = list(pool.map(lambda n: put(drive, body=str(n), version=1), range(16)))
    assert done.count(True) == 1
    (found,) = drive.backend.notes.all("view")
    assert (found.body, found.version) == (str(done.index(True)), 2)


def test_what_is_over_is_not_found_and_goes_with_a_tick(drive: Driver) -> None:
    put(drive, "short", until=drive.clock() + 10 * SECOND)
    put(drive, "long")
    drive.clock.advance(11)
    assert names(drive) == ["long"]
    assert drive.backend.notes.get("view", "short") is None
    assert not put(drive, "short", body=None)
    assert put(drive, "short", version=0)  # its name is free
    drive.clock.advance(1)
    drive.backend.tick()
    assert names(drive) == ["long", "short"]


def test_no_more_than_so_many_of_a_kind_are_kept(drive: Driver) -> None:
    fill = [NoteChange(kind="view", name=f"{n:04}", body="", until=drive.clock() + SECOND if n == 7 else None) for n in range(MOST)]
    assert all(drive.backend.notes.write(fill))
    assert not put(drive, "one more")
    assert put(drive, "0001", body="changed")
    assert put(drive, "one more", kind="tag")
    drive.clock.advance(2)
    assert put(drive, "one more")
    assert len(names(drive)) == MOST


@pytest.mark.parametrize(
    "bad", [{"kind": ""}, {"kind": "k" * 41}, {"name": ""}, {"name": "n" * 251}, {"name": "a\0b"}, {"body": "x" * (LONGEST_BODY + 1)}]
)
def test_what_is_too_long_or_has_no_name_is_refused_before_anything_is_written(drive: Driver, bad: dict[str, Any]) -> None:
    good = NoteChange(kind="view", name="good", body="")
    with pytest.raises(InvalidInput):
        drive.backend.notes.write([good, NoteChange(**{"kind": "view", "name": "n", "body": "", **bad})])
    assert names(drive) == []
