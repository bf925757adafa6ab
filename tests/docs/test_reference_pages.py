"""The references name everything there is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from horizon.cli.group import ALIASES, cli
from horizon.monitor import doctor
from horizon.web.api.control import ACTIONS
from horizon.web.api.table import ROUTES

DOCS = Path(__file__).resolve().parents[2] / "docs/reference"
CLI, HTTP = (DOCS / "cli.md").read_text(), (DOCS / "http.md").read_text()


@pytest.mark.parametrize("verb", sorted(cli.commands))
def test_every_verb_is_in_the_reference(verb: str) -> None:
    assert re.search(rf"^\| .*`{verb}[ `]", CLI, re.MULTILINE), f"docs/reference/cli.md does not tell {verb}"


def test_every_alias_is_too() -> None:
    assert all(alias in CLI for alias in ALIASES)


def test_every_finding_of_doctor_is_told() -> None:
    source = "".join(path.read_text() for path in Path(doctor.__path__[0]).glob("*.py"))
    codes = set(re.findall(r'code="(\w+)"', source))
    assert len(codes) > 15
    assert {code for code in codes if f"`{code}`" not in CLI} == set()


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.endpoint)
def test_every_route_of_the_api_is_told(route) -> None:
    path = re.sub(r"<(?:\w+:)?(\w+)>", lambda hole: hole[1].upper(), route.rule)
    for method in route.methods:
        assert f"`{method} /horizon{path}`" in HTTP, f"docs/reference/http.md does not tell {method} {path}"


def test_every_action_is_told() -> None:
    assert {action for action in ACTIONS if f"`{action}`" not in HTTP} == set()
