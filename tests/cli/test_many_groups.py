"""Batches by a search on the command line, and several at once."""

from __future__ import annotations

import json
from typing import Any

import pytest

from horizon import batch
from horizon.testing import work_all
from tests.cli.conftest import Site
from tests.jobs.groups.sample import Does, Fails


@pytest.fixture
def imports(app, site: Site) -> None:
    with app.app_context():
        for name in ("Import of June", "Import of July", "Letters"):
            batch([Does("later").delay_until(60), Fails()]).name(name).allow_failures().dispatch()
        work_all(connection="default")


def names(horizon: Any, *args: str) -> list[str]:
    head, *lines = horizon("batches", *args).output.splitlines()
    return [dict(zip(head.split("\t"), line.split("\t"), strict=True))["name"] for line in lines]


def test_batches_are_listed_by_a_search(horizon, imports) -> None:
    assert names(horizon, "--search", "import") == ["Import of July", "Import of June"]
    assert names(horizon, "--search", 'name:"Import of June" after:1h') == ["Import of June"]
    done = horizon("batches", "--search", "queue:x")
    assert done.exit_code
    assert "is not a filter" in done.output


def test_all_that_match_are_cancelled_or_retried(horizon, imports) -> None:
    assert horizon("batches", "retry", "all", "--search", "letters").output == "Done to 1 batch.\n"
    assert horizon("batches", "cancel", "all", "--search", "import", "--yes").output == "Done to 2 batches.\n"
    assert names(horizon, "--state", "cancelled") == ["Import of July", "Import of June"]
    assert (
        "2 left as they were: it has ended already: cancelled" in horizon("batches", "cancel", "all", "--search", "import", "--yes").output
    )


def test_many_are_retried_with_care_in_the_background(horizon, imports) -> None:
    said = horizon("batches", "retry", "all", "--search", "import", "--pace", "10/s", "--canary", "1").output
    assert said.startswith("Retrying what failed of 2 batches in the background, at 10 a second, 1 first, stops when more than ")
    shown = horizon("operations", "show", said.split()[-1]).output
    assert "at 10 a second, 1 first" in shown
    assert "0 of 2 done, 10 a second" in horizon("operations").output + shown


def test_all_without_a_search_or_without_a_match_is_refused(horizon, imports) -> None:
    assert "--search" in horizon("batches", "cancel", "all", "--yes").output
    assert "no batch matches 'nobody'" in horizon("batches", "cancel", "all", "--search", "nobody", "--yes").output
    assert "no batch matches 'nobody'" in horizon("batches", "retry", "all", "--search", "nobody", "--dry-run").output


def test_a_dry_run_of_many_tells_what_failed_in_all_of_them_and_changes_nothing(horizon, imports) -> None:
    said = horizon("batches", "retry", "all", "--search", "import", "--canary", "1", "--dry-run").output
    assert said.startswith(
        "retry would be about 2 jobs of 2 batches, 1 first, stops when more than 20 % fail again. Nothing was changed.\n"
    )
    assert "  state  failed 2" in said
    told = json.loads(horizon("batches", "retry", "all", "--search", "letters", "--dry-run", "--json").output)
    assert (told["action"], told["count"], told["states"]) == ("retry", 1, {"failed": 1})
    assert horizon("operations").output == "No act went on in the background.\n"
    assert horizon("batches", "retry", "all", "--search", "import").output == "Done to 2 batches.\n"
