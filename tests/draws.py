"""Hypothesis draws the same whichever modules are loaded, so that a walk which is the same every time is so alone and among all tests.

It likes the numbers and words that stand in our modules: with every line that is written, and every file that is left out of a run, the
walks would go elsewhere, and one that failed could not be taken again.
"""

from __future__ import annotations

import sys

import pytest


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems() -> None:
    """Once the modules are collected that need it: before Hypothesis itself looks into all of them."""
    providers = sys.modules.get("hypothesis.internal.conjecture.providers")
    if providers is not None and hasattr(providers, "_get_local_constants"):  # another Hypothesis: other walks, and as right
        providers._get_local_constants = lambda: providers._local_constants
