from __future__ import annotations

import csv
import io
import json
import re
from types import SimpleNamespace
from typing import Any

import pytest

from horizon.core.audit import AuditEntry
from horizon.core.ids import uuid7
from tests.conformance.test_audit_chain import tamper
from tests.web.pages.conftest import HTMX, Page
from tests.web.pages.stage import NASTY, Stage


def log(stage: Stage, actor: str = "ana", verb: str = "retry", target: str = "queue:emails", **more: Any) -> None:
    stage.store.audit.append(AuditEntry(actor=actor, verb=verb, target=target, **{"origin": "web 127.0.0.1", **more}))


def entries(page: Any) -> list[str]:
    return [row["id"] for row in page.all("tr") if row.get("id", "").startswith("a-")]


def test_before_anything_was_changed_the_page_says_what_will_be_here(look):
    page = look("/audit")
    assert "Nobody has changed anything yet" in page.text


def test_an_act_on_a_page_is_found_here_with_who_what_and_from_where(look, stage, act):
    stage.worker()
    id = stage.fail()
    act(do=f"retry:{id}")
    page = look("/audit")
    assert len(entries(page)) == 1
    assert all(told in page.text for told in ("ana", "retry", id, "web 127.0.0.1"))
    assert page.all("a", href=f"/horizon/jobs/{id}")


def test_entries_lead_to_what_they_name(look, stage):
    job = uuid7()
    log(stage, target=f"{job} and 3 more")
    log(stage, target="queue:emails")
    log(stage, target="session:w1")
    log(stage, target="operation:op1")
    log(stage, target="states:failed queue:emails")
    page = look("/audit")
    leads = {link["href"].partition("?")[0] for link in page.all("a", **{"class": "link clip mono"})}
    assert f"/horizon/jobs/{job}" in leads
    assert "/horizon/workers/w1" in leads
    assert len(leads) >= 3
    assert len(leads) == len(page.all("a", **{"class": "link clip mono"}))


def test_filters_stand_in_the_address_and_as_chips_that_can_be_removed(look, stage):
    log(stage, "ana", "retry", "queue:emails")
    log(stage, "bob", "retry", "queue:emails")
    log(stage, "bob", "pause", "queue:images", detail="the Printer is out")
    assert len(entries(look("/audit?actor=bob"))) == 2
    assert len(entries(look("/audit?actor=bob&verb=pause"))) == 1
    page = look("/audit?actor=bob&q=printer")
    assert len(entries(page)) == 1
    assert page.all("a", **{"aria-label": "Remove the filter by bob"})[0]["href"] == "/horizon/audit?q=printer"
    assert page.all("option", value="bob", selected="")
    assert "No entry fits" in look("/audit?actor=eve").text


def test_a_time_range_is_written_as_in_a_search_for_jobs(look, stage):
    log(stage, target="old")
    stage.clock.advance(7200)
    log(stage, target="new")
    assert "new" in look("/audit?after=1h").text
    assert len(entries(look("/audit?after=1h"))) == 1
    assert len(entries(look("/audit?before=1h"))) == 1
    assert len(entries(look("/audit?after=3h&before=1h"))) == 1


@pytest.mark.parametrize("query", ["after=soonish", "cursor=x", "limit=0", "limit=many", "q=" + "x" * 400])
def test_what_is_not_understood_is_said_and_what_was_typed_stays(look, stage, query):
    log(stage)
    page = look(f"/audit?actor=ana&{query}", status=400)
    assert "This filter is not understood" in page.text
    assert page.all("option", value="ana", selected="")


def test_older_entries_are_a_link_away_and_the_filter_goes_with_it(look, stage):
    for index in range(45):
        log(stage, target=f"t{index}")
    first = look("/audit?actor=ana")
    (older,) = first.all("a", rel="next")
    second = look(older["href"].removeprefix("/horizon"))
    assert len(entries(first)) == 30
    assert len(entries(second)) == 15
    assert "actor=ana" in older["href"]
    assert second.all("a", href="/horizon/audit?actor=ana")


