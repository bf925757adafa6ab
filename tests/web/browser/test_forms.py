"""New job, and edit and retry, with an argument of every kind: as somebody takes them by mouse, by keys, and without scripts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any, Literal, TypedDict
from uuid import UUID

import pytest

from horizon import Job
from horizon.core.query import JobQuery
from horizon.jobs.codec import decode
from tests.waiting import until
from tests.web.browser.conftest import Site, overflows
from tests.web.pages.stage import Stage

NAME = "forms-tests:everything"
REQUIRED = 16


class Paper(Enum):
    A4 = "a4"
    LETTER = "letter"


@dataclass
class Customer:
    name: str
    city: str = "Rome"


class Line(TypedDict):
    sku: str
    count: int


class Everything(Job):
    """Takes one of each."""

    name = NAME
    queue = "reports"

    def __init__(
        self, title: str, copies: int, ratio: float, draft: bool, paper: Paper, mode: Literal["fast", "slow"], day: date, at: datetime,
        hour: time, wait: timedelta, price: Decimal, ref: UUID, ids: list[int], more: dict[str, int], customer: Customer, line: Line,
        note: str | None = None, when: datetime | None = None, tries: int = 1, **rest: object,
    ) -> None:  # fmt: skip
        super().__init__()
        if copies > 99:
            raise ValueError("copies: the printer takes 99 at most")

    def handle(self) -> None: ...


ARGS: dict[str, Any] = {
    "title": "مرحبا שלום " + "x" * 2000, "copies": 3, "ratio": 0.5, "draft": True, "paper": Paper.LETTER, "mode": "slow", "day": date(2026, 11, 22),
    "at": datetime(2026, 11, 22, 14, tzinfo=UTC), "hour": time(14, 30), "wait": timedelta(minutes=2), "price": Decimal("19.90"), "ref": UUID(int=7),
    "ids": [1, 2], "more": {"a": 1}, "customer": Customer("Ana"), "line": {"sku": "A-1", "count": 1}, "extra": 5,
}  # fmt: skip


@pytest.fixture
def stage() -> Stage:
    made = Stage()
    made.worker()
    return made


@pytest.fixture
def failed(stage: Stage) -> str:
    return stage.fail(NAME, args=ARGS, queue="reports")


def newest(stage: Stage) -> Any:
    return stage.store.get(stage.store.find(JobQuery(name=NAME, limit=1)).items[0].id)


def said_of(page: Any, field: str) -> str:
    """What a reader of screens hears with a field beside its name."""
    return page.evaluate(
        "name => document.getElementById(document.getElementsByName(name)[0].getAttribute('aria-describedby')).innerText", field
    )


@pytest.mark.parametrize(("language", "needed"), [("en", "a value is needed here"), ("de", "hier ist ein Wert nötig")])
def test_what_is_missing_is_said_at_its_field_and_the_first_has_the_focus(site, stage: Stage, language: str, needed: str) -> None:
    served: Site = site(stage)
    served.expects("422")
    page = served.tab(f"/new/job?name={NAME}", locale=language)
    page.fill("[name=a0]", "kept")
    page.fill("[name=a1]", "many")
    page.locator("main button.primary").click()
    page.wait_for_selector("[name=a1][aria-invalid]")
    assert page.evaluate("document.activeElement.name") == "a1"
    assert [page.input_value(f"[name=a{at}]") for at in (0, 1)] == ["kept", "many"]
    assert page.locator("[aria-invalid]").count() == REQUIRED - 1, "what may be left out is not asked for"
    assert said_of(page, "a2") == needed
    assert not overflows(page, 360)


def test_how_an_argument_is_written_in_json_is_told(site, stage: Stage) -> None:
    page = site(stage).tab(f"/new/job?name={NAME}")
    assert "[1]" in said_of(page, "a12")
    assert '{"~": "dataclass", "c": "tests.web.browser.test_forms:Customer", "v": {"name": "text", "city": "text"}}' in said_of(page, "a14")
    assert '{"sku": "text", "count": 1}' in said_of(page, "a15")


def test_a_job_is_edited_by_keys_alone_and_the_difference_comes_first(site, stage: Stage, failed: str) -> None:
    page = site(stage).tab(f"/jobs/{failed}/edit")
    assert not overflows(page, 360)
    page.locator("[name=a1]").focus()
    page.keyboard.press("Control+A")
    page.keyboard.type("4")
    page.keyboard.press("Enter")
    page.wait_for_selector("table.diff")
    assert page.locator("table.diff tbody tr").all_inner_texts() == ["copies\n3\n4"]
    assert newest(stage).id == failed
    page.keyboard.press("Enter")
    until(lambda: newest(stage).id != failed)
    assert decode(newest(stage).payload) == {**ARGS, "copies": 4}


def test_without_scripts_a_refusal_of_the_constructor_keeps_everything_and_stands_at_its_field(site, stage: Stage, failed: str) -> None:
    served: Site = site(stage)
    served.expects("422")
    page = served.tab(f"/jobs/{failed}/edit", java_script_enabled=False)
    page.fill("[name=a1]", "100")
    page.fill("[name=a9]", "90")
    page.locator("main button.primary").click()
    field = page.locator("[name=a1][aria-invalid=true]")
    field.wait_for()
    assert "the printer takes 99 at most" in page.locator("#a1-said").inner_text()
    assert page.input_value("[name=a9]") == "90"
    field.fill("99")
    page.locator("main button.primary").click()
    page.locator("button[name=sure]").click()
    page.wait_for_url("**/jobs/*")
    assert decode(newest(stage).payload) == {**ARGS, "copies": 99, "wait": timedelta(seconds=90)}


def test_text_from_right_to_left_stands_as_it_runs(site, stage: Stage, failed: str) -> None:
    page = site(stage).tab(f"/jobs/{failed}/edit")
    assert page.locator("[name=a0]").evaluate("field => getComputedStyle(field).direction") == "rtl"
