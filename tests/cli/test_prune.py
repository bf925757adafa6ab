from __future__ import annotations

import pytest

from horizon.core.clock import DAY
from horizon.core.outcome import Kind
from tests.cli.conftest import Site


@pytest.fixture
def ended(site: Site) -> list[str]:
    """A job that failed, one that completed."""
    ids = site.push(2)
    site.run(1, Kind.FAILED)
    site.run(1, Kind.COMPLETED)
    return ids


def test_what_failed_long_ago_goes_and_what_failed_lately_stays(site: Site, horizon, ended) -> None:
    assert horizon("prune", "--days", "7", "--yes").output == "Removed 0 jobs.\n"
    assert horizon("prune", "--days", "0", "--yes").output == "Removed 1 job.\n"
    assert [site.backend().get(id).forgotten for id in ended] == [True, False]
    assert site.backend().get(ended[0]).finished_at < site.backend().now() + DAY


def test_states_are_named(site: Site, horizon, ended) -> None:
    assert horizon("prune", "--failed", "--completed", "--days", "0", "--yes").output == "Removed 2 jobs.\n"


def test_it_asks_first(site: Site, horizon, ended) -> None:
    done = horizon("prune")
    assert done.exit_code == 2
    assert "Remove every failed job that ended more than 7 days ago?" in done.output
