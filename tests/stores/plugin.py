"""The option `--store`, and the ends of tests and fixtures at which stores are let go."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from tests.stores import lending
from tests.stores.alike import is_alike

OF_FIXTURES = pytest.StashKey[dict[int, ExitStack]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--store", choices=lending.KINDS, help="the kind of store that web, command line, monitor and workers are tested on")


def pytest_configure(config: pytest.Config) -> None:
    lending.choose(config.getoption("--store"))
    config.stash[OF_FIXTURES] = {}


def pytest_report_header(config: pytest.Config) -> str | None:
    kind = config.getoption("--store")
    return f"store: {kind}" if kind else None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Where a store is named: what never asks for one has been through `make test`."""
    if config.getoption("--store"):
        left_out = [item for item in items if is_alike(item.path)]
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if not is_alike(item.path)]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[object]:
    """What a test asks for lasts as long as the test."""
    lending.says_the_same_everywhere(is_alike(item.path))
    with ExitStack() as holder, lending.held_by(holder):
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_fixture_setup(fixturedef: pytest.FixtureDef[object], request: pytest.FixtureRequest) -> Iterator[object]:
    """What a fixture asks for while it is set up lasts as long as the fixture."""
    holder = request.config.stash[OF_FIXTURES].setdefault(id(fixturedef), ExitStack())
    with lending.held_by(holder):
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_fixture_post_finalizer(fixturedef: pytest.FixtureDef[object], request: pytest.FixtureRequest) -> Iterator[None]:
    result = yield
    holder = request.config.stash[OF_FIXTURES].pop(id(fixturedef), None)
    if holder is not None:
        holder.close()
    return result
