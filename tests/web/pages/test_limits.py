"""What people see of limits and circuits."""

from __future__ import annotations

import pytest

from horizon.backends import circuits
from horizon.backends.circuits import Circuit, State
from horizon.core.clock import MINUTE, SECOND
from horizon.core.limit import Limit
from tests.web.pages import holding
from tests.web.pages.conftest import HTMX, SAME
from tests.web.pages.holding import OF_ANA, OF_QUEUE, RENDERS


def said(page) -> str:
    return " ".join(page.text.split())


def test_a_job_says_which_limit_it_waits_for_and_what_that_allows(look, stage):
    *_, last = holding.waiting(stage, OF_QUEUE)
    page = look(f"/jobs/{last}")
    assert "Its limit queue emails (2 times in 1 h) has no room." in said(page)
    assert "2 times in 1 h. 3 jobs wait for it; it opens" in said(page)
    assert "It loses no try by it." in said(page)
    assert page.all("a", href="/horizon/queues/emails#limits")


def test_a_limit_of_a_class_leads_to_the_list_of_all(look, stage):
    *_, last = holding.waiting(stage, OF_ANA, count=7)
    page = look(f"/jobs/{last}")
    assert "5 times in 60 s, evenly. 2 jobs wait for it" in said(page)
    assert page.all("a", href="/horizon/queues#limits")


def test_a_limit_at_a_time_says_who_holds_it(look, stage):
    first, last = (stage.push(limits=(RENDERS,)) for _ in range(2))
    stage.worker("w1")
    stage.start(first)
    assert "1 at a time. 1 job waits for it; 1 job that counts runs, and one more may start whenever one has ended." in said(
        look(f"/jobs/{last}")
    )
    running = look(f"/jobs/{first}")
    assert "has no room" not in running.text
    assert "shop.jobs:Render, at once" in running.text


def test_the_page_of_a_queue_shows_its_own_limits(look, stage):
    holding.waiting(stage, OF_QUEUE, OF_ANA)
    page = look("/queues/emails")
    assert "2 times in 1 h · 2 of 2 used · opens" in said(page)
    assert "3 waiting" in page.text
    assert "user:ana" not in page.text
    assert not look("/queues/others").all("section", id="limits")


def test_all_limits_stand_below_the_queues_where_most_jobs_wait_first(look, stage):
    holding.waiting(stage, OF_QUEUE, count=3)
    holding.waiting(stage, RENDERS, count=4, queue="images")
    rows = [attrs["id"] for attrs in look("/queues").all("li") if attrs.get("id", "").startswith("l-")]
    assert rows == [f"l-{RENDERS.key}", f"l-{OF_QUEUE.key}"]


def test_without_limits_and_circuits_nothing_is_said_of_them(look, stage):
    stage.push()
    for path in ("/queues", "/queues/default", "/"):
        page = look(path)
        assert not page.all("section", id="limits")
        assert not page.all("section", id="circuits")


def test_circuits_stand_below_the_queues_and_those_that_are_open_on_the_overview(look, stage):
    holding.broken(stage, "smtp")
    circuits.enlist(stage.store, Circuit(service="the bank", fail_max=7, within=MINUTE, reset=30 * SECOND))
    stage.push()
    queues, overview = look("/queues"), look("/")
    assert "5 failures within 1 min, opened" in said(queues).replace("1 min 0 s", "1 min")
    assert "the next try is due" in queues.text
    assert "opens after 7 failures within" in said(queues)
    assert "smtp" in overview.text
    assert "the bank" not in overview.text


@pytest.mark.parametrize("headers", [SAME, {**SAME, **HTMX}])
def test_one_is_closed_with_a_click_and_the_audit_log_keeps_who_did_it(look, stage, act, headers):
    holding.broken(stage, "smtp")
    answer = act("/circuits/act", headers=headers, do="close", service="smtp", connection="default")
    assert answer.status_code in (200, 204, 303)
    assert circuits.state(stage.store, "smtp") is State.CLOSED
    (entry,) = stage.store.audit.list()
    assert (entry.verb, entry.target) == ("close circuit", "circuit:smtp")
    assert act("/circuits/act", do="close", service="smtp").status_code == 409
    assert act("/circuits/act", do="open", service="smtp").status_code == 400


def test_names_of_limits_and_services_are_text_wherever_they_stand(look, stage):
    key = "<script>alert(1)</script>"
    *_, last = holding.waiting(stage, Limit(key=key, most=1, per=MINUTE), count=2)
    holding.broken(stage, key)
    for path in (f"/jobs/{last}", "/queues", "/"):
        assert not any("alert" in str(attrs) for attrs in look(path).all("script"))
        assert key in look(path).text


def test_a_job_that_waits_is_not_offered_to_run_now(look, stage):
    *_, last = holding.waiting(stage, OF_QUEUE)
    later = stage.push(delay=MINUTE)
    assert look(f"/jobs/{later}").all("button", value=f"run_now:{later}")
    page = look(f"/jobs/{last}")
    assert not page.all("button", value=f"run_now:{last}")
    rows = look("/jobs?state=scheduled")
    offered = [
        rows.rows()[int(button["value"].partition(":")[2])]
        for button in rows.all("button", name="do")
        if button["value"].startswith("run_now:")
    ]
    assert later in offered
    assert last not in offered
    assert page.all("button", value=f"cancel:{last}")
