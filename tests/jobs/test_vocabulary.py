from __future__ import annotations

import json

import pytest

from horizon import Job
from horizon.backends.connect import connect
from horizon.backends.values import StoreOptions
from horizon.core.errors import BackendUnavailable
from horizon.jobs import vocabulary


class Known(Job):
    name = "vocabulary-tests:known"
    aliases = ("vocabulary-tests:formerly",)

    def handle(self) -> None:
        pass


def test_the_names_of_all_classes_stand_under_a_digest_written_once() -> None:
    store = connect("memory://vocabulary", StoreOptions())
    digest = vocabulary.tell(store)
    note = store.notes.get(vocabulary.CLASSES, digest)
    assert note is not None
    assert {"vocabulary-tests:known", "vocabulary-tests:formerly"} <= set(json.loads(note.body))
    assert vocabulary.tell(store) == digest
    assert [one.version for one in store.notes.all(vocabulary.CLASSES)] == [note.version]


def test_a_store_that_does_not_answer_keeps_no_executor_from_working(monkeypatch: pytest.MonkeyPatch) -> None:
    store = connect("memory://vocabulary-away", StoreOptions())

    def away(kind: str, name: str) -> None:
        raise BackendUnavailable("gone")

    monkeypatch.setattr(store.notes, "get", away)
    assert vocabulary.tell(store) == ""
