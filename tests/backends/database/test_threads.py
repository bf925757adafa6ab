"""What the threads of a process share: between a look and what follows from it another thread may come."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from horizon.backends.database.backend import DatabaseBackend
from horizon.backends.database.book import QueueBook
from horizon.backends.database.kernel import holding
from horizon.backends.database.store import Chores, Store
from horizon.backends.values import StoreOptions


@pytest.fixture
def store(tmp_path: Any) -> Iterator[Store]:
    backend = DatabaseBackend(f"sqlite:///{tmp_path}/horizon.db", StoreOptions())
    backend.ready()
    yield backend._store
    backend.close()


class Snatched(dict[int, Any]):
    """Full for the first who looks so often; then another thread has taken it all."""

    def __init__(self, held: dict[int, Any], looks: int) -> None:
        super().__init__(held)
        self._looks = looks

    def _looked(self) -> None:
        self._looks -= 1
        if self._looks == 0:
            self.clear()

    def __len__(self) -> int:
        seen = super().__len__()
        self._looked()
        return seen

    def __contains__(self, key: object) -> bool:
        seen = super().__contains__(key)
        self._looked()
        return seen


@pytest.mark.parametrize("looks", [1, 2])
def test_groups_that_another_thread_sees_to_meanwhile_are_left_to_it(store: Store, looks: int, monkeypatch: pytest.MonkeyPatch) -> None:
    ripened: list[object] = []
    monkeypatch.setattr(store, "_ripen", ripened.append)
    store.chores.groups = Snatched({7: False}, looks)
    store.see_to({})
    assert ripened in ([], [{7: False}])


def test_groups_that_others_moved_and_another_thread_looks_at_are_left_to_it_by_a_busy_worker(store: Store) -> None:
    class Due(Chores):
        looks = 0

        @property
        def groups_due(self) -> bool:  # type: ignore[override]
            self.looks += 1
            return self.looks == 1

        @groups_due.setter
        def groups_due(self, due: bool) -> None:
            pass

    store.chores = Due()
    store.see_to({}, busy=True)
    assert store.chores.looks == 2


def test_a_lot_that_another_thread_forgets_meanwhile_is_only_not_foreseen() -> None:
    asked: list[object] = []
    scope: Any = SimpleNamespace(lot_names=Snatched({1: ("door",)}, 1), db=SimpleNamespace(foresee=asked.append))
    holding.foresee(scope, [1])
    assert len(asked) == 1


def test_settings_that_were_read_while_somebody_changed_them_are_not_kept() -> None:
    book, reads = QueueBook(), []

    def read(sql: str) -> list[Any]:
        reads.append(sql)
        if len(reads) == 1:
            book.forget()
        return []

    db: Any = SimpleNamespace(all=read)
    for _ in range(3):
        book.read(db)
    assert len(reads) == 2, "the first was from before the change; the second is good for a second"
