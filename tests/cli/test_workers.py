from __future__ import annotations

import json

from horizon.backends.values import SessionReport
from horizon.core.clock import SECOND
from tests.cli.conftest import Site


def commands(site: Site, session: str = "w1") -> tuple[str, ...]:
    return site.backend().sessions.renew(session, 60 * SECOND).commands


def test_living_workers_are_listed(site: Site, horizon) -> None:
    site.worker("w1", queues=("mail",), processes=2)
    head, line = horizon("workers").output.splitlines()
    cells = dict(zip(head.split("\t"), line.split("\t"), strict=True))
    assert (cells["worker"], cells["queues"], cells["slots"]) == ("here:1", "mail", "2")
    (one,) = json.loads(horizon("workers", "--json").output)["items"]
    assert (one["id"], one["host"], one["pid"]) == ("w1", "here", 1)
    assert json.loads(horizon("workers", "--json").output)["items"] == site.app.test_client().get("/horizon/api/workers").json["items"]


def test_a_worker_of_older_code_is_marked(site: Site, horizon) -> None:
    site.app.extensions["horizon"].settings.values["HORIZON_CODE_VERSION"] = "v2"
    site.worker("w1", code_version="v1")
    assert horizon("workers").output.splitlines()[1].endswith("\tv1 (old)")


def test_what_it_took_last_and_takes_is_told(site: Site, horizon) -> None:
    site.worker("w1")
    executor = {"pid": 2, "cpu": 40, "last": {"job": "j", "at": 1_700_000_000 * SECOND}, "slots": []}
    site.backend().sessions.renew("w1", 60 * SECOND, SessionReport(executors=(executor,)))
    head, line = horizon("workers").output.splitlines()
    cells = dict(zip(head.split("\t"), line.split("\t"), strict=True))
    assert (cells["cpu"], cells["took last"]) == ("40 %", "2023-11-14T22:13:20.000Z")


def test_those_that_match_a_search_or_are_in_a_state_are_listed(site: Site, horizon) -> None:
    for id, queue in (("w1", "mail"), ("w2", "reports")):
        site.worker(id, queues=(queue,))
    site.backend().sessions.renew("w2", 60 * SECOND, SessionReport(state="paused"))
    assert [one["id"] for one in json.loads(horizon("workers", "--search", "queue:mail", "--json").output)["items"]] == ["w1"]
    assert [one["id"] for one in json.loads(horizon("workers", "--state", "paused", "--json").output)["items"]] == ["w2"]
    assert "No living worker is like that." in horizon("workers", "--search", "host:elsewhere").stderr
    assert "did you mean" in horizon("workers", "--search", "hots:x").output


def test_where_none_lives_it_is_told_how_to_start_one(horizon) -> None:
    done = horizon("workers")
    assert (done.exit_code, done.stdout) == (0, "")
    assert "horizon work" in done.stderr
    assert "horizon work" in horizon("restart").output


def test_restart_asks_everyone_or_the_one_that_is_named(site: Site, horizon) -> None:
    site.worker("w1")
    assert horizon("restart").output.startswith("Asked 1 worker to restart")
    assert commands(site) == ("restart",)
    horizon("restart", "here:1")
    assert commands(site) == ("restart",)
    horizon("restart", "w1")
    assert commands(site) == ("restart",)


def test_terminate_asks_first(site: Site, horizon) -> None:
    site.worker("w1")
    refused = horizon("terminate")
    assert refused.exit_code == 2
    assert "Stop every worker?" in refused.output
    assert commands(site) == ()
    assert horizon("terminate", "--yes").output.startswith("Asked 1 worker to stop")
    assert commands(site) == ("stop",)


def test_a_worker_that_is_not_there_is_told_with_those_that_are(site: Site, horizon) -> None:
    site.worker("w1")
    done = horizon("restart", "there:9")
    assert done.exit_code == 1
    assert "there are: here:1" in done.output


def test_a_worker_is_scaled_for_a_time_and_set_back(site: Site, horizon) -> None:
    site.worker("w1")
    site.backend().sessions.renew("w1", 60 * SECOND, SessionReport(limits={"max_processes": 4}))
    assert horizon("scale", "here:1", "3", "--for", "2h").output == "Asked it to have 3 processes.\n"
    assert horizon("scale", "w1", "auto").output == "Asked it to go back to what it was started with.\n"
    more, back = commands(site)
    assert more.startswith("scale:3:")
    assert back == "scale:auto"
    assert "1 to 4 processes" in horizon("scale", "w1", "5").output
    assert horizon("scale", "w1", "many").exit_code == 2