def test_what_is_new_is_announced_and_does_not_push_the_list(stage):
    for index in range(3):
        log(stage, target=f"t{index}")
    seen = stage.store.audit.list(limit=1)[0].seq
    log(stage, target="fresh one")
    answer = stage.client.get("/horizon/audit", headers={**HTMX, "Horizon-Rows": f"{seen}"})
    assert "1 new, show" in answer.text
    assert "fresh one" not in answer.text
    assert f'id="a-{seen}"' in answer.text
    again = stage.client.get("/horizon/audit", headers={**HTMX, "Horizon-Rows": f"{seen + 1}"})
    assert "new, show" not in again.text
    assert "fresh one" in again.text


def test_the_entries_that_fit_can_be_taken_away_as_csv_and_json(stage):
    for index in range(450):
        log(stage, "ana" if index % 2 else "bob", target=f"t{index}")
    text = stage.client.get("/horizon/audit/export?format=csv&actor=ana").text
    rows = list(csv.DictReader(io.StringIO(text)))
    assert len(rows) == 225
    assert rows[0]["target"] == "t449"
    told = json.loads(stage.client.get("/horizon/audit/export?format=json&actor=bob&q=t44").text)
    assert [row["target"] for row in told] == ["t448", "t446", "t444", "t442", "t440", "t44"]
    assert stage.client.get("/horizon/audit/export?format=xls").status_code == 400


def test_a_target_that_a_spreadsheet_would_run_is_disarmed_in_the_file(stage):
    log(stage, target='=HYPERLINK("http://evil","x")')
    assert next(csv.DictReader(io.StringIO(stage.client.get("/horizon/audit/export").text)))["target"].startswith("'=")


def test_nasty_entries_are_only_text_and_a_page_stays_below_40_kb(stage):
    for index in range(60):
        kind = list(NASTY)[index % len(NASTY)]
        log(
            stage,
            NASTY[kind][:320],
            NASTY[kind][:100],
            NASTY[kind][:500],
            detail=NASTY[kind][:500],
            origin=NASTY[kind][:200],
            changes=((NASTY[kind][:300],) * 3,),
        )
    answer = stage.client.get("/horizon/audit")
    assert answer.status_code == 200
    assert "<script>alert" not in answer.text
    assert "\u202e" not in Page(answer.text).text
    log_of_names = Stage()
    for _ in range(60):
        log(
            log_of_names,
            "ana@a-company-with-a-long-name.example.com",
            "prioritize",
            uuid7(),
            detail="priority 10, " + "a reason " * 12,
            changes=(("priority", "0", "10"),),
        )
    assert len(log_of_names.client.get("/horizon/audit").data) < 40_000


def test_a_row_tells_what_was_changed_from_what_to_what(look, stage):
    log(stage, verb="override", changes=(("priority_weight", "2", "5"), ("max_jobs", None, "9"), ("patience", "1 s", "2 s")))
    told = look("/audit").text
    assert "priority_weight 2 → 5, max_jobs – → 9, 1 more change" in " ".join(told.split())


def test_an_entry_in_full_tells_what_was_changed_and_its_place_in_the_chain(look, stage):
    log(stage, verb="override", changes=(("weight", "1", "5"), ("<b>", None, "x")), detail="d" * 400)
    page = look("/audit")
    (link,) = [a for a in page.all("a", **{"data-dialog": ""}) if re.fullmatch(r"/horizon/audit/\d+", a["href"])]
    assert "not yet" in look(link["href"].removeprefix("/horizon")).text
    stage.store.tick()
    page = look(link["href"].removeprefix("/horizon"))
    assert "d" * 400 in page.text
    assert [word for word in ("weight", "5", "<b>", "number 1") if word not in page.text] == []
    assert page.all("h1")
    assert Page(stage.client.get(link["href"], headers={**HTMX, "HX-Target": "dialog"}).text).all("h2", id="dialog-title")
    assert "no entry 999999" in look("/audit/999999", status=404).text


def test_the_page_says_whether_the_log_is_whole_and_who_may_act_can_have_it_looked_at(look, stage, act):
    log(stage)
    assert "not checked yet" in look("/audit").text
    assert act("/audit/check").status_code == 303
    page = look("/audit")
    assert "1 entry as written" in page.text
    tamper(SimpleNamespace(backend=stage.store), "edit", 1)
    assert "does not hold at number 1" in act("/audit/check", headers=HTMX).text
    page = look("/audit")
    assert page.all("div", id="broken-1")
    assert "is not what was written" in page.text
