from __future__ import annotations

import importlib

import pytest

from horizon.web.api.route import Route
from horizon.web.api.table import ROUTES
from horizon.web.pages.table import PAGES, Row
from tests.architecture.test_start import modules_after

APP = """
from flask import Flask
from horizon import Horizon
app = Flask("shop")
app.config.update(HORIZON_URL="memory://", HORIZON_AUTH=lambda request: {"name": "ada", "role": "admin"})
Horizon(app)
"""
SPARED = f"from horizon.web import later\nlater.spare()\n{APP}"
DRAWN = {"horizon.web.pages.jobs", "horizon.web.pages.overview", "horizon.web.api.jobs", "horizon.web.api.openapi"}


def loaded(statement: str) -> set[str]:
    return DRAWN & set(modules_after(statement))


def test_a_process_that_serves_has_loaded_every_page_before_its_first_request():
    assert loaded(APP) == DRAWN


def test_a_process_that_runs_jobs_loads_none():
    assert loaded(SPARED) == set()


def test_there_too_addresses_of_pages_are_made():
    assert loaded(f"{SPARED}with app.test_request_context():\n assert app.url_for('horizon.job', id='x') == '/horizon/jobs/x'") == set()


def test_there_too_a_page_is_drawn_for_whoever_asks():
    asked = f"{SPARED}client = app.test_client()\nassert client.get('/horizon/jobs').status_code == client.get('/horizon/api/jobs').status_code == 200"
    assert loaded(asked) >= {"horizon.web.pages.jobs", "horizon.web.api.jobs"}


@pytest.mark.parametrize("module", ["horizon.cli.executor", "horizon.cli.resolve", "horizon.worker.guardian"])
def test_none_of_the_processes_of_a_worker_loads_a_page_by_itself(module):
    assert loaded(f"import {module}") == set()


@pytest.mark.parametrize("row", [*ROUTES, *PAGES], ids=lambda row: row.endpoint)
def test_what_a_row_names_is_there(row: Route | Row):
    if row.view.__name__ != "<lambda>":
        assert callable(getattr(importlib.import_module(row.view.__module__), row.view.__name__))
