"""`horizon batches`, `chains` and `workflows`."""

from __future__ import annotations

import json
from typing import Any

import pytest

from horizon import batch, chain, workflow
from horizon.core.audit import AuditQuery
from horizon.testing import work_all
from tests.cli.conftest import Site
from tests.jobs.groups.sample import Does, Fails


@pytest.fixture
def dispatch(app, site: Site) -> Any:
    def now(made: Any, *, work: bool = False) -> str:
        with app.app_context():
            id = made.dispatch()
            if work:
                work_all(connection="default")
        return str(id)

    return now


def test_none_is_told_on_the_other_channel(horizon) -> None:
    for verb in ("batches", "chains", "workflows"):
        done = horizon(verb)
        assert (done.exit_code, done.stdout) == (0, "")


def test_batches_are_listed_without_those_inside_others(horizon, dispatch) -> None:
    dispatch(batch([Does("a"), batch([Does("b")])]).name("Imports"))
    dispatch(batch([Fails()]).name("Other"), work=True)
    head, *lines = horizon("batches").output.splitlines()
    rows = [dict(zip(head.split("\t"), line.split("\t"), strict=True)) for line in lines]
    assert [(row["name"], row["state"], row["jobs"], row["failed"]) for row in rows] == [
        ("Other", "failed", "1", "1"), ("Imports", "completed", "2", "0"),
    ]  # fmt: skip
    (one,) = json.loads(horizon("batches", "--json", "--state", "failed").output)["items"]
    assert (one["name"], one["failure"]["type"]) == ("Other", "ValueError")


def test_a_chain_is_shown_with_its_steps_and_what_failed_first(horizon, dispatch) -> None:
    id = dispatch(chain([Does("a"), Fails(), batch([Does("b")]).name("Rest")]).name("ETL"), work=True)
    shown = horizon("chains", "show", id).output
    assert "ValueError: bad row" in shown
    assert [line.split("\t")[:3] for line in shown.splitlines()[-3:]] == [
        ["1", "completed", "Does"], ["2", "failed", "Fails"], ["3", "cancelled", "batch Rest"],
    ]  # fmt: skip
    assert json.loads(horizon("chains", "show", id, "--json").output)["current_step"] == 2


def test_what_failed_is_retried_and_a_group_cancelled(horizon, dispatch) -> None:
    id = dispatch(batch([Fails(), Does("later").delay_until(60)]).allow_failures(), work=True)
    assert "retry would be about 1 job, 1 first" in horizon("batches", "retry", id, "--canary", "1", "--dry-run").output
    assert horizon("batches", "retry", id).output == "Retried 1 job.\n"
    assert horizon("batches", "cancel", id).exit_code != 0  # nobody is there to say yes
    assert horizon("batches", "cancel", id, "--yes", "--reason", "wrong file").output == "Cancelled; 0 jobs still to stop.\n"
    assert horizon("batches", "cancel", id, "--yes").output == "It has ended already: cancelled.\n"
    assert json.loads(horizon("batches", "show", id, "--json").output)["reason"] == "wrong file"


def test_one_that_is_not_there_or_of_another_kind_is_told(horizon, dispatch) -> None:
    made = workflow("W")
    made.add(Does("a"))
    id = dispatch(made)
    for words in (("batches", "show", id), ("chains", "retry", id), ("workflows", "show", "x")):
        done = horizon(*words)
        assert done.exit_code == 1
        assert f"there is no {words[0].removesuffix('es' if words[0] == 'batches' else 's')}" in done.output


def test_a_step_that_waits_is_taken_out_of_a_chain_and_the_audit_log_knows(site: Site, horizon, dispatch) -> None:
    id = dispatch(chain([Does("a"), Does("b"), Does("c")]).name("ETL"))
    assert horizon("chains", "remove", id, "2", "--yes").output.startswith("Removed step 2, Does")
    rows = [line.split("\t") for line in horizon("chains", "show", id).output.splitlines()[-3:]]
    assert sorted(row[1] for row in rows) == ["blocked", "pending", "removed"]
    (row,) = horizon("chains").output.splitlines()[1:]
    assert row.split("\t")[2:5] == ["ETL", "0 %", "2"]  # as its page tells it
    assert "2: 2 pending" in horizon("chains", "show", id).output
    told = json.loads(horizon("chains", "show", id, "--json").output)
    assert (told["total"], told["cancelled"], len(told["steps"])) == (2, 0, 3)
    (entry,) = site.backend().audit.find(AuditQuery()).items
    assert (entry.verb, entry.target, entry.detail) == ("remove step", f"chain:{id}", "step 2")
    refused = horizon("chains", "remove", id, "1", "--yes")
    assert (refused.exit_code, "cancel it instead" in refused.stderr) == (2, True)


def test_a_cancel_is_taken_back(horizon, dispatch) -> None:
    id = dispatch(batch([Does("a"), Does("b")]))
    horizon("batches", "cancel", id, "--yes")
    assert horizon("batches", "uncancel", id).output == "Put back 2 jobs.\n"
    refused = horizon("batches", "uncancel", id)
    assert (refused.exit_code, "is back already" in refused.stderr) == (2, True)


def test_a_step_is_added_to_a_chain_that_goes_on(site: Site, horizon, dispatch) -> None:
    id = dispatch(chain([Does("a"), Does("b")]).name("ETL"))
    name = json.loads(horizon("chains", "show", id, "--json").output)["steps"][0]["name"]
    assert "after step 1, as job " in horizon("chains", "add", id, name, "--after", "1", "--args", '{"word": "c"}').output
    assert "at the end, as job " in horizon("chains", "add", id, name, "--args", '{"word": "d"}').output
    assert len(json.loads(horizon("chains", "show", id, "--json").output)["steps"]) == 4
    assert "takes a JSON object" in horizon("chains", "add", id, name, "--args", "[1]").output
