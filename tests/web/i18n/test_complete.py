"""The languages that we ship say everything, and every page goes through the catalogue."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from horizon.core.query import JobQuery
from horizon.core.states import JobState
from horizon.jobs.registry import REGISTRY
from horizon.web.i18n import catalogue
from horizon.web.i18n.scripts import TEXTS
from tests.web import sights
from tests.web.i18n import harvest, pseudo
from tests.web.i18n.names import PIECES

SCRIPTS = Path(__file__).parents[3] / "static"


@pytest.fixture
def in_accents(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A language in which whatever goes through the catalogue has accents."""
    pseudo.install(monkeypatch)
    yield
    pseudo.forget()


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """No classes but those that every app has: what other tests define in this process is no name that the scene gives."""
    ours = [name for name in REGISTRY.names() if REGISTRY.require(name).__module__.startswith("horizon.jobs.")]
    monkeypatch.setattr(REGISTRY, "_names", ours)


@pytest.mark.parametrize("code", ["de", "it", "fr"])
def test_a_language_that_we_ship_has_every_text_and_no_other(code: str) -> None:
    known, wanted = set(catalogue.of(code).texts), harvest.everything()
    assert (sorted(wanted - known), sorted(known - wanted)) == ([], []), "python -m tests.web.i18n.harvest tells what is missing"


@pytest.mark.parametrize("name", ["empty", "full", "nasty", "doors", "locked"])
def test_every_text_of_every_page_goes_through_the_catalogue(in_accents: None, alone: None, name: str) -> None:
    scene = sights.SCENES[name]()
    client = scene.stage.app.test_client()
    german = {"Accept-Language": "de", "Accept": "text/html"}
    left: dict[str, str] = {}
    for sight in scene.sights:
        path = sight.path if sight.path.startswith("/horizon") else "/horizon" + sight.path
        answer = (
            client.post(path, data=dict(sight.form), headers={**german, **sights.SAME}) if sight.form else client.get(path, headers=german)
        )
        if answer.mimetype == "text/html" and sight.name.partition("-")[0] not in pseudo.ENGLISH:
            left.update((text, sight.name) for text in pseudo.left(answer.text, PIECES if name == "nasty" else frozenset()))
    assert left == {}, "told to people in English; a name that the scene gives belongs into tests/web/i18n/names.py"


@pytest.mark.parametrize(
    ("path", "do"),
    [
        (
            "/jobs/act",
            ("retry:{failed}", "forget:{failed}", "restore:{failed}", "run_now:{scheduled}", "cancel:{pending}", "prioritize:{other}"),
        ),
        ("/queues/act", ("pause:emails", "resume:emails")),
        ("/schedules/act", ("pause:late", "resume:late", "run:late")),
        ("/workers/act", ("pause:w1", "resume:w1", "restart:w1", "stop:w1")),
        ("/monitoring/act", ("watch:catalogue", "stop:catalogue")),
    ],
)
def test_every_toast_goes_through_the_catalogue(in_accents: None, alone: None, path: str, do: tuple[str, ...]) -> None:
    scene = sights.full()
    fill = {
        state: scene.stage.store.find(JobQuery(states=(JobState(state),), limit=1)).items[0].id
        for state in ("failed", "scheduled", "pending")
    }
    fill["other"] = scene.stage.store.find(JobQuery(states=(JobState.PENDING,), limit=2)).items[1].id
    htmx = {"Accept-Language": "de", "HX-Request": "true", **sights.SAME}
    left = {}
    for act in (one.format(**fill) for one in do):
        answer = scene.stage.app.test_client().post(
            f"/horizon{path}", data={"do": act, "sure": "1", "priority": "5", "id": ["emails"]}, headers=htmx
        )
        left.update((text, (act, answer.status_code)) for text in pseudo.left(answer.text))
    assert left == {}


def test_what_scripts_write_is_among_their_texts() -> None:
    told = re.compile(r'\bt\(\s*(?:\w[^"()]{0,40}\? )?"([^"]+)"(?: : "([^"]+)")?')
    for path in SCRIPTS.glob("*.js"):
        said = {text for pair in told.findall(path.read_text("utf-8")) for text in pair if text}
        assert said <= set(TEXTS), path.name


def test_every_catalogue_is_in_order_of_its_keys_so_changes_are_easy_to_see() -> None:
    for path in catalogue.FOLDER.glob("*.json"):
        keys = list(json.loads(path.read_text("utf-8")))
        assert keys == sorted(keys, key=lambda key: (key.lower(), key)), path.name
