"""The no-op on huey with SQLite."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from huey import SqliteHuey

from benchmarks.programs.marks import mark
from benchmarks.programs.verbs import Program, run, store

huey = SqliteHuey(filename=store().removeprefix("sqlite:///"))


@huey.task()
def noop(text: str, sent_ns: int) -> None:
    """Nothing."""
    mark(sent_ns)


@contextmanager
def started() -> Iterator[Program]:
    """Under the name by which the consumer knows its tasks."""
    from benchmarks.programs.peers import huey_app

    yield Program(push=lambda text, sent_ns: huey_app.noop(text, sent_ns))


if __name__ == "__main__":
    run(started)
