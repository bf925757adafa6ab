from __future__ import annotations

import json

import pytest

from tests.cli.conftest import Site


def test_everything_that_waits_goes_to_the_other_connection(site: Site, horizon) -> None:
    ids = site.push(3)
    done = horizon("move", "--from", "default", "--to", "archive")
    assert (done.exit_code, done.output) == (0, "Moved 3 jobs from default to archive.\n"), done.output
    assert all(site.backend("archive").get(id) is not None for id in ids)
    assert horizon("show", ids[0]).output.count("archive")


def test_one_queue_and_as_json(site: Site, horizon) -> None:
    site.push(2, queue="mail")
    site.push(1, queue="other")
    done = horizon("move", "--from", "default", "--to", "archive", "--queue", "other", "--json")
    assert json.loads(done.output) == {"moved": 1, "left_alone": 0, "duplicates": 0}


def test_there_is_nothing_to_bring_back_where_all_arrived(site: Site, horizon) -> None:
    site.push(1)
    horizon("move", "--from", "default", "--to", "archive")
    assert (
        horizon("move", "--from", "default", "--to", "archive", "--back").output == "Brought back 0 jobs to where they waited on default.\n"
    )


@pytest.mark.parametrize(
    "words",
    [["--from", "default"], ["--to", "archive"], ["mail", "--from", "default", "--to", "archive"], ["mail"], ["mail", "x", "--back"]],
)
def test_what_does_not_go_together_is_refused(horizon, words: list[str]) -> None:
    assert horizon("move", *words).exit_code == 2


def test_a_connection_that_there_is_not(horizon) -> None:
    done = horizon("move", "--from", "default", "--to", "nowhere")
    assert done.exit_code == 1
    assert "there is no connection 'nowhere'" in done.output
