from __future__ import annotations

from urllib.parse import urljoin

import pytest

from horizon.backends.values import Verb
from horizon.core.clock import HOUR
from horizon.core.envelope import Envelope
from horizon.core.ids import uuid7
from horizon.core.outcome import Kind
from horizon.core.query import Selection
from horizon.core.states import JobState
from horizon.web.live import pack
from horizon.web.pages import jobs
from tests.stores.lending import fresh
from tests.web.pages.conftest import SAME, Page
from tests.web.pages.stage import Stage, failure


def test_newest_first_with_tabs_and_counts(look, stage):
    stage.worker()
    first, second = stage.push(), stage.done()
    page = look("/jobs")
    assert page.rows() == [second, first]
    assert "Pending1" in page.text
    assert "Completed1" in page.text


@pytest.mark.parametrize("state", ["pending", "processing", "scheduled", "retrying", "blocked", "completed", "failed", "cancelled"])
def test_a_tab_without_jobs_explains_itself(look, state):
    page = look(f"/jobs?state={state}")
    assert page.rows() == []
    assert "no job" in page.text.lower()


def test_each_state_offers_what_it_allows(look, stage):
    stage.worker()
    pending, scheduled, running = stage.push(), stage.push(delay=HOUR), stage.push()
    stage.start(running)
    retrying = stage.run(stage.push(), Kind.RETRY, error=None, delay=HOUR)
    ended = stage.done()
    page = look("/jobs")
    offered = {attrs["value"] for attrs in page.all("button", name="do") if ":" in attrs["value"]}
    at = {id: str(number) for number, id in enumerate(page.rows())}
    for id, verbs in (
        (pending, {"prioritize", "cancel"}), (scheduled, {"run_now", "prioritize", "cancel"}), (running, {"cancel"}),
        (retrying, {"run_now", "prioritize", "cancel"}), (ended, {"retry", "forget"}),
    ):  # fmt: skip
        assert {value.partition(":")[0] for value in offered if value.partition(":")[2] == at[id]} == verbs


@pytest.mark.parametrize(("role", "expected"), [("viewer", set()), ("operator", {"retry"}), ("admin", {"retry", "forget"})])
def test_a_role_sees_only_the_buttons_it_may_use(look, stage, role, expected):
    stage.worker()
    id = stage.fail()
    stage.role = role
    for path in ("/failed", f"/jobs/{id}", "/failed?view=causes"):
        assert look(path).acts() == expected


def test_a_search_narrows_and_its_terms_are_chips_that_can_be_removed(look, stage):
    wanted = stage.push(tags=("user:7",), queue="emails")
    stage.push(tags=("user:8",), queue="emails")
    stage.push(queue="reports")
    page = look("/jobs?q=queue:emails+tag:user:7")
    assert page.rows() == [wanted]
    assert page.all("a", **{"aria-label": "Remove the filter tag:user:7"}) == [
        {"href": "/horizon/jobs?q=queue:emails", "aria-label": "Remove the filter tag:user:7"}
    ]
    assert page.all("input", name="q", value="queue:emails tag:user:7")


def test_a_search_that_finds_nothing_says_so_and_can_be_cleared(look, stage):
    stage.push()
    page = look("/jobs?q=nothing-like-it&state=pending")
    assert "No job matches" in page.text
    assert page.all("a", href="/horizon/jobs?state=pending")


@pytest.mark.parametrize("query", ["q=quue:x", "q=%22open", "state=faild", "limit=0", "limit=x", "cursor=rubbish", "q=-queue:a"])
def test_a_question_that_is_not_understood_is_answered_with_what_to_type(look, query):
    page = look(f"/jobs?{query}", 400)
    assert "not understood" in page.text
    assert page.all("nav", id="nav")
    assert not page.all("div", id="live")[0].get("hx-get")


def test_pages_follow_one_another_by_cursor_and_miss_nothing(look, stage):
    ids = [stage.push() for _ in range(7)]
    seen, path = [], "/jobs?limit=3"
    while path:
        page = look(path)
        seen += page.rows()
        older = page.all("a", rel="next")
        path = older[0]["href"].removeprefix("/horizon") if older else ""
    assert seen == ids[::-1]
    assert page.all("a", href="/horizon/jobs?limit=3")


def test_rows_on_the_page_stay_and_new_ones_wait_in_a_line(look, stage):
    stage.worker()
    old = [stage.push(), stage.push()]
    shown = pack(old[::-1])
    stage.push()
    stage.run(old[0])
    page = look("/jobs", **{"HX-Request": "true", "Horizon-Rows": f"{shown}."})
    assert page.rows() == old[::-1]
    assert "1 new, show" in page.text
    assert "completed" in page.text


