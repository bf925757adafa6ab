from __future__ import annotations

import json

from horizon.core.outcome import Kind
from tests.cli.conftest import Site


def test_stats_as_json_is_what_the_api_answers(site: Site, horizon) -> None:
    site.push(3)
    site.run(1)
    site.run(1, Kind.FAILED)
    told = json.loads(horizon("stats", "--json").output)
    answer = site.app.test_client().get("/horizon/api/jobs/dashboard").json
    moving = ("longest_wait", "queues", "health")  # ages grow between the two
    assert {key: value for key, value in told.items() if key not in moving} == {k: v for k, v in answer.items() if k not in moving}
    assert set(told) == set(answer)
    assert [set(queue) for queue in told["queues"]] == [set(queue) for queue in answer["queues"]]


def test_stats_in_words(site: Site, horizon) -> None:
    site.push(2, queue="emails")
    shown = horizon("stats").output
    assert "2 pending" in shown
    assert "emails\t2\t0" in shown


def test_stats_of_a_store_without_jobs(site: Site, horizon) -> None:
    done = horizon("stats")
    assert done.exit_code == 0
    assert "No queue has held a job yet." in done.output


def test_status_exits_with_one_where_nobody_works_and_says_what_to_do(site: Site, horizon) -> None:
    done = horizon("status")
    assert done.exit_code == 1
    assert "inactive" in done.stdout
    assert "horizon work" in done.stderr
    assert horizon("status", "--json").exit_code == 1


def test_status_names_the_workers(site: Site, horizon) -> None:
    site.worker(queues=("mail", "reports"))
    done = horizon("status")
    assert done.exit_code == 0
    assert "here:1\t" in done.output
    assert "mail, reports" in done.output
    told = json.loads(horizon("status", "--json").output)
    assert (told["status"], [worker["session"] for worker in told["workers"]]) == ("running", ["w1"])
