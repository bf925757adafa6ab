"""How the measured app of ours is told to push: as a host dispatches."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from benchmarks.programs.ours import NoOp, create_app
from benchmarks.programs.verbs import Program, run, store
from horizon.backends.database import migrate


def prepare() -> None:
    """The tables, where they do not make themselves."""
    if not store().startswith(("redis", "sqlite")):
        migrate.upgrade(store())


@contextmanager
def started() -> Iterator[Program]:
    """Inside the app's context."""
    with create_app().app_context():
        yield Program(
            push=lambda text, sent_ns: NoOp.dispatch(text, sent_ns),
            push_many=lambda texts: NoOp.dispatch_many([(text,) for text in texts]),
            prepare=prepare,
        )


if __name__ == "__main__":
    run(started)
