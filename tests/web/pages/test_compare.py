"""Two runs side by side."""

from __future__ import annotations

import pytest

from horizon.core.outcome import Kind
from horizon.web import live
from horizon.web.draw import compare
from tests.web.pages.conftest import HTMX, SAME
from tests.web.pages.stage import NASTY, failure


def said(page):
    return " ".join(page.text.split())


def test_what_differs_stands_open_and_what_is_equal_is_folded(look, stage):
    stage.worker()
    one = stage.run(stage.push(args={"to": "ana", "year": 2025, "lines": [1, 2]}), logs=stage.log(("INFO", "begun"), ("INFO", "a")))
    other = stage.run(stage.push(args={"to": "ana", "year": 2026, "lines": [1, 3]}), logs=stage.log(("INFO", "begun"), ("INFO", "b")))
    page = look(f"/jobs/compare?a={one}&b={other}")
    text = said(page)
    assert "2 differences" in text
    for shown in ("lines[1]", "2025", "2026", "INFO a", "INFO b"):
        assert shown in text
    assert len(page.all("del")) >= 3
    folded = [attrs["id"] for attrs in page.all("details") if "open" not in attrs]
    assert {"alike", "equal"} <= set(folded)


def test_secrets_are_masked_and_not_compared(look, stage):
    stage.worker()
    one, other = (stage.run(stage.push(args={"password": word})) for word in ("hunter-one", "hunter-two"))
    page = look(f"/jobs/compare?a={one}&b={other}")
    assert "hunter" not in page.text
    assert "What is masked as a secret is not compared" in said(page)
    stage.role = "viewer"
    assert "only kinds are compared" in said(look(f"/jobs/compare?a={one}&b={other}"))


def test_attempts_of_one_job_are_compared_and_what_sets_them_apart_is_told(look, stage):
    stage.worker()
    id = stage.push()
    stage.run(id, Kind.RETRY, error=failure("KeyError", "one", "k1"))
    stage.run(id, Kind.FAILED, error=failure("ValueError", "two", "v1"))
    page = look(f"/jobs/{id}")
    assert "They failed for different causes: KeyError (1), ValueError (2)." in said(page)
    assert any("b=before" in link["href"] for link in page.all("a"))
    answer = stage.client.get(f"/horizon/jobs/compare?a={id}:2&b=before")
    assert answer.headers["Location"].endswith(f"a={id}:2&b={id}:1")
    text = said(look(f"/jobs/compare?a={id}:2&b={id}:1"))
    assert "the same job, so the same arguments" in text
    assert "KeyError: one" in text
    assert "ValueError: two" in text


def test_the_latest_of_the_class_that_completed_is_found(stage):
    stage.worker()
    failed, good, other = stage.fail(), stage.done(), stage.done("shop.jobs:Other")
    answer = stage.client.get(f"/horizon/jobs/compare?a={failed}&b=completed")
    assert answer.headers["Location"].endswith(f"b={good}")
    assert stage.client.get(f"/horizon/jobs/compare?a={other}&b=completed").status_code == 404


def test_two_ticked_in_a_list_lead_there(stage):
    stage.worker()
    one, other = stage.done(), stage.done()
    form = {"do": "compare", "rows": live.pack([other, one]), "id": ["0", "1"]}
    answer = stage.client.post("/horizon/jobs/act", data=form, headers=SAME)
    assert answer.status_code == 303
    assert answer.headers["Location"].endswith(f"/jobs/compare?a={one}&b={other}")
    assert f"a={one}" in stage.client.post("/horizon/jobs/act", data=form, headers=HTMX).headers["HX-Redirect"]
    refused = stage.client.post("/horizon/jobs/act", data={**form, "id": ["0"]}, headers=HTMX)
    assert "Two jobs can be compared, and 1 job of this page is selected" in refused.text


@pytest.mark.parametrize(
    "query", ["", "?a=x&b=y", "?a={id}&b={id}:99", "?a={id}&b=0199f3c2-7b1e-7c44-b1d5-000000000000", "?a={id}:1&b=before"]
)
def test_what_cannot_be_compared_is_refused(stage, query):
    stage.worker()
    answer = stage.client.get("/horizon/jobs/compare" + query.format(id=stage.done()))
    assert answer.status_code in (404, 422)


def test_nasty_runs_fit_on_a_page(stage):
    stage.worker()
    deep: object = 1
    for _ in range(100):
        deep = {"k": [deep]}
    texts = {name: text.replace("\x00", "") for name, text in NASTY.items()}
    lines = stage.log(*(("INFO", f"{index} {texts['long']}") for index in range(900)))
    jobs = [
        stage.run(
            stage.push("Extra" * 50, args={**texts, "deep": deep, "many": list(range(3_000)), "n": n}),
            Kind.FAILED, logs=lines[n:], error=failure(message=texts["long"]),
        ) for n in (0, 1)
    ]  # fmt: skip
    answer = stage.client.get(f"/horizon/jobs/compare?a={jobs[0]}&b={jobs[1]}")
    assert answer.status_code == 200
    assert len(answer.data) < 150_000
    assert "<script>alert" not in answer.text


def test_logs_are_brought_next_to_one_another():
    alike = [str(n) for n in range(20)]
    runs = compare.logs([*alike, "x", *alike], [*alike, "y", *alike])
    assert [(len(run.left), run.same, run.folded) for run in runs] == [
        (18, True, True),
        (2, True, False),
        (1, False, False),
        (2, True, False),
        (18, True, True),
    ]
