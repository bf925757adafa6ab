"""What only the memory backend is asked: it is private to its object, and it keeps its dicts small."""

from __future__ import annotations

from horizon.backends.connect import connect
from horizon.backends.memory.backend import MemoryBackend
from horizon.backends.memory.kernel import lots
from horizon.backends.memory.queues import in_drawn_order
from horizon.backends.values import Retention, StoreOptions
from horizon.core.clock import HOUR, ManualClock
from horizon.core.settings import Settings
from tests.conformance.driver import Driver, after, envelope
from tests.conformance.limiting import at_a_time, limit, limited, parked


def test_each_backend_is_a_store_of_its_own() -> None:
    one, other = connect("memory://"), connect("memory://")
    made = envelope()
    one.push([made])
    assert one.get(made.id) is not None
    assert other.get(made.id) is None


def test_it_warns_that_it_ends_with_its_process() -> None:
    assert any("process" in sentence for sentence in connect("memory://").warnings())


def test_it_keeps_as_long_as_the_settings_say_where_nobody_says_anything() -> None:
    backend = MemoryBackend("memory://", StoreOptions())
    settings = Settings({}, environ={})
    kept = backend._store.retention
    assert (kept.completed, kept.completed_jobs) == (settings.KEEP_COMPLETED * 1_000_000, settings.KEEP_COMPLETED_JOBS)
    assert (kept.failed, kept.undo) == (settings.KEEP_FAILED * 1_000_000, settings.UNDO * 1_000_000)


def test_nothing_is_left_of_jobs_that_were_trimmed() -> None:
    clock = ManualClock()
    kept = Retention(completed=HOUR, completed_jobs=9, failed=HOUR, cancelled=HOUR, audit=HOUR, undo=HOUR, sessions=HOUR)
    backend = MemoryBackend("memory://", StoreOptions(clock=clock, retention=kept))
    drive = Driver(backend, clock)
    parent = drive.push(unique_key="k")
    drive.push(edges=after(parent), unique_key="l")
    drive.run(parent)
    drive.run()
    drive.jump(2 * 3600)
    drive.jump(61)
    store = backend._store
    assert (store.jobs, store.by_n, store.keys, store.dependants, store.tombstones) == ({}, {}, {}, {}, {})
    assert [any(rows) for rows in (store.ready.values(), store.due, store.held.values())] == [False, False, False]


def test_a_draw_puts_every_queue_somewhere() -> None:
    weighted = [("a", 1), ("b", 5), ("c", 0)]
    for step in range(100):
        assert sorted(in_drawn_order(weighted, step / 100)) == ["a", "b", "c"]
    assert in_drawn_order([], 0.5) == []


def test_slots_that_were_counted_wrongly_are_told_and_mended() -> None:
    clock = ManualClock()
    backend = MemoryBackend("memory://", StoreOptions(clock=clock))
    drive = Driver(backend, clock)
    first, second = limited(drive, 2, at_a_time(1))
    drive.run(first)
    lots.mend(backend._store, "door", 1)
    backend.tick()
    assert parked(drive, second) == [False]  # it stood in when its turn came
    assert drive.reserve(1) == []
    assert backend.numbers.recount() == {"limit:door/running": (1, 0)}
    assert backend.numbers.recount() == {}
    drive.take(second)


def test_lots_and_gauges_go_when_nobody_needs_them() -> None:
    clock = ManualClock()
    backend = MemoryBackend("memory://", StoreOptions(clock=clock))
    drive = Driver(backend, clock)
    for number in range(20):
        limited(drive, 2, limit(1, f"user {number}"))
    while got := drive.reserve(50):
        drive.settle_all(got)
        drive.jump(70)
    drive.jump(70)
    store = backend._store
    assert (store.gauges, store.lots, store.lots_of, store.loose) == ({}, {}, {}, {})


def test_of_the_latest_samples_those_in_which_nothing_was_counted_are_the_very_same_and_none_changes_any_more() -> None:
    clock = ManualClock()
    backend = MemoryBackend("memory://", StoreOptions(clock=clock))
    backend.push([envelope(queue="a"), envelope(queue="b")])
    since = clock()
    first = {one.queue: one for one in backend.numbers.latest(since)}
    backend.push([envelope(queue="a")])
    again = {one.queue: one for one in backend.numbers.latest(since)}
    assert again["b"] is first["b"]
    assert (first["a"].pushed, again["a"].pushed) == (1, 2)


def test_hours_and_days_that_are_long_over_are_not_looked_at_for_the_latest_minutes() -> None:
    clock = ManualClock()
    backend = MemoryBackend("memory://", StoreOptions(clock=clock))
    for _ in range(3):
        backend.push([envelope()])
        clock.advance(3600)
    backend.push([envelope()])
    seen: list[int] = []

    class Watched(dict):  # type: ignore[type-arg]
        def items(self) -> object:  # type: ignore[override]
            seen.extend(one.minute for one in self.values())
            return super().items()

    backend._store.samples = {at: Watched(found) for at, found in backend._store.samples.items()}
    (one,) = backend.numbers.latest(clock())
    assert seen == [one.minute]
