from __future__ import annotations

import shlex
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest

from horizon.core.clock import HOUR, SECOND
from horizon.core.states import JobState
from horizon.jobs import stored
from horizon.jobs.codec import decode
from horizon.web.pages.job_copy import curl, python
from tests.web.pages.conftest import HTMX, SAME, Page
from tests.web.pages.stage import Stage
from tests.web.pages.test_job_form import ARGS, Paper, PrintReport


def test_rescheduling_means_the_time_in_the_viewers_zone(stage, look, act):
    id = stage.push()
    stage.client.set_cookie("horizon_tz", "Europe/Rome", path="/horizon")
    assert look(f"/jobs/{id}/reschedule").all("input", name="zone", value="Europe/Rome")
    act(f"/jobs/{id}/reschedule", at="2026-11-22T18:00", zone="Europe/Rome")
    record = stage.store.get(id)
    assert record.state is JobState.SCHEDULED
    assert record.available_at == 1_795_366_800 * SECOND  # 17:00 UTC


def test_a_job_that_has_ended_is_retried_at_a_later_time(stage, act, look):
    stage.worker()
    id = stage.fail()
    assert "Retry later" in look(f"/jobs/{id}").text
    act(f"/jobs/{id}/reschedule", at="2026-11-22T18:00", zone="UTC")
    assert (stage.store.get(id).state, stage.store.get(id).round) == (JobState.SCHEDULED, 1)


def test_the_form_of_a_scheduled_job_holds_its_time(stage, look):
    id = stage.push(delay=2 * HOUR)
    assert look(f"/jobs/{id}/reschedule").all("input", name="at", value="2026-11-22T16:30")


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"at": "soon", "zone": "UTC"}, "a date and time are needed"),
        ({"at": "2020-01-01T00:00", "zone": "UTC"}, "in the past"),
        ({"at": "9999-12-31T23:59", "zone": "Europe/Rome"}, "days away"),
        ({"at": "2026-11-23T00:00", "zone": "../etc/passwd"}, "is no time zone"),
        ({"at": "2026-11-23T00:00"}, "is no time zone"),
    ],
)
def test_a_time_that_cannot_be_is_refused_in_the_form(stage, act, fields, says):
    id = stage.push()
    answer = act(f"/jobs/{id}/reschedule", **fields)
    assert says in Page(answer.text).text
    assert stage.store.get(id).state is JobState.PENDING


def test_moving_names_the_queues_there_are_and_takes_any_other(stage, act, look):
    stage.push(queue="reports")
    id = stage.push(queue="emails")
    assert look(f"/jobs/{id}/move").all("option", value="reports")
    assert act(f"/jobs/{id}/move", queue="brand-new").status_code == 303
    assert stage.store.get(id).queue == "brand-new"
    assert "letters, digits" in Page(act(f"/jobs/{id}/move", queue="no spaces").text).text


def test_htmx_gets_the_form_as_a_dialog_and_its_result_as_a_toast(stage, act):
    id = stage.push()
    asked = stage.client.get(f"/horizon/jobs/{id}/move", headers={**HTMX, "HX-Target": "dialog"})
    assert "<html" not in asked.text
    done = act(f"/jobs/{id}/move", queue="other", headers=HTMX)
    assert done.headers["HX-Retarget"] == "#toasts"
    assert "Moved SendEmail to other" in done.text


def test_what_is_no_longer_possible_is_said(stage, act, look):
    stage.worker()
    id = stage.push()
    stage.start(id)
    act(f"/jobs/{id}/move", queue="other")
    assert "Nothing was changed: it is running" in look(f"/jobs/{id}").text


def test_a_job_as_python_and_as_curl(stage, look):
    stage.worker()
    id = stage.done("shop.jobs:SendEmail", args={"to": "a@b", "subject": 'say "hi"', "password": "hunter2"}, tags=("x",))
    python = look(f"/jobs/{id}/python").text
    assert """SendEmail.dispatch(to="a@b", subject='say "hi"', password="••••••")""" in python
    assert "hunter2" not in python
    curl = look(f"/jobs/{id}/curl").text
    assert "Authorization: Bearer $HORIZON_TOKEN" in curl
    assert "/horizon/api/jobs" in curl
    assert '"name": "shop.jobs:SendEmail"' in curl


def test_whoever_may_not_see_payloads_gets_none_to_copy(stage: Stage, look):
    stage.worker()
    id = stage.done(args={"to": "a@b"})
    stage.role = "viewer"
    assert stage.client.get(f"/horizon/jobs/{id}/python").status_code == 403
    page = look(f"/jobs/{id}")
    assert "a@b" not in page.text
    assert not [link for link in page.all("a") if link["href"].endswith(("/python", "/curl"))]


@pytest.mark.parametrize("depth", [100, 190, 400])
def test_arguments_nested_ever_so_deeply_do_no_harm(stage: Stage, depth):
    deep: object = 1
    for _ in range(depth):
        deep = [deep]
    stage.worker()
    id = stage.done(args={"deep": deep})
    for path in ("", "/python", "/curl", "/edit"):
        assert stage.client.get(f"/horizon/jobs/{id}{path}").status_code in ((200,) if depth < 200 or not path else (422,))


def test_what_is_copied_as_curl_dispatches_the_same_job_again(stage: Stage):
    id = stage.push("form-tests:print-report", args=ARGS, queue="reports", tags=("from:" + "0" * 8, "sales"))
    record = stage.store.get(id)
    arguments = stored.arguments(record.payload) or {}
    command = shlex.split(curl(record, arguments, "http://x/api/jobs"))
    body = command[command.index("-d") + 1]
    made = stage.client.post("/horizon/api/jobs", data=body, headers={**SAME, "Content-Type": "application/json"})
    assert made.status_code == 201, made.text
    again = stage.store.get(made.json["id"])
    assert (decode(again.payload), again.queue, again.tags) == (ARGS, "reports", ("sales",))


def test_what_is_copied_as_python_dispatches_the_same_job_again(stage: Stage):
    record = stage.store.get(stage.push("form-tests:print-report", args=ARGS))
    source = python(record, stored.arguments(record.payload) or {})
    names = {"Paper": Paper, "date": date, "datetime": datetime, "Decimal": Decimal, "timedelta": timedelta}
    with stage.app.app_context():
        made = eval(source.rpartition("\n")[2], {**names, "PrintReport": PrintReport})
    assert decode(stage.store.get(made).payload) == ARGS
