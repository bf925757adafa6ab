"""Random walks over groups on every store beside the memory store. `HORIZON_TEST_EXAMPLES=2000` walks longer."""

from __future__ import annotations

from hypothesis import settings
from hypothesis.stateful import run_state_machine_as_test

from tests.conformance.driver import Driver
from tests.conformance.groups_machine import GroupMachine
from tests.conformance.test_stateful import ASKED, DEAR, WALKS


def test_groups_hold_whatever_happens_to_their_members(grouped: Driver, kind: str) -> None:
    machine = type("Machine", (GroupMachine,), {"kind": kind})
    run_state_machine_as_test(
        machine, settings=settings(WALKS, max_examples=int(ASKED or (6 if kind in DEAR else 20)), stateful_step_count=30)
    )
