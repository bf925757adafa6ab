"""Random walks over every backend beside the model. `HORIZON_TEST_EXAMPLES=2000` walks longer, and elsewhere each time."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.conformance.machine import StoreMachine

ASKED = os.environ.get("HORIZON_TEST_EXAMPLES")
WALKS = settings(
    stateful_step_count=40,
    derandomize=ASKED is None,
    deadline=None,
    database=None,
    phases=[Phase.generate, Phase.shrink],
    suppress_health_check=list(HealthCheck),
)

DEAR = ("postgres", "mariadb")
"""Stores that are emptied for each walk by their servers, which takes most of its time: they walk less often."""


def test_a_store_does_what_the_model_does(kind: str) -> None:
    machine = type("Machine", (StoreMachine,), {"kind": kind})
    run_state_machine_as_test(machine, settings=settings(WALKS, max_examples=int(ASKED or (25 if kind in DEAR else 60))))
