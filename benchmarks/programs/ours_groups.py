"""How the measured app of ours is told to push groups, and the same jobs without one.

plain N      N jobs that belong to nothing
batch N      the same as one batch
chain N      one chain of N steps
"""

from __future__ import annotations

import sys

from benchmarks.programs.ours import NoOp, create_app
from benchmarks.programs.verbs import TEXT
from horizon import batch, chain


def plain(count: int) -> None:
    """Jobs that belong to nothing, pushed as many at a time as those of a batch."""
    for start in range(0, count, 1_000):
        NoOp.dispatch_many([(TEXT,)] * min(1_000, count - start))


def main() -> None:
    """Obey the command line."""
    what, count = sys.argv[1], int(sys.argv[2])
    with create_app().app_context():
        if what == "plain":
            plain(count)
        elif what == "batch":
            batch(NoOp(TEXT) for _ in range(count)).dispatch()
        elif what == "chain":
            chain([NoOp(TEXT) for _ in range(count)]).dispatch()
        else:
            raise SystemExit(f"expected one of plain, batch, chain; got {what!r}")


if __name__ == "__main__":
    main()
