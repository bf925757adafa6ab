"""What an act would touch, and how carefully it goes on."""

from __future__ import annotations

from tests.web.api.conftest import Api
from tests.web.shop_jobs import SendMail


def waiting(api: Api, count: int = 3) -> None:
    with api.app.app_context():
        SendMail.dispatch_many([(f"{n}@b.c",) for n in range(count)])


def test_a_preview_counts_and_changes_nothing(api: Api):
    waiting(api)
    seen = api.post("/jobs/preview", json={"action": "cancel", "filter": "queue:mail"}).json
    assert (seen["count"], seen["exact"], seen["states"], seen["queues"]) == (3, True, {"pending": 3}, {"mail": 3})
    assert (seen["ages"], seen["left_alone"]) == ({"hour": 3}, {})
    assert api.post("/jobs/preview", json={"action": "retry", "filter": "queue:mail"}).json["left_alone"] == {"pending": 3}
    assert not api.store.audit.list()


def test_an_act_with_a_canary_is_an_operation_with_its_reason(api: Api):
    waiting(api)
    api.act(action="cancel", filter="queue:mail")
    answer = api.act(action="retry", filter="state:cancelled", canary=2, stop_when_failing="20%", reason="by mistake")
    assert answer.status_code == 202
    api.store.operations.step()
    one = api.get(f"/operations/{answer.json['operation']}").json
    assert (one["canary"], one["stop_when_failing"], one["reason"], one["done"]) == (2, 20.0, "by mistake", 2)
    assert one["watched"] == {"fine": 0, "failed_again": 0, "waiting": 2, "canary_passed": False}
    assert len(one["acted_on"]) == 2
    assert api.store.audit.list()[0].detail == "2 first, stops when more than 20 % fail again, by mistake"


def test_only_what_puts_jobs_to_work_takes_care(api: Api):
    waiting(api)
    assert api.act(action="cancel", filter="queue:mail", canary=2).status_code == 422
    assert api.act(action="retry", filter="queue:mail", canary=True).status_code == 422


def test_the_reason_of_a_small_act_is_audited(api: Api):
    waiting(api)
    api.act(action="prioritize", filter="queue:mail", priority=5, reason="a customer waits")
    assert api.store.audit.list()[0].detail == "priority 5, a customer waits"
