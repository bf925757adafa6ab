"""A new job of a class that is registered, by a form from its constructor."""

from __future__ import annotations

import pytest

from horizon.core.query import JobQuery
from horizon.jobs.answers import Entry, at_field
from horizon.jobs.codec import decode
from horizon.jobs.form import Field
from horizon.web.pages.job_new import wish
from tests.web.pages.conftest import SAME
from tests.web.pages.test_job_form import FormPage, PrintReport, fields

NAME = PrintReport.name
FORM = f"/new/job?name={NAME}"


def said(page):
    return " ".join(page.text.split())


def post(stage, **given):
    form = {
        **fields(FormPage(stage.client.get(f"/horizon{FORM}").text)),
        "name": NAME,
        **{key.replace("__", "."): value for key, value in given.items()},
    }
    return stage.client.post("/horizon/new/job", data=form, headers=SAME)


def made(stage):
    found = stage.store.find(JobQuery(name=NAME)).items
    return stage.store.get(found[0].id) if found else None


def test_the_list_of_jobs_leads_to_the_classes_and_each_to_its_form(look):
    assert any(link.get("href", "").endswith("/new/job") for link in look("/jobs").all("a"))
    page = look("/new/job")
    assert NAME in page.text
    assert "horizon.jobs." not in page.text
    page = look(FORM)
    for kind, name in (("select", "a2"), ("input", "a3"), ("input", "a4")):
        assert page.all(kind, name=name)
    assert page.all("input", name="a3")[0]["type"] == "date"
    assert page.all("input", name="a8")[0]["type"] == "password"
    assert "left out: 1" in said(page)


def test_what_is_filled_in_is_dispatched_with_an_audit_entry(stage):
    answer = post(stage, a0="Sales", a1="3", o__queue="letters", o__priority="7", o__delay="90", o__tags="sales, week:4")
    assert answer.status_code == 303
    job = made(stage)
    assert answer.headers["Location"].endswith(f"/jobs/{job.id}")
    assert decode(job.payload) == {"title": "Sales", "copies": 3}
    assert (job.state, job.queue, job.priority, job.tags) == ("scheduled", "letters", 7, ("sales", "week:4"))
    assert stage.store.audit.list()[0].verb == "dispatch"


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"a0": "Sales", "a1": "many"}, "whole number"),
        ({"a0": "Sales", "a1": "100"}, "the printer takes 99 copies at most"),
        ({"a0": "Sales", "o__priority": "urgent"}, "A whole number from -100 to 100 is needed"),
        ({"a0": "Sales", "o__queue": "no queue!"}, "no queue!"),
        ({"a0": "Sales", "shape": "older"}, "has changed since you opened it"),
    ],
)
def test_what_is_wrong_is_told_and_nothing_is_pushed(stage, given, words):
    answer = post(stage, **given)
    assert answer.status_code in (409, 422)
    assert words in answer.text
    assert made(stage) is None


def test_what_the_constructor_says_of_one_argument_stands_at_its_field_too(stage):
    answer = post(stage, a0="Sales", a1="100")
    assert answer.text.count("the printer takes 99 copies at most") == 2
    assert 'id="a1-said"' in answer.text
    entries = [Entry(field=Field(name=name, kind="int")) for name in ("year", "month", "at")]
    assert at_field(entries, "year and month do not fit") == tuple(entries)
    assert at_field(entries, "no yearly report at all") == tuple(entries)
    year, *others = at_field(entries, "the year 1890 is too early")
    assert year.wrong == "the year 1890 is too early"
    assert [entry.wrong for entry in others] == ["", ""]


def test_a_name_that_is_not_registered_is_no_reason_to_import_anything(stage, look):
    page = look("/new/job?name=os:system", status=422)
    assert "No class is registered here" in page.text
    assert stage.client.get("/horizon/new/job?name=" + "x" * 3_000).status_code == 422


def test_a_viewer_makes_no_jobs(stage, look):
    stage.role = "viewer"
    assert stage.client.get("/horizon/new/job").status_code == 403
    assert not any(link.get("href", "").endswith("/new/job") for link in look("/jobs").all("a"))


def test_an_empty_option_is_as_the_class_says_and_a_wrong_one_is_told_at_its_field():
    assert wish({"queue": "", "delay": ""}) == ({}, {})
    wanted, faults = wish({"delay": "soon", "priority": "101", "tags": "a, b"})
    assert wanted == {"tags": ("a", "b")}
    assert set(faults) == {"delay", "priority"}
