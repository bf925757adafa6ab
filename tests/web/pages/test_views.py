from __future__ import annotations

import pytest

from horizon.control.views import ViewControl
from tests.web.pages.conftest import HTMX, SAME, Page
from tests.web.pages.kept import ANA, OTTO


def post(stage, headers=SAME, **form):
    return stage.client.post("/horizon/views/act", data=form, headers=headers)


def test_a_search_is_saved_from_its_list_and_stands_above_it(look, stage):
    stage.push(tags=("mail",))
    page = look("/jobs?q=tag:mail&state=pending&cursor=")
    (link,) = [one for one in page.all("a") if one.get("href", "").startswith("/horizon/new/view?")]
    form = look(link["href"].removeprefix("/horizon"))
    query = form.all("input", name="query")[0]["value"]
    answer = post(stage, do="save", name="Waiting mails", page="jobs", query=query, pinned="1")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/horizon/jobs?q=tag:mail&state=pending")
    page = look("/jobs?q=tag:mail&state=pending")
    assert "Waiting mails" in page.text
    assert page.all("a", **{"class": "pin", "aria-current": "true"})
    assert not look("/jobs").all("a", **{"class": "pin", "aria-current": "true"})


def test_each_has_an_address_that_leads_to_what_it_shows(stage):
    view = ViewControl(stage.runtime).save(ANA, "Failed", "failed", "q=error:SMTP&after=24h")
    answer = stage.client.get(f"/horizon/views/{view.id}")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/horizon/failed?q=error:SMTP&after=24h")
    assert stage.client.get("/horizon/views/none").status_code == 404


def test_the_page_lists_them_and_pins_edits_and_removes(look, stage):
    view = ViewControl(stage.runtime).save(ANA, "Failed", "jobs", "q=x")
    assert "No view is saved yet" not in look("/views").text
    assert post(stage, do=f"pin:{view.id}").status_code == 303
    assert look("/jobs").all("a", **{"class": "pin"})
    post(stage, do=f"change:{view.id}", name="All that failed", shared="1")
    changed = ViewControl(stage.runtime).get(ANA, view.id)
    assert (changed.name, changed.shared, changed.pinned) == ("All that failed", True, False)
    assert look(f"/views/{view.id}/edit").all("input", name="name", value="All that failed")
    post(stage, do=f"remove:{view.id}")
    assert "No view is saved yet" in look("/views").text


def test_a_viewer_keeps_own_views_and_leaves_those_of_others_alone(look, stage):
    shared = ViewControl(stage.runtime).save(OTTO, "Ours", "jobs", "q=x", shared=True)
    stage.role = "viewer"
    page = look("/views")
    assert "Ours" in page.text
    assert page.acts() == set()
    assert not look("/new/view?page=jobs").all("input", name="shared")
    assert post(stage, do=f"remove:{shared.id}").status_code == 403
    assert post(stage, do="save", name="Mine", page="jobs", query="q=y").status_code == 303
    assert look("/views").acts() == {"pin", "remove"}


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"do": "save", "name": "", "page": "jobs"}, "name of 1 to 60"),
        ({"do": "save", "name": "x", "page": "login"}, "one of the lists"),
        ({"do": "explode"}, "a view takes"),
        ({"do": "remove:none"}, "there is no view"),
    ],
)
def test_what_will_not_do_is_refused_in_words(stage, form, said):
    assert said in post(stage, HTMX, **form).text
    assert post(stage, **form).status_code in (404, 422)


TAKEN = {"do": "save", "name": "Mine", "page": "jobs", "query": "q=new"}


def test_a_name_that_is_taken_is_said_at_its_field_and_the_own_view_can_be_replaced(look, stage):
    views = ViewControl(stage.runtime)
    kept = views.save(ANA, "Mine", "jobs", "q=old", pinned=True)
    answer = post(stage, **TAKEN)
    form = Page(answer.text)
    assert answer.status_code == 409
    (name,) = form.all("input", name="name")
    assert (name["value"], name["aria-invalid"], name["aria-describedby"]) == ("Mine", "true", "view-wrong")
    assert "there is a view 'Mine' of this list already" in form.text
    assert form.all("input", name="query", value="q=new")
    assert not [box for box in form.all("input", name="pinned") if "checked" in box]  # as it was filled in
    assert [one["value"].partition(":")[0] for one in form.all("button", name="do")] == ["save", "replace"]  # Enter does the first
    (button,) = form.all("button", value=f"replace:{kept.id}")
    answer = post(stage, **{**TAKEN, "do": button["value"]})
    assert answer.headers["Location"] == "/horizon/jobs?q=new"
    changed = views.get(ANA, kept.id)
    assert (changed.name, changed.query, changed.pinned) == ("Mine", "q=new", False)


def test_the_shared_view_of_another_is_not_offered_to_be_replaced(stage):
    shared = ViewControl(stage.runtime).save(OTTO, "Mine", "jobs", "q=old", shared=True)
    form = Page(post(stage, **TAKEN, shared="1").text)
    assert "of this list already" in form.text
    assert not form.all("button", value=f"replace:{shared.id}")


def test_another_name_that_is_taken_comes_back_to_the_dialog(stage):
    views = ViewControl(stage.runtime)
    views.save(ANA, "Mine", "jobs", "q=old")
    other = views.save(ANA, "Other", "jobs", "q=x")
    answer = post(stage, HTMX, do=f"change:{other.id}", name="Mine")
    assert (answer.status_code, answer.headers["HX-Retarget"]) == (200, "#dialog")
    form = Page(answer.text)
    assert form.all("input", name="name", value="Mine")
    assert form.all("button", value=f"change:{other.id}")
    assert not [one for one in form.all("button") if one.get("value", "").startswith("replace:")]


def test_a_list_that_no_view_can_be_about_is_not_asked_for(stage):
    assert stage.client.get("/horizon/new/view?page=login").status_code == 404
