"""Batches, chains and workflows of the demo, dispatched as its traffic does and run through."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest
from flask import Flask

from horizon.demo.jobs import season
from horizon.demo.jobs.etl import NAME, etl
from horizon.demo.jobs.window import CheckWindow
from horizon.testing import work_all
from tests.demo.opened import opened


@pytest.fixture
def app(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[Flask]:
    async def looked(self: CheckWindow) -> int:  # nobody serves the shop's pages here
        return len(self.products)

    monkeypatch.setattr(CheckWindow, "handle", looked)
    with opened(tmp_path_factory.mktemp("season")) as made, made.app_context():
        yield made


def test_the_accounts_the_night_and_the_season_end_as_they_should(app: Flask) -> None:
    throw = random.Random(1)
    for dispatch in (etl, season.weekly_accounts, season.night_in_the_shop, season.new_season):
        dispatch(throw)
    work_all()
    items = [one for kind in ("chains", "workflows") for one in app.test_client().get(f"/horizon/api/{kind}").json["items"]]
    assert {one["name"]: (one["state"], one["progress"]) for one in items} == {
        "Weekly accounts": ("completed", 100), "Night in the shop": ("completed", 100), "Spring season": ("failed", 100), NAME: ("completed", 100),
    }  # fmt: skip
    jobs = app.test_client().get("/horizon/api/jobs?q=class:Catch").json["items"]
    assert [job["state"] for job in jobs] == ["completed"]


def test_the_page_of_the_pipeline_shows_four_steps_that_have_completed(app: Flask) -> None:
    id = etl(random.Random(1))
    work_all()
    page = app.test_client().get(f"/horizon/chains/{id}").text
    assert page.count('<a id="n-') == page.count('class="s-completed" href="/horizon/jobs/') == 4
    assert "the accountant" in page