def test_the_older_link_stays_where_it_was_while_the_list_is_renewed(look, stage):
    for _ in range(4):
        stage.push()
    page = look("/jobs?limit=2")
    older = page.all("a", rel="next")[0]["href"]
    rows = page.handed_back()
    stage.push()
    again = look("/jobs?limit=2", **{"HX-Request": "true", "Horizon-Rows": rows})
    assert again.all("a", rel="next")[0]["href"] == older


def test_a_job_shows_its_priority_progress_error_and_tags(look, stage):
    stage.worker()
    taken = stage.start(stage.push(priority=20))
    stage.progress(taken, 40, "rows 400")
    stage.push(tags=("a", "b", "c", "d", "e"))
    stage.fail()
    page = look("/jobs")
    for shown in ("priority 20", "40 %", "rows 400", "+2", "SMTPServerDisconnected: Connection unexpectedly closed"):
        assert shown in page.text


def test_a_page_of_jobs_is_light(stage):
    stage.plenty()
    for path in ("/", "/jobs", "/jobs?state=scheduled", "/failed", f"/jobs/{stage.tried}"):
        assert len(stage.client.get(f"/horizon{path}").data) < 40_000


@pytest.mark.parametrize("letter", ["x", "é", "&", "漢"])
def test_rows_of_the_longest_texts_do_not_swell_the_page(stage, letter):
    """Twice the weight of a usual page is not reached even where every text of every row is cut at its limit."""
    stage.worker()
    for _ in range(25):
        stage.fail(f"shop.jobs:{letter * 2_000}", failure(letter * 300, letter * 3_000, "cause"), tags=(letter * 200, "b" * 200, "c"))
    assert len(stage.client.get("/horizon/failed").data) < 56_000


def test_all_connections_are_one_list_and_each_has_lists_of_its_own():
    stage = Stage(HORIZON_CONNECTIONS={"slow": fresh()})
    here = stage.push()
    slow = stage.runtime.backend("slow")
    there = Envelope(id=uuid7(), name="shop.jobs:Archive", queue="archive", payload=b'{"args":{}}')
    slow.push([there])
    both, first, second = (
        Page(stage.client.get(f"/horizon/jobs{query}").text) for query in ("", "?connection=default", "?connection=slow")
    )
    assert (set(both.rows()), first.rows(), second.rows()) == ({here, there.id}, [here], [there.id])
    assert "Pending2" in both.text
    assert both.all("a", href=f"/horizon/jobs/{there.id}")
    assert stage.client.get(f"/horizon/jobs/{there.id}").status_code == 200
    assert "Pending1" in second.text
    assert second.all("a", href=f"/horizon/jobs/{there.id}?connection=slow")
    assert second.all("input", name="connection", value="slow")
    stage.client.post("/horizon/jobs/act", data={"do": f"cancel:{there.id}", "connection": "slow"}, headers=SAME)
    assert slow.get(there.id).state is JobState.CANCELLED
    stage.client.post("/horizon/queues/act", data={"do": "pause:archive/slow"}, headers=SAME)
    assert slow.queues.get("archive").paused
    assert stage.client.get("/horizon/jobs?connection=nowhere").status_code == 404
    stage.runtime.close()


@pytest.mark.parametrize("tag", ["two words", 'a "quoted" one', "back\\slash", "-minus", "a:b", "<b>"])
def test_a_tag_leads_to_the_jobs_that_have_it(look, stage, tag):
    id = stage.push(tags=(tag,))
    stage.push()
    (link,) = look("/jobs").all("a", **{"class": "tag"})
    assert look(urljoin("/horizon/jobs", link["href"]).removeprefix("/horizon")).rows() == [id]


@pytest.mark.parametrize(
    ("known", "first", "whole", "expected"),
    [
        ("ba", "ba", True, 0), ("ba", "cba", True, 1), ("ba", "bxa", True, 1), ("ba", "bax", True, 1), ("ba", "bax", False, 0),
        ("ba", "cb", False, 1), ("ba", "ayz", False, 0), ("ba", "xyz", False, 3), ("ba", "", True, 0),
    ],
)  # fmt: skip
def test_what_would_come_in_is_counted_wherever_it_would_stand(known, first, whole, expected):
    assert jobs.fresh(list(known), list(first), whole=whole) == expected


def test_a_job_that_comes_into_a_tab_between_its_rows_is_announced_too(look, stage):
    stage.worker()
    late, early = stage.push(delay=HOUR), stage.push()
    rows = look("/jobs?state=pending").handed_back()
    stage.store.act(Selection(ids=(late,)), Verb.RUN_NOW)
    page = look("/jobs?state=pending", **{"HX-Request": "true", "Horizon-Rows": rows})
    assert page.rows() == [early]
    assert "1 new, show" in page.text
