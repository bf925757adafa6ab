"""More dependants than one act looks at: opened, cancelled and brought back in steps by every store."""

from __future__ import annotations

from horizon.backends.values import Verb
from horizon.core.envelope import On
from horizon.core.outcome import Kind
from tests.conformance.driver import Driver, after, envelope

SPAN = 500
"""Dependants that one act looks at, but for the reference in memory, which looks at all of them."""


def many_children(drive: Driver, count: int, on: On = On.COMPLETED) -> str:
    parent = drive.push(queue="first")
    for start in range(0, count, 1000):
        drive.backend.push([envelope(edges=after(parent, on=on)) for _ in range(min(1000, count - start))])
    return parent


def in_memory(drive: Driver) -> bool:
    return drive.backend.kind == "memory"


def rounds(drive: Driver) -> None:
    """Housekeeping until nothing is left to do."""
    for _ in range(20):
        if not drive.backend.tick().more:
            return


def test_more_dependants_than_one_act_looks_at_are_opened_by_the_next_ones(drive: Driver) -> None:
    count = 2 * SPAN + 100
    drive.run(many_children(drive, count))
    assert in_memory(drive) or drive.counts() == {"pending": SPAN, "blocked": count - SPAN}
    rounds(drive)
    assert drive.counts() == {"pending": count}
    assert drive.backend.numbers.recount() == {}


def test_turns_alone_open_them_too(drive: Driver) -> None:
    drive.run(many_children(drive, SPAN + 10))
    for _ in range(3):
        drive.clock.advance(2)
        drive.backend.turn([])
    assert drive.counts() == {"pending": SPAN + 10}


def test_more_than_one_act_looks_at_are_cancelled_and_brought_back_in_steps(drive: Driver) -> None:
    count = SPAN + 200
    parent = many_children(drive, count)
    drive.run(parent, Kind.FAILED)
    rounds(drive)
    assert drive.counts() == {"cancelled": count}
    drive.did(Verb.RETRY, parent)
    assert in_memory(drive) or drive.counts() == {"cancelled": count - SPAN, "blocked": SPAN}
    rounds(drive)
    assert drive.counts() == {"blocked": count}
    drive.run(parent)
    rounds(drive)
    assert drive.counts() == {"pending": count}


def test_a_long_chain_falls_in_steps_and_stands_up_again(drive: Driver) -> None:
    first = drive.push(queue="first")
    chain = [envelope(edges=after(first))]
    while len(chain) < SPAN + 50:
        chain.append(envelope(edges=after(chain[-1].id)))
    drive.backend.push(chain)
    drive.did(Verb.CANCEL, first)
    rounds(drive)
    assert drive.counts() == {"cancelled": SPAN + 50}
    drive.did(Verb.RETRY, first)
    rounds(drive)
    assert drive.counts() == {"blocked": SPAN + 50}


def test_a_parent_that_ends_otherwise_while_its_children_are_still_brought_back_opens_them_all(drive: Driver) -> None:
    parent = many_children(drive, SPAN + 50)
    drive.run(parent, Kind.FAILED)
    rounds(drive)
    drive.did(Verb.RETRY, parent)
    drive.run(parent)
    rounds(drive)
    assert drive.counts() == {"pending": SPAN + 50}
