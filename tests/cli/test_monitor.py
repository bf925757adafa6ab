from __future__ import annotations

import json
import re

from horizon.backends.values import SessionReport
from horizon.core.clock import SECOND
from horizon.core.outcome import Kind
from tests.cli.conftest import Site


def test_elsewhere_than_at_a_terminal_it_looks_once(site: Site, horizon) -> None:
    site.push(3, queue="emails")
    site.push(1, connection="archive", queue="old")
    shown = horizon("monitor").output
    assert "emails\t3\t0" in shown
    assert "old\t1\t0" in shown
    assert "no worker" in shown


def test_only_the_queues_that_are_named(site: Site, horizon) -> None:
    site.push(1, queue="emails")
    site.push(1, queue="slow")
    assert "slow" not in horizon("monitor", "emails").output
    done = horizon("monitor", "emials")
    assert done.exit_code == 1
    assert "did you mean emails" in done.stderr


def test_more_than_the_most_is_told_and_is_bad(site: Site, horizon) -> None:
    site.push(3, queue="emails")
    site.push(1, queue="slow")
    assert horizon("monitor", "--max", "3").exit_code == 0
    done = horizon("monitor", "--max", "2")
    assert done.exit_code == 1
    assert "! emails: 3 pending, more than 2" in done.stderr
    assert "slow" not in done.stderr
    assert horizon("queue:monitor", "slow", "--max", "2").exit_code == 0


def test_as_json_it_has_the_shape_of_the_queues_of_the_api(site: Site, horizon) -> None:
    site.push(2)
    told = json.loads(horizon("monitor", "--json").output)
    answer = site.app.test_client().get("/horizon/api/queues").json
    assert [set(one) for one in told["items"]] == [set(one) for one in answer["items"]]
    assert (told["items"][0]["name"], told["items"][0]["pending"]) == ("mail", 2)


def test_health_is_a_score_with_reasons_and_bad_below_the_least(site: Site, horizon) -> None:
    site.push(1)
    done = horizon("health")
    assert done.exit_code == 1
    assert "40 of 100" in done.output
    assert "no worker is running" in done.output
    assert horizon("health", "--least", "40").exit_code == 0
    told = json.loads(horizon("health", "--json").output)
    assert told == site.app.test_client().get("/horizon/api/jobs/dashboard").json["health"]


def working(site: Site) -> str:
    site.push(1)
    job = site.start()
    site.worker(concurrency=4, queues=("mail",))
    now = site.backend().now()
    slots = ({"pid": 71, "phase": "ready", "jobs": 812, "memory_kb": 4096, "slots": [{"job": job, "since": now - 90 * SECOND}]},)
    site.backend().sessions.renew("w1", 3600 * SECOND, SessionReport(memory_kb=8192, executors=slots))
    return job


def test_top_shows_who_works_and_on_what(site: Site, horizon) -> None:
    job = working(site)
    shown = horizon("top").output
    assert shown.startswith("running")
    assert "1 of 4 slots busy" in shown
    assert "here:1\trunning\tmail\t1\t4\t812\t8 MB" in shown
    assert re.search(rf"^1 min 3\d s\tSend\tmail\t1\there:1\t71\t\t{job}$", shown, re.MULTILINE)


def test_top_where_nobody_works_says_what_to_do(site: Site, horizon) -> None:
    done = horizon("top", "--once")
    assert done.exit_code == 0
    assert "horizon work" in done.stderr


def test_top_as_json(site: Site, horizon) -> None:
    job = working(site)
    told = json.loads(horizon("top", "--json").output)
    assert [worker["pid"] for worker in told["workers"]] == [1]
    (running,) = told["running"]
    assert (running["id"], running["pid"], running["job"]["queue"], running["worker"]) == (job, 71, "mail", "w1")


def test_top_tells_a_slot_whose_job_is_no_longer_stored(site: Site, horizon) -> None:
    working(site)
    slots = ({"pid": 71, "slots": [{"job": "0199f3c2-7b1e-7c44-b1d5-000000000000", "since": None}]},)
    site.backend().sessions.renew("w1", 3600 * SECOND, SessionReport(executors=slots))
    assert "0199f3c2-7b1e-7c44-b1d5-000000000000" in horizon("top").output


def test_failed_jobs_are_in_the_picture(site: Site, horizon) -> None:
    site.push(1)
    site.run(1, Kind.FAILED)
    assert json.loads(horizon("monitor", "--json").output)["items"][0]["failed"] == 1
