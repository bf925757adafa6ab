"""Several connections on the dashboard, with one of them down: every page goes on working."""

from __future__ import annotations

from collections.abc import Iterator
from zoneinfo import ZoneInfo

import pytest

from horizon.core.clock import to_datetime
from horizon.core.envelope import Envelope
from horizon.core.errors import BackendUnavailable
from horizon.core.ids import uuid7
from tests.monitor.test_stats import Counting
from tests.stores.lending import fresh
from tests.web.pages.conftest import Page, Stage

PAGES = (
    "", "jobs", "jobs?state=pending", "jobs?state=failed", "failed", "failed?view=causes", "queues", "workers", "operations", "removed", "audit", "batches", "chains", "workflows",
    "api/jobs", "api/jobs/dashboard", "api/jobs/status", "api/queues", "api/failures", "api/operations", "api/workers", "jobs?q=queue:mails",
    "monitoring", "monitoring/jobs?tag=mail", "views", "find", "find?q=mail", "api/find?q=mail", "api/complete?q=queue:",
)  # fmt: skip


@pytest.fixture
def two() -> Iterator[Stage]:
    stage = Stage(HORIZON_CONNECTIONS={"far": fresh()})
    yield stage
    stage.runtime.close()


def push_far(stage: Stage, **more: object) -> str:
    made = Envelope(**{"id": uuid7(), "name": "shop.jobs:Archive", "queue": "archive", "payload": b'{"args":{}}', **more})
    stage.runtime.backend("far").push([made])
    return made.id


def kill(stage: Stage, name: str) -> None:
    dead = Counting(stage.runtime.backend(name), {})
    dead.dead = True
    stage.runtime._backends[name] = dead


@pytest.mark.parametrize("name", ["far", "default"])
def test_every_page_goes_on_while_a_connection_is_down_and_says_so(two: Stage, name: str) -> None:
    here, there = two.push(), push_far(two)
    kill(two, name)
    for path in PAGES:
        answer = two.client.get(f"/horizon/{path}")
        assert answer.status_code == 200, (path, answer.text[:400])
        if not path.startswith("api/"):
            assert f"The connection {name} does not answer since" in answer.text, path
    alive, lost = (here, there) if name == "far" else (there, here)
    assert two.client.get(f"/horizon/jobs/{alive}").status_code == 200
    assert Page(two.client.get("/horizon/jobs").text).rows() == [alive]
    unknown = two.client.get(f"/horizon/jobs/{lost}")
    assert unknown.status_code == 503
    assert f"may be on {name}, which does not answer" in unknown.text


def test_since_when_a_connection_is_down_is_told_in_the_zone_of_whoever_looks(two: Stage) -> None:
    kill(two, "far")
    two.client.get("/horizon/")
    since = two.runtime.outages.down()["far"].since
    for zone in ("Asia/Kathmandu", "Europe/Rome"):
        two.client.set_cookie("horizon_tz", zone, path="/horizon")
        moment = f"{to_datetime(since).astimezone(ZoneInfo(zone)):%H:%M:%S}"
        assert f"far does not answer since {moment} or earlier; what is on it" in Page(two.client.get("/horizon/jobs").text).text
    two.client.set_cookie("horizon_lang", "de", path="/horizon")
    assert f"far antwortet seit {moment} oder früher nicht; was darauf liegt" in Page(two.client.get("/horizon/jobs").text).text


def test_the_lists_say_on_which_connection_a_job_is_where_they_show_several(two: Stage) -> None:
    two.push()
    push_far(two)
    assert "on far" in Page(two.client.get("/horizon/jobs").text).text
    assert "on far" not in Page(two.client.get("/horizon/jobs?connection=far").text).text


def test_a_queue_of_two_connections_has_a_page_on_each(two: Stage) -> None:
    two.push(queue="mails")
    push_far(two, queue="mails")
    first = Page(two.client.get("/horizon/queues/mails").text)
    assert "on the connection default, also on far" in first.text
    assert first.all("a", href="/horizon/queues/mails?connection=far")
    assert first.all("button", name="do", value="pause-15:mails/default")


def test_jobs_on_their_way_are_told_on_every_page_and_their_lane_offers_no_resume(two: Stage) -> None:
    push_far(two, queue="horizon:to:default:mails")
    assert "Jobs are on their way from far to default." in two.client.get("/horizon/jobs").text
    page = two.client.get("/horizon/queues/horizon:to:default:mails?connection=far")
    assert "Jobs on their way to another connection." in page.text
    assert "resume:" not in page.text
    assert "resume:horizon" not in two.client.get("/horizon/queues").text
    refused = two.client.post(
        "/horizon/queues/act", data={"do": "resume:horizon:to:default:mails/far"}, headers={"Sec-Fetch-Site": "same-origin"}
    )
    assert refused.status_code == 422


def test_what_a_failover_takes_is_told_with_the_outage() -> None:
    stage = Stage(HORIZON_CONNECTIONS={"far": fresh(), "safe": ["far", "default"]})
    stage.runtime.backend("far")
    stage.runtime._backends["far"] = dead = Counting(stage.runtime._backends["far"], {})
    dead.dead = True
    stage.runtime.outages.failed("far", BackendUnavailable("refused"))
    assert "Jobs dispatched to it go to default meanwhile." in stage.client.get("/horizon/").text
    stage.runtime.close()
