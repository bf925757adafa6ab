"""The page that finds things, what the palette gets of it, and ids that lead straight to what has them."""

from __future__ import annotations

import re

import pytest

from horizon.control.views import ViewControl
from tests.web.pages.conftest import Page
from tests.web.pages.flows import NAMES, all_sorts
from tests.web.pages.kept import ANA, OTTO


def found(stage, typed: str, *recent: str) -> list[tuple[str, str]]:
    answer = stage.client.get("/horizon/find", query_string={"q": typed, "part": "options", "recent": recent})
    assert answer.status_code == 200
    return [(one["data-href"], one["role"]) for one in Page(answer.text).all("li")]


def hrefs(stage, typed: str, *recent: str) -> list[str]:
    return [href for href, _ in found(stage, typed, *recent)]


def _flows(stage) -> dict[str, str]:
    stage.worker()
    return all_sorts(stage, NAMES)


def test_queues_classes_tags_flows_views_and_pages_are_found_by_a_part_of_their_name(stage):
    stage.push(name="shop.jobs:SendEmail", queue="reports", tags=("tenant:7",))
    flows = _flows(stage)
    view = ViewControl(stage.runtime).save(ANA, "Slow tenants", "jobs", "q=took:>5s")
    assert "/horizon/queues/reports" in hrefs(stage, "rep")
    assert any(re.fullmatch(r"/horizon/jobs\?q=class:(shop\.jobs:)?SendEmail", href) for href in hrefs(stage, "se"))
    assert hrefs(stage, "tenant")[:1] == ["/horizon/jobs?q=tag:tenant:7"]
    assert f"/horizon/views/{view.id}" in hrefs(stage, "slow")
    assert "/horizon/schedules" in hrefs(stage, "sched")
    assert any(href.startswith("/horizon/batches/") for href in hrefs(stage, NAMES[0]))
    assert hrefs(stage, flows["batch.id"])[:1] == [f"/horizon/batches/{flows['batch.id']}"]


def test_the_last_line_searches_the_jobs_for_what_was_typed(stage):
    assert hrefs(stage, "no such thing")[-1] == "/horizon/jobs?q=no+such+thing"


def test_nothing_typed_offers_the_pages_those_of_lately_first(stage):
    assert hrefs(stage, "")[0] == "/horizon/"
    assert hrefs(stage, "", "/horizon/workers", "/horizon/audit", "https://elsewhere.example/")[:3] == [
        "/horizon/workers",
        "/horizon/audit",
        "/horizon/",
    ]


def test_of_several_that_fit_the_one_of_lately_comes_first(stage):
    for queue in ("emails-a", "emails-b"):
        stage.push(queue=queue)
    assert hrefs(stage, "emails")[:2] == ["/horizon/queues/emails-a", "/horizon/queues/emails-b"]
    assert hrefs(stage, "emails", "/horizon/queues/emails-b")[0] == "/horizon/queues/emails-b"


@pytest.mark.parametrize("pasted", ["{}", " id:{} ", "{upper}", "https://host/horizon/jobs/{}?x=1", 'see job "{}" of last night'])
def test_an_id_is_found_wherever_it_stands_in_what_was_pasted(stage, pasted):
    id = stage.push()
    assert hrefs(stage, pasted.format(id, upper=id.upper()))[0] == f"/horizon/jobs/{id}"


def test_the_beginning_of_an_id_finds_a_late_job(stage):
    id = stage.push()
    assert f"/horizon/jobs/{id}" in hrefs(stage, id[:13])


def test_a_search_for_nothing_but_an_id_opens_what_has_it(stage):
    id, flows = stage.push(), _flows(stage)
    for typed in (id, f"id:{id}", f" {id.upper()} "):
        answer = stage.client.get("/horizon/jobs", query_string={"q": typed})
        assert (answer.status_code, answer.headers.get("Location")) == (302, f"/horizon/jobs/{id}")
    answer = stage.client.get("/horizon/jobs", query_string={"q": flows["batch.id"]})
    assert answer.headers["Location"] == f"/horizon/batches/{flows['batch.id']}"
    for more in (
        {"q": f"{id} queue:emails"},
        {"q": id, "state": "failed"},
        {"q": "0199-not-an-id"},
        {"q": id[:-1] + ("0" if id[-1] != "0" else "1")},
    ):
        assert stage.client.get("/horizon/jobs", query_string=more).status_code == 200


def test_without_javascript_the_page_shows_the_same_and_the_button_leads_there(look, stage):
    stage.push(queue="emails")
    page = look("/find?q=emails")
    assert [one["href"] for one in page.all("a", **{"class": "name grow"})] == hrefs(stage, "emails")
    assert look("/").all("a", id="find-open", href="/horizon/find")


def test_a_view_of_somebody_else_is_not_found(stage):
    ViewControl(stage.runtime).save(OTTO, "Otto's own", "jobs", "q=x")
    assert len(hrefs(stage, "otto's own")) == 1


def test_what_was_typed_is_shown_and_never_run(stage):
    text = stage.client.get("/horizon/find", query_string={"q": "<script>alert(1)</script>"}).text
    assert "<script>alert" not in text
    assert stage.client.get("/horizon/find", query_string={"q": "x" * 50_000}).status_code == 200


def test_nothing_typed_offers_where_one_was_lately_whatever_it_is(stage):
    id = stage.push(queue="reports", tags=("mail",))
    lately = [f"/horizon/jobs/{id}", "/horizon/queues/reports", "/horizon/jobs?q=tag:mail", "/horizon/queues/gone"]
    assert hrefs(stage, "", *lately)[:4] == [*lately[:3], "/horizon/"]


def test_views_opened_lately_are_told_by_their_names_of_now_in_their_order_and_no_others(stage):
    control = ViewControl(stage.runtime)
    slow, old = control.save(ANA, "Slow tenants", "jobs", "q=took:>5s"), control.save(ANA, "Old", "jobs", "q=before:7d")
    others, gone = control.save(OTTO, "Otto's own", "jobs", "q=x"), control.save(ANA, "Gone", "jobs", "q=y")
    control.remove(ANA, gone.id)
    control.change(ANA, slow.id, {"name": "Slowest"})
    lately = [f"/horizon/views/{id}" for id in (old.id, gone.id, others.id, slow.id, old.id)]
    answer = stage.client.get("/horizon/find", query_string={"part": "views", "recent": [*lately, "/horizon/workers"]})
    told = [(one["data-href"], "Slowest" in answer.text) for one in Page(answer.text).all("li")]
    assert told == [(f"/horizon/views/{old.id}", True), (f"/horizon/views/{slow.id}", True)]
    assert hrefs(stage, "", *lately)[:2] == [f"/horizon/views/{old.id}", f"/horizon/views/{slow.id}"]
    assert Page(stage.client.get("/horizon/find", query_string={"part": "views"}).text).all("li") == []


def test_a_list_names_the_view_that_it_shows(look, stage):
    view = ViewControl(stage.runtime).save(ANA, "Slow tenants", "jobs", "q=took:>5s")
    assert [one["data-view"] for one in look("/jobs?q=took:>5s").all("a") if "data-view" in one] == [f"/horizon/views/{view.id}"]
    assert [one for one in look("/jobs").all("a") if "data-view" in one] == []
