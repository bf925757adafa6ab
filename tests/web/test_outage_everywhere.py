"""While the store is away, every address says so: the API as a problem that programs can read, pages in the frame that leads elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask

from horizon.web.blueprint import STORELESS
from tests.web.addresses import addresses
from tests.web.shop_jobs import SendMail

ALSO_WITHOUT = frozenset({"api_me", "api_readyz", "api_actions", "login", "compare", "new_view"})
"""Who asks, whether the store answers, what can be done at all; and pages that first want to be told about what."""


@pytest.fixture
def away(make_app: Callable[..., Flask], tmp_path: Path) -> tuple[Flask, str]:
    """An app whose store was moved away with its folder, and a job that is in it."""
    folder = tmp_path / "store"
    app = make_app(HORIZON_URL=f"sqlite:///{folder / 'horizon.db'}")
    with app.app_context():
        id = str(SendMail.dispatch("a@b.c"))
    folder.rename(tmp_path / "aside")
    return app, id


def asked(app: Flask, id: str) -> list[tuple[str, str]]:
    found = addresses(app, {"job.id": id, "id": id, "name": "emails", "number": "1"})
    return [(path, endpoint) for method, path, endpoint in found if method == "GET" and endpoint not in STORELESS | ALSO_WITHOUT]


def test_every_address_of_the_api_answers_503_with_the_problem(away):
    app, id = away
    client, wrong = app.test_client(), []
    for path, endpoint in asked(app, id):
        if endpoint.startswith("api_"):
            answer = client.get(path)
            told = answer.get_json(silent=True) or {}
            if answer.status_code != 503 or told.get("error", {}).get("code") != "backend_unavailable":
                wrong.append((path, answer.status_code, told))
    assert wrong == []


def test_every_page_says_so_in_the_frame_of_all_pages(away):
    app, id = away
    client, wrong = app.test_client(), []
    for path, endpoint in asked(app, id):
        if not endpoint.startswith("api_"):
            answer = client.get(path, headers={"Accept": "text/html"})
            if answer.status_code != 503 or "The store does not answer" not in answer.text or 'id="nav"' not in answer.text:
                wrong.append((path, answer.status_code))
    assert wrong == []
